"""The model that a name means."""

from pathlib import Path

import pytest

from models.library import installed as library
from models.library.app_dirs import AppDirs, under
from models.library.installed import NotInstalledError, find, installed, last_used, remember
from models.library.starter import FILE, StarterError


@pytest.fixture
def home(tmp_path: Path) -> AppDirs:
    dirs = under(tmp_path)
    dirs.models.mkdir(parents=True)
    return dirs


def put(dirs: AppDirs, name: str) -> Path:
    path = dirs.models / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF")
    return path


def test_the_list_is_sorted_and_names_split_models_once(home: AppDirs) -> None:
    for name in ("b.gguf", "hub/A-00001-of-00002.gguf", "hub/A-00002-of-00002.gguf", "notes.txt", ".joining-1.tmp"):
        put(home, name)
    assert [(model.name, model.path.name, model.size) for model in installed(home)] == [
        ("A", "A-00001-of-00002.gguf", 8),
        ("b", "b.gguf", 4),
    ]


def test_no_folder_is_no_models(tmp_path: Path) -> None:
    assert installed(under(tmp_path / "none")) == ()


def test_names_paths_and_scripts(home: AppDirs, tmp_path: Path) -> None:
    path = put(home, "Tiny-Q4.gguf")
    assert find("tiny-q4", home) == find("Tiny-Q4.gguf".removesuffix(".gguf"), home) == str(path)
    assert find("./other.gguf", home) == "./other.gguf"
    assert find("scripted:?rate=9", home) == "scripted:?rate=9"
    assert find(str(tmp_path), home) == str(tmp_path)


@pytest.mark.parametrize("name", ["a" * 5_000, "a\0b"])
def test_an_impossible_file_name_is_an_unknown_name(home: AppDirs, name: str) -> None:
    with pytest.raises(NotInstalledError):
        find(name, home)


def test_an_unknown_name_lists_the_known_ones(home: AppDirs) -> None:
    put(home, "one.gguf")
    with pytest.raises(NotInstalledError, match=r"“two” is installed \(installed: one\)"):
        find("two", home)


def test_the_last_used_model_comes_before_the_starter(home: AppDirs) -> None:
    starter, other = put(home, FILE), put(home, "ünï cødé.gguf")
    with starter.open("r+b") as file:
        file.truncate(253_113_024)  # sparse: only its size counts here
    assert find("", home) == str(starter)
    remember(str(other), home)
    assert find("", home) == str(other)
    other.unlink()
    assert find("", home) == str(starter)


def test_a_script_is_not_remembered(home: AppDirs) -> None:
    remember("scripted:", home)
    assert last_used(home) is None


def test_a_note_that_cannot_be_written_or_read_is_done_without(home: AppDirs) -> None:
    home.last_model.mkdir()
    remember("x.gguf", home)
    assert last_used(home) is None


def test_without_starter_packages_the_sentence_says_so(home: AppDirs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> Path:
        raise StarterError("Its package is missing.")

    monkeypatch.setattr(library.starter, "install", refuse)
    with pytest.raises(NotInstalledError, match="Its package is missing"):
        find("", home)


# ------------------------------------------------------------------------------------------------ in several folders

HERE = "https://huggingface.co/o/m-GGUF"


@pytest.fixture
def several(home: AppDirs) -> dict[str, Path]:
    """Models of one repository, two of one name, and one of that name from elsewhere."""
    names = ("m.Q4_K_M.gguf", "m.Q8_0.gguf", "small/same.gguf", "large/same.gguf")
    found = {name: put(home, f"o--m-GGUF/{name}") for name in names}
    for name, path in found.items():
        path.write_bytes(name.encode() * 99)
    found["other"] = put(home, "x--y/same.gguf")
    return found


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("o/m-GGUF", "m.Q4_K_M.gguf"),
        ("O/M-gguf/", "m.Q4_K_M.gguf"),
        (HERE, "m.Q4_K_M.gguf"),
        ("o/m-GGUF:Q8_0", "m.Q8_0.gguf"),
        ("hf.co/o/m-GGUF:q8_0", "m.Q8_0.gguf"),
        ("o/m-GGUF/m.Q8_0.gguf", "m.Q8_0.gguf"),
        ("o/m-GGUF:m.Q8_0.gguf", "m.Q8_0.gguf"),
        ("m.q8_0.gguf", "m.Q8_0.gguf"),
        (f"{HERE}/blob/main/m.Q8_0.gguf", "m.Q8_0.gguf"),
        (f"{HERE}/resolve/main/large/same.gguf?download=true", "large/same.gguf"),
        ("o/m-GGUF/small/same.gguf", "small/same.gguf"),
        ("small/same.gguf", "small/same.gguf"),
        ("large/same", "large/same.gguf"),
        (f"{HERE}/tree/main/small", "small/same.gguf"),
        ("x/y/same.gguf", "other"),
        ("x/y", "other"),
    ],
)
def test_each_is_meant_by_its_own_names(several: dict[str, Path], home: AppDirs, name: str, meant: str) -> None:
    assert find(name, home) == str(several[meant])


@pytest.mark.parametrize("name", ["same", "same.gguf", "o/m-GGUF/same.gguf"])
def test_several_of_one_name_are_named(several: dict[str, Path], home: AppDirs, name: str) -> None:
    with pytest.raises(NotInstalledError, match="Several models are called") as caught:
        find(name, home)
    assert str(several["small/same.gguf"]) in str(caught.value) and str(several["large/same.gguf"]) in str(caught.value)


def test_one_file_in_two_places_is_one_model(home: AppDirs) -> None:
    first, second = put(home, "a--b/m.gguf"), put(home, "c--d/m.gguf")
    assert first.read_bytes() == second.read_bytes()
    assert find("m", home) == str(first)


def test_names_in_a_list_differ(several: dict[str, Path], home: AppDirs) -> None:
    assert sorted(model.name for model in installed(home)) == [
        "large/same",
        "m.Q4_K_M",
        "m.Q8_0",
        "small/same",
        "x--y/same",
    ]


def test_an_address_of_a_missing_model_says_how_to_get_it(home: AppDirs) -> None:
    with pytest.raises(NotInstalledError, match="is not on this machine: get it with `inkfall models get`"):
        find(f"{HERE}/blob/main/none.gguf", home)
