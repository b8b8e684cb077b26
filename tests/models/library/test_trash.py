"""Removing a model frees what it says, and nothing else goes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.library import added
from models.library.places import Places
from models.library.sources import LocalModel, local_models
from models.library.trash import NoTrashError, RemovalError, consequence, remove

ROOT = Path(__file__).resolve().parents[3]
Cached = Callable[..., Path]


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def models(places: Places, environment: dict[str, str]) -> dict[str, LocalModel]:
    return {model.name: model for model in local_models(places, environment)}


class Bin:
    """A trash that holds what it is given, as many files as it has room for."""

    def __init__(self, folder: Path, room: int = 99) -> None:
        self.folder, self.room = folder, room
        folder.mkdir()

    def __call__(self, file: Path) -> None:
        if not self.room:
            raise OSError(30, "Read-only file system")
        self.room -= 1
        file.rename(self.folder / file.name)


def test_our_own_goes_to_the_trash_with_all_its_parts(
    home: Places, environment: dict[str, str], tmp_path: Path
) -> None:
    for number in (1, 2):
        put(home.models / "x--big" / "Q8_0" / f"big-0000{number}-of-00002.gguf", bytes(1_500))
    put(home.models / "x--small" / "small.gguf", bytes(500))
    model = models(home, environment)["big"]
    assert consequence(model) == "big goes to the trash: 3.0 kB are freed once that is emptied."
    done = remove(model, home, trash=Bin(tmp_path / "bin"))
    assert done.freed == 3_000 and done.sentence == "big is in the trash: 3.0 kB are free once that is emptied."
    assert {path.name for path in (tmp_path / "bin").iterdir()} == {path.name for path in model.files}
    assert list(models(home, environment)) == ["small"]
    assert not (home.models / "x--big").exists() and (home.models / "x--small").exists()


def test_a_folders_model_too_and_the_folder_stays(home: Places, environment: dict[str, str], tmp_path: Path) -> None:
    put(tmp_path / "mine" / "m.gguf", bytes(10))
    added.add_folder(tmp_path / "mine", home)
    assert remove(models(home, environment)["m"], home, trash=Bin(tmp_path / "bin")).freed == 10
    assert (tmp_path / "mine").is_dir() and added.read(home).folders == (tmp_path / "mine",)


def test_a_linked_one_is_only_taken_off_the_list(home: Places, environment: dict[str, str], tmp_path: Path) -> None:
    path = put(tmp_path / "m.gguf", bytes(10))
    added.link(path, home)
    model = models(home, environment)["m"]
    assert "stays where it is" in consequence(model)
    assert remove(model, home, trash=Bin(tmp_path / "bin")).freed == 0
    assert path.exists() and models(home, environment) == {}


def test_a_loaded_one_stays(home: Places, environment: dict[str, str], tmp_path: Path) -> None:
    for number in (1, 2):
        put(home.models / f"m-0000{number}-of-00002.gguf", bytes(10))
    (tmp_path / "link.gguf").symlink_to(home.models / "m-00001-of-00002.gguf")
    model = models(home, environment)["m"]
    for loaded in (model.path, tmp_path / "link.gguf"):
        with pytest.raises(RemovalError, match="m is loaded: open another model first"):
            remove(model, home, loaded=loaded, trash=Bin(tmp_path / f"bin {loaded.name}"))
    assert "m" in models(home, environment)
    remove(model, home, loaded=tmp_path / "gone.gguf", trash=Bin(tmp_path / "bin"))


def test_without_a_trash_it_says_so_and_offers_to_delete(
    home: Places, environment: dict[str, str], tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        put(home.models / f"m-0000{number}-of-00003.gguf", bytes(10))
    model = models(home, environment)["m"]
    with pytest.raises(NoTrashError) as told:
        remove(model, home, trash=Bin(tmp_path / "bin", room=0))
    assert str(told.value) == "m cannot be put into the trash: Read-only file system. It can be deleted for good."
    with pytest.raises(NoTrashError, match=r"\(1 of its 3 files are gone already\)"):
        remove(model, home, trash=Bin(tmp_path / "small bin", room=1))
    assert consequence(model, permanent=True) == "m is deleted for good: 20 bytes are freed."
    assert remove(model, home, permanent=True).freed == 20
    assert not list(home.models.iterdir())


def test_what_has_another_name_frees_nothing(home: Places, environment: dict[str, str], tmp_path: Path) -> None:
    kept = put(tmp_path / "kept.gguf", bytes(10))
    home.models.mkdir(parents=True)
    (home.models / "soft.gguf").symlink_to(kept)
    assert remove(models(home, environment)["soft"], home, permanent=True).freed == 0
    os.link(kept, home.models / "hard.gguf")
    assert remove(models(home, environment)["hard"], home, permanent=True).freed == 0
    assert kept.exists()


def test_the_hubs_cache_loses_the_content_and_every_link_to_it(
    home: Places, environment: dict[str, str], cached: Cached, tmp_path: Path
) -> None:
    entry = cached("x/y", "m.gguf", bytes(2_000), commit="bbb")
    older = cached("x/y", "m.gguf", bytes(2_000), commit="aaa", current=False)
    other = cached("x/y", "other.gguf", bytes(3_000), commit="bbb")
    blob = entry.resolve()
    model = models(home, environment)["m"]
    assert "for all programs: 2.0 kB" in consequence(model)
    done = remove(model, home)
    assert done.freed == 2_000 and done.sentence == "m is deleted from the hub's cache: 2.0 kB are free."
    assert not blob.exists() and not entry.is_symlink() and not older.is_symlink()
    assert other.stat().st_size == 3_000 and list(models(home, environment)) == ["other"]


def test_a_split_model_of_the_hubs_cache(home: Places, environment: dict[str, str], cached: Cached) -> None:
    parts = [cached("x/y", f"Q8_0/m-0000{number}-of-00002.gguf", bytes(number * 1_000)) for number in (1, 2)]
    assert remove(models(home, environment)["m"], home).freed == 3_000
    assert not any(part.is_symlink() for part in parts)


def test_a_damaged_cache_is_told(home: Places, environment: dict[str, str], cached: Cached) -> None:
    entry = cached("x/y", "m.gguf", b"m")
    (entry.parents[1] / "a file where none belongs").write_bytes(b"")
    with pytest.raises(RemovalError, match="by hand"):
        remove(models(home, environment)["m"], home)
    assert entry.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the freedesktop trash")
def test_the_systems_own_trash(home: Places, environment: dict[str, str], tmp_path: Path) -> None:
    """In a process of its own: send2trash looks for the trash when it is imported."""
    put(home.models / "ünï.gguf", bytes(10))
    script = (
        "from models.library.sources import local_models; from models.library.places import places;"
        "from models.library.trash import remove; here = places();"
        "print(remove(next(local_models(here)), here).sentence)"
    )
    places = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "share"), "INKFALL_HOME": str(home.data.parent)}
    given = {**os.environ, **environment, **places, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=given, capture_output=True, timeout=60)
    assert done.stdout.decode() == "ünï is in the trash: 10 bytes are free once that is emptied.\n", (
        done.stderr.decode()
    )
    assert (tmp_path / "share" / "Trash" / "files" / "ünï.gguf").stat().st_size == 10
    assert not list(home.models.iterdir())
