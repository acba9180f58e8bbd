"""The one error that decoding anything of the contract raises."""


class InvalidMessageError(ValueError):
    """Bytes that are not a valid message; `reason` says what is wrong, in words for whoever sent them."""

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field
