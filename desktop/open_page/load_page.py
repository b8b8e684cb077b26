"""A file that becomes the open page: a page of ours, one that is damaged, or a plain text. Runs off the GUI thread."""

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


@dataclass(frozen=True, slots=True)
class ReadPage:
    """store: where it is to be written; None where that cannot be (borrowed: its file stays as it is until the page
    changes) or where it is a new page that has no file yet. sentence: what the user is to be told, or "". reader: of
    what is not in memory yet."""

    path: Path
    contents: Contents
    facts: Facts
    view: View = field(default_factory=View)
    store: Store | None = None
    tracker: Tracker = field(default_factory=Tracker)
    borrowed: bool = False
    sentence: str = ""
    reader: Reader | None = None


def read_page(path: Path) -> ReadPage:
    """What stands in that file. Raises PageFileError."""
    if _is_no_file(path):
        raise PageFileError(
            tr("“{name}” is not a file.").format(name=path.name)
        )  # a pipe or a device may never come to an end
    if path.suffix.lower() != SUFFIX:
        return _text(path)
    try:
        opened = open_page(path)
    except DamagedFileError as error:
        why = str(error)  # the error itself goes first: what was read until then hangs on it
    else:
        return ReadPage(
            path,
            opened.contents,
            opened.facts,
            opened.view,
            opened.store,
            opened.tracker,
            borrowed=opened.store is None,
            sentence=opened.sentence,
            reader=opened.reader,
        )
    return _recovered(path, why)


def _is_no_file(path: Path) -> bool:
    """Whether something else than a file or a folder lies there, as far as the system says."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False  # whoever reads it says why that cannot be
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _recovered(path: Path, why: str) -> ReadPage:
    """What can be saved of a damaged page. why: the sentence that says what is wrong with it."""
    contents, sentence = recover_page(path)
    if not len(contents.path.chunks):
        raise PageFileError(f"{why} {sentence}")
    try:
        changed = path.stat().st_mtime
    except OSError:  # it went away meanwhile; what was in it is here
        changed = time.time()
    facts = Facts(title=tr("{name} (recovered)").format(name=path.stem), created=changed, modified=changed)
    return ReadPage(path, contents, facts, sentence=f"{why} {sentence}")


def _text(path: Path) -> ReadPage:
    """A plain text becomes a page of its own; the text's file is not written to."""
    try:
        text = read_text(path)
        modified = path.stat().st_mtime
    except TextError as error:
        raise PageFileError(str(error)) from error
    except OSError as error:
        sentence = tr("“{name}” could not be read: {reason}.")
        raise PageFileError(sentence.format(name=path.name, reason=reason(error, tr("it failed")))) from error
    return ReadPage(path, written(text, Limits()), Facts(title=path.stem, created=modified, modified=modified))
