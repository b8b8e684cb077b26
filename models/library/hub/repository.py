"""Opens a repository of the hub: its commit and its items, with the hub's sizes and checksums. Makes one request."""

import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from models.library import catalogue
from models.library.downloadable import RemoteFile, Repository
from models.library.hub import naming
from models.library.hub.client import PATIENCE, Access, reaching
from models.library.hub.connection import Connection
from models.library.hub.errors import GoneError, MissingError, as_hub_error
from models.library.hub.search import information, listed
from resources.language import printable, tr

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo
    from huggingface_hub.hf_api import RepoSibling

COMMIT = re.compile(r"[0-9a-f]{7,64}")


def open_repository(repo: str, connection: Connection, patience: float = PATIENCE, revision: str = "") -> Repository:
    """Open a repository. revision: a branch, tag or commit; "" for the default branch. patience: seconds.

    Raises HubError: MissingError, GatedError (rarely: metadata is public), UnreachableError…
    """
    with reaching(connection, tr("files of {repo}").format(repo=repo), patience) as access:
        with as_hub_error(repo, access.connection.endpoint):
            _check(repo)
        at = f"/revision/{quote(revision, safe='')}" if revision else ""
        try:
            answer = access.ask(f"/api/models/{quote(repo)}{at}?blobs=true", repo)
        except GoneError as error:
            raise MissingError(
                tr("{repo} has no version “{revision}”: name another one, or none.").format(
                    repo=repo, revision=revision
                )
            ) from error
        found = information(answer.value, access)
        if not COMMIT.fullmatch(found.sha or "") or not _is_name(found.id):
            raise access.unlike_a_hub()
        return _opened(found, access)


def _check(repo: str) -> None:
    from huggingface_hub.utils import validate_repo_id

    validate_repo_id(repo)
    if repo.count("/") != 1:
        raise MissingError(
            tr("“{repo}” is no name of a repository: it is to be OWNER/NAME.").format(repo=printable(repo))
        )


def _is_name(gguf: str) -> bool:
    """Whether the id in the hub's response, after which folders are named, is a valid repository name."""
    from huggingface_hub.errors import HFValidationError

    try:
        _check(gguf)
    except (HFValidationError, MissingError):
        return False
    return True


def _opened(found: "ModelInfo", access: Access) -> Repository:
    commit = str(found.sha)
    try:
        files = [_file(sibling, found.id) for sibling in found.siblings or ()]
        gguf = dict(cast(dict[str, Any], found.gguf or {}))  # pyright: ignore[reportUnknownMemberType]
    except (TypeError, ValueError, AttributeError) as error:
        raise access.unlike_a_hub() from error
    return Repository(
        listed=listed(found),
        commit=commit,
        items=naming.items(found.id, commit, files),
        parameters=_number(gguf.get("total")),
        architecture=str(gguf.get("architecture") or ""),
        context=_number(gguf.get("context_length")),
    )


def _file(sibling: "RepoSibling", repo: str) -> RemoteFile:
    """A file with size 0 if the hub gives none, and the hub's or the catalogue's checksum, or none."""
    sha256 = str(sibling.lfs.sha256) if sibling.lfs else ""
    size = _number(sibling.lfs.size if sibling.lfs else sibling.size)
    name = str(sibling.rfilename)
    known = sha256 if naming.SHA256.fullmatch(sha256) else catalogue.pinned(repo, name, size)
    return RemoteFile(name, size, known)


def _number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
