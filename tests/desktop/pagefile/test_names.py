"""File names that are valid on every system."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.pagefile.names import free, new_name

NOW = datetime(2026, 3, 4, 15, 16)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "2026-03-04 15.16"),
        ("  . ", "2026-03-04 15.16"),
        ("The lighthouse", "The lighthouse"),
        ('a/b\\c:d*e?f"g<h>i|j\nk', "a b c d e f g h i j k"),
        ("con", "_con"),
        ("COM1.txt", "_COM1.txt"),
        ("conference", "conference"),
        ("ends.", "ends"),
        ("\ud800half", "half"),
        ("Été 한국", "Été 한국"),
        ("a\u202eb", "ab"),
    ],
)
def test_names(title: str, name: str) -> None:
    assert new_name(title, NOW) == name


@given(st.text(max_size=300))
def test_no_title_makes_a_name_that_a_system_refuses(title: str) -> None:
    name = new_name(title, NOW)
    assert 0 < len(name.encode()) <= 81
    assert name == name.strip() and not name.endswith(".") and not set(name) & set('<>:"/\\|?*\n\t\0')


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    assert free(tmp_path, "a").name == "a.inkfall"
    (tmp_path / "a.inkfall").touch()
    (tmp_path / "a 2.inkfall-wal").touch()  # the remains of another page would be taken for this one's
    assert free(tmp_path, "a").name == "a 3.inkfall"
