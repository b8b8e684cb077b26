"""The sidecar of a part file: one JSON object a line. The first line identifies the remote files, the others hold
checksums and ETags. Lines are only appended; an incomplete last line is ignored.
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
    """The content of a sidecar. ours: the part is of this content. proven: byte offset → sha256 of the bytes from the
    start of its remote file to there. etags: index of a remote file → its ETag.
    """

    ours: bool
    proven: dict[int, str]
    etags: dict[int, str]


def nothing() -> Known:
    return Known(False, {}, {})


class Sidecar:
    """Reads and writes the sidecar of a target. repo, commit: the source of the part."""

    def __init__(self, target: Target, repo: str, commit: str) -> None:
        self._path = target.sidecar
        files = [{"file": file.name, "size": file.size, "sha256": file.sha256} for file in target.files]
        self._identity: dict[str, object] = {"repo": repo, "commit": commit, "files": files}
        self._content = [(file.size, file.sha256) for file in target.files]

    def read(self) -> Known:
        """The sidecar's content; empty if it is absent, damaged, or of other remote files."""
        lines = _objects(self._path)
        if not lines or not self._same(lines[0]):
            return nothing()
        known = Known(True, {}, {})
        for line in lines[1:]:
            _take(line, known)
        return known

    def begin(self, known: Known) -> None:
        """Replace the sidecar by `known`. Raises OSError."""
        lines = [self._identity]
        lines += [_proof(position, sha256) for position, sha256 in known.proven.items()]
        lines += [_etag(index, etag) for index, etag in known.etags.items()]
        text = "\n".join(map(json.dumps, lines)) + "\n"
        with replacing(self._path, private=True) as file:
            file.write(text.encode("ascii"))

    def add_proof(self, position: int, sha256: str) -> None:
        """Append the checksum of the bytes up to `position`. Raises OSError."""
        self._add(_proof(position, sha256))

    def add_etag(self, index: int, etag: str) -> None:
        """Append the ETag of a remote file. Raises OSError."""
        self._add(_etag(index, etag))

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _add(self, line: dict[str, object]) -> None:
        text = "\n" + json.dumps(line)  # the newline comes first, so an incomplete line before does no harm
        with opened(self._path) as file:
            file.seek(0, os.SEEK_END)
            file.write(text.encode("ascii"))

    def _same(self, line: dict[str, object]) -> bool:
        """Whether the first line is of the same content: by sizes and sha256 if all are known, else by repository and
        commit too.
        """
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
