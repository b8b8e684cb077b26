"""Chooses which files go into the frozen program, and under which names. Pure; build.spec uses it.

An entry is (path in the program, source, kind), as in PyInstaller.
"""

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from resources.language import languages

Entry = tuple[str, str, str]  # name in the program (with /), source or a link's target, PyInstaller's kind

MODULES_LEFT_OUT = (
    "tkinter", "_tkinter", "lib2to3", "pydoc", "pip", "setuptools", "IPython", "matplotlib", "pandas", "torch",
    "numpy.f2py", "numpy.testing", "numpy.distutils", "hf_xet", "pytest", "hypothesis",
    "readline", "curses", "_curses", "pygments", "markdown_it", "mdurl", "yaml._yaml", "_yaml",
)  # fmt: skip

HOOKS_LEFT_OUT = (  # of PyInstaller's own, which run in every process of the frozen program
    "pyi_rth_pyside6",  # loads Qt in every process to set the path of its plugins, which Qt finds by itself
    "pyi_rth_inspect",  # reads a list of the standard library, for source code that is not there
    "pyi_rth_cryptography_openssl",
)

_LEFT_OUT = re.compile(
    r"plugins/platforms/libq(eglfs|linuxfb|vnc|minimalegl|vkkhrdisplay)|egldeviceintegrations|plugins/generic/"
    r"|plugins/platformthemes/libqgtk3|plugins/imageformats/(lib)?q(tiff|webp|tga|wbmp|icns|pdf|gif|jpeg)|libQt6Egl"
    r"|plugins/(networkinformation|tls)/|(^|/)lib(gtk|gdk)-3"
    rf"|translations/(?!qtbase_({'|'.join(languages())})\.)"  # Qt's own texts
    r"|plugins/platforms/libqminimal\.|plugins/wayland-shell-integration/lib(fullscreen|ivi|qt|wl)-shell"
    r"|(^|/)(lib)?mtmd|(^|/)(libvulkan\.|vulkan-1\.dll)"  # the Vulkan loader belongs to the system's driver
    r"|(^|/)opengl32sw\.dll"  # 20 MB that draw OpenGL in software: nothing here draws with it
)
OF_THE_SYSTEM = re.compile(  # libraries that read the system's own settings, or that its packages bring anyway
    r"lib(fontconfig|freetype|expat|glib-2\.0|gobject-2\.0|gio-2\.0|gmodule-2\.0|gthread-2\.0|dbus-1|systemd|X11|X11-xcb|xcb"
    r"|cups"  # where there is none, there are no printers
    r"|stdc\+\+|gcc_s|z|uuid|com_err)\.so"  # graphics drivers need the system's, which may be newer than ours
)
_SHARED = (  # a library's names: on Linux libggml.so.0, on macOS libggml.0.dylib, on Windows ggml.dll
    re.compile(r"(?P<stem>lib[\w+-]+)(?P<end>\.so)(\.\d+)*"),
    re.compile(r"(?P<stem>lib[\w+-]+)(\.\d+)*(?P<end>\.dylib)"),
    re.compile(r"(?P<stem>[\w+-]+)(?P<end>\.dll)"),
)
_LLAMA_STEMS = re.compile(r"(lib)?(llama|ggml)[\w.-]*\.(so|dylib|dll)")
_BACKEND = re.compile(r"(lib)?ggml-(?!base)")  # with a hyphen: what is loaded at run time


def wanted(name: str) -> bool:
    """Whether the program needs that file (not, for example, Qt's plugins for embedded screens)."""
    return not _LEFT_OUT.search(name.replace("\\", "/"))


def inside(program: Path) -> Path:
    """The folder of the frozen program's data."""
    return program / "Contents" / "Resources" if program.suffix == ".app" else program / "_internal"


def libraries(site: Path) -> Iterator[Entry]:
    """llama.cpp's libraries of an environment's site-packages, each once.

    Wheels hold no links, so they have every library under three names. The name that other libraries need
    (libggml.so.0) stays a file; the name that is opened (libggml.so) becomes a link to it, so that both load one
    library. Backends that are loaded at run time are in bin/, as in the wheel.
    """
    taken: set[str] = set()
    for folder in ("bin", "llama_cpp/lib"):
        files = sorted(path for path in (site / folder).glob("*") if _LLAMA_STEMS.match(path.name))
        if folder == "bin":  # on Windows the libraries themselves lie there too
            files = [path for path in files if _BACKEND.match(path.name)]
        yield from _each_once(folder, [path for path in files if path.name not in taken])
        taken.update(path.name for path in files)


def _each_once(folder: str, files: Iterable[Path]) -> Iterator[Entry]:
    by_stem: dict[str, list[Path]] = {}
    for path in files:
        match = next(filter(None, (pattern.fullmatch(path.name) for pattern in _SHARED)), None)
        if match and wanted(path.name):
            by_stem.setdefault(match["stem"] + match["end"], []).append(path)
    for stem, paths in by_stem.items():
        real = min(paths, key=lambda path: (path.name == stem, len(path.name)))
        yield f"{folder}/{real.name}", str(real), "BINARY"
        if real.name != stem:
            yield f"{folder}/{stem}", real.name, "SYMLINK"


def without_copies(found: Iterable[Entry], ours: Iterable[Entry]) -> list[Entry]:
    """PyInstaller's entries, with our choice of llama.cpp's libraries in place of its own."""
    chosen = list(ours)
    others = [entry for entry in found if wanted(entry[0]) and not _LLAMA_STEMS.match(Path(entry[0]).name)]
    return others + chosen


def hides_its_folder(entry: Entry) -> bool:
    """Whether the entry is a link at the top to a library of Qt: loaded through it, Qt would search its plugins and
    translations beside the link. No part needs the link.
    """
    name, _, kind = entry
    return kind == "SYMLINK" and "/" not in name and name.startswith(("libQt6", "libicu"))


def needed(file: str) -> list[str]:
    """The names of the libraries that a file needs directly (ldd would list indirect ones, too)."""
    output = subprocess.run(["objdump", "-p", file], capture_output=True, text=True, check=False).stdout
    return [line.split()[1] for line in output.splitlines() if line.strip().startswith("NEEDED")]


def reachable(entries: Iterable[Entry], needs: Callable[[str], Iterable[str]]) -> list[Entry]:
    """The entries without libraries of the system that only a left-out plugin needed.

    needs: gives the names of the libraries that a file needs directly.
    """
    entries = list(entries)
    loose = {name: source for name, source, kind in entries if _is_loose(name) and kind != "SYMLINK"}
    retained: set[str] = set()
    waiting = [source for name, source, kind in entries if name not in loose and kind != "SYMLINK"]
    waiting += [source for name, source in loose.items() if name.startswith("libpython")]
    retained.update(name for name in loose if name.startswith("libpython"))
    while waiting:
        for name in needs(waiting.pop()):
            if name in loose and name not in retained and not OF_THE_SYSTEM.match(name):
                retained.add(name)
                waiting.append(loose[name])
    return [entry for entry in entries if entry[0] not in loose or entry[0] in retained]


def _is_loose(name: str) -> bool:
    """Whether it is a library at the top, where PyInstaller puts the libraries that others need."""
    return "/" not in name and name.startswith("lib") and ".so" in name
