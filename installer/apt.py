"""What this machine's own apt says: from where a Debian is fetched, and through which proxy. Fetches nothing."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

Ask = Callable[[Sequence[str]], str]

_SOURCE = re.compile(r"'([^']+)/dists/([^']+)/InRelease'")
_LISTED = re.compile(r"mirror\+file:/*(/.+)")  # a file of mirrors, the best first


def asked(command: Sequence[str]) -> str:
    """What that program writes; nothing where there is none, or it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def mirror(suite: str, ask: Ask = asked) -> str:
    """The address of a mirror of Debian that has the suite, "" where apt knows none. A mirror of Debian has its updates
    too, which tells it from other programs' repositories for that suite; it has every suite."""
    sources = list(_sources(ask(["apt-get", "update", "--print-uris"])))
    debian = [(address, name) for address, name in sources if (address, f"{name}-updates") in sources]
    debian += [(address, name) for address, name in sources if urlsplit(address).path == "/debian"]
    exact = [address for address, name in debian if name == suite]
    return next(iter([*exact, *(address for address, _ in debian if "ubuntu" not in address)]), "")


def _sources(output: str) -> Iterator[tuple[str, str]]:
    """Addresses and suites, of all forms that apt's settings may have."""
    for address, suite in _SOURCE.findall(output):
        listed = _LISTED.fullmatch(address)
        yield (_first(Path(listed[1])) if listed else address).rstrip("/"), suite


def _first(mirrors: Path) -> str:
    try:
        lines = mirrors.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split()[0] for line in lines if line.strip() and not line.startswith("#")), "")


def proxies(ask: Ask = asked) -> dict[str, str]:
    """The variables that say so to other programs."""
    output = ask(["apt-config", "shell", "http_proxy", "Acquire::http::Proxy", "https_proxy", "Acquire::https::Proxy"])
    pairs = (word.partition("=") for word in shlex.split(output))
    return {name: value for name, _, value in pairs if value and value != "DIRECT"}
