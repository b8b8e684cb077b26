"""Whether there is a newer Inkfall: asked only when the user asks."""
