"""Fixed odds for tests, pictures and demos."""
