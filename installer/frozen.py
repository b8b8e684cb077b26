"""Which files go into the frozen program, and under which names. Pure: build.spec asks, PyInstaller does.

A file is (where it lies in the program, where it comes from, what kind it is), as PyInstaller has them. Knows nothing
of packages, menus or licences.
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
    "pyi_rth_pyside6",  # loads Qt, in processes too that show nothing, to tell it where its plugins lie; it finds them
    "pyi_rth_inspect",  # reads a list of the standard library, for source code that is not there
    "pyi_rth_cryptography_openssl",
)

_LEFT_OUT = re.compile(
    r"plugins/platforms/libq(eglfs|linuxfb|vnc|minimalegl|vkkhrdisplay)|egldeviceintegrations|plugins/generic/"
    r"|plugins/platformthemes/libqgtk3|plugins/imageformats/(lib)?q(tiff|webp|tga|wbmp|icns|pdf|gif|jpeg)|libQt6Egl"
    r"|plugins/(networkinformation|tls)/|(^|/)lib(gtk|gdk)-3"
    rf"|translations/(?!qtbase_({'|'.join(languages())})\.)"  # Qt's own words
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
    """Whether the program needs that file; what Qt's plugins for embedded screens bring, for one, it does not."""
    return not _LEFT_OUT.search(name.replace("\\", "/"))


def inside(program: Path) -> Path:
    """Where the frozen program's data lie."""
    return program / "Contents" / "Resources" if program.suffix == ".app" else program / "_internal"


def libraries(site: Path) -> Iterator[Entry]:
    """llama.cpp's libraries of an environment's site-packages, each once.

    Wheels hold no links, so every library is there under three names. The one that other libraries ask for
    (libggml.so.0) stays a file; the one that is opened by name (libggml.so) becomes a link to it, so that both are one
    library when they are loaded. Backends that are loaded at run time lie in bin/, as the wheel has them.
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
    """What PyInstaller found, with our choice of llama.cpp's libraries in place of its own."""
    chosen = list(ours)
    others = [entry for entry in found if wanted(entry[0]) and not _LLAMA_STEMS.match(Path(entry[0]).name)]
    return others + chosen


def hides_its_folder(entry: Entry) -> bool:
    """Whether it is a second name for a library of Qt's at the top: loaded by that, Qt looks for its plugins and
    translations beside it, not where they are. Everything finds the library where it is.
    """
    name, _, kind = entry
    return kind == "SYMLINK" and "/" not in name and name.startswith(("libQt6", "libicu"))


def needed(file: str) -> list[str]:
    """The names of the libraries that a file asks for itself. (ldd would tell of those that these ask for, too.)"""
    told = subprocess.run(["objdump", "-p", file], capture_output=True, text=True, check=False).stdout
    return [line.split()[1] for line in told.splitlines() if line.strip().startswith("NEEDED")]


def reachable(entries: Iterable[Entry], needs: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Those of the entries that something still needs: a library of the system was taken because of a plugin that is
    left out, it may be, and then goes too.

    needs: the names of the libraries that a file asks for.
    """
    entries = list(entries)
    loose = {name: source for name, source, kind in entries if _is_loose(name) and kind != "SYMLINK"}
    kept: set[str] = set()
    waiting = [source for name, source, kind in entries if name not in loose and kind != "SYMLINK"]
    waiting += [source for name, source in loose.items() if name.startswith("libpython")]
    kept.update(name for name in loose if name.startswith("libpython"))
    while waiting:
        for name in needs(waiting.pop()):
            if name in loose and name not in kept and not OF_THE_SYSTEM.match(name):
                kept.add(name)
                waiting.append(loose[name])
    return [entry for entry in entries if entry[0] not in loose or entry[0] in kept]


def _is_loose(name: str) -> bool:
    """Whether it is a library that lies at the top, where PyInstaller puts what others need."""
    return "/" not in name and name.startswith("lib") and ".so" in name
