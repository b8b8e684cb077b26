"""The files of the frozen program."""

import ast
import shutil
import sys
from pathlib import Path

import pytest

from installer import frozen


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An environment with llama.cpp's libraries as its wheel has them: each under three names."""
    for stem in ("libggml", "libllama"):
        for version in ("", ".0", ".0.25.3"):
            _file(tmp_path / "llama_cpp" / "lib" / f"{stem}.so{version}")
    for name in ("libggml-cpu-haswell.so", "libggml-vulkan.so"):
        _file(tmp_path / "bin" / name)
    _file(tmp_path / "llama_cpp" / "lib" / "libggml-vulkan.so")
    _file(tmp_path / "llama_cpp" / "lib" / "libmtmd.so")
    return tmp_path


def _file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"library")


def test_every_library_is_there_once_and_under_the_names_it_is_asked_for(site: Path) -> None:
    found = {name: (Path(source).name, kind) for name, source, kind in frozen.libraries(site)}
    assert found == {
        "llama_cpp/lib/libggml.so.0": ("libggml.so.0", "BINARY"),
        "llama_cpp/lib/libggml.so": ("libggml.so.0", "SYMLINK"),
        "llama_cpp/lib/libllama.so.0": ("libllama.so.0", "BINARY"),
        "llama_cpp/lib/libllama.so": ("libllama.so.0", "SYMLINK"),
        "bin/libggml-cpu-haswell.so": ("libggml-cpu-haswell.so", "BINARY"),
        "bin/libggml-vulkan.so": ("libggml-vulkan.so", "BINARY"),
    }


def test_a_mac_has_its_own_names_for_them(tmp_path: Path) -> None:
    for name in ("libggml.dylib", "libggml.0.dylib", "libggml.0.25.3.dylib", "libggml-base.0.dylib"):
        _file(tmp_path / "llama_cpp" / "lib" / name)
    for name in ("libggml-cpu-apple_m1.so", "libggml-metal.so"):
        _file(tmp_path / "bin" / name)
    found = {name: (Path(source).name, kind) for name, source, kind in frozen.libraries(tmp_path)}
    assert found == {
        "llama_cpp/lib/libggml.0.dylib": ("libggml.0.dylib", "BINARY"),
        "llama_cpp/lib/libggml.dylib": ("libggml.0.dylib", "SYMLINK"),
        "llama_cpp/lib/libggml-base.0.dylib": ("libggml-base.0.dylib", "BINARY"),
        "llama_cpp/lib/libggml-base.dylib": ("libggml-base.0.dylib", "SYMLINK"),
        "bin/libggml-cpu-apple_m1.so": ("libggml-cpu-apple_m1.so", "BINARY"),
        "bin/libggml-metal.so": ("libggml-metal.so", "BINARY"),
    }


def test_windows_has_each_library_under_one_name_and_the_backends_apart(tmp_path: Path) -> None:
    for name in ("llama.dll", "ggml.dll", "ggml-base.dll", "ggml-cpu-haswell.dll", "ggml-vulkan.dll", "mtmd.dll"):
        _file(tmp_path / "bin" / name)
    for name in ("llama.dll", "ggml.dll", "ggml-base.dll", "ggml-vulkan.dll", "ggml.lib"):
        _file(tmp_path / "llama_cpp" / "lib" / name)
    assert sorted(name for name, _, _ in frozen.libraries(tmp_path)) == [
        "bin/ggml-cpu-haswell.dll",
        "bin/ggml-vulkan.dll",
        "llama_cpp/lib/ggml-base.dll",
        "llama_cpp/lib/ggml.dll",
        "llama_cpp/lib/llama.dll",
    ]
    theirs = [("llama_cpp/lib/llama.dll", "x", "BINARY"), ("PySide6/Qt6Core.dll", "x", "BINARY")]
    assert frozen.without_copies(theirs, []) == theirs[1:]


def test_where_the_data_lie() -> None:
    assert frozen.inside(Path("inkfall")) == Path("inkfall/_internal")
    assert frozen.inside(Path("Inkfall.app")) == Path("Inkfall.app/Contents/Resources")


