"""Checks for a newer Inkfall, only when the user asks for it."""
