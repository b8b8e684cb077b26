"""The page's file: an SQLite database that holds all of a page, written while it grows. No Qt."""
