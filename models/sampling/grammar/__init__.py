"""A grammar among the samplers: read from GBNF, run as an automaton, and looked up for every token at once."""
