"""The monkey for a minute, with fixed seeds. An hour by hand: `python -m tests.monkey.run`."""

import sys

import pytest

from tests.monkey.run import Result, run, story

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kills, and looks at processes, as Linux does"),
]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [3, 10, 26])
def test_a_monkey_finds_nothing(seed: int) -> None:
    found = run(seed, 80, small=True)
    assert not found.findings, report_of(found)
    assert len({one["at"] for one in found.actions}) == 80


@pytest.mark.timeout(200)
def test_a_monkey_finds_lost_text() -> None:
    found = run(10, 30, small=True, program="tests.monkey.planted")
    assert {one.kind for one in found.findings} == {"lost", "lost at the end"}
    assert "now nowhere" in found.findings[0].says


def report_of(found: Result) -> str:
    """The first finding, and the actions before it."""
    first = found.findings[0]
    again = f"python -m tests.monkey.run --seed {found.seed} --actions 80"
    return "\n".join((f"{first.kind}: {first.says}", *story(found, first.at), first.more, again))
