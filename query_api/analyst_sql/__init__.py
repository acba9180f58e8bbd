"""Analysts' SQL, pure: from the text that came in to the text that may be run for one tenant.

The text is parsed, every part of the tree is looked up among what is known to be safe, and the statement that
is run is written anew from the tree; nothing of the original text survives but names and values.
"""
