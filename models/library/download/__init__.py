"""Downloads from the hub: resumable, verified, one at a time."""
