"""ClickHouse's HTTP protocol over the in-process engine (chdb), for machines without a ClickHouse server."""
