"""Tries a .deb with every kind of graphics driver that needs no graphics card: no loader, no driver, one that kills its
caller, one that never answers, one in software that works, and one that breaks after it was trusted. In each case the
program has to write, and `inkfall doctor` has to name the case. `make test-dist-graphics
ARGS=dist/inkfall-with-starter_….deb`.

As root, with debootstrap and a C compiler (see trial.py).
"""

import argparse
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from installer.trial import USER, Chroot, TrialError, check, fresh_debian, install, reporting_errors, say, step

DRIVER = r"""
#include <stdlib.h>
#include <unistd.h>
/* The loader asks this first. -9: the driver does not fit, and counts for nothing. */
int vk_icdNegotiateLoaderICDInterfaceVersion(unsigned *version) {
    if (access("/tmp/dies", F_OK) == 0) abort();
    if (access("/tmp/hangs", F_OK) == 0) for (;;) pause();
    return -9;
}
void *vk_icdGetInstanceProcAddr(void *instance, const char *name) { return 0; }
"""
IN_SOFTWARE = "GGML_VK_VISIBLE_DEVICES=0"  # a device of the type CPU is not taken unless it is named


@dataclass(frozen=True, slots=True)
class Case:
    """words: expected from doctor about Vulkan. packages: installed before. flags: files in /tmp that control our
    driver. fresh: whether the launch cache is deleted before.
    """

    name: str
    words: str
    packages: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    device: str = "on CPU"
    variables: tuple[str, ...] = ()
    fresh: bool = True


CASES = (
    Case("no loader", "Vulkan: not used, this computer has no Vulkan driver (libvulkan.so.1 is missing)"),
    Case("a loader, no driver that fits", "Vulkan: not used, Vulkan finds no graphics device", ("libvulkan1",)),
    Case("a driver that kills who asks", "Vulkan: not used, the process that tried it ended with -6", (), ("dies",)),
    Case("a driver that never answers", "Vulkan: not used, it came to a standstill", (), ("hangs",)),
    Case("in software", "Vulkan: llvmpipe", ("mesa-vulkan-drivers",), (), "on Vulkan0: 19 of 19", (IN_SOFTWARE,)),
    Case("broken later", "Vulkan: not used, the engine ended when", (), ("dies",), "on CPU", (IN_SOFTWARE,), False),
)


def put_driver(chroot: Chroot) -> None:
    """Compile our driver, and register it with the loader."""
    library = chroot.root / "usr/lib/libvulkan_of_the_trial.so"
    command = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)]
    subprocess.run(command, input=DRIVER, text=True, check=True)
    about = {
        "file_format_version": "1.0.0",
        "ICD": {"library_path": f"/usr/lib/{library.name}", "api_version": "1.1.0"},
    }
    folder = chroot.root / "usr/share/vulkan/icd.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "of_the_trial.json").write_text(json.dumps(about), encoding="ascii")


def try_case(chroot: Chroot, case: Case) -> None:
    for package in case.packages:
        chroot.as_root("apt-get", "install", "-y", "-q", "--no-install-recommends", package)
    for flag in ("dies", "hangs"):
        (chroot.root / "tmp" / flag).unlink(missing_ok=True)
    for flag in case.flags:
        (chroot.root / "tmp" / flag).touch()
    if case.fresh:
        (chroot.root / "home" / USER / ".local/share/inkfall/engine-notes.json").unlink(missing_ok=True)
    chroot.variables = case.variables
    with step(f"{case.name}: inkfall complete"):
        text = chroot.run("inkfall", "complete", "--prompt", "Once upon a time", "--max-tokens", "3", "--seed", "7")
    output = chroot.run("inkfall", "doctor")
    for line in output.splitlines():
        if line.startswith(("backend", "device", "self-test")):
            say(f"    {line}")
    if not text.strip() or case.words not in output or case.device not in output:
        raise TrialError(f"{case.name}: it wrote {text!r}, and doctor does not say “{case.words}”: {output}")


def try_package(package: Path, suite: str, cases: Sequence[Case]) -> None:
    with fresh_debian(suite) as chroot:
        chroot.as_root("apt-get", "update", "-q")
        chroot.as_root("useradd", "--create-home", USER)
        install(chroot, package)
        put_driver(chroot)
        for case in cases:
            try_case(chroot, case)


def main() -> None:
    parser = argparse.ArgumentParser(description="Tries a .deb with every kind of graphics driver.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--suite", default="bookworm", help="which Debian (bookworm)")
    chosen = parser.parse_args()
    with reporting_errors():
        check([chosen.package], "cc")
        try_package(chosen.package, chosen.suite, CASES)


if __name__ == "__main__":
    main()
