"""A simulated fleet whose agents carry labels, and how well the trust score tells the bad from the good."""
