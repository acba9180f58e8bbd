"""One file a kind of thing that is found."""
