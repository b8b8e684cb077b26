"""Fetches an item: a generator of Progress. Not asking for the next value pauses it; closing it keeps the part files.

A final file name never holds unverified bytes: they are written to a part file and hashed as they come, and the file is
renamed once the sha256 is right, the bytes are flushed and the header can be read. After a network failure the download
retries as long as some attempts bring bytes.
"""

import errno
import math
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from models.library.download.conditions import Conditions
from models.library.download.layout import Target, final_path, is_complete, targets
from models.library.download.part import BusyError, DamagedError, Part, UselessError
from models.library.download.progress import PausedError, Phase, Progress, RefusedError
from models.library.download.source import AgainError, ChangedError, RangeResponse, RemoteBytes
from models.library.downloadable import UNVERIFIED, Downloadable
from models.library.hub.client import opened
from models.library.hub.connection import Connection
from models.library.hub.errors import (
    BadTokenError,
    GatedError,
    HubError,
    MissingError,
    OfflineError,
    UnreachableError,
)
from models.library.permissions import make_folder
from models.library.words import size
from resources.language import tr
from resources.reasons import reason

if TYPE_CHECKING:
    import httpx2

STEP = 256 << 10  # bytes between two Progress values, at most
CHECK_EVERY = 64 << 20  # bytes between two checks of the free disk
FULL = {errno.ENOSPC, errno.EDQUOT}
Values = Generator[Progress, None, None]


def fetch(
    item: Downloadable,
    folder: Path,
    connection: Connection,
    conditions: Conditions = Conditions(),  # noqa: B008
) -> Generator[Progress, None, Path]:
    """Fetch an item into the model folder, continuing from its part files. Returns the path of the file to open.

    Raises PausedError or RefusedError, each with one sentence.
    """
    final = final_path(item, folder)
    if is_complete(item, folder):
        yield Progress("done", item.size, item.size, tr("{name} is here already.").format(name=final.name))
        return final
    with as_download_error(item, folder, conditions):
        problem = yield from Fetching(item, folder, connection, conditions).run()
    yield _done(item, problem)
    return final


def _done(item: Downloadable, problem: str) -> Progress:
    """The last Progress. problem: why the verified file cannot be opened, usually ""."""
    if not problem:
        return Progress("done", item.size, item.size, "" if item.verifiable else UNVERIFIED)
    sentence = tr(
        "{problem} It arrived as its repository has it and was kept; remove it if you do not need it."
    ).format(problem=problem)
    return Progress("done", item.size, item.size, sentence, usable=False)


@contextmanager
def as_download_error(item: Downloadable, folder: Path, conditions: Conditions) -> Generator[None]:
    """Raise every error of the block as PausedError or RefusedError."""
    try:
        yield
    except BusyError as error:
        raise PausedError(tr("Another Inkfall is downloading {name} at this moment.").format(name=item.name)) from error
    except (OfflineError, UnreachableError) as error:
        raise PausedError(str(error)) from error
    except HubError as error:
        raise refused(error) from error
    except OSError as error:
        if error.errno in FULL:
            raise full(item, folder, conditions) from error
        raise PausedError(
            tr("{name} cannot be written to {folder}: {reason}.").format(
                name=item.name, folder=folder, reason=reason(error, str(error))
            )
        ) from error


def refused(error: HubError) -> RefusedError:
    """The error as a RefusedError, with what can help."""
    if isinstance(error, GatedError):
        return RefusedError(str(error), url=error.url, token_may_help=True)
    helps = isinstance(error, BadTokenError) or (isinstance(error, MissingError) and error.token_may_help)
    return RefusedError(str(error), token_may_help=helps)


def full(item: Downloadable, folder: Path, conditions: Conditions) -> PausedError:
    """The error for a full disk, with the bytes missing now."""
    missing = max(0, item.size - bytes_on_disk(item, folder)) + conditions.spare
    return PausedError(
        tr(
            "The disk is full: {name} needs {missing} more and {free} are free in {folder}; make room, then resume."
        ).format(name=item.name, missing=size(missing), free=size(conditions.free(folder)), folder=folder)
    )


