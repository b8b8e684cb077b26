"""What is known of a part file: a JSON object a line. The first line says what it is a part of, the others what its
bytes hashed to on the way. Lines are only ever added: a torn one at the end is one that is not there.
"""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from models.library.atomic_file import replacing
from models.library.download.layout import Target
from models.library.download.open_no_links import opened
from models.library.json_file import content_of
from models.library.outside_json import parse


@dataclass(frozen=True, slots=True)
class Known:
    """ours: whether the part is of this very content. proven: position → sha256, of the remote file that the position
    lies in (or ends), from its beginning to there. etags: index of a remote file → what its server calls that content.
    """

    ours: bool
    proven: dict[int, str]
    etags: dict[int, str]


def nothing() -> Known:
    return Known(False, {}, {})


class Sidecar:
    """The file beside a part. repo, commit: where the part comes from."""

    def __init__(self, target: Target, repo: str, commit: str) -> None:
        self._path = target.sidecar
        files = [{"file": file.name, "size": file.size, "sha256": file.sha256} for file in target.files]
        self._identity: dict[str, object] = {"repo": repo, "commit": commit, "files": files}
        self._content = [(file.size, file.sha256) for file in target.files]

    def read(self) -> Known:
        """What it says; nothing where it is absent, damaged, or of another content."""
        lines = _objects(self._path)
        if not lines or not self._same(lines[0]):
            return nothing()
        known = Known(True, {}, {})
        for line in lines[1:]:
            _take(line, known)
        return known

    def begin(self, known: Known) -> None:
        """Start it anew with what is known. Raises OSError."""
        lines = [self._identity]
        lines += [_proof(position, sha256) for position, sha256 in known.proven.items()]
        lines += [_etag(index, etag) for index, etag in known.etags.items()]
        text = "\n".join(map(json.dumps, lines)) + "\n"
        with replacing(self._path, private=True) as file:
            file.write(text.encode("ascii"))

    def add_proof(self, position: int, sha256: str) -> None:
        """Note what the bytes up to there hash to. Raises OSError."""
        self._add(_proof(position, sha256))

    def add_etag(self, index: int, etag: str) -> None:
        """Note what the server calls the content of that remote file. Raises OSError."""
        self._add(_etag(index, etag))

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _add(self, line: dict[str, object]) -> None:
        text = "\n" + json.dumps(line)  # the line end comes first: a torn line before spoils nothing
        with opened(self._path) as file:
            file.seek(0, os.SEEK_END)
            file.write(text.encode("ascii"))

    def _same(self, line: dict[str, object]) -> bool:
        """With every sha256 known the content is the same wherever it comes from; else repository and commit count."""
        if not all(sha256 for _, sha256 in self._content):
            return line == self._identity
        files = line.get("files")
        stored = cast("list[dict[str, object]]", files) if isinstance(files, list) else []
        with contextlib.suppress(AttributeError):  # an entry that is no object
            return [(file.get("size"), file.get("sha256")) for file in stored] == self._content
        return False


def _objects(path: Path) -> list[dict[str, object]]:
    try:
        lines = content_of(path).splitlines()
    except OSError:
        return []
    found: list[dict[str, object]] = []
    for line in lines:
        with contextlib.suppress(ValueError):
            value = parse(line)
            if isinstance(value, dict):
                found.append(cast("dict[str, object]", value))
    return found


def _take(line: dict[str, object], known: Known) -> None:
    position, sha256 = line.get("position"), line.get("sha256")
    index, etag = line.get("index"), line.get("etag")
    if isinstance(position, int) and isinstance(sha256, str):
        known.proven[position] = sha256
    if isinstance(index, int) and isinstance(etag, str):
        known.etags[index] = etag


def _proof(position: int, sha256: str) -> dict[str, object]:
    return {"position": position, "sha256": sha256}


def _etag(index: int, etag: str) -> dict[str, object]:
    return {"index": index, "etag": etag}
