"""A scripted model with fixed odds, for tests, screenshots and demos."""
