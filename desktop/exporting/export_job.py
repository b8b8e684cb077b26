"""One export, from a page's file to another file, in a process of its own: a page of a million tokens takes a minute
and would block the window's interpreter.

It exports a copy of the page's file as it is at this moment, so that the page may change meanwhile. No Qt, so that the
process starts at once.
"""

from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from desktop.exporting import html, jsonl, text
from desktop.exporting.atomic_export import ExportError, write_whole
from desktop.exporting.export_facts import ExportFacts
from desktop.page.contents import Contents
from desktop.page.measures import Measure
from desktop.pagefile.opening import open_page
from desktop.pagefile.titles import name_of
from desktop.pagefile.unopened import copy_page
from desktop.pagefile.values import SUFFIX, Facts, PageFileError
from models.launch.child_process import redirect
from resources.language import tr
from resources.reasons import reason

STEP = 2**18  # bytes between two reports of progress


def run(progress: Connection, source: Path, target: Path, scratch: Path, measure: Measure | None = None) -> None:
    """Export, and send the progress: bytes written so far as int, at the end a sentence for the user, empty where all
    went well. scratch: an empty folder for the copy, which the caller removes; its name is in the temporary file's
    name. Other output, such as a traceback, may contain text of the page: it goes to a file beside the scratch."""
    redirect(str(scratch.with_name("export.log")))
    _lower_priority()
    try:
        export(source, target, scratch, progress.send, measure)
        progress.send("")
    except (ExportError, PageFileError) as error:
        progress.send(str(error))
    except OSError as error:
        progress.send(tr("The page could not be exported: {reason}.").format(reason=reason(error)))


def _lower_priority() -> None:
    """Let the window and the model run first."""
    import psutil  # imported here: the window imports this file and does not need it

    windows = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", None)
    psutil.Process().nice(10 if windows is None else windows)


def export(
    source: Path, target: Path, scratch: Path, report: Callable[[int], None], measure: Measure | None = None
) -> None:
    """Write the page in that file as another kind of file, by the target's suffix. report: gets the number of bytes
    written, every STEP bytes. Raises ExportError, PageFileError."""
    copy = scratch / f"page{SUFFIX}"
    copy_page(source, copy)
    opened = open_page(copy)
    try:
        parts = _counted(blocks(target.suffix.lower(), opened.contents, opened.facts, measure), report)
        write_whole(target, parts, scratch.name)
    finally:
        if opened.store is not None:
            opened.store.close()


def blocks(kind: str, contents: Contents, facts: Facts, measure: Measure | None = None) -> Iterator[bytes]:
    """The bytes of the page as a file of that kind. kind: a suffix; any other than .html, .htm, .jsonl is plain
    text."""
    export_facts = ExportFacts(name_of(facts), facts.model, facts.created, facts.modified)
    if kind in (".html", ".htm"):
        return html.blocks(contents, export_facts, contents.path.chunks.count(0), measure)
    return jsonl.lines(contents, export_facts) if kind == ".jsonl" else text.blocks(contents)


def _counted(parts: Iterable[bytes], report: Callable[[int], None]) -> Iterator[bytes]:
    count = reported = 0
    for part in parts:
        yield part
        count += len(part)
        if count - reported >= STEP:
            reported = count
            report(count)
