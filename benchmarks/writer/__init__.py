"""The writer beside a raw insert of the same bytes through the same front."""
