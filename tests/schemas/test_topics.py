"""The registry of topics is whole."""

from schemas.control import CONTROL_TYPES
from schemas.derived import DERIVED_TYPES
from schemas.tables import DERIVED_TABLES
from schemas.topics import (
    ADMINISTERED_TOPICS,
    CONTROL_TOPICS,
    DEAD_LETTER_TOPICS,
    DERIVED_TOPICS,
    TOPICS,
    Service,
    Topic,
    TopicClass,
)


def test_every_name_has_a_specification() -> None:
    assert set(TOPICS) == set(Topic)


def test_every_topic_is_written_and_read_by_somebody() -> None:
    for spec in TOPICS.values():
        assert spec.producers or spec.topic in ADMINISTERED_TOPICS, spec.topic
        assert spec.consumers or spec.topic in ADMINISTERED_TOPICS, spec.topic


def test_no_letter_outlives_the_note_that_it_was_sent_again() -> None:
    kept = int(TOPICS[Topic.REPLAYS].config["retention.ms"])
    assert all(int(TOPICS[topic].config["retention.ms"]) < kept for topic in DEAD_LETTER_TOPICS)


def test_control_topics_are_compacted_and_have_one_order() -> None:
    for topic in CONTROL_TOPICS:
        assert TOPICS[topic].partitions == 1
        assert TOPICS[topic].config["cleanup.policy"] == "compact"
    assert set(CONTROL_TYPES) == set(CONTROL_TOPICS)


def test_a_gateway_writes_telemetry_and_which_keys_were_used_and_nothing_else() -> None:
    written = {spec.topic for spec in TOPICS.values() if Service.GATEWAY in spec.producers}
    assert written == {Topic.TELEMETRY, Topic.KEY_USAGE}


def test_the_clock_of_the_rules_is_the_brokers() -> None:
    assert TOPICS[Topic.TELEMETRY].config["message.timestamp.type"] == "LogAppendTime"


def test_raw_telemetry_is_never_deleted_by_size() -> None:
    assert "retention.bytes" not in TOPICS[Topic.TELEMETRY].config


def test_raw_telemetry_is_cut_finely_enough_to_make_room_by_deleting() -> None:
    assert int(TOPICS[Topic.TELEMETRY].config["segment.bytes"]) <= 128 * 1024 * 1024


def test_derived_topics_have_a_type_and_a_table() -> None:
    assert {derived.topic for derived in DERIVED_TYPES} == set(DERIVED_TOPICS) == set(DERIVED_TABLES)


def test_state_is_kept_long_enough_to_tell_a_stale_owners_record() -> None:
    for spec in TOPICS.values():
        if spec.topic_class is TopicClass.STATE:
            assert int(spec.config["min.compaction.lag.ms"]) >= 60_000
