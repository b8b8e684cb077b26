"""Hostile page files: the result is a sentence, or a page whose history, exports and search work.

python -m tests.fuzz.pages 10000 [first seed]      whole cases, in child processes (running.py)
"""

import functools
import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from desktop.exporting.export_job import blocks
from desktop.odds import rows as odds
from desktop.open_page.load_page import ReadPage, read_page
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page_list.page_store import PageFiles, PageStore
from desktop.page_list.search import search
from desktop.pagefile.connecting import beside
from desktop.pagefile.store import create_page
from desktop.pagefile.unopened import copy_page, peek, set_title, text_of
from desktop.pagefile.values import Facts, PageFileError, View
from models.engine.events import Span
from tests.desktop.page.conftest import WHOLE
from tests.desktop.page.writing import write_spans
from tests.desktop.pagefile.walking import Walk
from tests.fuzz import running
from tests.fuzz.page_mutations import several

BASES = 8  # pages that are spoilt
STEPS = 2_000  # of undo and redo that are tried
LOOKED_AT = 20  # positions whose readings are looked at


@functools.cache
def bases() -> tuple[tuple[bytes, bytes], ...]:
    """Pages of the program, each as its file and its log."""
    with tempfile.TemporaryDirectory(prefix="inkfall-fuzz-") as folder:
        return tuple(_base(Path(folder), number) for number in range(BASES))


def _base(folder: Path, number: int) -> tuple[bytes, bytes]:
    walk = Walk(folder / f"{number}.inkfall", random.Random(number), several=number % 2 == 1)
    for _ in range(15 + 25 * number):
        walk.step()
    walk.machine.end()
    for _ in range(3 * number):
        walk.page.undo()
    walk.save()
    if number % 4 == 3:  # one that was never closed
        shutil.copyfile(walk.path, folder / "open")
        shutil.copyfile(beside(walk.path, "-wal"), folder / "open-wal")
        walk.store.close()
        return (folder / "open").read_bytes(), (folder / "open-wal").read_bytes()
    walk.store.close()
    return walk.path.read_bytes(), b""


def case(seed: int) -> str:
    """One spoilt page; returns how it ended. Raises what no user should ever see."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="inkfall-fuzz-") as folder:
        path = Path(folder) / "page.inkfall"
        data, log = chance.choice(bases())
        path.write_bytes(data)
        if log:
            beside(path, "-wal").write_bytes(log)
        several(chance, path)
        running.is_made()
        return look_at(path)


def look_at(path: Path) -> str:
    """All that the program does with a page's file."""
    for look in (peek, text_of, _copied):
        _value_or_none(lambda look=look: look(path))
    _listed(path)
    before = _digest(path)
    read = _value_or_none(lambda: read_page(path))
    if read is None:
        assert beside(path, "-wal").exists() or _digest(path) == before
        return "refused"
    page = Page()
    page.put(read.contents)
    text = page.text()
    _there_and_back(page)
    assert page.text() == text
    _looked_at(page, read)
    _written_on(page, read)
    _value_or_none(lambda: set_title(path, "another"))
    return "recovered" if not read.reader else "opened without its history" if "undo" in read.sentence else "opened"


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _value_or_none(look: Callable[[], object]) -> ReadPage | None:
    """The result, or None if it is a PageFileError with a sentence."""
    try:
        found = look()
    except PageFileError as error:
        assert str(error).strip() and "\n" not in str(error), error
        return None
    return found if isinstance(found, ReadPage) else None


def _copied(path: Path) -> None:
    copy_page(path, path.with_name("copy") / "copy.inkfall")


def _listed(path: Path) -> None:
    store = PageStore(path.parent, path.parent / "elsewhere.json", PageFiles(peek, text_of, set_title, copy_page))
    entries = list(store.entries())
    assert [entry.path for entry in entries] == [path] and (entries[0].facts is None) == bool(entries[0].problem)
    list(search(entries, "a", lambda entry: store.text_of(entry.path)))


def _there_and_back(page: Page) -> None:
    """All undone, all done again, and back to where it was."""
    undone = _steps(lambda: page.can_undo, page.undo, STEPS)
    _steps(lambda: page.can_redo, page.redo, undone)
    redone = _steps(lambda: page.can_redo, page.redo, STEPS)
    _steps(lambda: page.can_undo, page.undo, redone)


def _steps(can: Callable[[], bool], step: Callable[[], object], most: int) -> int:
    """How many were taken."""
    taken = 0
    while can() and taken < most:
        step()
        taken += 1
    return taken


def _looked_at(page: Page, read: ReadPage) -> None:
    rows = page.tokens(0, page.length)
    assert not len(rows) or (rows["start"].min() >= 0 and rows["start"].max() <= page.length)
    page.stale(rows)
    for position in range(0, page.length, max(1, page.length // LOOKED_AT)):
        if readings := page.readings_at(position):
            assert odds.view_of_token(readings, "caret", 0).spoken()
    for layer in page.layers:
        rows = page.layers.rows(layer.fingerprint, 0, page.length)
        assert not len(rows) or (rows["start"].min() >= 0 and (rows["start"] + rows["length"]).max() <= page.length)
        for position in rows["start"][:LOOKED_AT].tolist():
            if readings := page.layers.readings_at(position, layer.fingerprint):
                assert odds.view_of_token(readings, "caret", 0).spoken()
    for look in (page.forks, page.tally, page.last_generation):
        look()
    page.excerpt(None, "model A", WHOLE)
    page.excerpt(None, "model A", 10)
    for kind in (".txt", ".md", ".html", ".jsonl"):
        data = b"".join(blocks(kind, read.contents, read.facts))
        if kind == ".jsonl":
            for line in data.splitlines():
                json.loads(line, parse_constant=_refuse)


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _written_on(page: Page, read: ReadPage) -> None:
    """The page goes on, in its own file or in another."""
    page.write(0, 0, "more ")
    page.begin_generation(Source("model A"))
    write_spans(page, [Span(" and so on", ())])
    page.end_generation()
    text = page.text()
    try:
        if read.store is not None:
            delta = read.tracker.take(page.contents, View(), Facts())
            assert delta is not None
            read.store.write([delta])
            read.store.close()
            assert text_of(read.path) == text
        new = read.path.with_name("new") / "new.inkfall"
        store = create_page(new)
        read.tracker.forget()
        delta = read.tracker.take(page.contents, View(), Facts())
        assert delta is not None
        store.write([delta])
        store.close()
        assert text_of(new) == text
    except PageFileError as error:
        assert str(error).strip()
    finally:
        if read.store is not None:
            _value_or_none(read.store.close)
        if read.reader is not None:
            read.reader.close()


if __name__ == "__main__":
    running.main("tests.fuzz.pages", case)
