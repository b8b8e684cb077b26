"""Searches the hub for GGUF repositories: a generator of batches, so that not asking for the next one cancels.

Files, sizes and headers are only fetched when a repository is opened (repository.py): a list with them would be many
times larger.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from models.library.downloadable import Listed
from models.library.hub.client import PATIENCE, Access, reaching
from models.library.hub.connection import Connection
from models.library.kind import kind_of_listed
from resources.language import tr

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

BATCH = 30  # repositories of one request
EMPTY_BATCHES = 4  # batches emptied by the filters in a row after which an empty one is yielded
EXPANDED = ("author", "downloads", "gated", "lastModified", "likes", "tags")  # fields asked for
QUANTISED = "base_model:quantized:"
RELATED = ("base_model:quantized:", "base_model:finetune:", "base_model:adapter:", "base_model:merge:")


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a search. author: an owner's name. quantised_from: the exact id of the original. "": any."""

    ungated: bool = False
    base_only: bool = False
    author: str = ""
    quantised_from: str = ""


ANY = Filters()


def search(
    query: str, connection: Connection, filters: Filters = ANY, batch: int = BATCH, patience: float = PATIENCE
) -> Generator[tuple[Listed, ...]]:
    """Yield batches of GGUF repositories, the most downloaded first. Makes no request before the first `next`. Raises
    HubError. batch: repositories of one request.

    A batch is empty if the filters left nothing of several in a row.
    """
    with reaching(
        connection, tr("search for {words}").format(words=query) if query else tr("search for models"), patience
    ) as access:
        following, emptied = urlencode(_parameters(query.strip(), filters, batch)), 0
        while following:
            found, following = _batch(access, following)
            matching = tuple(listed for listed in found if _wanted(listed, filters))
            emptied = 0 if matching else emptied + 1
            if matching or emptied % EMPTY_BATCHES == 0:
                yield matching


def _parameters(query: str, filters: Filters, batch: int) -> list[tuple[str, str]]:
    given = [("filter", "gguf"), ("sort", "downloads"), ("limit", str(batch))]
    given += [("expand", name) for name in EXPANDED]
    given += [("search", query)] if query else []
    given += [("author", filters.author)] if filters.author else []
    given += [("gated", "false")] if filters.ungated else []
    given += [("filter", f"{QUANTISED}{filters.quantised_from}")] if filters.quantised_from else []
    return given


def _batch(access: Access, query: str) -> tuple[list[Listed], str]:
    """One batch, and the query of the next. Of the next URL only the query is used: a mirror may name another host."""
    answer = access.ask(f"/api/models?{query}", tr("this search"))
    entries: Any = answer.value
    if not isinstance(entries, list):
        raise access.unlike_a_hub()
    return [listed(information(entry, access)) for entry in entries], answer.next  # pyright: ignore[reportUnknownVariableType]


def information(entry: Any, access: Access) -> "ModelInfo":
    """One entry of the hub's response as huggingface_hub's ModelInfo. Raises HubError if it has another form."""
    from huggingface_hub import ModelInfo

    try:
        found = ModelInfo(**entry)
        well = isinstance(found.id, str) and isinstance(found.tags or [], list)  # pyright: ignore[reportUnnecessaryIsInstance]
        well = well and isinstance(found.sha or "", str)  # pyright: ignore[reportUnnecessaryIsInstance]
        well = well and all(isinstance(count or 0, int) for count in (found.downloads, found.likes))  # pyright: ignore[reportUnnecessaryIsInstance]
    except (TypeError, KeyError, ValueError, AttributeError) as error:  # the constructor's errors for another form
        raise access.unlike_a_hub() from error
    if not well:
        raise access.unlike_a_hub()
    return found


def listed(found: "ModelInfo") -> Listed:
    """A repository as a search result."""
    tags = tuple(str(tag) for tag in found.tags or ())
    return Listed(
        id=found.id,
        downloads=found.downloads or 0,
        likes=found.likes or 0,
        gated=bool(found.gated),
        updated=found.last_modified.date().isoformat() if found.last_modified else "",
        licence=_licence(tags),
        tags=tags,
        base_models=quantised_from(tags),
    )


def _licence(tags: tuple[str, ...]) -> str:
    return next((tag.removeprefix("license:") for tag in tags if tag.startswith("license:")), "")


def quantised_from(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The originals that a repository's tags say it quantises; none if they name another relation only."""
    if any(tag.startswith(RELATED) for tag in tags):
        found = [tag.removeprefix(QUANTISED) for tag in tags if tag.startswith(QUANTISED)]
    else:
        found = [tag.removeprefix("base_model:") for tag in tags if tag.startswith("base_model:")]
    return tuple(dict.fromkeys(found))


def _wanted(found: Listed, filters: Filters) -> bool:
    """Whether it passes the filters that the hub does not have, or that a mirror may have ignored."""
    if filters.ungated and found.gated:
        return False
    return not filters.base_only or kind_of_listed(found).kind == "base"
