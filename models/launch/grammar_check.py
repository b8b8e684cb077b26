"""Reads a grammar in a process of its own, which may take long or die without harm to the caller."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection

from models.errors import ModelError
from models.launch.child_process import ChildProcess
from models.sampling.grammar.automaton import Automaton
from models.sampling.grammar.gbnf import GrammarError, parse
from resources.language import tr

PATIENCE = 30.0  # seconds, with the process's start on a busy machine
_UNREADABLE = tr("The grammar cannot be checked: it took too long, or the process that reads it ended.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. sentence: the mistake, "" for none. line: of the mistake, from 1; 0 where it has none."""

    sentence: str = ""
    line: int = 0

    @property
    def told(self) -> str:
        """The sentence with the line; "" without a mistake."""
        return GrammarError(self.line, self.sentence).told if self.line else self.sentence


def check(text: str, patience: float = PATIENCE) -> Verdict:
    """Read the grammar. patience: seconds."""
    try:
        process = ChildProcess(_answer, text, name="inkfall grammar")
    except OSError:
        return Verdict(_UNREADABLE)
    try:
        return process.pipe.recv() if process.pipe.poll(patience) else Verdict(_UNREADABLE)
    except (EOFError, OSError):
        return Verdict(_UNREADABLE)
    finally:
        process.end(patience=0.0)


def _answer(sender: Connection, text: str) -> None:
    """The process's entry point."""
    sender.send(read(text))
    sender.close()


def read(text: str) -> Verdict:
    """The same in this process. An empty text is no grammar, and no mistake."""
    try:
        _ = Automaton(parse(text)) if text else None
    except GrammarError as error:
        return Verdict(str(error), error.line)
    except ModelError as error:
        return Verdict(str(error))
    return Verdict()
