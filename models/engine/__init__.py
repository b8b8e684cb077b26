"""The engine's requests and events, and the parent's handle on the child process that answers them."""
