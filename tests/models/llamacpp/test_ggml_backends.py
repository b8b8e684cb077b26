"""The names of loadable backends, and the folders that are searched."""

from pathlib import Path

import pytest

from models.library.app_dirs import app_dirs
from models.llamacpp import backend_packs, ggml_backends
from models.llamacpp.ggml_backends import BackendFile


@pytest.mark.parametrize(
    ("name", "family", "variant"),
    [
        ("libggml-cpu-haswell.so", "cpu", "haswell"),
        ("ggml-cpu-sse42.dll", "cpu", "sse42"),
        ("libggml-cpu-apple_m1.so", "cpu", "apple_m1"),
        ("libggml-cpu.so", "cpu", ""),
        ("libggml-vulkan.so", "vulkan", ""),
        ("ggml-cuda.dll", "cuda", ""),
    ],
)
def test_a_file_is_what_its_name_says(name: str, family: str, variant: str) -> None:
    assert ggml_backends.named(Path("/somewhere") / name) == BackendFile(Path("/somewhere") / name, family, variant)


@pytest.mark.parametrize(
    "name", ["libggml.so", "libggml-base.so", "libggml-base.so.0", "libllama.so", "libggml-cpu.so.0", "README"]
)
def test_files_that_are_no_backend_are_left_out(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert ggml_backends.named(tmp_path / name) is None
    assert ggml_backends.in_folder(tmp_path) == ()


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert ggml_backends.in_folder(tmp_path / "nothing") == ()


def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> Path:
    """A folder of an installed llama.cpp, with these files in its library folder."""
    folder = tmp_path / "packages" / "llama_cpp" / "lib"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(folder))
    return folder


def test_a_build_with_everything_compiled_in_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, monkeypatch, "libllama.so", "libggml-cpu.so", "libggml-vulkan.so")
    assert ggml_backends.found() == ()


def test_they_lie_beside_the_library_or_where_its_package_puts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = build(tmp_path, monkeypatch, "libllama.so", "libggml-vulkan.so")
    beside = folder.parent.parent / "bin"
    beside.mkdir()
    for name in ("libggml-cpu-x64.so", "libggml-vulkan.so"):
        (beside / name).touch()
    assert [one.path for one in ggml_backends.found()] == [beside / "libggml-cpu-x64.so", beside / "libggml-vulkan.so"]
    (folder / "libggml-cpu-haswell.so").touch()
    assert [one.path.parent for one in ggml_backends.found()] == [folder, folder]


def test_a_pack_adds_graphics_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, monkeypatch, "libggml-cpu-x64.so")
    monkeypatch.setenv("INKFALL_HOME", str(tmp_path / "home"))
    pack = app_dirs().backends
    pack.mkdir(parents=True)
    for name in ("libggml-cuda.so", "libggml-cpu-zen4.so"):
        (pack / name).touch()
    assert [(one.path.name, one.pack) for one in ggml_backends.found()] == [
        ("libggml-cpu-x64.so", False),
        ("libggml-cuda.so", True),
    ]


def test_a_pack_may_lie_in_a_folder_of_its_own_and_the_first_of_two_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, monkeypatch, "libggml-cpu-x64.so")
    monkeypatch.setenv("INKFALL_HOME", str(tmp_path / "home"))
    of_the_system = tmp_path / "usr" / "lib" / "inkfall-cuda"
    monkeypatch.setattr(backend_packs, "OF_THE_SYSTEM", (of_the_system,))
    for folder in (of_the_system, app_dirs().backends / "inkfall-cuda-0.1.0"):
        folder.mkdir(parents=True)
        (folder / "libggml-cuda.so").touch()
    (of_the_system / "libggml-hip.so").touch()
    assert [one.path for one in ggml_backends.found()[1:]] == [
        app_dirs().backends / "inkfall-cuda-0.1.0" / "libggml-cuda.so",
        of_the_system / "libggml-hip.so",
    ]


def test_families_come_with_the_processors_first() -> None:
    names = ("libggml-vulkan.so", "libggml-cpu-x64.so", "libggml-cpu-zen4.so")
    few = [one for name in names if (one := ggml_backends.named(Path(name)))]
    assert {name: len(of) for name, of in ggml_backends.by_family(few).items()} == {"cpu": 2, "vulkan": 1}
    assert list(ggml_backends.by_family(few)) == ["cpu", "vulkan"]


def test_every_kind_of_processor_has_words() -> None:
    assert BackendFile(Path("x"), "cpu", "haswell").words == "AVX2"
    assert BackendFile(Path("x"), "cpu", "apple_m4").words == "apple_m4"
    assert BackendFile(Path("x"), "vulkan", "").words == "Vulkan"
