"""Parses the command line, runs a subcommand, and turns its errors into an exit status and a sentence on stderr.

The module of a command is imported when it runs. Never imports Qt.
"""

import argparse
import importlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any, NoReturn

from desktop.terminal.exit_status import DONE, FAILED, INTERRUPTED, USAGE, Interrupted, TerminalError
from desktop.terminal.streams import OutputError, give_up_output, guard_streams, on_one_line
from desktop.terminal.tables import folded
from resources.language import tr

# Each command is a module here with SUMMARY, add_arguments(parser) and run(options) -> exit status.
COMMANDS = {
    "complete": "complete",
    "score": "score",
    "odds": "odds",
    "replay": "replay",
    "models": "models",
    "inspect": "inspect",
    "doctor": "doctor",
    "bench": "bench",
}
ABOUT = tr("A page that a base language model writes on. Without a command, or with files to open, a window opens.")


def module(command: str) -> ModuleType:
    return importlib.import_module(f"desktop.terminal.{COMMANDS[command]}")


class Folding(argparse.HelpFormatter):
    """A help formatter that also wraps text in scripts of double width."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if text.isascii() else folded(text, width).splitlines()

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return super()._fill_text(text, width, indent) if text.isascii() else indent + folded(text, width)


class Parser(argparse.ArgumentParser):
    """An argument parser with that formatter. An option that takes a text takes the next word, whatever it begins with.

    An error is one sentence. Control characters are escaped in it, since it quotes what was typed.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(formatter_class=Folding, **given)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super().parse_known_args(list(self._joined(args)), namespace)

    def _joined(self, arguments: Iterable[str]) -> Iterator[str]:
        """`--option=text` for `--option text`: argparse takes a text with a dash in front for another option."""
        given = iter(arguments)
        for word in given:
            if word == "--":  # what follows is no option
                yield word
                yield from given
            elif _takes_text(self._option_string_actions.get(word)) and (text := next(given, None)) is not None:
                yield f"{word}={text}"
            else:
                yield word

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Take `--` as the text of an option; argparse would drop it."""
        if action.option_strings and _takes_text(action):
            return arg_strings[0]
        return super()._get_values(action, arg_strings)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write the message; argparse would ignore a failed write."""
        stream = file or sys.stderr
        stream.write(message)
        stream.flush()

    def error(self, message: str) -> NoReturn:
        where = tr("“{command} --help” lists what there is.").format(command=self.prog)
        self.exit(USAGE, f"{self.prog}: {on_one_line(message).rstrip('.')}. {where}\n")


def _takes_text(option: argparse.Action | None) -> bool:
    return option is not None and (option.nargs, option.type, option.choices) == (None, None, None)


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Make the parser. Imports only the module of the command in the arguments; all of them for the help."""
    parser = Parser(prog="inkfall", description=ABOUT, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"inkfall {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    needed = [name for name in COMMANDS if name in arguments[:1]] or list(COMMANDS)
    for name in needed:
        found = module(name)
        command = commands.add_parser(name, help=found.SUMMARY, description=found.SUMMARY, allow_abbrev=False)
        found.add_arguments(command)
    return parser


def _version() -> str:
    from importlib import metadata  # here, to keep the start of the window fast: it imports this file

    try:
        return metadata.version("inkfall")
    except metadata.PackageNotFoundError:
        return tr("(not installed)")


def run(arguments: Sequence[str]) -> int:
    """Parse the arguments and run the command. Returns the exit status; bad usage exits with 2, as argparse does."""
    guard_streams()
    try:
        return _status(arguments)
    except BrokenPipeError:  # the reader of the output has closed it (`| head`)
        give_up_output()
        return DONE
    except OutputError as error:
        give_up_output()
        return _failed(error)
    except (Interrupted, KeyboardInterrupt):
        return INTERRUPTED


def _status(arguments: Sequence[str]) -> int:
    try:
        options = make_parser(arguments).parse_args(list(arguments))
        status = module(options.command).run(options)
        sys.stdout.flush()
        return status
    except TerminalError as error:
        sys.stdout.flush()
        return _failed(error)


def _failed(error: Exception) -> int:
    sys.stderr.write(f"inkfall: {on_one_line(str(error))}\n")
    return FAILED
