"""`inkfall replay`: evaluates again what a model wrote, and says whether every number is the same.

The text comes from `inkfall complete --json` or from a page's file. Each stream takes the tokens that it wrote, in the
same chunks and steps as then: together with the others, or alone, with dummies in their places.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from desktop.terminal import page_writings, recording, texts
from desktop.terminal.exit_status import DONE, INTERRUPTED
from desktop.terminal.running import Running, running
from desktop.terminal.writing import NOT_TOLD, Writing, difference
from models.engine.events import ModelFacts
from models.library.app_dirs import AppDirs, app_dirs
from models.library.fingerprint import fingerprint
from models.library.installed import installed
from resources.language import tr

SUMMARY = tr("evaluate again what a model wrote, and compare every number")
DIFFERENT = 3  # the exit status where the numbers differ, or cannot be compared


def add_arguments(parser: argparse.ArgumentParser) -> None:
    help_ = tr("a page, or a file of what complete --json printed; - for standard input")
    parser.add_argument("recording", metavar="FILE", help=help_)
    help_ = tr("a GGUF file or the name of an installed model, in place of the one that is named there")
    parser.add_argument("--model", "-m", default="", metavar="M", help=help_)


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    path = Path(options.recording)
    if options.recording != "-" and page_writings.is_page(path):
        return _page(page_writings.of_page(path), options.model)
    found = recording.read(texts.from_file(options.recording))
    with Replayer(app_dirs()) as replayer:
        answer, status = replayer.compared(found.writing, options.model or found.path)
        if replayer.interrupted:
            return INTERRUPTED
    sys.stdout.write(f"{answer}\n")
    return status


def _page(writings: Sequence[Writing], model: str) -> int:
    """Print one line for each generation."""
    if not writings:
        sys.stdout.write(tr("not comparable: no model wrote on this page") + "\n")
        return DIFFERENT
    statuses: list[int] = []
    with Replayer(app_dirs()) as replayer:
        for number, writing in enumerate(writings, 1):
            answer, status = replayer.compared(writing, model or replayer.file_of(writing.fingerprint))
            if replayer.interrupted:
                return INTERRUPTED
            words = tr("generation {number:,}, {tokens:,} tokens: {answer}")
            sys.stdout.write(words.format(number=number, tokens=writing.tokens, answer=answer) + "\n")
            sys.stdout.flush()
            statuses.append(status)
    return max(statuses)


class Replayer:
    """Evaluates writings again with an engine, which loads a model where another one is needed."""

    def __init__(self, dirs: AppDirs) -> None:
        self._dirs = dirs
        self._running = running(dirs)
        self._files: dict[str, str] = {}  # by fingerprint
        self._loaded: tuple[object, ModelFacts] | None = None

    def __enter__(self) -> Replayer:
        self._engine: Running = self._running.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._running.__exit__(*error)  # pyright: ignore[reportArgumentType]

    @property
    def interrupted(self) -> bool:
        return self._engine.interrupted()

    def file_of(self, wanted: str) -> str:
        """The installed model with that fingerprint; "" if there is none."""
        if not self._files:
            self._files = dict(_fingerprints(self._dirs))
        return self._files.get(wanted, "")

    def compared(self, writing: Writing, model: str) -> tuple[str, int]:
        """What is to be said of it, and the exit status. model: a file or a name. Raises TerminalError."""
        made_with = tr("made with {conditions}")
        if writing.obstacle or not model:
            return _not_comparable(writing.obstacle or made_with.format(conditions=writing.fingerprint))
        facts = self._load(writing, model)
        if others := writing.other_conditions(facts):
            return _not_comparable(made_with.format(conditions=others))
        again = writing.again(self._engine, facts)
        if any(None in numbers for stream in again for numbers in stream):
            return _not_comparable(NOT_TOLD)
        found = difference(writing, again)
        if found is None:
            return tr("identical"), DONE
        why = writing.reservation
        return _not_comparable(why) if why else (found.words, DIFFERENT)

    def _load(self, writing: Writing, model: str) -> ModelFacts:
        wanted = model, writing.options
        if self._loaded is None or self._loaded[0] != wanted:
            self._loaded = wanted, self._engine.load(model, writing.options, self._dirs)
        return self._loaded[1]


def _not_comparable(why: str) -> tuple[str, int]:
    return tr("not comparable: {why}").format(why=why), DIFFERENT


def _fingerprints(dirs: AppDirs) -> Iterator[tuple[str, str]]:
    for model in installed(dirs):
        try:
            yield fingerprint(Path(model.path)), str(model.path)
        except OSError:
            continue
