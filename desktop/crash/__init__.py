"""A mistake of ours, or what ended the last run: the page is saved, and a report can be sent."""
