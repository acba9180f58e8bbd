"""Dead letters for an operator: read, shown, and sent again to the reader that lacks them."""
