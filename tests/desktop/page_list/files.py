"""Pages' files as small texts: title, a blank line, the page. Stands in where no SQLite is needed."""

import threading
from pathlib import Path

from desktop.page_list.page_store import PageFiles
from desktop.pagefile.values import Facts, PageFileError


def put(path: Path, title: str, text: str) -> Path:
    """Put the page there at once, as SQLite does: the list may read while another program writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{threading.get_ident()}")
    unfinished.write_text(f"{title}\n\n{text}", encoding="utf-8")
    return unfinished.replace(path)


def _read(path: Path) -> tuple[str, str]:
    try:
        title, gap, text = path.read_text(encoding="utf-8").partition("\n\n")
    except OSError as error:
        raise PageFileError(f"“{path.name}” could not be read.") from error
    if not gap:
        raise PageFileError(f"“{path.name}” is no page.")
    return title, text


def peek(path: Path) -> Facts:
    title, text = _read(path)
    line = next(iter(text.splitlines()), "")
    return Facts(title, line, len(text.split()), len(text), 0, "gemma", 1.0, path.stat().st_mtime)


def text_of(path: Path) -> str:
    return _read(path)[1]


def set_title(path: Path, title: str) -> None:
    put(path, title, _read(path)[1])


def copy(source: Path, target: Path) -> None:
    title, text = _read(source)
    put(target, title, text)


FILES = PageFiles(peek, text_of, set_title, copy)
