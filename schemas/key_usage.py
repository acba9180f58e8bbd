"""When an API key or an operator's token was last used: a record of the topic of key usage, its key that id.

Where from is not kept: an address is personal data, and a hash of one is easily guessed back.
"""

import msgspec


class KeyUse(msgspec.Struct, frozen=True):
    """`last_used_at` in milliseconds; of several records of one key the latest time counts."""

    last_used_at: int
