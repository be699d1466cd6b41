"""Which voice speaks for whom, and one line spoken."""
