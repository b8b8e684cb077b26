"""Which model is meant."""

from pathlib import Path

import pytest

from models.library import installed as library
from models.library.installed import NotInstalledError, find, installed, last_used, remember
from models.library.places import Places, under
from models.library.starter import FILE, StarterError


@pytest.fixture
def home(tmp_path: Path) -> Places:
    places = under(tmp_path)
    places.models.mkdir(parents=True)
    return places


def put(places: Places, name: str) -> Path:
    path = places.models / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF")
    return path


def test_the_list_is_sorted_and_names_split_models_once(home: Places) -> None:
    for name in ("b.gguf", "hub/A-00001-of-00002.gguf", "hub/A-00002-of-00002.gguf", "notes.txt", ".joining-1.tmp"):
        put(home, name)
    assert [(model.name, model.path.name, model.size) for model in installed(home)] == [
        ("A", "A-00001-of-00002.gguf", 8),
        ("b", "b.gguf", 4),
    ]


def test_no_folder_is_no_models(tmp_path: Path) -> None:
    assert installed(under(tmp_path / "none")) == ()


def test_names_paths_and_scripts(home: Places, tmp_path: Path) -> None:
    path = put(home, "Tiny-Q4.gguf")
    assert find("tiny-q4", home) == find("Tiny-Q4.gguf".removesuffix(".gguf"), home) == str(path)
    assert find("./other.gguf", home) == "./other.gguf"
    assert find("scripted:?rate=9", home) == "scripted:?rate=9"
    assert find(str(tmp_path), home) == str(tmp_path)


@pytest.mark.parametrize("name", ["a" * 5_000, "a\0b"])
def test_what_no_file_can_be_called_is_an_unknown_name(home: Places, name: str) -> None:
    with pytest.raises(NotInstalledError):
        find(name, home)


def test_an_unknown_name_lists_the_known_ones(home: Places) -> None:
    put(home, "one.gguf")
    with pytest.raises(NotInstalledError, match=r"'two' is installed \(installed: one\)"):
        find("two", home)


def test_the_last_used_model_comes_before_the_starter(home: Places) -> None:
    starter, other = put(home, FILE), put(home, "ünï cødé.gguf")
    with starter.open("r+b") as file:
        file.truncate(253_113_024)  # sparse: only its size counts here
    assert find("", home) == str(starter)
    remember(str(other), home)
    assert find("", home) == str(other)
    other.unlink()
    assert find("", home) == str(starter)


def test_a_script_is_not_remembered(home: Places) -> None:
    remember("scripted:", home)
    assert last_used(home) is None


def test_a_note_that_cannot_be_written_or_read_is_done_without(home: Places) -> None:
    home.last_model.mkdir()
    remember("x.gguf", home)
    assert last_used(home) is None


def test_without_starter_packages_the_sentence_says_so(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> Path:
        raise StarterError("Its package is missing.")

    monkeypatch.setattr(library.starter, "install", refuse)
    with pytest.raises(NotInstalledError, match="Its package is missing"):
        find("", home)
