"""The entries follow the registry: no more than it says, and what is too much is only what is ours."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from infra.kafka.acls import (
    ANY,
    LOOPBACK_HOSTS,
    Acl,
    Operation,
    Pattern,
    Permission,
    Resource,
    Users,
    cluster_acls,
    cluster_surplus,
    embedded_acls,
    embedded_surplus,
)
from infra.kafka.principals import ADMIN, ANONYMOUS, READER, SERVICE_USERS, USERS
from schemas.topics import (
    CONTROL_TOPICS,
    DEAD_LETTER_TOPICS,
    DERIVED_TOPICS,
    NAMESPACE,
    TOPICS,
    WRITER_GROUP,
    Service,
    Topic,
)

PAGE = Path(__file__).parents[3] / "docs" / "kafka-access.md"
LOCAL = embedded_acls(anonymous=True)
OPENED = embedded_acls(anonymous=False)
CLUSTER = cluster_acls(Users())


def topics_of(acls: frozenset[Acl], user: str, operation: Operation) -> set[str]:
    return {a.name for a in acls if (a.user, a.resource, a.operation) == (user, Resource.TOPIC, operation)}


def test_services_write_and_read_what_the_registry_says() -> None:
    for acls in (LOCAL, OPENED, CLUSTER):
        for service, user in SERVICE_USERS.items():
            assert topics_of(acls, user, Operation.WRITE) == {
                topic for topic, spec in TOPICS.items() if service in spec.producers
            }
            assert topics_of(acls, user, Operation.READ) == {
                topic for topic, spec in TOPICS.items() if service in spec.consumers
            }


def test_the_page_says_what_the_registry_says() -> None:
    services = (Service.GATEWAY, Service.PROCESSORS, Service.WRITER, Service.QUERY, Service.WEBHOOKS)
    lines = [
        line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line.startswith("| `promethios.")
    ]
    found = {name.strip(" `"): [cell.strip(" ¹") for cell in cells] for name, *cells in lines}
    wanted = {}
    for topic, spec in TOPICS.items():
        cells = [
            (service in spec.consumers, service in spec.producers, service is spec.trimmer)
            for service in services
        ]
        cells.append((topic in DERIVED_TOPICS, False, False))
        words = ("read", "write", "delete")
        wanted[topic.value] = [", ".join(w for w, has in zip(words, c, strict=True) if has) for c in cells]
    assert found == wanted


def test_consumers_read_derived_topics_and_nothing_else() -> None:
    for user in (READER, ANONYMOUS):
        theirs = [acl for acl in LOCAL if acl.user == user]
        topics = [acl for acl in theirs if acl.resource is Resource.TOPIC]
        assert {(acl.name, acl.operation) for acl in topics} == {(t, Operation.READ) for t in DERIVED_TOPICS}
        assert {acl.resource for acl in theirs} == {Resource.TOPIC, Resource.GROUP}


def test_anonymous_clients_come_from_this_machine_or_not_at_all() -> None:
    granted = {a.host for a in LOCAL if a.user == ANONYMOUS and a.permission is Permission.ALLOW}
    assert granted == set(LOOPBACK_HOSTS)
    assert not any(acl.user == ANONYMOUS for acl in OPENED | CLUSTER)


def test_our_groups_are_refused_to_consumers_wherever_they_come_from() -> None:
    refused = [acl for acl in LOCAL if acl.permission is Permission.DENY]
    assert {(a.resource, a.pattern, a.name, a.operation, a.host) for a in refused} == {
        (Resource.GROUP, Pattern.PREFIXED, NAMESPACE, Operation.ALL, ANY)
    }
    assert {acl.user for acl in refused} == {READER, ANONYMOUS}
    assert WRITER_GROUP.startswith(NAMESPACE)


def test_control_topics_are_written_by_the_query_api_alone() -> None:
    for topic in CONTROL_TOPICS:
        writers = {a.user for a in LOCAL if a.name == topic and a.operation is not Operation.READ}
        assert writers == {SERVICE_USERS[Service.QUERY]}


def test_records_are_deleted_only_where_the_disk_is_ours() -> None:
    assert [(a.user, a.name) for a in LOCAL if a.operation is Operation.DELETE] == [
        (SERVICE_USERS[Service.WRITER], Topic.TELEMETRY)
    ]
    assert not any(acl.operation is Operation.DELETE for acl in CLUSTER)


def test_an_administrator_of_an_external_cluster_can_start_it() -> None:
    assert topics_of(CLUSTER, ADMIN, Operation.CREATE) == set(TOPICS)
    assert topics_of(CLUSTER, ADMIN, Operation.WRITE) == {Topic.OPERATORS, Topic.TELEMETRY, Topic.REPLAYS}


def test_an_administrator_of_an_external_cluster_sends_dead_letters_again_verifies_and_audits() -> None:
    read = topics_of(CLUSTER, ADMIN, Operation.READ)
    compared = {Topic.PROCESSOR_STATE, Topic.RETENTIONS, Topic.ERASURES, *DERIVED_TOPICS}
    assert read == topics_of(CLUSTER, ADMIN, Operation.WRITE) | set(DEAD_LETTER_TOPICS) | compared
    groups = {(a.name, a.operation) for a in CLUSTER if a.user == ADMIN and a.resource is Resource.GROUP}
    assert groups == {(WRITER_GROUP, Operation.DESCRIBE)}


def test_nobody_is_given_a_whole_cluster_or_another_users_names() -> None:
    for acls in (LOCAL, OPENED, CLUSTER):
        assert {acl.resource for acl in acls} <= {Resource.TOPIC, Resource.GROUP}
        assert {acl.user for acl in acls} <= {*USERS, ANONYMOUS}
        grants = {a for a in acls if a.permission is Permission.ALLOW and a.pattern is Pattern.LITERAL}
        assert {a.name for a in grants if not a.name.startswith(NAMESPACE)} == {ANY}


def test_users_of_a_cluster_may_have_other_names_and_be_one() -> None:
    shared = Users(admin="app", reader="bi", services=dict.fromkeys(Service, "app"))
    acls = cluster_acls(shared)
    assert {acl.user for acl in acls} == {"app", "bi"}
    assert topics_of(acls, "app", Operation.WRITE) == set(TOPICS)


USER = st.sampled_from([*USERS, ANONYMOUS, "somebody", "ops"])
NAME = st.sampled_from([*Topic, ANY, NAMESPACE, "orders", "promethios.old.v1"])
ACLS = st.frozensets(
    st.builds(
        Acl,
        user=USER,
        resource=st.sampled_from(Resource),
        name=NAME,
        operation=st.sampled_from(Operation),
        pattern=st.sampled_from(Pattern),
        permission=st.sampled_from(Permission),
    ),
    max_size=20,
)


@given(ACLS)
def test_what_is_too_much_is_ours_and_not_wanted(existing: frozenset[Acl]) -> None:
    own = embedded_surplus(existing | LOCAL, LOCAL)
    assert own <= existing - LOCAL
    assert {acl.user for acl in own}.isdisjoint({"somebody", "ops"})
    assert embedded_surplus((existing | LOCAL) - own, LOCAL) == set()

    users = Users(admin="ops")
    wanted = cluster_acls(users)
    external = cluster_surplus(existing | wanted, wanted, users)
    assert external <= existing - wanted
    assert {acl.user for acl in external} <= set(USERS) - {ADMIN}
    assert all(acl.name.startswith(NAMESPACE) for acl in external)


def test_a_service_that_shares_the_administrators_user_loses_nothing() -> None:
    users = Users(admin="app", services=dict.fromkeys(Service, "app"))
    theirs = Acl(user="app", resource=Resource.TOPIC, name="promethios.other", operation=Operation.ALL)
    assert cluster_surplus({theirs}, cluster_acls(users), users) == set()


def test_a_stack_that_is_opened_takes_from_anonymous_clients_what_they_had() -> None:
    assert embedded_surplus(LOCAL, OPENED) == {acl for acl in LOCAL if acl.user == ANONYMOUS}
