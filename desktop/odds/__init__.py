"""The odds panel: what the model believed about one token, and how its coin fell."""
