"""Sizes, counts and times in words."""

import pytest

from desktop.library import words


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, ""), (1, "1 byte"), (999, "999 bytes"), (999_600, "1.0 MB"), (253_112_000, "253 MB"),
        (4_920_000_000, "4.9 GB"), (249_100_000_000, "249 GB"), (1_500_000_000_000, "1.5 TB"),
    ],
)  # fmt: skip
def test_sizes(count: int, expected: str) -> None:
    assert words.size(count) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, ""), (260_000, "260K"), (268_098_176, "268M"), (999_885_952, "1.0B"), (70_600_000_000, "71B")],
)
def test_parameters(count: int, expected: str) -> None:
    assert words.parameters(count) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(None, ""), (0.2, "1 s"), (59, "59 s"), (61, "1 min"), (7_800, "2 h 10 min")]
)
def test_time_left(seconds: float | None, expected: str) -> None:
    assert words.time_left(seconds) == expected
