"""exp and ln from correctly rounded operations only, so that every machine gives the same bits.

libm's `exp`, `log` and `pow` differ between C libraries and even between CPUs (fused multiply-add); `+ - *
/`, `sqrt`, `frexp` and `ldexp` do not.
"""

from math import frexp, ldexp

from stream_processors.rules.decay import GRID, TABLE

_LOG2_OF_E = 1.4426950408889634
_LN_2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476

# ln(m) = 2 (z + z^3/3 + z^5/5 + …) with z = (m-1)/(m+1); |z| <= 0.172 here, so z^17 is below 1e-13.
_SERIES = (1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1.0)


def exp_negative(exponent: float) -> float:
    """e**-exponent for 0 <= exponent < 600, by table and linear interpolation; relative error below 4e-9."""
    halvings = exponent * _LOG2_OF_E
    whole = int(halvings)
    position = (halvings - whole) * GRID
    index = int(position)
    left = TABLE[index]
    return ldexp(left + (position - index) * (TABLE[index + 1] - left), -whole)


def natural_log(value: float) -> float:
    """ln(value) for value > 0, exactly 0 at 1; error below 1e-13. For display: no score depends on it."""
    mantissa, exponent = frexp(value)
    if mantissa < _SQRT_HALF:
        mantissa *= 2.0
        exponent -= 1
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    total = 0.0
    for coefficient in _SERIES:
        total = total * square + coefficient
    return exponent * _LN_2 + 2.0 * ratio * total
