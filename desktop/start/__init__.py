"""The start of the program: its environment, its language, one instance, and errors before there is a window."""
