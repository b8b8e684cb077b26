"""What goes into the frozen program."""

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
        ("libgomp.so.1", True),
    ],
)
def test_what_is_wanted(name: str, wanted: bool) -> None:
    assert frozen.wanted(name) == wanted


def test_a_library_that_only_a_dropped_plugin_needed_goes_too() -> None:
    needs = {
        "/qt/libqxcb.so": ["libxcb-cursor.so.0", "libfontconfig.so.1"],
        "/lib/libxcb-cursor.so.0": ["libxcb-util.so.1", "libxcb-cursor.so.0"],
        "/lib/libpython3.11.so.1.0": ["libz.so.1"],
    }
    loose = ("libxcb-cursor.so.0", "libxcb-util.so.1", "libcairo.so.2", "libfontconfig.so.1", "libz.so.1")
    entries = [(name, f"/lib/{name}", "BINARY") for name in (*loose, "libpython3.11.so.1.0")]
    entries += [("plugins/libqxcb.so", "/qt/libqxcb.so", "BINARY"), ("libQt6Gui.so.6", "qt/libQt6Gui.so.6", "SYMLINK")]
    kept = {name for name, _, _ in frozen.reachable(entries, lambda file: needs.get(file, []))}
    assert kept == {
        "plugins/libqxcb.so",
        "libQt6Gui.so.6",
        "libpython3.11.so.1.0",
        "libxcb-cursor.so.0",
        "libxcb-util.so.1",
        "libz.so.1",
    }
