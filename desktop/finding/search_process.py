"""The process that searches, as its user holds it: an expression may take any time and any memory, already where it is
compiled, and only a process can be ended in the middle of that.

It is started by the first question, answers one at a time, and is ended when it takes too long or too much, or when
nobody wants its answer any more; then the next question starts another. Knows neither pages nor Qt.
"""

import contextlib
import pickle
import threading
import time
from collections.abc import Callable

from desktop.finding import search_worker
from desktop.finding.hits import Hits
from desktop.finding.matching import PATIENCE, Found, Query, QueryError, too_long
from desktop.finding.search_worker import Question
from desktop.page.snapshot import Snapshot
from models.launch.child_process import ChildProcess
from resources.language import tr

GRACE = 0.5  # seconds that an answer which nobody wants any more may still take: another process takes longer to start
LOOK = 0.02  # seconds between two looks at how it is doing
STARTING = 30.0  # seconds of its work that it may take to be there
STUCK = 60.0  # seconds by the clock, however little of a busy machine it gets
MEMORY = 1 << 30  # bytes that it may take beside the text
PAGES = 16  # bytes that it may take for each byte of the text


class CalledOffError(QueryError):
    """Nobody wants the answer any more."""


class Searcher:
    """Any thread may ask; one is answered at a time."""

    def __init__(self, patience: float = PATIENCE, memory: int = MEMORY) -> None:
        self._patience, self._memory = patience, memory
        self._one = threading.Lock()
        self._running: ChildProcess | None = None
        self._ending = False
        self.took = 0.0  # seconds that the last answer took, or that it took to do without one

    def ask(self, query: Query, text: Snapshot, wanted: Callable[[], bool], template: str | None = None) -> Found:
        """As search.find. Raises QueryError where that takes too long or too much, CalledOffError where it is no longer
        wanted."""
        with self._one:
            if not wanted():
                raise CalledOffError
            try:
                return self._asked(Question(query, template), text.units() if query.words else b"", wanted)
            except (EOFError, OSError) as error:  # it is gone: killed for memory, or by what it was given
                raise QueryError(tr("This expression cannot be searched for.")) from error

    def end(self) -> None:
        """No process is left, once whoever asks has been answered or called off."""
        self._ending = True
        with self._one:
            self._stop()
            self._ending = False

    def _asked(self, question: Question, units: bytes, wanted: Callable[[], bool]) -> Found:
        if not question.query.words:
            return Found(Hits.none())
        try:
            running, began = self._begun(), time.monotonic()
            running.pipe.send_bytes(pickle.dumps(question, pickle.HIGHEST_PROTOCOL))
            running.pipe.send_bytes(units)
            most = self._memory + PAGES * len(units)
            try:
                self._wait(running, wanted, self._patience, most)
            finally:
                self.took = time.monotonic() - began
            answer: Found | str = pickle.loads(running.pipe.recv_bytes())
        except BaseException:
            self._stop()
            raise
        if isinstance(answer, str):
            raise QueryError(answer)
        return answer

    def _begun(self) -> ChildProcess:
        if self._running is None:
            self._running = ChildProcess(search_worker.main, name="inkfall search")
            self._wait(self._running, lambda: True, STARTING, self._memory)
            self._running.pipe.recv_bytes()
        return self._running

    def _wait(self, running: ChildProcess, wanted: Callable[[], bool], patience: float, most: int) -> None:
        """Until it has something to say. Raises QueryError."""
        began = wanted_last = time.monotonic()
        done = _taken(running.pid)[0]
        while not running.pipe.poll(LOOK):
            now = time.monotonic()
            wanted_last = now if wanted() else wanted_last
            if self._ending or now > wanted_last + GRACE:
                raise CalledOffError
            work, memory = _taken(running.pid)
            if work - done > patience or now - began > STUCK:
                raise QueryError(too_long())
            if memory > most:
                raise QueryError(tr("This expression takes too much memory on this page."))

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running:
            running.end()


def _taken(pid: int | None) -> tuple[float, int]:
    """Seconds of work that a process has done, and the bytes that it holds; nothing where it is gone."""
    import psutil  # not before something is looked for: a window opens without it

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        times = process.cpu_times()
        return times.user + times.system, process.memory_info().rss
    return 0.0, 0
