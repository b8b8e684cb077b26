"""`inkfall models list`: the models of the model folder."""

import argparse

from desktop.terminal.outcome import DONE
from desktop.terminal.tables import show_table, size
from models.library.installed import installed
from models.library.places import places

SUMMARY = "the models that are installed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", required=True, metavar="COMMAND")
    commands.add_parser("list", help="names, sizes and files")


def run(_options: argparse.Namespace) -> int:
    """Exit status."""
    rows = [(model.name, size(model.size), str(model.path)) for model in installed(places())]
    show_table(("name", "size", "file"), rows)
    return DONE
