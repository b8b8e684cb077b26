"""The crash harness: kills the real program at random moments, and checks that its page comes back.

`python -m tests.crash.killing [--kills 200] [--fault full|sync|write|half] [--streams 8] [--seed N]` prints a table.
Each round starts the program on the files that the last kill left, streams, types, kills it with -9, and reads a copy
of the page's file: the text must be one that was on the page in the last second, with streams every branch too, every
generated token must spell its text, every undo must work, the database must be sound. With a fault the disk fails for a
while in the middle of each round, and works again before the kill.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop.page.page import Page
from desktop.page.token_table import GENERATED
from desktop.pagefile.opening import open_page
from desktop.pagefile.values import SUFFIX
from tests.crash.journal import allowed, branches_of, states

STARTED = 60.0  # seconds that a start may take on a loaded machine
WELL = 3.5  # seconds from the end of a fault to the kill: a retry and a second


@dataclass(frozen=True, slots=True)
class KillResult:
    """The result of one kill. lost: seconds of work that did not come back. problem: empty if there is none."""

    units: int
    tokens: int
    lost: float
    problem: str


def build_faults(folder: Path) -> Path:
    """The library that makes a disk fail (faults.c), built by the system's compiler."""
    library = folder / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return library


@contextmanager
def running(home: Path, seed: int, faults: Path | None, streams: int = 0) -> Iterator[Callable[[], float]]:
    """The program on that home, until it is killed by the function given; that returns when."""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", INKFALL_FAULT=str(home / "fault"))
    if faults:
        environment["LD_PRELOAD"] = str(faults)
    command = [sys.executable, "-m", "tests.crash.program", str(home), str(home / "journal"), str(seed), str(streams)]
    with (home / "output").open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )

    def kill() -> float:
        ended = process.poll()
        process.send_signal(signal.SIGKILL)
        when = time.monotonic()
        process.wait()
        if ended is not None:
            raise RuntimeError((home / "output").read_text(errors="replace")[-2_000:])
        return when

    try:
        yield kill
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_for_start(journal: Path) -> None:
    """Until the page is open: the journal has begun."""
    deadline = time.monotonic() + STARTED
    while time.monotonic() < deadline:
        if journal.exists() and journal.stat().st_size:
            return
        time.sleep(0.02)
    raise TimeoutError(f"the program did not open its page within {STARTED:.0f} s")


def page_file(home: Path) -> Path | None:
    """The page that was written last."""
    files = list((home / "data" / "pages").glob("*" + SUFFIX))
    return max(files, key=lambda file: file.stat().st_mtime_ns, default=None)


def one_round(
    home: Path, chance: random.Random, fault: str = "", faults: Path | None = None, streams: int = 0
) -> KillResult:
    """Start, work, kill, look. streams: generations that write at once; 0: the scripted engine writes."""
    journal = home / "journal"
    journal.unlink(missing_ok=True)  # a run's own: with eight streams it grows by the whole page for every token
    with running(home, chance.randrange(2**32), faults, streams) as kill:
        wait_for_start(journal)
        time.sleep(chance.uniform(0.0, 3.0))
        if fault:
            (home / "fault").write_text(fault)
            time.sleep(chance.uniform(0.5, 3.0))
            (home / "fault").write_text("none")
            time.sleep(WELL)
        killed = kill()
    return examined(home, journal, killed)


def examined(home: Path, journal: Path, killed: float) -> KillResult:
    """Examine a copy of the files that the kill left."""
    file = page_file(home)
    found = states(journal, killed)
    if file is None:
        nothing = any(not state.text for state in allowed(found, killed))
        return KillResult(0, 0, 0.0, "" if nothing else "no page file, though there was a text a second before")
    with tempfile.TemporaryDirectory() as folder:
        for part in file.parent.glob(file.name + "*"):
            shutil.copy(part, folder)
        copy = Path(folder) / file.name
        problem = unsound(copy)
        opened = open_page(copy)
        page = Page()
        page.put(opened.contents)
        text, tokens = page.text(), page.token_count
        known = (text, None), (text, branches_of(page))
        since = max((state.until for state in found if (state.text, state.branches) in known), default=None)
        lost = killed - since if since is not None else float("inf")
        if not any((state.text, state.branches) in known for state in allowed(found, killed)):
            problem = problem or f"the page is not one of the last second's (lost {lost:.2f} s)"
        problem = problem or misspelt(page) or undone(page) or misspelt_branch(page)
        result = KillResult(len(text), tokens, max(0.0, lost), problem)
        if opened.store:
            opened.store.close()
        return result


def unsound(file: Path) -> str:
    """SQLite's complaints about a file."""
    connection = sqlite3.connect(file)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    finally:
        connection.close()
    return "" if found == ["ok"] else f"integrity check: {found[:3]}"


def misspelt(page: Page) -> str:
    """The first generated run whose tokens do not spell its text."""
    rows = page.tokens(0, page.length)
    for first in rows[(rows["kind"] == GENERATED) & (rows["part"] == 0)]:
        start = int(first["start"])
        readings = page.readings_at(start)
        spelt = b"".join(one.reading.bytes for one in readings).decode("utf-8", "replace")
        if spelt != page.text(start, start + int(first["length"])):
            return f"at {start} the tokens spell {spelt!a}"
    return ""


def misspelt_branch(page: Page) -> str:
    """The first generated run of another branch whose tokens do not spell its text. Changes the page."""
    for fork in page.forks():
        for branch in fork.branches:
            if any(one.id == fork.id for one in page.forks()):
                page.switch(fork.id, branch.id)
                if problem := misspelt(page):
                    return f"in branch {branch.id}: {problem}"
    return ""


def undone(page: Page) -> str:
    """Whether all steps can be taken back and done again, to the same text."""
    text, steps = page.text(), 0
    while page.can_undo:
        page.undo()
        steps += 1
    for _ in range(steps):
        page.redo()
    return "" if page.text() == text else f"undo and redo of all {steps} steps give another text"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--fault", default="", choices=("", "full", "sync", "write", "half"))
    parser.add_argument("--streams", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    chance, outcomes = random.Random(wanted.seed), []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        faults = build_faults(home) if wanted.fault else None
        for number in range(1, wanted.kills + 1):
            result = one_round(home, chance, wanted.fault, faults, wanted.streams)
            outcomes.append(result)
            print(
                f"{number:4}  {result.units:9,} units  {result.tokens:8,} tokens  lost {result.lost:5.2f} s  "
                f"{result.problem or 'well'}",
                flush=True,
            )
    bad = [result for result in outcomes if result.problem]
    lost = sorted(result.lost for result in outcomes)
    median, most = lost[len(lost) // 2], lost[-1]
    print(f"{len(outcomes)} kills, {len(bad)} with a problem; lost: median {median:.2f} s, most {most:.2f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
