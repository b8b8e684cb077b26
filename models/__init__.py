"""Language models: find, download, inspect and run them. Imports neither Qt nor desktop."""
