"""The list of all pages, and search in them."""
