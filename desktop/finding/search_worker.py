"""The search process: it answers one question after the other until it is ended. No Qt."""

import os
import pickle
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection

from desktop.finding.matching import Found, Query, QueryError, find
from desktop.page import utf16


@dataclass(frozen=True, slots=True)
class Question:
    """One search. Its text follows it through the pipe, as UTF-16 units. template: see matching.find."""

    query: Query
    template: str | None


def main(pipe: "Connection[bytes, bytes]") -> None:
    """Send an empty message when ready, then answer each question with Found, or with the sentence of a QueryError."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal goes to the whole group; the parent decides
    try:
        pipe.send_bytes(b"")
        while True:
            question: Question = pickle.loads(pipe.recv_bytes())
            answer = _answer(question, pipe.recv_bytes())
            pipe.send_bytes(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))
    except (EOFError, OSError):
        os._exit(0)  # the parent is gone


def _answer(question: Question, units: bytes) -> Found | str:
    try:
        return find(question.query, utf16.decode(units), question.template)
    except QueryError as error:
        return str(error)
