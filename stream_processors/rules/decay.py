"""Exponential decay on an absolute integer time grid, the same to the last bit on every machine.

Forward decay (Cormode et al. 2009) with the exponential cut into steps of 1/4096 half-life. The grid is
absolute, so the factors of consecutive spans multiply to the factor of the whole span, and frequent events
cannot stall the decay (which happens when each short span is rounded on its own). No libm: `pow` and `exp`
differ between platforms.
"""

import hashlib
import struct
from decimal import Decimal, localcontext
from math import ldexp

GRID = 4096
_MASK = GRID - 1
_SHIFT = 12
_DIGITS = 60
_TABLE_SHA256 = "d8e63fadd4f17a0253ca7dc27c0c1fafd0f0de878714913e237817c1d534d8dd"

# Beyond this many halvings a sum of ours is nothing; it also keeps subnormal numbers out of the state.
_MAX_HALVINGS = 900

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def _build_table() -> tuple[float, ...]:
    """2**(-i/4096) for i = 0 … 4096, by decimal arithmetic in software, each rounded to binary64 once."""
    with localcontext() as context:
        context.prec = _DIGITS
        root = context.power(Decimal(2), Decimal(-1) / GRID)
        value, table = Decimal(1), []
        for _ in range(GRID + 1):
            table.append(float(value))
            value *= root
    digest = hashlib.sha256(struct.pack(f"<{GRID + 1}d", *table)).hexdigest()
    if digest != _TABLE_SHA256:
        raise RuntimeError(
            f"this Python computes another decay table ({digest}): trust scores would not be exact"
        )
    return tuple(table)


TABLE = _build_table()


def steps_at(moment: int, half_life: int) -> int:
    """The grid step that `moment` lies in; both in milliseconds."""
    return moment * GRID // half_life


def factor_of_steps(steps: int) -> float:
    """2**(-steps/4096) for steps >= 0."""
    halvings = steps >> _SHIFT
    if not halvings:
        return TABLE[steps]
    if halvings > _MAX_HALVINGS:
        return 0.0
    return ldexp(TABLE[steps & _MASK], -halvings)


def decay_factor(start: int, end: int, half_life: int) -> float:
    """What is left at `end` of one unit at `start`; milliseconds, start <= end."""
    steps = end * GRID // half_life - start * GRID // half_life
    # Mostly less than a half-life has passed, and this runs several times for each request.
    return TABLE[steps] if steps < GRID else factor_of_steps(steps)
