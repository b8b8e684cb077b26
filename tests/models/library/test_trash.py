"""Removing a model frees the bytes that it says, and deletes nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.library import starter, user_folders
from models.library.app_dirs import AppDirs
from models.library.local_models import LocalModel, local_models
from models.library.safe_delete import NotOursError, check, entry_of, unlink
from models.library.trash import NoTrashError, RemovalError, consequence, remove

ROOT = Path(__file__).resolve().parents[3]
Cached = Callable[..., Path]


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def models(dirs: AppDirs, environment: dict[str, str]) -> dict[str, LocalModel]:
    return {model.name: model for model in local_models(dirs, environment)}


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
    home: AppDirs, environment: dict[str, str], tmp_path: Path
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


def test_a_folders_model_too_and_the_folder_stays(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    put(tmp_path / "mine" / "m.gguf", bytes(10))
    user_folders.add_folder(tmp_path / "mine", home)
    assert remove(models(home, environment)["m"], home, trash=Bin(tmp_path / "bin")).freed == 10
    assert (tmp_path / "mine").is_dir() and user_folders.read(home).folders == (tmp_path / "mine",)


def test_a_linked_one_is_only_taken_off_the_list(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    path = put(tmp_path / "m.gguf", bytes(10))
    user_folders.link(path, home)
    model = models(home, environment)["m"]
    assert "stays where it is" in consequence(model)
    assert remove(model, home, trash=Bin(tmp_path / "bin")).freed == 0
    assert path.exists() and models(home, environment) == {}


def test_a_loaded_one_stays(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
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
    home: AppDirs, environment: dict[str, str], tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        put(home.models / f"m-0000{number}-of-00003.gguf", bytes(10))
    model = models(home, environment)["m"]
    with pytest.raises(NoTrashError) as raised:
        remove(model, home, trash=Bin(tmp_path / "bin", room=0))
    assert str(raised.value) == "m cannot be put into the trash: Read-only file system. It can be deleted permanently."
    with pytest.raises(NoTrashError, match=r"\(1 of its 3 files are gone already\)"):
        remove(model, home, trash=Bin(tmp_path / "small bin", room=1))
    assert consequence(model, permanent=True) == "m is deleted permanently: 20 bytes are freed."
    assert remove(model, home, permanent=True).freed == 20
    assert not list(home.models.iterdir())


def test_a_file_with_another_link_frees_nothing(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    target = put(tmp_path / "kept.gguf", bytes(10))
    home.models.mkdir(parents=True)
    (home.models / "soft.gguf").symlink_to(target)
    assert remove(models(home, environment)["soft"], home, permanent=True).freed == 0
    os.link(target, home.models / "hard.gguf")
    assert remove(models(home, environment)["hard"], home, permanent=True).freed == 0
    assert target.exists()


def test_the_hubs_cache_loses_the_content_and_every_link_to_it(
    home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path
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


def test_a_split_model_of_the_hubs_cache(home: AppDirs, environment: dict[str, str], cached: Cached) -> None:
    parts = [cached("x/y", f"Q8_0/m-0000{number}-of-00002.gguf", bytes(number * 1_000)) for number in (1, 2)]
    assert remove(models(home, environment)["m"], home).freed == 3_000
    assert not any(part.is_symlink() for part in parts)


def test_other_files_in_the_cache_stay(home: AppDirs, environment: dict[str, str], cached: Cached) -> None:
    entry = cached("x/y", "m.gguf", b"m")
    stray = put(entry.parents[1] / "a file where none belongs", b"")
    (entry.parent / "broken.gguf").symlink_to("../../blobs/gone")
    assert remove(models(home, environment)["m"], home).freed == 1
    assert stray.exists() and not entry.is_symlink() and (entry.parent / "broken.gguf").is_symlink()


# ------------------------------------------------------------------------------------------------ links lead outside


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """A file of the user's that no model may take along."""
    return put(tmp_path / "documents" / "precious.gguf", bytes(7_000))


