"""`inkfall bench`: how fast this machine writes, in the engine and in the window, measured in one run."""

import argparse
import sys

from desktop.terminal import records
from desktop.terminal.bench_window import measure_window
from desktop.terminal.outcome import DONE, TerminalError
from desktop.terminal.tables import show_facts
from models.library.installed import NotInstalledError, find
from models.library.places import places

SUMMARY = "tokens per second and waiting times on this machine"
WINDOW_WORDS = {
    "window_shown": "window start to shown",
    "window_usable": "window start to usable",
    "key_to_first_token": "key press to first token",
    "stop_to_stopped": "stop to stopped",
    "tokens_per_second": "in the window while it paints",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "a GGUF file or the name of an installed model (the last used one, else the starter)"
    parser.add_argument("--model", "-m", default="", metavar="M", help=about)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Exit status."""
    try:
        model = find(options.model, places())
    except NotInstalledError as error:
        raise TerminalError(str(error)) from error
    found = measure_window(model)
    if options.json:
        sys.stdout.write(records.line(found))
    else:
        show_facts((WINDOW_WORDS[name], in_words(name, value)) for name, value in found.items())
    return DONE


def in_words(name: str, value: float) -> str:
    """Tokens per second, or seconds in milliseconds."""
    return f"{value:.1f} tokens/s" if name == "tokens_per_second" else f"{1000 * value:.0f} ms"
