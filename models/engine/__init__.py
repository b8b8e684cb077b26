"""What can be asked of a running model and what comes back, and the handle on the child process."""
