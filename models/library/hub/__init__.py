"""The hub: search, what a repository holds, headers from afar. Speaks to the network, as `download` does."""
