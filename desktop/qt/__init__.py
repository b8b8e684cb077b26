"""Helpers over Qt that know no room."""
