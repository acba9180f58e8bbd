#!/bin/bash
# Format the storage once, with a password for each user, then become the broker.
set -euo pipefail
umask 077
here=$(dirname "$0")
work=$(mktemp -d)

# By this the broker knows itself; nobody else is to.
secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
login="org.apache.kafka.common.security.plain.PlainLoginModule required \
username=\"promethios-broker\" password=\"$secret\" user_promethios-broker=\"$secret\";"
cp "$here/server.properties" "$work/server.properties"
for listener in internal controller; do
    echo "listener.name.$listener.plain.sasl.jaas.config=$login" >> "$work/server.properties"
done

# A command line can be read by others, a file of ours cannot.
{
    printf '%s\n' format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$work/server.properties"
    for user in admin gateway processors writer query webhooks reader; do
        printf '%s\n' --add-scram "SCRAM-SHA-512=[name=promethios-$user,password=$KAFKA_PASSWORD]"
    done
} > "$work/format"
"$KAFKA_HOME/bin/kafka-storage.sh" "@$work/format" > /dev/null
rm "$work/format"
exec "$KAFKA_HOME/bin/kafka-server-start.sh" "$work/server.properties"
