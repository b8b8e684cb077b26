"""The subcommands of `inkfall`, and how each of them ends: an exit status, and one sentence on stderr where it failed.

One row a command. Never imports Qt: what a command needs is imported when it runs.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

from desktop.terminal.outcome import DONE, FAILED, INTERRUPTED, Interrupted, TerminalError
from desktop.terminal.streams import guard, on_one_line
from desktop.terminal.tables import folded
from resources.language import tr

# Each command is a module here with SUMMARY, add_arguments(parser) and run(options) -> exit status.
COMMANDS = {
    "complete": "complete",
    "score": "score",
    "models": "models",
    "inspect": "inspect",
    "doctor": "doctor",
    "bench": "bench",
}
ABOUT = tr("A page that a base language model writes on. Without a command, or with files to open, a window opens.")


def module(command: str) -> ModuleType:
    return importlib.import_module(f"desktop.terminal.{COMMANDS[command]}")


class Folding(argparse.HelpFormatter):
    """Help whose lines fit the terminal in scripts of double width too."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if text.isascii() else folded(text, width).splitlines()

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return super()._fill_text(text, width, indent) if text.isascii() else indent + folded(text, width)


class Parser(argparse.ArgumentParser):
    """With that help, its subcommands too; what it complains of was typed, pasted, or made by a script."""

    def __init__(self, **given: Any) -> None:
        super().__init__(formatter_class=Folding, **given)

    def error(self, message: str) -> NoReturn:
        super().error(on_one_line(message))


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; only the command that is asked for is imported, all of them for the help."""
    parser = Parser(prog="inkfall", description=ABOUT, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"inkfall {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = [name for name in COMMANDS if name in arguments[:1]] or list(COMMANDS)
    for name in asked:
        found = module(name)
        command = commands.add_parser(name, help=found.SUMMARY, description=found.SUMMARY, allow_abbrev=False)
        found.add_arguments(command)
    return parser


def _version() -> str:
    from importlib import metadata  # not at every start: the window asks this file for its commands

    try:
        return metadata.version("inkfall")
    except metadata.PackageNotFoundError:
        return tr("(not installed)")


def run(arguments: Sequence[str]) -> int:
    """Parse and run. Exit status; bad usage ends the process with 2, as argparse does."""
    guard()
    try:
        options = make_parser(arguments).parse_args(list(arguments))
        status = module(options.command).run(options)
        sys.stdout.flush()
        return status
    except TerminalError as error:
        sys.stdout.flush()
        sys.stderr.write(f"inkfall: {on_one_line(str(error))}\n")
        return FAILED
    except BrokenPipeError:
        return _nobody_reads()
    except (Interrupted, KeyboardInterrupt):
        return INTERRUPTED


def _nobody_reads() -> int:
    """Whoever read our output has seen enough (`| head`): end quietly, also when Python flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return DONE
