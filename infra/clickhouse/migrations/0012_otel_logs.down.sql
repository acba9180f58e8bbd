-- Undoes 0012: what tied log records to traces is lost; it is rebuilt from Kafka within its retention.
ALTER TABLE agent_logs
    DROP INDEX trace_ids,
    DROP COLUMN severity_number,
    DROP COLUMN severity_text,
    DROP COLUMN event_name,
    DROP COLUMN trace_id,
    DROP COLUMN span_id,
    DROP COLUMN service_name,
    DROP COLUMN scope_name,
    DROP COLUMN resource_attributes;
