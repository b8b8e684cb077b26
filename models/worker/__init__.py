"""What the child process does: the inference loop."""
