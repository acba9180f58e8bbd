"""exp and ln from correctly rounded operations only, so that every machine gives the same bits.

libm's `exp`, `log` and `pow` differ between C libraries and even between CPUs (fused multiply-add); `+ - *
/`, `sqrt`, `frexp` and `ldexp` do not. Both functions interpolate in a table that decimal arithmetic made.
"""

import hashlib
import struct
from decimal import Decimal, localcontext
from math import frexp, ldexp

from stream_processors.rules.decay import GRID, TABLE

_LOG2_OF_E = 1.4426950408889634
_LN_2 = 0.6931471805599453
_HALVES = 2 * GRID
_DIGITS = 60
_LN_TABLE_SHA256 = "7b3e81da413f132f9f6f6724d6426d5c5fa43750c76f078bb03ded78ca706284"


def _build_ln_table() -> tuple[float, ...]:
    """ln(1/2 + i/8192) for i = 0 … 4096, each rounded to binary64 once.

    Downwards from ln(1) = 0 by ln((k+1)/k) = 2 artanh(1/(2k+1)), of whose series five terms are plenty.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        value, table = Decimal(0), [0.0]
        for k in range(_HALVES - 1, GRID - 1, -1):
            step = 1 / Decimal(2 * k + 1)
            square = step * step
            series = Decimal(0)
            for odd in (9, 7, 5, 3, 1):
                series = series * square + Decimal(1) / odd
            value -= 2 * step * series
            table.append(float(value))
    table.reverse()
    digest = hashlib.sha256(struct.pack(f"<{GRID + 1}d", *table)).hexdigest()
    if digest != _LN_TABLE_SHA256:
        raise RuntimeError(
            f"this Python computes another table of logarithms ({digest}): trust scores would not be exact"
        )
    return tuple(table)


_LN_TABLE = _build_ln_table()


def exp_negative(exponent: float) -> float:
    """e**-exponent for 0 <= exponent < 600; relative error below 4e-9, and never rising."""
    halvings = exponent * _LOG2_OF_E
    whole = int(halvings)
    position = (halvings - whole) * GRID
    index = int(position)
    left = TABLE[index]
    return ldexp(left + (position - index) * (TABLE[index + 1] - left), -whole)


def natural_log(value: float) -> float:
    """ln(value) for value > 0, exactly 0 at 1; error below 1e-8."""
    mantissa, exponent = frexp(value)
    position = (mantissa - 0.5) * _HALVES
    index = int(position)
    left = _LN_TABLE[index]
    return exponent * _LN_2 + (left + (position - index) * (_LN_TABLE[index + 1] - left))
