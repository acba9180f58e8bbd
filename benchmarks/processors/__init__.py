"""The processors' speed beside a raw loop that calls the same rules, their delay and their memory."""
