"""Both ends of every bound are accepted by everything that they configure: the file, the dialog, panels, the flags, the
engine, the page. models/engine/limits.py and models/sampling/knobs.py declare them once."""

import argparse
import dataclasses
import math
from array import array
from collections.abc import Iterator
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox
from pytestqt.qtbot import QtBot

from desktop.generation.sampling_panel import SamplingPanel
from desktop.library.hardware_tab import HardwareTab
from desktop.library.network_tab import NetworkTab
from desktop.page.alternatives import AlternativesTable
from desktop.presenters.from_settings import load_options, recipe_of
from desktop.qt.background import Background
from desktop.settings.dialog import SettingsDialog
from desktop.settings.fields import FieldInfo, Settings, info_named
from desktop.settings.file import SettingsFile
from desktop.settings.json_values import about_any, kinds
from desktop.terminal import flags
from desktop.terminal.complete import add_arguments
from models.engine import limits
from models.library import fit, memory
from models.library.fit import Machine, MemoryPool
from models.library.load_options import LoadOptions
from models.llamacpp import opening
from models.sampling import knob_checks
from models.sampling.knobs import Sampling
from models.sampling.readings import Alternatives, Reading
from models.sampling.statistics import Distribution

LOADING = {"context": limits.CONTEXT, "threads": limits.THREADS, "gpu_layers": limits.GPU_LAYERS}


def extremes(one: Field[Any], kind: Any) -> list[Any]:
    """The lowest and the highest value of a field, or its choices, or its longest text."""
    info = about_any(one)
    if info.choices:
        return list(info.choices)
    whole = kind in (int, int | None)
    if info.count:
        return [(int(info.low),) * info.count, (int(info.high),) * info.count]
    if whole or kind is float:
        return [int(info.low), int(info.high)] if whole else [info.low, info.high]
    return _long(kind, info)


def _long(kind: Any, info: FieldInfo) -> list[Any]:
    most = int(info.high)
    strings = ("x" * (most - 2) + "=1",)  # which can be a bias, too
    text = 'root::="' + "x" * (most - 9) + '"'  # which can be a grammar, too
    return {str: [text], bytes: [bytes(most)], tuple[str, ...]: [strings], bool: [False, True]}[kind]


def every(table: type) -> Iterator[tuple[str, Any]]:
    """Each field with each of its extremes."""
    types_of = kinds(table)
    for one in fields(table):
        if not dataclasses.is_dataclass(types_of[one.name]):
            yield from ((one.name, value) for value in extremes(one, types_of[one.name]))


def known(name: str, value: Any) -> str:
    return f"{name}-{str(value)[:12]}"


SETTINGS = [pytest.param(*pair, id=known(*pair)) for pair in every(Settings)]
KNOBS = [pytest.param(*pair, id=known(*pair)) for pair in every(Sampling)]


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


@pytest.mark.parametrize(("name", "value"), SETTINGS)
def test_the_file_keeps_every_setting(name: str, value: Any, tmp_path: Path) -> None:
    chosen = replace(Settings(), **{name: value})
    SettingsFile(tmp_path / "s.json").save(chosen)
    read = SettingsFile(tmp_path / "s.json").read()
    assert read.settings == chosen and read.sentence == ""


@pytest.mark.parametrize(("name", "value"), KNOBS)
def test_the_file_keeps_every_knob(name: str, value: Any, tmp_path: Path) -> None:
    chosen = Settings(sampling=replace(Sampling(), **{name: value}))
    SettingsFile(tmp_path / "s.json").save(chosen)
    assert SettingsFile(tmp_path / "s.json").read().settings == chosen


def test_the_dialog_shows_and_gives_back_every_extreme(qtbot: QtBot) -> None:
    for name, value in every(Settings):
        if not info_named(name).label or name == "font_family":
            continue
        dialog = SettingsDialog(replace(Settings(), **{name: value}))
        qtbot.addWidget(dialog)
        assert getattr(dialog.settings, name) == value, name
        if isinstance(editor := dialog.editors[name], QSpinBox | QDoubleSpinBox):
            info = info_named(name)
            assert (editor.minimum(), editor.maximum()) == (info.low, info.high)
        dialog.deleteLater()


def test_the_sampling_panel_takes_every_extreme(qtbot: QtBot) -> None:
    panel = SamplingPanel()
    qtbot.addWidget(panel)
    for name in ("length", "seed", "n_keep"):
        for value in extremes(next(one for one in fields(Settings) if one.name == name), kinds(Settings)[name]):
            recipe = recipe_of(replace(Settings(), **{name: value}))
            panel.set_recipe(recipe)
            assert panel.recipe == recipe
    assert (panel._length.box.minimum(), panel._length.box.maximum()) == (limits.LENGTH.low, limits.LENGTH.high)
    assert (panel._n_keep.box.minimum(), panel._n_keep.box.maximum()) == (limits.HEADER.low, limits.HEADER.high)  # type: ignore[attr-defined]
    for one in fields(Sampling):
        box = getattr(panel.controls[one.name], "box", None)
        if isinstance(box, QSpinBox | QDoubleSpinBox):
            assert (box.minimum(), box.maximum()) == (one.metadata["low"], one.metadata["high"]), one.name


