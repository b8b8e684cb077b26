"""Tries a package (.deb, .run, .tar.xz) on a fresh minimal Debian: installs it with apt or into the user's folder, runs
the program without a network in a working folder full of traps, kills it, starts it twice, and removes it.

`make test-dist ARGS=dist/inkfall-with-starter_….deb`; as root, with debootstrap, Xvfb, xdotool and ImageMagick. Only
apt uses the network; the program runs in an empty network namespace. Prints each step and its time; a failed step ends
the trial with status 1. Pictures of the window go to build/trial.
"""

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from installer import apt, deb, display, traps
from installer.about import DIST

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "trial"
PACKAGES = {  # programs that a trial starts, and Debian's packages of them
    "debootstrap": "debootstrap",
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "unshare": "util-linux",
    "cc": "gcc",
    "qemu-system-x86_64": "qemu-system-x86",
    "mke2fs": "e2fsprogs",
}
SYSTEM = ":/usr/sbin:/sbin"  # debootstrap's folder, which may be missing from root's PATH
NEEDED = ("debootstrap", "unshare")  # by every trial
USER = "writer"
PROMPT = "The lighthouse keeper had not spoken to anyone for a year when"
OF_THE_USER = tuple(f"home/{USER}/{name}" for name in (".local/share/inkfall/", ".config/", ".cache/", ".local/state/"))
NOT_OURS = (
    "proc",
    "dev",
    "sys",
    "tmp",
    "var/lib/apt",
    "var/lib/dpkg",
    "var/cache",
    "var/log",
    "root",
    "etc/ld.so.cache",
)


class TrialError(Exception):
    """A step failed. Its text is one sentence."""


def check(packages: Sequence[Path], *programs: str) -> None:
    """Check that this machine can try these packages. programs: besides those that every trial needs. Raises
    TrialError."""
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}{SYSTEM}"
    if lacking := [program for program in (*NEEDED, *programs) if not shutil.which(program)]:
        install = " ".join(sorted({PACKAGES[program] for program in lacking}))
        raise TrialError(f"This needs {', '.join(lacking)}; on Debian: apt-get install {install}")
    if os.geteuid():
        raise TrialError("This has to run as root: it mounts folders and installs packages in a Debian of its own.")
    if not packages:
        raise TrialError(f"There is no package in {DIST}: `make dist` makes them.")
    if absent := [str(package) for package in packages if not package.is_file()]:
        raise TrialError(f"There is no such file: {', '.join(absent)}")


def say(words: str) -> None:
    print(words, flush=True)


