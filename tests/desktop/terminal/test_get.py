"""The arguments and output of `inkfall models get`; the downloads themselves are in test_models.py."""

import io

import pytest
from rich.console import Console
from rich.progress import Progress as Bars

from desktop.terminal.get import bar, lines
from desktop.terminal.hub import address_of
from models.library.download.progress import Progress
from models.library.downloadable import Downloadable, RemoteFile

ITEM = Downloadable("o/m", "c" * 40, "Q8_0", (RemoteFile("m.gguf", 100_000_000, ""),))


@pytest.mark.parametrize(
    ("text", "repo", "wanted"),
    [
        ("o/m", "o/m", ""),
        ("o/m:Q4_K_M", "o/m", "Q4_K_M"),
        ("o/m:m.Q4_K_M.gguf", "o/m", "m.Q4_K_M.gguf"),
        ("https://huggingface.co/o/m", "o/m", ""),
        ("http://127.0.0.1:80/o/m:Q8_0", "o/m", "Q8_0"),
        ("GPT-2 124M", "QuantFactory/gpt2-GGUF", ""),
        ("gpt-2-124m:Q4_K_M", "QuantFactory/gpt2-GGUF", "Q4_K_M"),
    ],
)
def test_addresses(text: str, repo: str, wanted: str) -> None:
    found = address_of(text)
    assert (found.repo, found.quantisation) == (repo, wanted)


def test_a_line_only_for_progress(capsys: pytest.CaptureFixture[str]) -> None:
    show = lines(ITEM)
    for percent in range(0, 100, 3):
        show(Progress("downloading", percent * 1_000_000, 100_000_000))
    show(Progress("waiting", 99_000_000, 100_000_000, "The hub is busy."))
    show(Progress("waiting", 99_000_000, 100_000_000, "The hub is busy."))
    show(Progress("done", 100_000_000, 100_000_000))
    written = capsys.readouterr().err.splitlines()
    assert len(written) == 12
    assert written[0] == "m.gguf: Downloading (0 bytes of 100 MB)"
    assert written[-2:] == ["m.gguf: The hub is busy. (99 MB of 100 MB)", "m.gguf: Done (100 MB of 100 MB)"]


def test_the_speed_is_that_of_the_phase() -> None:
    now = [0.0]
    bars = Bars(console=Console(file=io.StringIO()), auto_refresh=False, get_time=lambda: now[0])
    show = bar(bars, ITEM)
    steps = [("checking", 50), ("checking", 90), ("downloading", 90), ("downloading", 91), ("downloading", 92)]
    for phase, percent in steps:
        now[0] += 1
        show(Progress(phase, percent * 1_000_000, 100_000_000))  # pyright: ignore[reportArgumentType]
    assert bars.tasks[0].speed == pytest.approx(1_000_000)
