"""One export, from a page's file to another file, in a process of its own: it takes a minute for a page of a million
tokens, and would hold the window's interpreter.

What is exported is a copy of the page's file as it is in this moment, so that the page may be written on meanwhile. No
Qt, so that the process starts at once.
"""

from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from desktop.exporting import html, jsonl, text
from desktop.exporting.about import ExportFacts
from desktop.exporting.atomic_export import ExportError, write_whole
from desktop.page.contents import Contents
from desktop.pagefile.opening import open_page
from desktop.pagefile.titles import name_of
from desktop.pagefile.unopened import copy_page
from desktop.pagefile.values import SUFFIX, Facts, PageFileError
from models.launch.child_process import redirect
from resources.language import tr
from resources.reasons import reason

STEP = 2**18  # bytes between two tellings of how far it is


def run(told: Connection, source: Path, target: Path, scratch: Path) -> None:
    """Export, and tell how it goes: bytes written so far as int, at the end a text, empty where all went well. scratch:
    an empty folder for the copy, which its owner removes; its name marks what is half written. What it says besides,
    of a mistake of ours for one, may hold words of the page: that stays in a file beside the scratch."""
    redirect(str(scratch.with_name("export.log")))
    _step_back()
    try:
        export(source, target, scratch, told.send)
        told.send("")
    except (ExportError, PageFileError) as error:
        told.send(str(error))
    except OSError as error:
        told.send(tr("The page could not be exported: {reason}.").format(reason=reason(error)))


def _step_back() -> None:
    """The window and the model come first."""
    import psutil  # not in the window, which imports this file too

    windows = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", None)
    psutil.Process().nice(10 if windows is None else windows)


def export(source: Path, target: Path, scratch: Path, tell: Callable[[int], None]) -> None:
    """Write the page in that file as another kind of file, which the target's suffix names. tell: is told now and then
    how many bytes are written. Raises ExportError, PageFileError."""
    copy = scratch / f"page{SUFFIX}"
    copy_page(source, copy)
    opened = open_page(copy)
    try:
        parts = _counted(blocks(target.suffix.lower(), opened.contents, opened.facts), tell)
        write_whole(target, parts, scratch.name)
    finally:
        if opened.store is not None:
            opened.store.close()


def blocks(kind: str, contents: Contents, facts: Facts) -> Iterator[bytes]:
    """The page as a file of that kind, a suffix; any that is not known here is plain text."""
    about = ExportFacts(name_of(facts), facts.model, facts.created, facts.modified)
    if kind in (".html", ".htm"):
        return html.blocks(contents, about, contents.path.chunks.count(0))
    return jsonl.lines(contents, about) if kind == ".jsonl" else text.blocks(contents)


def _counted(parts: Iterable[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
    count = told = 0
    for part in parts:
        yield part
        count += len(part)
        if count - told >= STEP:
            told = count
            tell(count)