@pytest.mark.parametrize("lead", ["absolute", "relative", "by a blob", "other repository"])
def test_a_link_of_the_cache_that_leads_elsewhere_is_deleted_alone(
    home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path, precious: Path, lead: str
) -> None:
    entry = cached("x/y", "m.gguf", bytes(2_000))
    blob = entry.resolve()
    if lead == "other repository":
        precious = cached("x/z", "other.gguf", bytes(3_000)).resolve()
    if lead == "by a blob":  # the link names a content of the repository, which is a link itself
        blob.unlink()
        blob.symlink_to(precious)
    else:
        entry.unlink()
        entry.symlink_to(precious if lead == "absolute" else os.path.relpath(precious, entry.parent))
    model = models(home, environment).get("m") or models(home, environment)["other"]
    assert model.path == entry and "0 bytes" in consequence(model)
    assert remove(model, home).freed == 0
    assert precious.exists() and not entry.is_symlink()
    assert not blob.is_symlink()


@pytest.mark.parametrize("step", ["repository", "snapshots", "commit"])
def test_a_folder_of_the_cache_that_is_a_link_is_left_alone(
    home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path, step: str
) -> None:
    entry = cached("x/y", "m.gguf", b"m")
    folder = {"repository": entry.parents[2], "snapshots": entry.parents[1], "commit": entry.parent}[step]
    away = tmp_path / "another disk" / "models--of--another" / folder.name
    away.parent.mkdir(parents=True)
    content = entry.read_bytes()
    folder.rename(away)
    folder.symlink_to(away)
    if not entry.exists():  # the relative link leads nowhere from there
        entry.unlink()
        put(entry, content)
    with pytest.raises(RemovalError, match="lies outside the folder"):
        remove(models(home, environment)["m"], home)
    assert entry.exists()


def test_a_cache_that_is_reached_by_a_link_is_a_cache(
    home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path
) -> None:
    entry = cached("x/y", "m.gguf", bytes(2_000))
    blob = entry.resolve()
    (tmp_path / "link").symlink_to(tmp_path / "hub")
    assert remove(models(home, {"HF_HUB_CACHE": str(tmp_path / "link")})["m"], home).freed == 2_000
    assert not blob.exists()


def test_a_content_with_another_name_frees_nothing(
    home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path
) -> None:
    entry = cached("x/y", "m.gguf", bytes(2_000))
    os.link(entry.resolve(), tmp_path / "kept.gguf")
    model = models(home, environment)["m"]
    assert "0 bytes are freed" in consequence(model)
    assert remove(model, home).freed == 0
    assert (tmp_path / "kept.gguf").stat().st_size == 2_000


@pytest.mark.parametrize("users", [1, 2])
def test_a_content_that_repositories_share(
    home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path, users: int
) -> None:
    """A shared content, in huggingface_hub's layout, is deleted with its last user."""
    store, name = tmp_path / "hub" / "blobs", "ab" + "0" * 62
    payload = put(store / "ab" / name, bytes(2_000))
    put(store / ".huggingface-shared-blobs", b"1\n")
    entries = [cached(f"x/y{number}", f"m{number}.gguf", bytes([number])) for number in range(users)]
    for entry in entries:
        blob = entry.resolve()
        blob.unlink()
        blob.symlink_to(os.path.relpath(payload, blob.parent))
    listed = [f"models--x--y{number}/blobs/{entry.readlink().name}" for number, entry in enumerate(entries)]
    payload.with_name(f"{name}.refs").write_text("\n".join(listed) + "\n", encoding="utf-8")
    model = models(home, environment)["m0"]
    alone = 2_000 if users == 1 else 0
    assert ("2.0 kB are freed" in consequence(model)) == bool(alone)
    assert remove(model, home).freed == alone
    assert payload.exists() == (users > 1) and not entries[0].is_symlink()


def test_a_linked_folder_in_ours_is_left_alone(
    home: AppDirs, environment: dict[str, str], precious: Path, tmp_path: Path
) -> None:
    home.models.mkdir(parents=True)
    (home.models / "x--y").symlink_to(precious.parent)
    model = models(home, environment)["precious"]
    for permanent in (False, True):
        with pytest.raises(RemovalError, match="precious cannot be deleted: it lies outside the folder") as raised:
            remove(model, home, permanent=permanent, trash=Bin(tmp_path / f"bin {permanent}"))
        assert not isinstance(raised.value, NoTrashError)
    assert precious.exists() and (home.models / "x--y").is_symlink()


def test_a_linked_folder_in_one_that_was_added_too(
    home: AppDirs, environment: dict[str, str], precious: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "deep").symlink_to(precious.parent)
    user_folders.add_folder(tmp_path / "mine", home)
    with pytest.raises(RemovalError, match="lies outside the folder"):
        remove(models(home, environment)["precious"], home, permanent=True)
    assert precious.exists()