class Chroot:
    """A root folder with a Debian in it, and commands that run there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = "/usr/bin:/bin"
        self.variables: tuple[str, ...] = ()  # more of them, as NAME=value
        self.folder = "/"  # the user's working folder

    def as_root(self, *command: str) -> None:
        """Run a command as root, with the network. Raises TrialError."""
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND": "noninteractive",
            "LC_ALL": "C.UTF-8",
            **apt.proxies(),
        }
        done = subprocess.run(
            ["chroot", str(self.root), *command], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise TrialError(f"{' '.join(command)} failed: {(done.stderr or done.stdout)[-2000:]}")

    def offline_command(self, *command: str, screen: str = "") -> list[str]:
        """The command line that runs a command as the user, without a network."""
        inside = ["env", "-C", self.folder, "-i", f"PATH={self.path}", f"HOME=/home/{USER}", "LANG=C.UTF-8"]
        inside += self.variables
        if screen:
            inside.append(f"DISPLAY={screen}")
        enter = ["unshare", "--net", "chroot", f"--userspec={USER}", str(self.root)]
        return [*enter, *inside, *command]

    def run(self, *command: str, expected: int = 0) -> str:
        """Run a command as the user, and return its output. Raises TrialError if its status is not the expected one."""
        done = subprocess.run(self.offline_command(*command), capture_output=True, text=True, check=False)
        if done.returncode != expected:
            raise TrialError(
                f"{' '.join(command)} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}"
            )
        return done.stdout

    def files(self) -> set[str]:
        """The files in the root, without those that the system itself changes."""
        found = (path.relative_to(self.root).as_posix() for path in _walk(self.root))
        return {name for name in found if not name.startswith(NOT_OURS)}


def _walk(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        current = Path(folder)
        if current != root and current.is_mount():
            names.clear()
            continue
        yield from (current / name for name in (*names, *files))


def minimal(suite: str = "bookworm") -> Path:
    """The folder of a minimal Debian, fetched once."""
    base = WORK / f"base-{suite}"
    if not base.is_dir():
        mirror = apt.mirror(suite)
        if not mirror:
            raise TrialError("The settings of apt on this machine name no mirror of Debian, from which one is fetched.")
        say(f"fetching a minimal Debian {suite} from {mirror} (once)")
        base.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(f"{base}.new", ignore_errors=True)  # of a failed run
        _fetch(suite, Path(f"{base}.new"), mirror)
        Path(f"{base}.new").rename(base)
    return base


def _fetch(suite: str, root: Path, mirror: str) -> None:
    """Run debootstrap. Raises TrialError."""
    command = ["debootstrap", "--variant=minbase"]
    command += ["--include=ca-certificates"] if mirror.startswith("https:") else []  # for apt inside
    environment = {**os.environ, **apt.proxies()}
    done = subprocess.run(
        [*command, suite, str(root), mirror], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        output = (done.stderr or done.stdout).strip().splitlines()
        raise TrialError(
            f"debootstrap fetched no Debian {suite} from {mirror}: {output[-1] if output else 'it output nothing'}"
        )


@contextmanager
def fresh_debian(suite: str = "bookworm") -> Iterator[Chroot]:
    """A fresh copy of a minimal Debian, with the kernel's folders mounted; deleted afterwards."""
    base, root = minimal(suite), WORK / f"root-{os.getpid()}"
    subprocess.run(["cp", "-a", str(base), str(root)], check=True)
    shutil.copy2("/etc/resolv.conf", root / "etc/resolv.conf")
    (root / "tmp/.X11-unix").mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for folder in ("proc", "dev", "sys", "dev/shm", "tmp/.X11-unix"):
            place = root / folder
            place.mkdir(exist_ok=True)
            subprocess.run(["mount", "--bind", f"/{folder}", str(place)], check=True)
            stack.callback(subprocess.run, ["umount", "--lazy", str(place)], check=True)
        yield Chroot(root)
    if not any(mounted.startswith(f"{root}/") for mounted in _mounts()):
        shutil.rmtree(root, ignore_errors=True)


def _mounts() -> list[str]:
    return [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]


@contextmanager
def step(words: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"{words}: {time.monotonic() - started:.1f} s")


def install(chroot: Chroot, package: Path) -> None:
    shutil.copy2(package, chroot.root / "tmp" / package.name)
    chroot.as_root("apt-get", "install", "-y", "-q", "--no-install-recommends", f"/tmp/{package.name}")


def enter_trap_folder(chroot: Chroot) -> None:
    """Make a folder of traps (traps.py) the user's working folder."""
    chroot.folder = f"/home/{USER}/trapped"
    place = chroot.root / chroot.folder.lstrip("/")
    place.mkdir(parents=True)
    traps.fill(place, f"{chroot.folder}/{traps.NOTES}")
    place.chmod(0o777)


def check_no_trap_ran(chroot: Chroot) -> None:
    """Raises TrialError if a trap was run."""
    if ran := traps.caught(chroot.root / chroot.folder.lstrip("/")):
        raise TrialError(f"Run from the working folder: {', '.join(ran[:20])}")
    say("nothing of the working folder was run")


