"""Reads this machine's apt configuration: the mirror of Debian and the proxies. Fetches nothing."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

RunCommand = Callable[[Sequence[str]], str]

_SOURCE = re.compile(r"'([^']+)/dists/([^']+)/InRelease'")
_LISTED = re.compile(r"mirror\+file:/*(/.+)")  # a file of mirrors, the best first


def output_of(command: Sequence[str]) -> str:
    """The output of a program; empty if it is missing or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def mirror(suite: str, run_command: RunCommand = output_of) -> str:
    """The address of a mirror of Debian that has the suite; "" if apt has none. A mirror of Debian has every suite and
    its updates; repositories of other programs for a suite have no updates."""
    sources = list(_sources(run_command(["apt-get", "update", "--print-uris"])))
    debian = [(address, name) for address, name in sources if (address, f"{name}-updates") in sources]
    debian += [(address, name) for address, name in sources if urlsplit(address).path == "/debian"]
    exact = [address for address, name in debian if name == suite]
    return next(iter([*exact, *(address for address, _ in debian if "ubuntu" not in address)]), "")


def _sources(output: str) -> Iterator[tuple[str, str]]:
    """The addresses and suites in apt's settings, whatever their form."""
    for address, suite in _SOURCE.findall(output):
        listed = _LISTED.fullmatch(address)
        yield (_first(Path(listed[1])) if listed else address).rstrip("/"), suite


def _first(mirrors: Path) -> str:
    try:
        lines = mirrors.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split()[0] for line in lines if line.strip() and not line.startswith("#")), "")


def proxies(run_command: RunCommand = output_of) -> dict[str, str]:
    """The environment variables that give apt's proxies to other programs."""
    output = run_command(
        ["apt-config", "shell", "http_proxy", "Acquire::http::Proxy", "https_proxy", "Acquire::https::Proxy"]
    )
    pairs = (word.partition("=") for word in shlex.split(output))
    return {name: value for name, _, value in pairs if value and value != "DIRECT"}