def test_our_folder_may_itself_lie_on_another_disk(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    home.data.mkdir(parents=True)
    (tmp_path / "large disk").mkdir()
    home.models.symlink_to(tmp_path / "large disk")
    put(home.models / "x--y" / "m.gguf", bytes(10))
    assert remove(models(home, environment)["m"], home, trash=Bin(tmp_path / "bin")).freed == 10
    assert not list((tmp_path / "large disk").iterdir())


def test_a_part_that_is_a_link_goes_as_a_link(
    home: AppDirs, environment: dict[str, str], precious: Path, tmp_path: Path
) -> None:
    first = put(home.models / "x--y" / "m-00001-of-00002.gguf", bytes(10))
    first.with_name("m-00002-of-00002.gguf").symlink_to(precious)
    model = models(home, environment)["m"]
    assert consequence(model) == "m goes to the trash: 10 bytes are freed once that is emptied."
    assert remove(model, home, trash=Bin(tmp_path / "bin")).freed == 10
    assert precious.exists() and not (home.models / "x--y").exists()


def test_a_link_is_deleted_and_not_put_into_the_trash(
    home: AppDirs, environment: dict[str, str], precious: Path, tmp_path: Path
) -> None:
    home.models.mkdir(parents=True)
    (home.models / "m.gguf").symlink_to(precious)
    model = models(home, environment)["m"]
    assert consequence(model) == "m is a link: the link is deleted, and what it leads to stays."
    remove(model, home, trash=Bin(tmp_path / "bin", room=0))
    assert precious.exists() and not list(home.models.iterdir())


def test_two_names_of_one_file_free_it_together(home: AppDirs, environment: dict[str, str]) -> None:
    first = put(home.models / "m-00001-of-00002.gguf", bytes(10))
    os.link(first, first.with_name("m-00002-of-00002.gguf"))
    assert remove(models(home, environment)["m"], home, permanent=True).freed == 10


def test_a_renamed_file_stays(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    put(home.models / "a" / "m.gguf", b"the one that was listed")
    other = put(home.models / "b" / "m.gguf", b"another")
    model = next(model for model in local_models(home, environment) if model.path.parent.name == "a")
    (home.models / "a").rename(home.models / "c")
    other.parent.rename(home.models / "a")
    with pytest.raises(RemovalError, match="m cannot be deleted: another file lies there now"):
        remove(model, home, permanent=True)
    assert (home.models / "a" / "m.gguf").read_bytes() == b"another" and (home.models / "c" / "m.gguf").exists()


def test_a_folder_that_becomes_a_link_while_it_is_removed(
    home: AppDirs, environment: dict[str, str], precious: Path
) -> None:
    """Between the look and the deletion."""
    mine = put(home.models / "x--y" / "precious.gguf", b"mine")
    entry = entry_of(mine, home.models)
    mine.parent.rename(home.models / "moved")
    (home.models / "x--y").symlink_to(precious.parent)
    for remove_it in (unlink, check):
        with pytest.raises(NotOursError):
            remove_it(entry)
    assert precious.exists() and (home.models / "moved" / "precious.gguf").exists()


def test_models_shipped_with_the_program_stay(
    home: AppDirs, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = put(tmp_path / "program" / "starter.gguf", b"starter")
    monkeypatch.setattr(starter, "carried", lambda: carried)
    with pytest.raises(RemovalError, match="lies outside the folder"):
        remove(models(home, environment)["starter"], home, permanent=True)
    assert carried.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the freedesktop trash")
def test_the_systems_own_trash(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    """Runs in a process of its own: send2trash searches for the trash when it is imported."""
    put(home.models / "ünï.gguf", bytes(10))
    script = (
        "from models.library.local_models import local_models; from models.library.app_dirs import app_dirs;"
        "from models.library.trash import remove; here = app_dirs();"
        "print(remove(next(local_models(here)), here).sentence)"
    )
    dirs = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "share"), "INKFALL_HOME": str(home.data.parent)}
    given = {**os.environ, **environment, **dirs, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=given, capture_output=True, timeout=60)
    assert done.stdout.decode() == "ünï is in the trash: 10 bytes are free once that is emptied.\n", (
        done.stderr.decode()
    )
    assert (tmp_path / "share" / "Trash" / "files" / "ünï.gguf").stat().st_size == 10
    assert not list(home.models.iterdir())
