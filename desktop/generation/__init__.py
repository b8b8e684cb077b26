"""Asking the engine to write: the session, the link to the child process, and the sampling panel."""
