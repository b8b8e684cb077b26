"""What a language model is and does: getting one, knowing it, running it. Knows nothing of Qt or of the window."""
