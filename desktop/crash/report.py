"""Makes the text of a crash report, without any of the user's own text. No Qt.

Quotations in an error's message are left out unless they are names; so are messages that contain words of the page. The
user's home is written as ~. Reports stay English: they are for developers.
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
QUOTES = 16  # characters of a message that also stand on the page make it a quotation of the page
MOST_CAUSES = 8
LARGEST = 60_000  # characters of a report
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|b'[^']*'")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,60}")
_LEFT_OUT = "(its message is left out: it holds words of the page)"
_UNREAD = "(its message is left out: it may hold words of the page)"


@dataclass(frozen=True, slots=True)
class Mistake:
    """An uncaught error. where: the thread, or the object whose error Python could not raise."""

    where: str
    error: BaseException


def of_error(error: BaseException, page: str | None) -> str:
    """Format the traceback of an error and of its causes, oldest first. page: the user's text, which must not appear;
    None if it is not known: all messages are left out then."""
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
    except Exception as failure:  # noqa: BLE001  (a bug in __str__)
        return f"(no message: {type(failure).__name__})"


def on_stderr(error: BaseException) -> None:
    """Write the traceback without messages to stderr, if there is one."""
    with suppress(OSError, ValueError, AttributeError):  # closed, or None
        sys.stderr.write(of_error(error, None))


def _shown(message: str, page: str | None) -> str:
    """The message without anything that may be the user's text."""
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
    """The identity of an error: its type, and the file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__, frames[-1].filename if frames else "", (frames[-1].lineno or 0) if frames else 0


def without_home(text: str, home: Path | None = None) -> str:
    """Replace the user's home folder by ~ in the text."""
    folder = str(home or Path.home())
    return text if len(folder) < 2 else text.replace(folder, "~")


def written(what: str, when: datetime, facts: Iterable[tuple[str, str]], body: str, home: Path | None = None) -> str:
    """Put the report together. facts: names and values, as in shell/versions.py."""
    known = "\n".join(f"{name + ':':<11} {value}" for name, value in facts)
    text = f"{what}\n{when.astimezone().isoformat(timespec='seconds')}\n\n{known}\n\n{body.strip()}\n"
    return without_home(text, home)[:LARGEST]
