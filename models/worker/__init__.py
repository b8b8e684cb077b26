"""What the child process runs: the worker and its inference loop."""