def try_terminal(chroot: Chroot, starter: bool) -> None:
    """Try the subcommands without a network: `inkfall doctor`, and a text."""
    with step("inkfall doctor"):
        output = chroot.run("inkfall", "doctor", expected=0 if starter else 1)  # it fails without a model
    say(output.rstrip())
    chroot.run("inkfall", "complete", "--model", "scripted:", "--prompt", "x", "--max-tokens", "2")
    chroot.run("inkfall", "models", "search", "gguf", expected=1)  # there is no network
    for model in (chroot.root / "usr/lib/inkfall").rglob("*.gguf"):
        chroot.run("inkfall", "inspect", f"/{model.relative_to(chroot.root)}")
    if starter:
        if "self-test  passed" not in output:
            raise TrialError("The self-test did not pass.")
        with step("inkfall complete"):
            text = chroot.run("inkfall", "complete", "--prompt", PROMPT, "--max-tokens", "24", "--seed", "7")
        say(f"    {PROMPT}{text.rstrip()}")
        if not text.strip():
            raise TrialError("Nothing was written.")


def start(chroot: Chroot, screen: str) -> tuple["subprocess.Popen[bytes]", str]:
    """Start the program, and wait for its window. Raises TrialError."""
    log = WORK / "window.log"
    started = time.monotonic()
    process = subprocess.Popen(
        chroot.offline_command("inkfall", screen=screen), stderr=log.open("wb"), start_new_session=True
    )
    try:
        number = display.window("Inkfall", screen)
    except display.NoWindowError as error:
        process.kill()
        raise TrialError(f"{error} {log.read_text(errors='replace')[-1000:]}") from error
    say(f"window: {time.monotonic() - started:.2f} s")
    return process, number


def try_window(chroot: Chroot) -> None:
    """Try the window: type, let the model write, kill all processes, start again, and find the text."""
    with display.display() as screen:
        process, number = start(chroot, screen)
        time.sleep(6)  # the starter is joined and loaded
        display.picture(screen, WORK / "1-started.png")
        display.press(screen, "windowfocus", number)
        display.press(screen, "key", "Escape")
        display.press(screen, "type", "--delay", "30", PROMPT)
        display.press(screen, "key", "ctrl+Return")
        time.sleep(8)
        display.picture(screen, WORK / "2-written.png")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        say("killed")
        time.sleep(1)
        process, number = start(chroot, screen)
        time.sleep(4)
        display.picture(screen, WORK / "3-again.png")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    pages = list((chroot.root / "home" / USER).rglob("*.inkfall"))
    if not any(PROMPT.encode() in page.read_bytes() for page in _with_logs(pages)):
        raise TrialError("What was typed is in no page after the kill.")


def _with_logs(pages: Sequence[Path]) -> list[Path]:
    """The pages' files and their logs: SQLite has the newest text in the log until the page is closed."""
    return [file for page in pages for file in (page, page.with_name(f"{page.name}-wal")) if file.exists()]


def try_second_start(chroot: Chroot) -> None:
    """Try a second start with a file: the first window opens it, and no other window appears."""
    (chroot.root / "home" / USER / "second.txt").write_text("The second start brought this file.\n", encoding="utf-8")
    with display.display() as screen:
        process, _ = start(chroot, screen)
        time.sleep(3)
        with step("a second start with a file"):
            command = chroot.offline_command("inkfall", f"/home/{USER}/second.txt", screen=screen)
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        time.sleep(3)
        display.picture(screen, WORK / "4-second-start.png")
        running = process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if done.returncode or not running:
        raise TrialError(f"The second start ended with {done.returncode}: {done.stderr[-500:]}")


def remove(chroot: Chroot, package: str, before: set[str]) -> None:
    """Remove the program. Only the user's files and apt's own may stay."""
    chroot.as_root("apt-get", "purge", "-y", "-q", "--autoremove", package)
    left = {name for name in chroot.files() - before if not name.startswith(f"home/{USER}/")}
    if ours := sorted(name for name in left if "inkfall" in name.lower()):
        raise TrialError(f"Left behind: {', '.join(ours[:20])}")
    say(f"nothing of the program is left; {len(left)} other new files, of the packages it brought: {sorted(left)[:8]}")


