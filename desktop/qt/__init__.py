"""Helpers over Qt that depend on no other room."""
