"""Models on this machine: found in every folder, each once, and only whole ones."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.library import kind_overrides, user_folders
from models.library.app_dirs import AppDirs
from models.library.fingerprint import fingerprint
from models.library.installed import NotInstalledError, find, installed
from models.library.local_models import LocalModel, hub_cache, local_models
from models.library.model_facts import describe, described_models
from models.library.trash import remove
from tests.models.library.conftest import STRING, text

Cached = Callable[..., Path]


def put(path: Path, content: bytes = b"GGUF") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def seen(dirs: AppDirs, environment: dict[str, str]) -> list[tuple[str, str]]:
    return [(model.name, model.source) for model in local_models(dirs, environment)]


def test_all_four_places(home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path) -> None:
    put(home.models / "QuantFactory--gpt2-GGUF" / "gpt2.Q8_0.gguf")
    cached("mradermacher/gpt2-xl-GGUF", "gpt2-xl.Q8_0.gguf", b"xl")
    user_folders.add_folder(put(tmp_path / "mine" / "deep" / "einé.GGUF").parents[1], home)
    user_folders.link(put(tmp_path / "elsewhere" / "linked.gguf", b"12345"), home)
    found = list(local_models(home, environment))
    assert [(model.name, model.source, model.repo) for model in found] == [
        ("gpt2.Q8_0", "own", "QuantFactory/gpt2-GGUF"),
        ("gpt2-xl.Q8_0", "hub cache", "mradermacher/gpt2-xl-GGUF"),
        ("einé", "folder", ""),
        ("linked", "link", ""),
    ]
    assert found[1].path.is_symlink() and found[1].size == 2
    assert found[3].size == 5 and found[3].files == (tmp_path / "elsewhere" / "linked.gguf",)


def test_each_file_once(home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path) -> None:
    own = put(home.models / "own.gguf")
    old = cached("x/y", "m.gguf", b"same", commit="aaa", current=False)
    cached("x/y", "m.gguf", b"same", commit="bbb")
    other = cached("x/y", "m.gguf", b"older", commit="aab", current=False)
    user_folders.add_folder(tmp_path, home)
    user_folders.link(own, home)
    os.link(own, tmp_path / "second name.gguf")
    paths = [model.path for model in local_models(home, environment)]
    assert paths == [own, old.parents[1] / "bbb" / "m.gguf", other]  # the current commit before the others


def test_another_hub_cache_that_was_added_is_one_too(home: AppDirs, cached: Cached, tmp_path: Path) -> None:
    cached("x/y", "m.gguf", b"m")
    user_folders.add_folder(tmp_path / "hub", home)
    (model,) = local_models(home, {"HF_HUB_CACHE": str(tmp_path / "elsewhere")})
    assert (model.source, model.repo) == ("hub cache", "x/y")
    assert remove(model, home).freed == 1
    assert not list((tmp_path / "hub" / "models--x--y" / "blobs").iterdir())


def test_only_whole_models_of_several_files(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    for name in ("a-00001-of-00002", "a-00002-of-00002", "b-00001-of-00002", "c-00002-of-00002", "d-00001-of-00001"):
        put(home.models / f"{name}.gguf", name.encode())
    for name in ("e-00000-of-00002", "f-99999-of-99999", "f-00001-of-99999"):
        put(home.models / f"{name}.gguf")
    found = list(local_models(home, environment))
    assert [(model.name, len(model.files), model.size) for model in found] == [("a", 2, 32), ("d", 1, 16)]
    assert found[0].path == found[0].files[0] == home.models / "a-00001-of-00002.gguf"


def test_a_linked_later_part_lists_the_whole_model(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    parts = [put(tmp_path / f"a-0000{number}-of-00002.gguf", bytes(number)) for number in (1, 2)]
    user_folders.link(parts[1], home)
    (model,) = local_models(home, environment)
    assert model.files == tuple(parts) and model.size == 3
    user_folders.unlink(parts[1], home)
    assert not seen(home, environment)


def test_missing_files_and_companions_of_a_model_are_left_out(
    home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path
) -> None:
    for name in (
        "mmproj-f16.gguf",
        "m.imatrix.gguf",
        "mtp-m.gguf",
        "MTP/m.gguf",
        ".git/x.gguf",
        "x.gguf.part",
        "x.txt",
    ):
        put(home.models / name)
    entry = cached("x/y", "gone.gguf", b"gone")
    entry.resolve().unlink()
    user_folders.add_folder(tmp_path / "no such folder", home)
    user_folders.link(tmp_path / "no such file.gguf", home)
    (home.models / "broken.gguf").symlink_to(tmp_path / "nowhere")
    (home.models / "folder.gguf").mkdir()
    assert seen(home, environment) == []


def test_a_folder_that_links_to_itself_ends(home: AppDirs, environment: dict[str, str]) -> None:
    put(home.models / "deep" / "m.gguf")
    (home.models / "deep" / "again").symlink_to(home.models, target_is_directory=True)
    assert seen(home, environment) == [("m", "own")]


def test_a_linked_folder_is_followed(home: AppDirs, environment: dict[str, str], tmp_path: Path) -> None:
    put(tmp_path / "disk" / "m.gguf")
    home.models.mkdir(parents=True)
    (home.models / "disk").symlink_to(tmp_path / "disk", target_is_directory=True)
    assert seen(home, environment) == [("m", "own")]


def test_the_search_stops_when_asked(home: AppDirs, environment: dict[str, str]) -> None:
    for number in range(5):
        put(home.models / str(number) / "m.gguf", str(number).encode())
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3  # the folder itself and two in it

    assert len(list(local_models(home, environment, stopped))) == 2


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HF_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HUGGINGFACE_HUB_CACHE": "/c", "HF_HOME": "/b"}, "/c"),
        ({"HF_HOME": "/b", "XDG_CACHE_HOME": "/d"}, "/b/hub"),
        ({"XDG_CACHE_HOME": "/d"}, "/d/huggingface/hub"),
        ({"HF_HOME": ""}, f"{Path.home()}/.cache/huggingface/hub"),
        ({"HF_HOME": "~/x"}, f"{Path.home()}/x/hub"),
    ],
)
def test_where_the_hub_cache_is(environment: dict[str, str], expected: str) -> None:
    assert str(hub_cache(environment)) == expected


def test_added_folders_are_stored_once_and_in_order(home: AppDirs, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "zwei ünï \udcff"
    for folder in (one, two, one):
        user_folders.add_folder(folder, home)
    assert user_folders.read(home).folders == (two, one)
    assert user_folders.read(home).files == ()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"folders": 1}',
        '{"folders": [1, null, ""]}',
        '{"files": ["a\\u0000", "\\ud800"]}',
        "\xff",
        "[" * 9999,
    ],
)
def test_a_damaged_list_is_an_empty_one(content: str, home: AppDirs, tmp_path: Path) -> None:
    home.data.mkdir(parents=True)
    (home.data / "added-models.json").write_text(content, encoding="latin-1")
    assert user_folders.read(home) == user_folders.Added()
    user_folders.add_folder(tmp_path, home)
    assert user_folders.read(home).folders == (tmp_path,)


def test_a_list_that_cannot_be_written_says_so(home: AppDirs, tmp_path: Path) -> None:
    put(home.data)
    with pytest.raises(OSError):
        user_folders.link(tmp_path / "m.gguf", home)


def test_a_model_is_found_by_all_its_names(
    home: AppDirs, environment: dict[str, str], cached: Cached, tmp_path: Path
) -> None:
    path = cached("mradermacher/gpt2-xl-GGUF", "gpt2-xl.Q8_0.gguf", b"xl")
    smaller = cached("mradermacher/gpt2-xl-GGUF", "gpt2-xl.Q4_K_M.gguf", b"x")
    for name in ("gpt2-xl.Q8_0", "GPT2-XL.q8_0", "mradermacher/gpt2-xl-GGUF:Q8_0", "mradermacher/GPT2-xl-gguf:q8_0"):
        assert find(name, home, environment) == str(path)
    assert find("mradermacher/gpt2-xl-GGUF", home, environment) == str(path)  # which the catalogue takes
    assert find("mradermacher/gpt2-xl-GGUF:Q4_K_M", home, environment) == str(smaller)
    user_folders.link(put(tmp_path / "my tale.gguf"), home)
    assert find("my tale", home, environment) == str(tmp_path / "my tale.gguf")
    assert find("some/where", home, environment) == "some/where"
    with pytest.raises(NotInstalledError, match=r"installed: gpt2-xl\.Q4_K_M, gpt2-xl\.Q8_0, my tale"):
        find("other", home, environment)
    assert [model.name for model in installed(home, environment)] == ["gpt2-xl.Q4_K_M", "gpt2-xl.Q8_0", "my tale"]


def test_a_description_with_the_users_mark(home: AppDirs, environment: dict[str, str], sound: Any) -> None:
    put(home.models / "tiny.gguf", sound.encode())
    put(home.models / "torn.gguf", sound.but(cut=99).encode())
    tiny, torn = described_models(home, environment)
    assert tiny.kind is not None and (tiny.kind.kind, tiny.kind.sure) == ("base", "likely")
    assert tiny.summary is not None and not tiny.problem
    facts = tiny.summary
    assert (facts.architecture, facts.parameters) == ("llama", 64 * 4 + 64 * 64)
    assert torn.kind is None and torn.summary is None and "cut short" in torn.problem
    key = fingerprint(tiny.path)
    kind_overrides.overrule(key, "chat", home)
    again = next(described_models(home, environment))
    assert again.kind is not None and again.kind.reason == "Marked by you as a chat model."
    kind_overrides.overrule(key, None, home)
    assert next(described_models(home, environment)) == tiny


def test_a_changed_file_is_read_again(home: AppDirs, environment: dict[str, str], sound: Any) -> None:
    path = put(home.models / "tiny.gguf", sound.encode())
    (model,) = local_models(home, environment)
    assert describe(model, {}).summary is not None
    path.write_bytes(b"PK and so on")
    (model,) = local_models(home, environment)
    assert "zip" in describe(model, {}).problem
    path.unlink()
    assert describe(model, {}).problem == "tiny cannot be read: No such file or directory."


def test_verdicts_are_forgiving(home: AppDirs) -> None:
    put(home.data / "base-or-chat.json", b'{"a": "base", "b": "chat", "c": "maybe", "d": 1}')
    assert kind_overrides.read(home) == {"a": "base", "b": "chat"}
    assert kind_overrides.override_of(home.data / "none.gguf", {"a": "base"}) is None


def test_a_model_is_a_value(home: AppDirs, environment: dict[str, str]) -> None:
    put(home.models / "m.gguf")
    one, two = next(local_models(home, environment)), next(local_models(home, environment))
    assert one == two and hash(one) == hash(two) and isinstance(one, LocalModel)


def test_imatrix_in_a_name_hides_importance_matrices_alone(
    home: AppDirs, environment: dict[str, str], sound: Any
) -> None:
    home.models.mkdir(parents=True)
    matrix = sound.with_value("general.type", STRING, text("imatrix")).encode()
    for name, content in (
        ("x-imatrix-Q4_K_M.gguf", sound.encode()),
        ("x-imatrix.gguf", sound.encode()),
        ("y-imatrix.gguf", matrix),
        ("imatrix.gguf", matrix),
    ):
        (home.models / name).write_bytes(content)
    assert [model.name for model in installed(home, environment)] == ["x-imatrix", "x-imatrix-Q4_K_M"]
