"""Makes a working folder full of traps: modules with the names of Python's own, and libraries with names that the
program loads. Each records that it was run; none may be, however the program is started in that folder.
"""

import shutil
import subprocess
import sys
from pathlib import Path

NOTES = "what-ran.txt"
MODULES = (  # beside those of Python itself
    "desktop", "models", "resources", "installer", "numpy", "psutil", "regex", "rich", "keyring", "platformdirs",
    "PySide6", "shiboken6", "llama_cpp", "huggingface_hub", "httpx2", "httpcore2", "send2trash", "truststore",
    "certifi", "sitecustomize", "usercustomize", "apport_python_hook",
)  # fmt: skip
LIBRARIES = (
    "libggml.so", "libggml-base.so", "libggml-cpu.so", "libggml-vulkan.so", "libggml-cuda.so", "libllama.so",
    *(f"libggml-cpu-{variant}.so" for variant in ("x64", "sse42", "sandybridge", "haswell", "skylakex", "zen4")),
    "libvulkan.so.1", "libcuda.so.1", "libEGL.so.1", "libGL.so.1", "libz.so.1", "libstdc++.so.6", "libgomp.so.1",
    "libssl.so.3", "libcrypto.so.3", "libcups.so.2", "libQt6Core.so.6", "platforms/libqxcb.so",
    "plugins/platforms/libqxcb.so", "plugins/platforms/libqoffscreen.so", "platforms/libqoffscreen.so",
)  # fmt: skip
MODULE = "with open({notes!r}, 'a') as notes:\n    print('module', __name__, file=notes)\n"
LIBRARY = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
__attribute__((constructor)) static void run(void) {{
    Dl_info here;
    FILE *notes = fopen("{notes}", "a");
    if (notes && dladdr((void *)run, &here)) fprintf(notes, "library %s\\n", here.dli_fname);
    if (notes) fclose(notes);
}}
"""
SETTINGS = {
    "qt.conf": "[Paths]\nPrefix = .\nPlugins = plugins\n",
    "evil-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
    "evil-1.0.dist-info/entry_points.txt": "[keyring.backends]\nevil = json\n",
    "evil.pth": "import this\n",
    "pyvenv.cfg": "home = .\n",
}


def fill(folder: Path, notes: str | None = None) -> None:
    """Fill the folder. notes: the file that they write into, as the program sees it; None for one in the folder."""
    notes = notes or str(folder / NOTES)
    for name in (*sys.stdlib_module_names, *MODULES):
        (folder / f"{name}.py").write_text(MODULE.format(notes=notes), encoding="utf-8")
    for name in ("numpy", "desktop", "models", "multiprocessing", "ctypes"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(MODULE.format(notes=notes), encoding="utf-8")
    for name, words in SETTINGS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(words, encoding="utf-8")
    if compiler := shutil.which("cc"):
        _write_libraries(folder, notes, compiler)


def _write_libraries(folder: Path, notes: str, compiler: str) -> None:
    source, made = folder / "trap.c", folder / "trap.so"
    source.write_text(LIBRARY.format(notes=notes), encoding="utf-8")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(made), str(source)], check=True)
    for name in LIBRARIES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, folder / name)


def caught(folder: Path) -> list[str]:
    """The traps that were run so far."""
    notes = folder / NOTES
    return notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
