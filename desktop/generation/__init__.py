"""Asks the engine to write: the session, the events of the child process, and the sampling panel."""
