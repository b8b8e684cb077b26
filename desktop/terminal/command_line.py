"""Parses the command line, runs a subcommand, and turns its errors into an exit status and a sentence on stderr.

The module of a command is imported when it runs. Never imports Qt.
"""

import argparse
import difflib
import importlib
import re
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
NEAR = 0.7  # how alike an unknown option and one that is meant are at least (difflib)
_NEGATIVE = re.compile(r"-\d+|-\d*\.\d+")  # as argparse has it
_FOR_ARGPARSE = (  # sentences of argparse, and ours in their place
    (re.compile("the following arguments are required: (.+)"), tr("{names} is missing")),
    (re.compile("one of the arguments (.+) is required"), tr("One of these is needed: {names}")),
    (re.compile("not allowed with argument (.+)"), tr("it cannot be combined with {names}")),
)
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

    An error says what is wrong in a sentence, and names an unknown option before argparse takes the word behind it for
    something else. Control characters are escaped, since it quotes what was typed.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(formatter_class=Folding, allow_abbrev=False, exit_on_error=False, **given)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:  # pyright: ignore[reportIncompatibleMethodOverride]
        try:
            found, rest = super().parse_known_args(list(self._joined(args)), namespace)
        except argparse.ArgumentError as error:
            name, _, _ = (error.argument_name or "").partition("/")
            self.error(f"{name}: {error.message}" if name[1:] and name[0] == "-" else error.message)
        if rest:
            self.error(tr("Nothing can be done with “{word}” here").format(word=rest[0]))
        return found, rest

    def _joined(self, arguments: Iterable[str]) -> Iterator[str]:
        """`--option=text` for `--option text`: argparse takes a text with a dash in front for another option."""
        given = iter(arguments)
        for word in given:
            if word == "--" or (self._subparsers and not word.startswith("-")):  # what follows is no option of ours
                yield word
                yield from given
            elif _takes_text(self._option_string_actions.get(word)) and (text := next(given, None)) is not None:
                yield f"{word}={text}"
            elif self._is_unknown(word):
                self.error(self._unknown(word.partition("=")[0]))
            else:
                yield word

    def _is_unknown(self, word: str) -> bool:
        """Whether a word looks like an option and is none: neither `--seed=5` nor `-s5`, nor a negative number."""
        known = self._option_string_actions
        looks = word[:1] == "-" and len(word) > 1 and not _NEGATIVE.fullmatch(word)
        return looks and word.partition("=")[0] not in known and word[:2] not in known

    def _unknown(self, option: str) -> str:
        words = tr("There is no option {option}").format(option=option)
        ours = list(self._option_string_actions)
        begun = [known for known in ours if known.startswith(option)]
        nearest = begun or difflib.get_close_matches(option, ours, 1, NEAR)
        perhaps = tr("{sentence}. Perhaps you mean {option}")
        return perhaps.format(sentence=words, option=nearest[0]) if nearest else words

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            words = tr("“{value}” is none of: {choices}")
            raise argparse.ArgumentError(action, words.format(value=value, choices=", ".join(map(str, action.choices))))

    def _match_argument(self, action: argparse.Action, arg_strings_pattern: str) -> int:
        try:
            return super()._match_argument(action, arg_strings_pattern)
        except argparse.ArgumentError as error:
            raise argparse.ArgumentError(action, tr("a value is missing")) from error

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
        for pattern, words in _FOR_ARGPARSE:
            message = pattern.sub(lambda found, words=words: words.format(names=found[1]), message)
        where = tr("“{command} --help” lists what there is.").format(command=self.prog)
        self.exit(USAGE, f"{self.prog}: {on_one_line(message).rstrip('.')}. {where}\n")


def _takes_text(option: argparse.Action | None) -> bool:
    return option is not None and (option.nargs, option.type, option.choices) == (None, None, None)


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Make the parser. Imports only the module of the command in the arguments; all of them for the help."""
    parser = Parser(prog="inkfall", description=ABOUT)
    parser.add_argument("--version", action="version", version=f"inkfall {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    needed = [name for name in COMMANDS if name in arguments[:1]] or list(COMMANDS)
    for name in needed:
        found = module(name)
        command = commands.add_parser(name, help=found.SUMMARY, description=found.SUMMARY)
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
