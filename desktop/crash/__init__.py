"""Uncaught errors and fatal signals: the page is saved, and a report is shown that the user can pass on."""
