"""The handle on the search process. An expression may take any time and any memory, even to compile, and only a process
can be ended in the middle of that.

The first question starts it. It answers one at a time. It is ended when it takes too long or too much memory, or when
its answer is no longer wanted; the next question starts another. No Qt.
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

GRACE = 0.5  # seconds that an answer no longer wanted may still take: another process takes longer to start
POLL = 0.02  # seconds between two checks of the process
STARTING = 30.0  # seconds of CPU time that the process may take to start
STUCK = 60.0  # seconds by the clock that an answer may take, however busy the machine is
MEMORY = 1 << 30  # bytes that the process may take beside the text
PER_BYTE = 16  # bytes that it may take for each byte of the text


class CalledOffError(QueryError):
    """The answer is no longer wanted."""


class Searcher:
    """Asks the search process. Any thread may ask; one is answered at a time. patience: seconds of CPU time that an
    answer may take; memory: bytes that the process may take beside the text."""

    def __init__(self, patience: float = PATIENCE, memory: int = MEMORY) -> None:
        self._patience, self._memory = patience, memory
        self._lock = threading.Lock()
        self._running: ChildProcess | None = None
        self._ending = False
        self.took = 0.0  # seconds until the last answer, or until the search was given up

    @property
    def pid(self) -> int | None:
        """The id of the search process, while there is one."""
        running = self._running
        return None if running is None else running.pid

    def ask(self, query: Query, text: Snapshot, wanted: Callable[[], bool], template: str | None = None) -> Found:
        """As matching.find. wanted: polled; whether the answer is still wanted. Raises QueryError if the search takes
        too long or too much memory, CalledOffError if it is not wanted."""
        with self._lock:
            if not wanted():
                raise CalledOffError
            try:
                return self._answer(Question(query, template), text.units() if query.words else b"", wanted)
            except (EOFError, OSError) as error:  # the process died: killed for memory, or by the expression
                raise QueryError(tr("This expression cannot be searched for.")) from error

    def end(self) -> None:
        """End the process, after the question that is being answered was called off."""
        self._ending = True
        with self._lock:
            self._stop()
            self._ending = False

    def _answer(self, question: Question, units: bytes, wanted: Callable[[], bool]) -> Found:
        if not question.query.words:
            return Found(Hits.none())
        try:
            running, began = self._started(), time.monotonic()
            running.pipe.send_bytes(pickle.dumps(question, pickle.HIGHEST_PROTOCOL))
            running.pipe.send_bytes(units)
            most = self._memory + PER_BYTE * len(units)
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

    def _started(self) -> ChildProcess:
        if self._running is None:
            self._running = ChildProcess(search_worker.main, name="inkfall search")
            self._wait(self._running, lambda: True, STARTING, self._memory)
            self._running.pipe.recv_bytes()
        return self._running

    def _wait(self, running: ChildProcess, wanted: Callable[[], bool], patience: float, most: int) -> None:
        """Wait until the process sends something. Raises QueryError or CalledOffError."""
        began = wanted_last = time.monotonic()
        done = _usage(running.pid)[0]
        while not running.pipe.poll(POLL):
            now = time.monotonic()
            wanted_last = now if wanted() else wanted_last
            if self._ending or now > wanted_last + GRACE:
                raise CalledOffError
            work, memory = _usage(running.pid)
            if work - done > patience or now - began > STUCK:
                raise QueryError(too_long())
            if memory > most:
                raise QueryError(tr("This expression takes too much memory on this page."))

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running:
            running.end()


def _usage(pid: int | None) -> tuple[float, int]:
    """Seconds of CPU time and bytes of memory that a process has taken; zeros if it is gone."""
    import psutil  # imported by the first search: a window opens without it

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        times = process.cpu_times()
        return times.user + times.system, process.memory_info().rss
    return 0.0, 0
