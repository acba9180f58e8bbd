#!/bin/sh
# Follows a topic of derived events with Kafka's own console consumer: a line an event, its headers and its data.
#
#     examples/consumers/console.sh promethios.alerts.v1 --from-beginning
#
# The topic comes first; what follows goes to the console consumer (`--max-messages 10`, `--group NAME`).
# KAFKA is the broker's address. Where no Kafka is installed, the one that the embedded stack runs is used.
set -eu
topic=${1:?usage: console.sh TOPIC [OPTION ...]}
shift
if command -v kafka-console-consumer.sh > /dev/null; then
    set -- kafka-console-consumer.sh --topic "$topic" "$@"
else
    set -- "${PYTHON:-.venv/bin/python}" -m infra.embedded.kafka.tool \
        org.apache.kafka.tools.consumer.ConsoleConsumer --topic "$topic" "$@"
fi
# With a Kafka before 4.2 write --property in place of --formatter-property.
exec "$@" --bootstrap-server "${KAFKA:-127.0.0.1:9092}" \
    --formatter-property print.headers=true --formatter-property print.key=true
