"""The settings' file: saved values are read, bad ones are reported in one sentence, unknown keys stay."""

import json
import os
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.settings.fields import Settings
from desktop.settings.file import Read, SettingsFile
from models.sampling.knobs import Sampling

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = [one.name for one in fields(Settings)]
texts = st.text(st.characters(exclude_categories=()), max_size=20)
settings_values = st.builds(
    Settings,
    theme=st.sampled_from(["system", "light", "dark"]),
    font_family=texts,
    font_size=st.floats(6, 72),
    heat=st.booleans(),
    top=st.integers(1, 10),
    rank_classes=st.tuples(*[st.integers(2, 1_000_000)] * 3),
    recent_models=st.lists(texts, max_size=4).map(tuple),
    sampling=st.builds(
        Sampling, temperature=st.floats(0, 5), top_k=st.integers(0, 1000), stop=st.lists(texts, max_size=3).map(tuple)
    ),
    length=st.none() | st.integers(1, 1_000_000),
    seed=st.none() | st.integers(0, 2**64 - 1),
    geometry=st.binary(max_size=50),
)


def read_back(content: str | bytes) -> tuple[Read, list[str]]:
    """The settings in a file with that content, and the names of the files afterwards."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "settings.json"
        path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
        return SettingsFile(path).read(), sorted(one.name for one in Path(folder).iterdir())


@given(settings_values)
def test_saved_settings_are_read(settings: Settings) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new folder" / "ünï cødé.json"
        SettingsFile(path).save(settings)
        assert SettingsFile(path).read() == Read(settings)
        assert [one.name for one in path.parent.iterdir() if not one.name.startswith(".")] == [path.name]


@given(st.dictionaries(st.sampled_from(names) | st.text(max_size=8), anything, max_size=6))
def test_any_json_object_gives_settings_and_one_sentence_at_most(found: dict[str, Any]) -> None:
    read, left = read_back(json.dumps(found))
    assert isinstance(read.settings, Settings)
    assert read.sentence.count("\n") == 0
    assert left == ["settings.json"]
    with TemporaryDirectory() as folder:  # and they can be saved
        SettingsFile(Path(folder) / "s").save(read.settings)


@given(st.binary(max_size=60))
def test_any_bytes_give_settings(content: bytes) -> None:
    read, left = read_back(content)
    try:
        object_found = isinstance(json.loads(content.decode("utf-8")), dict)
    except ValueError:
        object_found = False
    assert (left == ["settings.json"]) == object_found
    assert object_found or read.settings == Settings()


@pytest.mark.parametrize("classes", ["[10, 100]", "[1, 10, 100]", "[2, 3, 4, 5]", "[2, 3, true]", "7", '["2", 3, 4]'])
def test_classes_of_ranks_that_do_not_fit(classes: str) -> None:
    read, _ = read_back(f'{{"rank_classes": {classes}, "top": 3}}')
    assert read.settings == Settings(top=3)


def test_a_missing_file_gives_defaults(tmp_path: Path) -> None:
    assert SettingsFile(tmp_path / "none").read() == Read(Settings())


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", '"text"', "[" * 100_000, "\ufeff{", '{"a": 1e999}x'])
def test_a_damaged_file_is_kept_aside(content: str) -> None:
    read, left = read_back(content)
    assert left == ["settings.json.damaged"]
    assert read.settings == Settings()
    assert "kept as" in read.sentence


def test_only_bad_values_become_defaults_and_one_sentence_names_them() -> None:
    read, _ = read_back('{"theme": "sepia", "top": true, "font_size": 1e999, "heat": true, "sampling": {"top_k": -1}}')
    assert read.settings == Settings(heat=True)
    assert read.sentence == (
        "The settings theme, font_size, top, sampling.top_k had values that cannot be used; "
        "their defaults are used instead."
    )


def test_one_bad_value() -> None:
    read, _ = read_back('{"seed": -1}')
    assert read.sentence == "The setting seed had a value that cannot be used; its default is used instead."


@pytest.mark.parametrize(
    "wrong",
    [
        {"top": 5.0},
        {"top": "5"},
        {"font_size": float("nan")},
        {"font_size": 10**400},
        {"geometry": "not base64!"},
        {"recent_models": "a"},
        {"recent_models": [1]},
        {"recent_models": ["x"] * 2_000},
        {"sampling": []},
        {"sampling": {"temperature": None}},
        {"length": 0},
        {"seed": 2**64},
        {"recent_models": ["x" * 40_000]},
    ],
)
def test_values_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    read, _ = read_back(json.dumps(wrong))
    assert read.settings == Settings()
    assert read.sentence


def test_the_header_is_called_keep_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"keep": 7, "n_keep": 9}')
    file = SettingsFile(path)
    assert file.read().settings.n_keep == 7
    file.save(Settings(n_keep=8))
    assert json.loads(path.read_text()) == {"keep": 8, "n_keep": 9}
    read, _ = read_back('{"keep": -1}')
    assert read.sentence.startswith("The setting keep ")


def test_unknown_keys_survive(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"from_the_future": {"a": [1]}, "sampling": {"new_knob": 3, "top_k": 5}, "heat": true}')
    file = SettingsFile(path)
    file.read()
    file.save(Settings(top=7))
    file.save(Settings(top=7))
    assert json.loads(path.read_text()) == {"from_the_future": {"a": [1]}, "sampling": {"new_knob": 3}, "top": 7}


def full_disk(_handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    file = SettingsFile(path)
    file.save(Settings(top=7))
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        file.save(Settings(top=8))
    assert path.read_bytes() == before and not list(tmp_path.glob(".*.part"))


def test_a_folder_in_place_of_the_file_is_reported_and_renamed(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.mkdir()
    file = SettingsFile(path)
    assert "could not be read" in file.read().sentence
    file.save(Settings(top=3))
    assert SettingsFile(path).read().settings.top == 3


def test_two_windows_keep_each_others_settings(tmp_path: Path) -> None:
    """Each was started with what the file said then, and changes something else."""
    path = tmp_path / "settings.json"
    SettingsFile(path).save(Settings(top=7, heat=True))
    one, other = SettingsFile(path), SettingsFile(path)
    mine, theirs = one.read().settings, other.read().settings
    mine = replace(mine, font_size=20.0, sampling=replace(mine.sampling, top_k=5))
    one.save(mine)
    theirs = replace(theirs, theme="dark", heat=False, sampling=replace(theirs.sampling, temperature=2.0))
    other.save(theirs)
    mine = replace(mine, length=9)
    one.save(mine)
    assert SettingsFile(path).read().settings == Settings(
        top=7, font_size=20.0, theme="dark", length=9, sampling=Sampling(top_k=5, temperature=2.0)
    )


def test_the_next_save_replaces_a_value_that_did_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"top": -3, "theme": "dark"}')
    file = SettingsFile(path)
    file.save(replace(file.read().settings, heat=True))
    assert json.loads(path.read_text()) == {"theme": "dark", "heat": True}


def test_a_deleted_file_is_written_with_all_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    file = SettingsFile(path)
    file.save(Settings(top=7))
    path.unlink()
    file.save(Settings(top=7, heat=True))
    assert SettingsFile(path).read().settings == Settings(top=7, heat=True)


def test_changes_of_another_process_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"top": 7, "heat": true, "seed": 3, "sampling": {"top_k": 5, "new_knob": 1}}')
    file = SettingsFile(path)
    ours = file.read().settings
    path.write_text(
        '{"top": 8, "theme": "dark", "seed": null, "length": null, "sampling": {"top_p": 0.5, "new_knob": 2}}'
    )
    file.save(replace(ours, column=60))
    assert json.loads(path.read_text()) == {
        "top": 8,
        "theme": "dark",
        "seed": None,
        "length": None,
        "column": 60,
        "sampling": {"top_p": 0.5, "new_knob": 2},
    }
    file.save(replace(ours, column=60, top=10, seed=None, sampling=Sampling(top_k=9)))  # 10 is the default
    assert json.loads(path.read_text()) == {
        "theme": "dark",
        "length": None,
        "column": 60,
        "sampling": {"top_p": 0.5, "new_knob": 2, "top_k": 9},
    }


@pytest.mark.parametrize("found", ["{", "[1]", "[" * 100_000])
def test_an_unreadable_file_is_written_with_all_settings(tmp_path: Path, found: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"unknown": 1, "top": 7}')
    file = SettingsFile(path)
    ours = file.read().settings
    path.write_text(found)
    file.save(replace(ours, heat=True))
    assert json.loads(path.read_text()) == {"unknown": 1, "top": 7, "heat": True}
    path.unlink()
    file.save(replace(ours, heat=True, column=60))
    assert json.loads(path.read_text()) == {"unknown": 1, "top": 7, "heat": True, "column": 60}
