"""What is unexplained is what is left when all reasons are taken away."""

from schemas.delivery import Delivery


def test_reasons_add_up() -> None:
    one = Delivery(
        tenant_id="t",
        agent_id="a",
        hour=0,
        requests=1,
        accepted=100,
        repeated=1,
        late=2,
        dead=3,
        waiting=4,
        expired=5,
        stored=80,
    )
    assert one.unexplained == 5
