"""`inkfall bench`: measures how fast this machine writes, in the engine and in the window, and prints a table.

models/benchmark.py measures the engine; bench_window.py starts the process that measures the window.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from desktop.terminal import records
from desktop.terminal.bench_window import measure_window
from desktop.terminal.exit_status import DONE, TerminalError
from desktop.terminal.flags import bounded
from desktop.terminal.tables import show_table
from models.library.app_dirs import app_dirs
from models.library.header import HeaderError
from models.library.installed import NotInstalledError, find
from models.library.model_files import read_whole
from resources.language import tr, tr_count

if TYPE_CHECKING:
    from models.benchmark import Measured

SUMMARY = tr("tokens per second and waiting times on this machine")
RATES = (  # measured tokens per second and their titles; each is also shown as a fraction of the bare loop's
    ("readings", tr("with readings (top 20), in the child's loop")),
    ("piped", tr("with readings, as they arrive through the pipe")),
    ("window_tokens_per_second", tr("in the window while it paints")),
    ("create_completion", tr("create_completion(logprobs=20) of llama-cpp-python")),
)
TIMES = (  # measured seconds and their titles
    ("edit", tr("first token after a change 200 tokens before the end of 2,000")),
    ("stop_to_stopped", tr("stop to stopped, in the engine")),
    ("window_stop_to_stopped", tr("stop to stopped, in the window")),
    ("window_key_to_first_token", tr("key press to first token")),
    ("window_shown", tr("window start to shown")),
    ("window_usable", tr("window start to usable (model loaded)")),
    ("window_stall_loading", tr("longest stall of the event loop while it loads")),
    ("window_stall_writing", tr("longest stall of the event loop while it writes")),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    help_ = tr("a GGUF file or the name of an installed model (the last used one, else the starter)")
    parser.add_argument("--model", "-m", default="", metavar="M", help=help_)
    parser.add_argument(
        "--rounds", type=bounded(int, 1, 100), default=3, metavar="N", help=tr("rounds, for medians (3)")
    )
    parser.add_argument("--no-window", action="store_true", help=tr("measure the engine alone"))
    parser.add_argument("--json", action="store_true", help=tr("one JSON object"))


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status. Takes a minute or two with the starter model."""
    model = find_model(options.model)
    _print_progress(
        tr("Measuring {name}; this takes a minute or two, and anything else that runs makes it slower.").format(
            name=model.name
        )
    )
    found = {"model": str(model), "load_before": psutil.getloadavg()[0], **measure_engine(model, options.rounds)}
    if not options.no_window:
        _print_progress(tr("Measuring the window."))
        found |= with_window(measure_window(str(model)))
    if options.json:
        sys.stdout.write(records.line(found))
    else:
        show_table((tr("measured"), tr("value"), tr("of bare")), rows(found))
    return DONE


def _print_progress(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def find_model(wanted: str) -> Path:
    """Find the model's file and check its header. Raises TerminalError."""
    try:
        path = Path(find(wanted, app_dirs()))
        obstacle = read_whole(path).obstacle
    except (NotInstalledError, HeaderError) as error:
        raise TerminalError(str(error)) from error
    if obstacle:
        raise TerminalError(obstacle)
    return path


def measure_engine(model: Path, rounds: int) -> dict[str, Any]:
    """Measure the engine; return the numbers by their names. Raises TerminalError."""
    from models.launch import backend_choice

    backend_choice.trust_known()
    from models.benchmark import measure  # loads llama.cpp into this process, which only this command may
    from models.errors import ModelError

    try:
        return in_record(measure(model, rounds))
    except ModelError as error:
        raise TerminalError(str(error)) from error


def in_record(measured: "Measured") -> dict[str, Any]:
    """The numbers as a record for JSON."""
    by_number = {
        name: {str(number): rate for number, rate in getattr(measured, name).items()}
        for name in ("bare", "bare_streams", "streams")
    }
    return {**asdict(measured), **by_number, "best_bare": measured.best_bare}


def with_window(measured: Mapping[str, float]) -> dict[str, float]:
    """The window's numbers, each name prefixed by "window_"."""
    return {name if name.startswith("window_") else f"window_{name}": value for name, value in measured.items()}


def _bare(threads: int) -> str:
    words = tr_count("bare loop, arg-max, {count} thread", "bare loop, arg-max, {count} threads", threads)
    return words.format(count=threads)


def _streams(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The rows of several streams, each beside the bare loop of its width."""
    made: list[tuple[str, str, str]] = []
    for count, rate in found["streams"].items():
        bare = found["bare_streams"][count]
        words = tr("bare loop, arg-max, {count} streams"), tr("{count} streams with readings, through the pipe")
        made += [
            (title.format(count=count), tr("{rate:.1f} tokens/s").format(rate=value), f"{value / bare:.2f}")
            for title, value in zip(words, (bare, rate), strict=True)
        ]
    return made


def rows(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The rows of the table; numbers that were not measured are left out."""
    best = found["best_bare"]
    bare = [
        (
            _bare(int(threads)),
            tr("{rate:.1f} tokens/s").format(rate=rate),
            f"{rate / best:.2f}",
        )
        for threads, rate in found["bare"].items()
    ]
    rates = [
        (words, tr("{rate:.1f} tokens/s").format(rate=found[name]), f"{found[name] / best:.2f}")
        for name, words in RATES
        if name in found
    ]
    prompt = [(tr("prompt speed"), tr("{rate:.0f} tokens/s").format(rate=found["prompt"]), "")]
    times = [(words, f"{1000 * found[name]:.1f} ms", "") for name, words in TIMES if name in found]
    evaluated = [("  " + tr("tokens read anew for it"), f"{found['edit_evaluated']:,}", "")]
    load = [(tr("load of the machine before (1 minute)"), f"{found['load_before']:.2f}", "")]
    return [*bare, *rates, *_streams(found), *prompt, *times[:1], *evaluated, *times[1:], *load]
