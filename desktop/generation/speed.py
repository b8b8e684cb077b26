"""Tokens per second over the last second. No Qt; time is injected."""

from collections import deque

LEAST = 0.1  # seconds; over less, tokens that were held back and come at once would count as fast ones


class Speed:
    """window: seconds over which it is measured."""

    def __init__(self, window: float = 1.0) -> None:
        self._window = window
        self._arrivals: deque[tuple[float, int]] = deque()

    def add(self, now: float, tokens: int) -> None:
        """Count tokens that arrived. now: seconds."""
        self._arrivals.append((now, tokens))
        while self._arrivals[-1][0] - self._arrivals[0][0] > self._window:
            self._arrivals.popleft()

    def value(self) -> float:
        """Tokens per second; 0 where the arrivals lie within LEAST. The first arrival only starts the clock."""
        if not self._arrivals:
            return 0.0
        seconds = self._arrivals[-1][0] - self._arrivals[0][0]
        tokens = sum(count for _, count in self._arrivals) - self._arrivals[0][1]
        return tokens / seconds if seconds >= LEAST else 0.0
