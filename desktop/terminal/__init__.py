"""The same engine without a window, for scripts. Never imports Qt."""
