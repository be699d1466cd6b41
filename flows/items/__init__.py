"""What a batch is about: its options, its items, what is done to each and what became of them."""
