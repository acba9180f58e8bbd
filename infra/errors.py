"""The one error that ends a command with a sentence in place of a traceback."""


class StackError(RuntimeError):
    """Something that the person at the keyboard can mend; the text is one sentence that says how."""