def try_package(package: Path, suite: str) -> None:
    starter = "with-starter" in package.name
    with fresh_debian(suite) as chroot:
        chroot.as_root("apt-get", "update", "-q")
        chroot.as_root("useradd", "--create-home", USER)
        enter_trap_folder(chroot)
        before = chroot.files()
        with step(f"apt install {package.name} ({package.stat().st_size / 1e6:.1f} MB), with what it depends on"):
            install(chroot, package)
        try_terminal(chroot, starter)
        try_window(chroot)
        try_second_start(chroot)
        check_no_trap_ran(chroot)
        with step("apt purge"):
            remove(chroot, package.name.split("_")[0], before)


def try_portable(package: Path, suite: str) -> None:
    """Try the .run, or the .tar.xz with its install.sh: install into the user's folder, run, and uninstall."""
    starter = "with-starter" in package.name
    with fresh_debian(suite) as chroot:
        chroot.as_root("apt-get", "update", "-q")
        needed = [one.split(" ")[0] for one in deb.depends().split(", ")]  # a desktop has these
        chroot.as_root("apt-get", "install", "-y", "-q", "--no-install-recommends", "xz-utils", *needed)
        chroot.as_root("useradd", "--create-home", USER)
        shutil.copy2(package, chroot.root / "tmp" / package.name)
        enter_trap_folder(chroot)
        before = chroot.files()
        with step(f"{package.name} ({package.stat().st_size / 1e6:.1f} MB) installs itself"):
            if package.suffix == ".run":
                output = chroot.run("sh", f"/tmp/{package.name}")
            else:
                chroot.run("tar", "-xJf", f"/tmp/{package.name}", "-C", f"/home/{USER}")
                folder = f"/home/{USER}/{package.name.removesuffix('.tar.xz')}"
                chroot.run(f"{folder}/inkfall", "--version")
                output = chroot.run(f"{folder}/install.sh")
                shutil.rmtree(chroot.root / folder.lstrip("/"))
        say(output.strip())
        home = chroot.root / "home" / USER / ".local"
        entry = (home / "share/applications/inkfall.desktop").read_text(encoding="utf-8")
        if f'Exec="/home/{USER}/.local/lib/inkfall/inkfall" %F' not in entry:
            raise TrialError("The menu entry does not name the program.")
        chroot.path = f"/home/{USER}/.local/bin:{chroot.path}"
        try_terminal(chroot, starter)
        try_window(chroot)
        check_no_trap_ran(chroot)
        with step("uninstall"):
            chroot.run(f"/home/{USER}/.local/lib/inkfall/uninstall")
        left = {name for name in chroot.files() - before if (chroot.root / name).is_file()}
        if ours := sorted(name for name in left if not name.startswith(OF_THE_USER)):
            raise TrialError(f"Left behind: {', '.join(ours[:20])}")
        say(f"nothing of the program is left; the user's own: {sorted(left)[:8]}")


@contextmanager
def reporting_errors() -> Iterator[None]:
    """End the process with status 1 and a sentence if the trial fails."""
    try:
        yield
    except (TrialError, display.NoWindowError, OSError) as error:
        raise SystemExit(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{shlex.join(map(str, error.cmd))} ended with {error.returncode}.") from error


def main() -> None:
    parser = argparse.ArgumentParser(description="Tries packages in a fresh minimal Debian.")
    parser.add_argument("packages", type=Path, nargs="*", help="every .deb in dist/ where none is named")
    parser.add_argument("--suite", default="bookworm", help="which Debian (bookworm)")
    chosen = parser.parse_args()
    packages = chosen.packages or sorted(DIST.glob("*.deb"))
    with reporting_errors():
        check(packages, "Xvfb", "xdotool", "import")
        for package in packages:
            (try_package if package.suffix == ".deb" else try_portable)(package, chosen.suite)


if __name__ == "__main__":
    main()
