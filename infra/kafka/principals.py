"""Who we are to a Kafka cluster: a user for each service, one who administers, one for those who consume."""

from schemas.topics import Service

ADMIN = "promethios-admin"
READER = "promethios-reader"
SERVICE_USERS = {service: f"promethios-{service}" for service in Service}

# Those with a password on a stack's own broker.
USERS = (ADMIN, *SERVICE_USERS.values(), READER)

# The stack's own broker, to itself.
BROKER = "promethios-broker"

# As Kafka calls a client that did not say who it is.
ANONYMOUS = "ANONYMOUS"
