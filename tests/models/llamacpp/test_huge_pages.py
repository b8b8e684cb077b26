"""Weights in huge pages: who asks for them, where they are had, and what a loaded model says."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from models.engine.engine import Engine
from models.engine.events import Loaded, ModelFacts
from models.launch import launcher
from models.launch.launcher import ChildLauncher
from models.library.load_options import LoadOptions
from models.library.memory import Need
from models.llamacpp import huge_pages
from models.llamacpp.huge_pages import LEAST, SHARE, VARIABLE
from tests.models.asking import answer

OURS = "glibc.malloc.hugetlb=1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", OURS),
        ("glibc.malloc.check=3", f"glibc.malloc.check=3:{OURS}"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),  # the user's own choice
        ("glibc.malloc.hugetlb=2:glibc.malloc.check=3", "glibc.malloc.hugetlb=2:glibc.malloc.check=3"),
    ],
)
def test_other_tunables_stay(before: str, after: str) -> None:
    assert huge_pages.with_tunable(before) == after


@pytest.mark.parametrize("before", [None, "glibc.malloc.check=3"])
def test_only_processes_that_are_started_in_the_block_are_asked(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, before)
    with pytest.raises(OSError), huge_pages.asked_for():
        assert OURS in os.environ[VARIABLE]
        raise OSError
    assert os.environ.get(VARIABLE) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="huge pages are asked for on Linux")
@pytest.mark.parametrize(
    ("tunables", "system", "libc", "had"),
    [
        (OURS, "always [madvise] never", "glibc 2.36", True),
        (OURS, "[always] madvise never", "glibc 2.41", True),
        (OURS, "always madvise [never]", "glibc 2.36", False),
        (OURS, None, "glibc 2.36", False),
        (OURS, "[always] madvise never", "glibc 2.34", False),
        (OURS, "[always] madvise never", None, False),
        ("", "always [madvise] never", "glibc 2.36", False),
    ],
)
def test_where_they_are_had(
    tunables: str, system: str | None, libc: str | None, had: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if system:
        (tmp_path / "enabled").write_text(system)
    monkeypatch.setattr(os, "confstr", lambda _name: libc)
    assert huge_pages.available({VARIABLE: tunables}, tmp_path / "enabled") == had


def test_a_large_model_stays_a_mapped_file() -> None:
    need = Need(weights=LEAST, cache=0, working=0, context=512)
    assert huge_pages.worth(need, SHARE * LEAST) and not huge_pages.worth(need, SHARE * LEAST - 1)
    assert not huge_pages.worth(replace(need, weights=LEAST - 1), 1 << 50)
    assert not huge_pages.worth(replace(need, cache=SHARE * LEAST), SHARE * LEAST)  # beside it they would not fit


def test_small_models_stay_mapped(tiny_llama: Path, tmp_path: Path) -> None:
    with closing(launcher.engine(tmp_path / "log")) as engine:
        assert loaded(engine, tiny_llama).mapped


@pytest.mark.starter
def test_the_starter_is_copied_where_huge_pages_are_had(starter: Path, tmp_path: Path) -> None:
    with closing(Engine(ChildLauncher(tmp_path / "log"))) as engine:
        facts = loaded(engine, starter)
        memory = psutil.Process(engine.pid).memory_info()
    with huge_pages.asked_for():
        had = huge_pages.available()
    free = psutil.virtual_memory().available
    if had and free > 2 * SHARE * facts.size:
        assert not facts.mapped and memory.rss - memory.shared > facts.size
    if not had:
        assert facts.mapped


def loaded(engine: Engine, path: Path) -> ModelFacts:
    last = answer(engine, engine.load(path, LoadOptions(device="cpu"))).events[-1]
    assert isinstance(last, Loaded), last
    return last.model