def test_how_models_are_loaded_is_kept_by_the_librarys_page(qtbot: QtBot, background: Background) -> None:
    page = HardwareTab(background, lambda: Machine(MemoryPool("CPU", "CPU", 1, 1)), lambda _choices: None)
    qtbot.addWidget(page)
    for name, bounds in LOADING.items():
        for value in (bounds.low, bounds.high):
            if name != "threads":
                chosen = load_options(replace(Settings(), **{name: value}))
                page.put(chosen)
                assert page.load_options == chosen
    for name, choices in (("cache_type", limits.CACHE_TYPES), ("flash_attention", limits.FLASH_ATTENTION)):
        for value in choices:
            chosen = load_options(replace(Settings(), **{name: value}))
            page.put(chosen)
            assert page.load_options == chosen
    for box, name in ((page.context, "context"), (page.layers, "gpu_layers")):
        assert (box.minimum(), box.maximum()) == (info_named(name).low, info_named(name).high)


def test_the_network_page_takes_no_more_than_the_settings_keep(qtbot: QtBot, background: Background) -> None:
    page = NetworkTab(background, str)
    qtbot.addWidget(page)
    for name in ("endpoint", "proxy"):
        assert getattr(page, name).maxLength() == info_named(name).high


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


FLAGS = {
    "--ctx-size": ("ctx_size", limits.CONTEXT),
    "--threads": ("threads", limits.THREADS),
    "--gpu-layers": ("gpu_layers", limits.GPU_LAYERS),
    "--max-tokens": ("max_tokens", limits.LENGTH),
    "--keep": ("n_keep", limits.HEADER),
    "--top": ("top", limits.ALTERNATIVES),
}


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_takes_its_bounds_and_nothing_beyond(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, bounds = FLAGS[flag]
    for value in (bounds.low, bounds.high):
        assert getattr(parsed(f"{flag}={value}"), name) == value
    for value in (-2 if flag == "--max-tokens" else bounds.low - 1, bounds.high + 1):
        with pytest.raises(SystemExit):
            parsed(f"{flag}={value}")
        assert "is not between" in capsys.readouterr().err


def test_the_flags_and_the_settings_ask_the_engine_for_the_same() -> None:
    for name, bounds in LOADING.items():
        for value in (bounds.low, bounds.high):
            flag = {"context": "ctx-size"}.get(name, name.replace("_", "-"))
            asked = flags.load_options(parsed(f"--{flag}={value}"))
            assert (
                asked == load_options(replace(Settings(), **{name: value})) == replace(LoadOptions(), **{name: value})
            )
            opening._check_bounds(asked)
        for value in (bounds.low - 1, bounds.high + 1):
            with pytest.raises(opening.ModelError, match="must lie between"):
                opening._check_bounds(replace(LoadOptions(), **{name: value}))


def test_the_engine_knows_every_choice_that_is_offered() -> None:
    assert set(limits.CACHE_TYPES) == set(memory.CACHE_TYPES) and set(limits.FLASH_ATTENTION) == set(opening.FLASH)
    for cache in limits.CACHE_TYPES:
        opening._check_cache(LoadOptions(cache_type=cache))
    for flash in limits.FLASH_ATTENTION:
        opening._check_cache(LoadOptions(flash_attention=flash))


@pytest.mark.parametrize("asked", [limits.CONTEXT.low + 1, limits.CONTEXT.high])
def test_a_context_that_is_asked_for_is_the_one_that_is_planned(asked: int) -> None:
    weights = memory.Weights((1_000,), 10, 10, 0)
    layer = memory.Sizes(weights, (10,), 0, 64, 8, 8, 1, 8, limits.CONTEXT.high)
    machine = Machine(MemoryPool("CPU", "CPU", 1 << 50, 1 << 50))
    wishes = LoadOptions(asked)
    assert fit.planned(layer, machine, wishes).context == asked == fit.with_layers(layer, machine, wishes, 0).context


@pytest.mark.parametrize("top", [limits.ALTERNATIVES.low, limits.ALTERNATIVES.high])
def test_the_engine_gives_as_many_alternatives_as_requested(top: int) -> None:
    logits = np.linspace(0, 1, 2_000, dtype=np.float32)
    assert len(Distribution(logits).top(top, -1)) == top


@pytest.mark.parametrize(("name", "value"), KNOBS)
def test_the_chain_takes_every_extreme(name: str, value: Any) -> None:
    sampling = replace(Sampling(), **{name: value})
    assert sampling.checked() is sampling


def test_the_chain_takes_as_many_stop_strings_as_are_kept() -> None:
    most = tuple(f"{number}" for number in range(knob_checks.MOST_STOPS))
    assert Sampling(stop=most).checked().stop == most
    for stops in ((*most, "one more"), ("x" * (knob_checks.LONGEST_STOP + 1),)):
        with pytest.raises(ValueError, match="--stop"):
            Sampling(stop=stops).checked()


@pytest.mark.parametrize("top", [int(info_named("top").low), int(info_named("top").high)])
def test_a_page_keeps_as_many_alternatives_as_the_settings_promise(top: int) -> None:
    ids, raw = array("i", range(top)), array("f", [-1.0 - place for place in range(top)])
    found = Alternatives(ids, raw, raw, bytes(top), tuple(bytes([65 + place]) for place in range(top)))
    reading = Reading(0, b"A", -1.0, 1, 1.0, -1.0, math.nan, math.nan, math.nan, found)
    table = AlternativesTable()
    (row,) = table.add([reading], "model")
    assert table.at(row, "model") == found
