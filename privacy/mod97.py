"""The check digits of account numbers (ISO 7064 MOD 97-10, as ISO 13616 applies it to IBANs)."""


def is_mod97_valid(iban: bytes) -> bool:
    """Whether letters and digits without spaces, country and check digits first, add up."""
    rearranged = iban[4:] + iban[:4]
    return int("".join([str(int(chr(character), 36)) for character in rearranged])) % 97 == 1
