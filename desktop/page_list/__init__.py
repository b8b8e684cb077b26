"""The pages a person has: the one that is open, and the list of all."""
