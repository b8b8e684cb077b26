"""How fast bytes come, smoothed over the last few seconds."""

from collections import deque

SPAN = 5.0  # seconds that are looked back on
SHORTEST = 0.5  # seconds without which there is nothing to tell


class DownloadRate:
    """Of one run of a download; times are a monotonic clock's."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def note(self, now: float, done: int) -> None:
        """So many bytes are there now."""
        self._marks.append((now, done))
        while len(self._marks) > 2 and self._marks[1][0] <= now - SPAN:
            self._marks.popleft()

    def at(self, now: float) -> float:
        """Bytes a second; 0 where nothing can be said yet. A silence counts as one."""
        if len(self._marks) < 2:
            return 0.0
        begun, done = self._marks[0]
        for when, amount in self._marks:  # nothing older than the span, if there is something younger
            if when > now - SPAN:
                break
            begun, done = max(when, now - SPAN), amount
        seconds = now - begun
        return (self._marks[-1][1] - done) / seconds if seconds >= SHORTEST else 0.0
