"""The page: its text, what is known about every token of it, its branches and its history. Pure Python, no Qt."""
