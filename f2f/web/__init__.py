"""Videos that a person names by their web address."""
