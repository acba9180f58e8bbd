"""How much may be looked at in one request: a text that is all candidates must not hold up the others."""

# Some 0.3 seconds of work at worst, and six findings in each of 10,000 events.
MAX_EFFORT = 60_000

FINDING = 1

# What looks like something and is nothing is judged in several ways before that is known.
DISAPPOINTMENT = 4


class ExhaustedError(Exception):
    """There was too much to look at; what is not examined yet must not be passed on as it is."""


class Effort:
    """Counts down over all texts of a request."""

    __slots__ = ("_left",)

    def __init__(self, effort: int = MAX_EFFORT) -> None:
        """All is left."""
        self._left = effort

    def spend(self, effort: int) -> None:
        """Look at one more candidate.

        Raises:
            ExhaustedError: that is too many.
        """
        self._left -= effort
        if self._left < 0:
            raise ExhaustedError
