"""The settings: each declared once, all stored in one file."""
