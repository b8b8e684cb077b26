"""Data the program ships: its icon."""

from pathlib import Path

ICON = Path(__file__).with_name("icon.svg")
