"""A report of a mistake of ours, as a text that a person can read and pass on. No Qt; shows nothing, sends nothing.

What is quoted in an error's message is left out unless it is a name, since it may be the writer's; so is a message that
holds words of the page. The folder of the user is written as ~. Reports stay English: they are for those who mend.
"""

import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

LONGEST = 300  # characters of an error's message
QUOTES = 16  # so many characters that the page has too are words of the page
MOST_CAUSES = 8
LARGEST = 60_000  # characters of a report
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|b'[^']*'")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,60}")
_LEFT_OUT = "(its message is left out: it holds words of the page)"
_UNREAD = "(its message is left out: it may hold words of the page)"


@dataclass(frozen=True, slots=True)
class Mistake:
    """An error that nobody caught. where: on which thread, or in what that Python could not raise."""

    where: str
    error: BaseException


def of_error(error: BaseException, page: str | None) -> str:
    """The traceback of an error and of what caused it, the oldest first. page: the writer's text, which it must not
    tell; None where that is not known, and no message is told."""
    parts: list[str] = []
    for one in _with_causes(error):
        frames = "".join(traceback.format_list(traceback.extract_tb(one.__traceback__)))
        notes = "".join(f"{_shown(note, page)}\n" for note in getattr(one, "__notes__", ()) if isinstance(note, str))
        parts.append(f"{frames}{type(one).__name__}: {_shown(_message(one), page)}\n{notes}")
    return "\n…and then, because of it or while it was treated:\n\n".join(reversed(parts))


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:  # noqa: BLE001  (an error of ours that cannot even say what it is)
        return f"(no message: {type(failure).__name__})"


def on_stderr(error: BaseException) -> None:
    """The traceback without messages, for a terminal or its log. A program without one may lack stderr."""
    with suppress(OSError, ValueError, AttributeError):  # it is closed, or None
        sys.stderr.write(of_error(error, None))


def _shown(message: str, page: str | None) -> str:
    """A message without what may be the writer's."""
    if page is None:
        return _UNREAD
    message = message[:LONGEST]
    if _quotes(message, page):
        return _LEFT_OUT
    return _QUOTED.sub(lambda found: _unless_private(found[0], page), message)


def _quotes(message: str, page: str) -> bool:
    return any(message[at : at + QUOTES] in page for at in range(len(message) - QUOTES + 1))


def _unless_private(quoted: str, page: str) -> str:
    inner = quoted.removeprefix("b")[1:-1]
    return quoted if _NAME.fullmatch(inner) and not re.search(rf"\b{re.escape(inner)}\b", page) else "'…'"


def signature(error: BaseException) -> tuple[str, str, int]:
    """What tells one mistake from another: its kind, and the file and line where it arose."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__, frames[-1].filename if frames else "", (frames[-1].lineno or 0) if frames else 0


def without_home(text: str, home: Path | None = None) -> str:
    """The text with the user's folder as ~ wherever it stands."""
    folder = str(home or Path.home())
    return text if len(folder) < 2 else text.replace(folder, "~")


def written(what: str, when: datetime, facts: Iterable[tuple[str, str]], body: str, home: Path | None = None) -> str:
    """The whole report. facts: names and values, as in shell/versions.py."""
    known = "\n".join(f"{name + ':':<11} {value}" for name, value in facts)
    text = f"{what}\n{when.astimezone().isoformat(timespec='seconds')}\n\n{known}\n\n{body.strip()}\n"
    return without_home(text, home)[:LARGEST]
