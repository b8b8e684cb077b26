"""Paths of the data files the program ships.

LICENCES and BUILD (the commit it was built from) exist only in an installed program: installer/build.py writes them.
"""

from pathlib import Path

ICON = Path(__file__).with_name("icon.svg")
CATALOGUE = Path(__file__).with_name("catalogue.toml")
RELEASE = Path(__file__).with_name("the-parameters-and-the-code.md")
EXPORT_PAGE = Path(__file__).with_name("export.html")
LANGUAGES = Path(__file__).with_name("languages")  # LANGUAGE.po, and LANGUAGE.mo made of it (make translations)
THEME = Path(__file__).with_name("theme")  # small pictures for the window, for each theme and screen
LICENCES = Path(__file__).with_name("licences")
BUILD = Path(__file__).with_name("build.txt")
