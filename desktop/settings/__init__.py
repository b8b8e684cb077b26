"""The settings: each one said once, kept in one file."""
