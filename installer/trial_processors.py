"""Tries a .deb on older processors: starts a small Debian with the package in an emulator that has only their
instructions, and runs `inkfall doctor` and `complete`. `make test-dist-processors
ARGS=dist/inkfall-with-starter_….deb`.

As root, with qemu-system-x86, debootstrap and mke2fs. All is emulated (no KVM: that would let every instruction of this
computer's through), so a start takes minutes. Prints the backend of each processor; ends with status 1 if one failed.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from installer.trial import WORK, Chroot, TrialError, check, install, minimal, reporting_errors, say

IMAGE = WORK / "processors.ext4"
KERNEL = "linux-image-cloud-amd64"
SIZE = "2600M"
MEMORY = "2G"
PATIENCE = 2400.0  # seconds for one processor
BEGIN, END = "---- inkfall", "---- end"
SCRIPT = f"""#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs tmp /tmp
mount -t tmpfs run /run; mkdir -p /dev/shm; mount -t tmpfs shm /dev/shm; mount -o remount,rw /
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 INKFALL_HOME=/tmp/inkfall
echo "{BEGIN}"
inkfall doctor 2>&1
echo "doctor ended with $?"
inkfall complete --prompt "Once upon a time" --max-tokens 6 --seed 7 2>&1
echo; echo "complete ended with $?"
echo "{END}"
sync; echo o > /proc/sysrq-trigger; sleep 60
"""


@dataclass(frozen=True, slots=True)
class Processor:
    """model: qemu's name. backend: the expected one; empty if a sentence must say what the processor lacks."""

    model: str
    backend: str


PROCESSORS = (
    Processor("Haswell", "haswell"),
    Processor("SandyBridge", "sandybridge"),
    Processor("Nehalem", "sse42"),
    Processor("Conroe", ""),
)


def image(package: Path) -> tuple[Path, Path]:
    """Make a disk image of a Debian with the package. Returns the paths of its kernel and its initrd."""
    root = WORK / "processors"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", str(minimal()), str(root)], check=True)
    shutil.copy2("/etc/resolv.conf", root / "etc/resolv.conf")
    chroot = Chroot(root)
    chroot.as_root("apt-get", "update", "-q")
    chroot.as_root("apt-get", "install", "-y", "-q", "--no-install-recommends", KERNEL, "initramfs-tools")
    install(chroot, package)
    (root / "tmp" / package.name).unlink()
    chroot.as_root("apt-get", "clean")
    program = root / "trial"
    program.write_text(SCRIPT, encoding="ascii")
    program.chmod(0o755)
    IMAGE.unlink(missing_ok=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", str(root), str(IMAGE), SIZE], check=True)
    kernel, first = (next(iter(sorted((root / "boot").glob(f"{name}-*")))) for name in ("vmlinuz", "initrd.img"))
    return kernel, first


def run(processor: Processor, kernel: Path, first: Path) -> str:
    """Run the emulator, and return the console's output between the marks. Raises TrialError."""
    disk = f"file={IMAGE},format=raw,if=virtio,snapshot=on"
    machine = ["-accel", "tcg", "-cpu", processor.model, "-m", MEMORY, "-smp", "2", "-nographic", "-no-reboot"]
    words = "root=/dev/vda rw console=ttyS0 quiet init=/trial"
    command = ["qemu-system-x86_64", *machine, "-nic", "none", "-drive", disk]
    command += ["-kernel", str(kernel), "-initrd", str(first), "-append", words]
    log = WORK / f"{processor.model}.log"
    with log.open("wb") as out:
        try:
            subprocess.run(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=True)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            raise TrialError(f"{processor.model}: {error}; see {log}") from error
    output = log.read_text(encoding="utf-8", errors="replace").replace("\r", "")
    if BEGIN not in output or END not in output:
        raise TrialError(f"{processor.model}: it did not come to its end; see {log}")
    return output.split(BEGIN, 1)[1].split(END, 1)[0].strip()


def check_output(processor: Processor, output: str) -> None:
    """Check the output of a processor. Raises TrialError."""
    if not processor.backend:
        if "This processor lacks " not in output or "doctor ended with 1" not in output:
            raise TrialError(f"{processor.model}: nothing says that the processor is too old: {output[-500:]}")
        return
    if not re.search(rf"CPU: .*\({processor.backend}\)", output):
        raise TrialError(f"{processor.model}: the backend {processor.backend} was not chosen: {output[-1500:]}")
    if "self-test  passed" not in output or "complete ended with 0" not in output:
        raise TrialError(f"{processor.model}: it does not write: {output[-1500:]}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Tries a .deb with the starter on older processors, emulated.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--only", help="one of " + ", ".join(one.model for one in PROCESSORS))
    chosen = parser.parse_args()
    with reporting_errors():
        check([chosen.package], "qemu-system-x86_64", "mke2fs")
        kernel, first = image(chosen.package)
        for processor in PROCESSORS:
            if chosen.only in (None, processor.model):
                started = time.monotonic()
                output = run(processor, kernel, first)
                say(f"{processor.model} ({time.monotonic() - started:.0f} s):\n{output}\n")
                check_output(processor, output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
