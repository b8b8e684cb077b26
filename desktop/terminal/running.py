"""Runs an engine for a subcommand: loads the model, yields the events of a job, stops on Ctrl+C, raises errors.

The engine is the same child process that the window uses. Prints only progress, on stderr.
"""

import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from desktop.terminal.exit_status import Interrupted, TerminalError
from desktop.terminal.streams import on_one_line, unescaped
from models.engine.engine import Engine
from models.engine.events import Died, Ended, Evaluated, Event, Failed, Loaded, Loading, ModelFacts, Trying
from models.launch import launcher
from models.library.app_dirs import AppDirs
from models.library.installed import NotInstalledError, find, remember
from models.library.load_options import LoadOptions
from models.library.permissions import make_folder
from resources.language import tr

BEAT = 0.05  # seconds between two checks for Ctrl+C


class Interrupt:
    """A handler of SIGINT: the first Ctrl+C sets `wanted`, the second raises KeyboardInterrupt. `closing`: more do
    nothing, since the engine ends already.
    """

    def __init__(self) -> None:
        self.wanted = self.closing = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if self.wanted and not self.closing:
            raise KeyboardInterrupt
        self.wanted = True


@contextmanager
def polite_interrupt() -> Generator[Interrupt]:
    """Install an Interrupt for the time of the context. Behind one that came, Ctrl+C does nothing any more: the process
    is about to end.
    """
    interrupt = Interrupt()
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN if interrupt.wanted else before)


class Progress:
    """A progress line on stderr that overwrites itself, on a terminal only."""

    def __init__(self) -> None:
        self._shown = False
        self._wanted = sys.stderr.isatty()

    def show(self, what: str, fraction: float) -> None:
        if self._wanted:
            unescaped(sys.stderr).write(f"\r{what} {fraction:4.0%}")
            sys.stderr.flush()
            self._shown = True

    def say(self, sentence: str) -> None:
        """Print a line that stays, on a terminal or not."""
        if sentence:
            self.clear()
            sys.stderr.write(f"{on_one_line(sentence)}\n")

    def clear(self) -> None:
        if self._shown:
            unescaped(sys.stderr).write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


class Running:
    """An engine with a loaded model, for one subcommand."""

    def __init__(self, engine: Engine, interrupt: Interrupt) -> None:
        self.engine = engine
        self._interrupt = interrupt
        self._progress = Progress()

    def load(self, wanted: str, options: LoadOptions, dirs: AppDirs) -> ModelFacts:
        """Load the model with that name or path (empty: the usual one). Raises TerminalError or Interrupted."""
        try:
            path = find(wanted, dirs)
        except NotInstalledError as error:
            raise TerminalError(str(error)) from error
        job = self.engine.load(path, options)
        for event in self.follow(job):
            if isinstance(event, Loaded):
                remember(path, dirs)
                return event.model
        if self._interrupt.wanted:
            raise Interrupted
        raise TerminalError(tr("The model was not loaded."))

    def follow(self, job: int) -> Iterator[Event]:
        """Yield the events of a job; the last is Loaded, or Ended with no stream left.

        Raises TerminalError for Failed and Died. Ctrl+C stops the job, whose events are yielded to the end.
        """
        stopped = False
        while True:
            for event in self.engine.wait(BEAT):
                self._raise_failure(job, event)
                if getattr(event, "job", job) != job:
                    continue
                self._show(event)
                yield event
                if isinstance(event, Loaded) or (isinstance(event, Ended) and not event.left):
                    return
            if self._interrupt.wanted and not stopped:
                self.engine.stop(job)
                stopped = True

    def _raise_failure(self, job: int, event: Event) -> None:
        if isinstance(event, Died) or (isinstance(event, Failed) and event.job == job):
            self._progress.clear()
            if self._interrupt.wanted:
                raise Interrupted
            raise TerminalError(_with_options(event.sentence))

    def _show(self, event: Event) -> None:
        if isinstance(event, Trying):
            self._progress.say(event.sentence)
        elif isinstance(event, Loading):
            self._progress.show(tr("Loading the model"), event.fraction)
        elif isinstance(event, Evaluated):
            self._progress.show(tr("Reading the prompt"), event.done / max(event.total, 1))
        else:
            self._progress.clear()

    def interrupted(self) -> bool:
        return self._interrupt.wanted


@contextmanager
def running(dirs: AppDirs) -> Generator[Running]:
    """Start an engine for the time of the context; its child process is gone afterwards."""
    with suppress(OSError):  # without the folder the child has no log
        make_folder(dirs.log)
    with polite_interrupt() as interrupt:
        engine = launcher.engine(dirs.log / "engine-terminal.log", dirs.engine_notes)
        try:
            yield Running(engine, interrupt)
        finally:
            interrupt.closing = True
            engine.close()


def _with_options(sentence: str) -> str:
    """The sentence with the name of an option in place of the name of a field of the window."""
    from models.sampling.bias import BAN_TEXTS

    return sentence.replace(BAN_TEXTS, tr("To ban a text of several tokens, use --ban."))
