"""Data the program ships: icon, themes, fonts."""
