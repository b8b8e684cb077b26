"""The coin: knobs, chain, draw, statistics."""
