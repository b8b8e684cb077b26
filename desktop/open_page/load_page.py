"""Reads a file that becomes the open page: an Inkfall page, a damaged one, or a plain text. Runs off the GUI thread."""

import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

from desktop.page.chunks import Limits
from desktop.page.contents import Contents, written
from desktop.page.files import TextError, read_text
from desktop.pagefile.opening import open_page
from desktop.pagefile.reader import Reader
from desktop.pagefile.recovery import recover_page
from desktop.pagefile.store import Store
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import SUFFIX, DamagedFileError, Facts, PageFileError, View
from resources.language import tr
from resources.reasons import reason

FROM_ITS_START = View(following=False)


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as it was read. store: the file it is to be written to; None where that file cannot be written
    (read_only), or where the page is new and has no file yet. sentence: for the user, or "". reader: of what is not in
    memory yet."""

    path: Path
    contents: Contents
    facts: Facts
    view: View
    store: Store | None = None
    tracker: Tracker = field(default_factory=Tracker)
    read_only: bool = False
    sentence: str = ""
    reader: Reader | None = None


def read_page(path: Path) -> ReadPage:
    """Read the page or text in that file. Raises PageFileError."""
    if _is_no_file(path):
        raise PageFileError(
            tr("“{name}” is not a file.").format(name=path.name)
        )  # a pipe or a device may never come to an end
    if path.suffix.lower() != SUFFIX:
        return _text(path)
    try:
        opened = open_page(path)
    except DamagedFileError as error:
        why = str(error)  # the error goes first: its traceback holds what was read
    else:
        return ReadPage(
            path,
            opened.contents,
            opened.facts,
            opened.view,
            opened.store,
            opened.tracker,
            read_only=opened.store is None,
            sentence=opened.sentence,
            reader=opened.reader,
        )
    return _recovered(path, why)


def _is_no_file(path: Path) -> bool:
    """Whether the system says that this is neither a file nor a folder."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False  # reading it says why it cannot be read
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _recovered(path: Path, why: str) -> ReadPage:
    """A new page with what can be recovered of a damaged one. why: the sentence that says what is damaged. Raises
    PageFileError where nothing can."""
    contents, sentence = recover_page(path)
    if not len(contents.path.chunks):
        raise PageFileError(f"{why} {sentence}")
    try:
        changed = path.stat().st_mtime
    except OSError:  # it went away meanwhile; what was in it is here
        changed = time.time()
    facts = Facts(title=tr("{name} (recovered)").format(name=path.stem), created=changed, modified=changed)
    return ReadPage(path, contents, facts, FROM_ITS_START, sentence=f"{why} {sentence}")


def _text(path: Path) -> ReadPage:
    """A new page with a plain text; the text's file is not written to. Raises PageFileError."""
    try:
        text = read_text(path)
        modified = path.stat().st_mtime
    except TextError as error:
        raise PageFileError(str(error)) from error
    except OSError as error:
        sentence = tr("“{name}” could not be read: {reason}.")
        raise PageFileError(sentence.format(name=path.name, reason=reason(error, tr("it failed")))) from error
    facts = Facts(title=path.stem, created=modified, modified=modified)
    return ReadPage(path, written(text, Limits()), facts, FROM_ITS_START)
