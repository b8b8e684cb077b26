"""The text widget: a view of the page that holds no truth of its own."""
