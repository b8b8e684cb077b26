"""The bundle for a machine with a graphics device has what builds there, and nothing else of the source package."""

import io
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from tests.gpu.bundle import EMPTY, is_built, trim

LONG = f"vendor/llama.cpp/ggml/src/ggml-cuda/template-instances/{'long-' * 20}.cu"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("llama_cpp/llama_cpp.py", True),
        ("llama_cpp/server/app.py", False),
        ("CMakeLists.txt", False),
        ("vendor/llama.cpp/CMakeLists.txt", True),
        ("vendor/llama.cpp/src/llama.cpp", True),
        ("vendor/llama.cpp/tools/server/server.cpp", False),
        ("vendor/llama.cpp/vendor/stb/stb_image.h", False),
        ("vendor/llama.cpp/ggml/src/ggml-alloc.c", True),
        ("vendor/llama.cpp/ggml/src/ggml-vulkan/vulkan-shaders/add.comp", True),
        ("vendor/llama.cpp/ggml/src/ggml-metal/ggml-metal.metal", False),
        (LONG, True),
    ],
)
def test_what_is_built(path: str, kept: bool) -> None:
    assert is_built(PurePosixPath(path)) is kept


def test_files_keep_their_contents_and_lose_the_folder_of_the_package(tmp_path: Path) -> None:
    package, packed = tmp_path / "package.tar.gz", tmp_path / "packed.tar.xz"
    with tarfile.open(package, "w:gz") as archive:
        for name in (LONG, "llama_cpp/llama_cpp.py", "README.md"):
            entry = tarfile.TarInfo(f"llama_cpp_python-0.0/{name}")
            entry.size = len(name)
            archive.addfile(entry, io.BytesIO(name.encode()))
    trim(package, packed)
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    found = {
        file.relative_to(tmp_path / "source").as_posix(): file.read_text(encoding="utf-8")
        for file in (tmp_path / "source").rglob("*")
        if file.is_file()
    }
    assert found == {LONG: LONG, "llama_cpp/llama_cpp.py": "llama_cpp/llama_cpp.py", str(EMPTY): ""}
