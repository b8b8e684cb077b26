"""A page for other programs: text, HTML, a table of readings, print."""
