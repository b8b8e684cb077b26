"""Makes the installers of a checkout: the frozen program, and the packages around it. Never imported by the program."""
