"""The speed of a download, averaged over the last few seconds."""

from collections import deque

SPAN = 5.0  # seconds averaged over
SHORTEST = 0.5  # seconds needed for a value


class DownloadRate:
    """The rate of one run of a download. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def note(self, now: float, done: int) -> None:
        """Note that `done` bytes are here at the time `now`."""
        self._marks.append((now, done))
        while len(self._marks) > 2 and self._marks[1][0] <= now - SPAN:
            self._marks.popleft()

    def at(self, now: float) -> float:
        """Bytes a second at the time `now`; 0 if unknown. Time without bytes counts."""
        if len(self._marks) < 2:
            return 0.0
        start, done = self._marks[0]
        for when, amount in self._marks:  # start within the span, if a later mark is
            if when > now - SPAN:
                break
            start, done = max(when, now - SPAN), amount
        seconds = now - start
        return (self._marks[-1][1] - done) / seconds if seconds >= SHORTEST else 0.0
