"""The start of the program: what may be missing, which language, one window for all starts, why there is no window."""
