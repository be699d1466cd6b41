"""Source separation: what is left of a soundtrack without its voices."""
