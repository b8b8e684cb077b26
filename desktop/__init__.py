"""What the user sees: the window and its rooms. Qt lives only here; app.py makes every connection between rooms."""
