"""Data the program ships: its icon, the catalogue of base models, what a release is, the frame of an exported page, and
the licences of all its parts (a folder that only an installed program has: installer/build.py writes it)."""

from pathlib import Path

ICON = Path(__file__).with_name("icon.svg")
CATALOGUE = Path(__file__).with_name("catalogue.toml")
RELEASE = Path(__file__).with_name("the-parameters-and-the-code.md")
EXPORT_PAGE = Path(__file__).with_name("export.html")
LICENCES = Path(__file__).with_name("licences")
