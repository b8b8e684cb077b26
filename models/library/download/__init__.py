"""Downloads: resumable, verified, one after the other."""