def test_an_environment_without_loadable_backends_has_no_folder_for_them(site: Path) -> None:
    for path in (site / "bin").iterdir():
        path.unlink()
    assert not any(name.startswith("bin/") for name, _, _ in frozen.libraries(site))


def test_pyinstallers_own_copies_of_llama_are_replaced(site: Path) -> None:
    ours = list(frozen.libraries(site))
    theirs = [
        ("llama_cpp/lib/libllama.so", "somewhere", "BINARY"),
        ("libggml.so.0", "somewhere", "BINARY"),
        ("numpy.libs/libopenblas.so", "somewhere", "BINARY"),
    ]
    assert frozen.without_copies(theirs, ours) == [theirs[2], *ours]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqwayland.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/platforms/libqlinuxfb.so", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/plugins/platformthemes/libqxdgdesktopportal.so", True),
        ("PySide6/Qt/plugins/imageformats/libqsvg.so", True),
        ("PySide6/Qt/translations/qtbase_ko.qm", True),
        ("PySide6/Qt/translations/qtdeclarative_ko.qm", False),
        ("libvulkan.so.1", False),
        ("vulkan-1.dll", False),
        ("bin/libggml-vulkan.so", True),
        ("PySide6\\opengl32sw.dll", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("PySide6\\plugins\\imageformats\\qtiff.dll", False),
        ("PySide6\\plugins\\tls\\qschannelbackend.dll", False),
        ("libgomp.so.1", True),
    ],
)
def test_wanted_files(name: str, wanted: bool) -> None:
    assert frozen.wanted(name) == wanted


def test_a_library_that_only_a_dropped_plugin_needed_goes_too() -> None:
    needs = {
        "/qt/libqxcb.so": ["libxcb-cursor.so.0", "libfontconfig.so.1"],
        "/lib/libxcb-cursor.so.0": ["libxcb-util.so.1", "libxcb-cursor.so.0"],
        "/lib/libpython3.11.so.1.0": ["libpng16.so.16"],
    }
    loose = ("libxcb-cursor.so.0", "libxcb-util.so.1", "libcairo.so.2", "libfontconfig.so.1", "libpng16.so.16")
    entries = [(name, f"/lib/{name}", "BINARY") for name in (*loose, "libpython3.11.so.1.0")]
    entries += [("plugins/libqxcb.so", "/qt/libqxcb.so", "BINARY"), ("libQt6Gui.so.6", "qt/libQt6Gui.so.6", "SYMLINK")]
    kept = {name for name, _, _ in frozen.reachable(entries, lambda file: needs.get(file, []))}
    assert kept == {
        "plugins/libqxcb.so",
        "libQt6Gui.so.6",
        "libpython3.11.so.1.0",
        "libxcb-cursor.so.0",
        "libxcb-util.so.1",
        "libpng16.so.16",
    }


def test_the_libraries_that_a_file_needs() -> None:
    if not shutil.which("objdump") or not Path("/bin/sh").exists() or sys.platform != "linux":
        pytest.skip("needs objdump and a program of Linux")
    assert any(name.startswith("libc.so") for name in frozen.needed("/bin/sh"))


def test_a_second_name_of_qts_libraries_is_not_taken() -> None:
    """Qt would look for its plugins beside that name."""
    assert frozen.hides_its_folder(("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"))
    assert not frozen.hides_its_folder(("PySide6/Qt/lib/libQt6Core.so.6", "/x/libQt6Core.so.6", "BINARY"))
    assert not frozen.hides_its_folder(("bin/libggml.so", "libggml.so.0", "SYMLINK"))


def test_nothing_that_the_program_imports_is_left_out() -> None:
    root = Path(frozen.__file__).parents[1]
    files = [file for package in ("desktop", "models", "resources") for file in (root / package).rglob("*.py")]
    imported: set[str] = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            imported.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    assert "PySide6" in imported and not imported & set(frozen.MODULES_LEFT_OUT)
