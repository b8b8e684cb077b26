"""Presenters join several rooms for app.py: they receive the state of some and show it in others."""
