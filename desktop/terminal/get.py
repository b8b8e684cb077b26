"""`inkfall models get`: downloads a model. Ctrl+C pauses; the same command resumes."""

import argparse
import re
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from desktop.terminal import hub
from desktop.terminal.exit_status import DONE, Interrupted, TerminalError
from desktop.terminal.streams import unescaped
from desktop.terminal.tables import cell_of
from models.library import catalogue
from models.library.app_dirs import app_dirs
from models.library.download.fetch import fetch
from models.library.download.layout import final_path
from models.library.download.progress import DownloadError, Progress, RefusedError
from models.library.downloadable import UNVERIFIED, Downloadable, Repository
from models.library.header import HeaderError, UnusableError
from models.library.hub.connection import Connection
from models.library.hub.errors import HubError
from models.library.hub.far_header import far_header
from models.library.hub.repository import open_repository
from models.library.other_kinds import obstacle_by_architecture
from models.library.words import size
from resources.language import tr

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

STEP = 10  # percent between two lines where there is no terminal
WORDS = {
    "checking": tr("Checking what is here"),
    "downloading": tr("Downloading"),
    "waiting": tr("Waiting"),
    "verifying": tr("Verifying"),
    "done": tr("Done"),
}
Show = Callable[[Progress], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repo", metavar="REPO[:QUANT]", help=tr("as in owner/name:Q4_K_M, or a name of the catalogue"))
    hub.add_connection(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status. Prints the model's path to stdout, everything else to stderr."""
    wanted = hub.address_of(options.repo)
    to = hub.chosen(options)
    with hub.reporting_errors():
        repository = open_repository(wanted.repo, to, revision=wanted.revision)
        item = hub.find_item(repository, wanted)
        refuse_useless(repository, item, to)
        if any(catalogue.replaced(item.repo, file.name, file.sha256) for file in item.files):
            sys.stderr.write(
                tr("{name} was replaced on the hub since the catalogue was written.").format(name=item.name) + "\n"
            )
        if not item.verifiable:
            sys.stderr.write(f"{UNVERIFIED}\n")
        path = download(item, to)
    print(path)
    return DONE


def refuse_useless(repository: Repository, item: Downloadable, to: Connection) -> None:
    """Check before the download whether the model can write, by its header if the hub does not know its architecture.
    Raises TerminalError if it cannot; ignores a header that cannot be read.
    """
    if repository.architecture and not obstacle_by_architecture(repository.architecture):
        return
    try:
        obstacle = far_header(item, to, app_dirs()).obstacle
    except UnusableError as error:
        obstacle = str(error)
    except (HubError, HeaderError):
        return
    if obstacle:
        raise TerminalError(tr("{obstacle} It was not downloaded.").format(obstacle=obstacle))


def download(item: Downloadable, to: Connection) -> str:
    """Download the item with its progress shown. Returns the path of the file. Raises TerminalError, Interrupted."""
    folder, progress = app_dirs().models, Progress("checking", 0, item.size)
    try:
        with shown(item) as show, closing(fetch(item, folder, to)) as steps:
            for progress in steps:
                show(progress)
        if not progress.usable:
            raise TerminalError(progress.sentence)
        return str(final_path(item, folder))
    except RefusedError as error:
        token = error.url or error.token_may_help
        raise TerminalError(f"{error} {hub.GIVE_A_TOKEN}" if token else str(error)) from error
    except DownloadError as error:
        raise TerminalError(str(error)) from error
    except KeyboardInterrupt as error:
        sys.stderr.write(tr("Paused: what is here stays, and the same command goes on from it.") + "\n")
        raise Interrupted from error


@contextmanager
def shown(item: Downloadable) -> Generator[Show]:
    """Yield a function that shows progress: as a bar on a terminal, else as a line now and then."""
    if not sys.stderr.isatty():
        yield lines(item)
        return
    with _bars() as bars:
        yield bar(bars, item)


def bar(bars: "Bars", item: Downloadable) -> Show:
    """Show progress as a bar. The bar restarts with each phase, because phases differ in speed."""
    task, last = bars.add_task(cell_of(item.name), total=item.size), list[str]()

    def show(progress: Progress) -> None:
        if last != [progress.phase]:
            last[:] = [progress.phase]
            bars.reset(task, completed=progress.done, total=progress.total)
        words = progress.sentence or WORDS[progress.phase]
        bars.update(task, completed=progress.done, total=progress.total, description=cell_of(words))

    return show


def _bars() -> "Bars":
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
        console=Console(file=unescaped(sys.stderr)),
        redirect_stdout=False,  # our own streams escape what is written meanwhile
        redirect_stderr=False,
    )


NUMBER = re.compile(r"\d+")


def lines(item: Downloadable) -> Show:
    """Show progress as lines on stderr: one for each new phase or sentence, and one for every tenth of the bytes."""
    last: list[object] = []

    def show(progress: Progress) -> None:
        tenth = 100 * progress.done // max(progress.total, 1) // STEP
        reason = NUMBER.sub("", progress.sentence)  # without the numbers of a countdown
        state = [progress.phase, reason, tenth if progress.phase in {"checking", "downloading"} else 0]
        if state != last:
            last[:] = state
            words = progress.sentence or WORDS[progress.phase]
            sys.stderr.write(
                tr("{name}: {state} ({done} of {total})").format(
                    name=item.name, state=words, done=size(progress.done), total=size(progress.total)
                )
                + "\n"
            )
            sys.stderr.flush()

    return show
