"""The page that is open: how it comes, leaves, is saved, and what is asked about it."""
