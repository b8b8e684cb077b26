"""The notes of a release: the top entry of CHANGELOG.md, which must be that of the released version.

`python -m installer.notes --tag v1.2.3` prints it, or names the mismatch; the release workflow runs it first.
"""

import argparse
import re
import sys

from installer import about

_ENTRY = re.compile(r"^## \[(?P<version>[^\]]+)\].*$", re.MULTILINE)


class ReleaseError(Exception):
    """The tag, the version and the changelog do not agree. Its text is one sentence."""


def top(changelog: str) -> tuple[str, str]:
    """The version of the first entry, and its text. Raises ReleaseError where there is none."""
    entries = list(_ENTRY.finditer(changelog))
    if not entries:
        raise ReleaseError("CHANGELOG.md has no entry.")
    end = entries[1].start() if len(entries) > 1 else len(changelog)
    return entries[0]["version"], changelog[entries[0].end() : end].strip()


def notes(tag: str, version: str, changelog: str) -> str:
    """The release's notes. tag: empty for a build that releases nothing. Raises ReleaseError."""
    if not tag:
        return top(changelog)[1]
    if tag != f"v{version}":
        raise ReleaseError(f"The tag is {tag}, and pyproject.toml has version {version}.")
    written, text = top(changelog)
    if written != version:
        raise ReleaseError(f"The top entry of CHANGELOG.md is {written}, and the version is {version}.")
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description="Prints the notes of a release.")
    parser.add_argument("--tag", default="", help="the release's tag; none to see the notes of what is to come")
    tag = parser.parse_args().tag
    changelog = (about.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        print(notes(tag, about.version(), changelog))
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