def bytes_on_disk(item: Downloadable, folder: Path) -> int:
    """Bytes of the item on the disk, verified or not."""
    return sum(target.size if target.is_complete() else _size(target.part) for target in targets(item, folder))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class Fetching:
    """One run of a download."""

    def __init__(self, item: Downloadable, folder: Path, connection: Connection, conditions: Conditions) -> None:
        self._item = item
        self._folder = folder
        self._connection = connection
        self._conditions = conditions
        self._done = 0  # bytes of finished targets
        self._sentence = ""  # shown until the next one: a file was started again
        self._problem = ""

    def run(self) -> Generator[Progress, None, str]:
        """Fetch all targets, one after the other. Returns why the verified file cannot be opened, usually ""."""
        make_folder(self._folder)
        self._check_disk(self._conditions.spare)
        with opened(
            self._connection, tr("download {name}").format(name=self._item.name), self._conditions.patience
        ) as client:
            found = targets(self._item, self._folder)
            for target in found:
                if not target.is_complete():
                    yield from self._target(target, client, first=target is found[-1])
                self._done += target.size
        return self._problem

    def _target(self, target: Target, client: "httpx2.Client", first: bool) -> Values:
        part = Part(target, self._item.repo, self._item.commit)
        try:
            for length in part.check():
                yield self._progress("checking", length)
            while not part.is_complete:
                yield from self._remote_file(
                    part, RemoteBytes(client, self._connection, self._item, target.files[part.index])
                )
            yield self._progress("verifying", part.length)
            part.finish(first)
            self._problem = part.problem or self._problem
        except DamagedError as error:
            if not part.length:
                part.remove()
            raise RefusedError(tr("{error} It was deleted; download it again.").format(error=error)) from error
        except UselessError as error:
            part.remove()
            raise RefusedError(tr("{error} It was deleted.").format(error=error)) from error
        except ChangedError as error:
            part.remove()
            raise RefusedError(tr("{error} Open the repository again and choose anew.").format(error=error)) from error
        finally:
            part.close()

    def _remote_file(self, part: Part, source: RemoteBytes) -> Values:
        """Fetch the rest of the current remote file, with retries."""
        end, fruitless = part.start + source.file.size, 0
        while part.length < end:
            before = part.length
            try:
                yield from self._attempt(part, source, end)
            except AgainError as error:
                fruitless = 0 if part.length > before else fruitless + 1
                if fruitless >= self._conditions.attempts:
                    raise PausedError(str(error)) from error
                yield from self._waiting(part, error, fruitless)

    def _attempt(self, part: Part, source: RemoteBytes, end: int) -> Values:
        """Make one request. Raises AgainError if the file is not complete after it."""
        have = part.length - part.start
        with source.bytes_from(have, part.etag) as answer:
            if have and not answer.same:
                part.restart()
                self._sentence = tr("{name} has changed on the hub, so it was begun anew.").format(
                    name=source.file.name
                )
            part.name_content(answer.etag)
            yield self._progress("downloading", part.length)
            yield from self._blocks(part, answer, end, bool(source.file.sha256))
        if part.length < end:
            raise AgainError(tr("{host} stopped sending before the file's end.").format(host=source.host))

    def _blocks(self, part: Part, answer: RangeResponse, end: int, verifiable: bool) -> Values:
        """Write the response's bytes after the part's end; earlier bytes are skipped."""
        passed, shown, when = part.length - part.start - answer.start, part.length, self._conditions.clock()
        for block in answer.blocks:
            fresh, passed = block[passed:] if passed else block, max(0, passed - len(block))
            if len(fresh) > end - part.length and not verifiable:
                raise ChangedError(tr("More bytes came than the file is to have."))
            part.write(fresh[: end - part.length])
            if part.length == end and verifiable:
                return
            if part.length - shown >= STEP or self._conditions.clock() - when >= self._conditions.slice:
                self._check_disk_now_and_then(shown, part.length)
                shown, when = part.length, self._conditions.clock()
                yield self._progress("downloading", shown)

    def _waiting(self, part: Part, error: AgainError, fruitless: int) -> Values:
        seconds = self._conditions.back_off(fruitless) if error.wait is None else error.wait
        if seconds > self._conditions.longest_asked:
            raise PausedError(str(error)) from error
        clock, until = self._conditions.clock, self._conditions.clock() + seconds
        while (left := until - clock()) > 0:
            yield self._progress(
                "waiting",
                part.length,
                tr("{error} Next try in {seconds} s.").format(error=error, seconds=math.ceil(left)),
            )
            self._conditions.wait(min(left, self._conditions.slice))

    def _progress(self, phase: Phase, length: int, sentence: str = "") -> Progress:
        return Progress(phase, self._done + length, self._item.size, sentence or self._sentence)

    def _check_disk_now_and_then(self, before: int, now: int) -> None:
        if now // CHECK_EVERY > before // CHECK_EVERY:
            self._check_disk(0)

    def _check_disk(self, spare: int) -> None:
        missing = self._item.size - bytes_on_disk(self._item, self._folder)
        if missing > 0 and self._conditions.free(self._folder) < missing + spare:
            raise full(self._item, self._folder, self._conditions)
