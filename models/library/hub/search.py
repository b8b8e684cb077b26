"""Searching the hub for GGUF repositories: a generator of pages, so that not asking for the next one cancels.

Knows what a list tells of a repository; its files, sizes and header are asked for when it is opened (repository.py):
a list that carried them would be many times as large.
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

PAGE = 30  # repositories a page
EMPTY_PAGES = 4  # pages that filters may empty one after the other until one is given as it is
TOLD = ("author", "downloads", "gated", "lastModified", "likes", "tags")  # what a list is asked to tell
QUANTISED = "base_model:quantized:"
RELATED = ("base_model:quantized:", "base_model:finetune:", "base_model:adapter:", "base_model:merge:")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is wanted. author: an owner's name. quantised_from: the exact id of the original. Empty means any."""

    ungated: bool = False
    base_only: bool = False
    author: str = ""
    quantised_from: str = ""


ANY = Filters()


def search(
    query: str, connection: Connection, filters: Filters = ANY, page: int = PAGE, patience: float = PATIENCE
) -> Generator[tuple[Listed, ...]]:
    """Pages of GGUF repositories, the most downloaded first. Raises HubError; contacts nothing before the first `next`.

    A page may be empty where the filters left nothing of several in a row.
    """
    with reaching(
        connection, tr("search for {words}").format(words=query) if query else tr("search for models"), patience
    ) as access:
        following, emptied = urlencode(_parameters(query.strip(), filters, page)), 0
        while following:
            found, following = _page(access, following)
            kept = tuple(listed for listed in found if _wanted(listed, filters))
            emptied = 0 if kept else emptied + 1
            if kept or emptied % EMPTY_PAGES == 0:
                yield kept


def _parameters(query: str, filters: Filters, page: int) -> list[tuple[str, str]]:
    given = [("filter", "gguf"), ("sort", "downloads"), ("limit", str(page))]
    given += [("expand", name) for name in TOLD]
    given += [("search", query)] if query else []
    given += [("author", filters.author)] if filters.author else []
    given += [("gated", "false")] if filters.ungated else []
    given += [("filter", f"{QUANTISED}{filters.quantised_from}")] if filters.quantised_from else []
    return given


def _page(access: Access, query: str) -> tuple[list[Listed], str]:
    """One page, and the query of the next. Only the query of its address is used: a mirror may name another host."""
    answer = access.ask(f"/api/models?{query}", tr("this search"))
    entries: Any = answer.value
    if not isinstance(entries, list):
        raise access.unlike_a_hub()
    return [listed(information(entry, access)) for entry in entries], answer.next  # pyright: ignore[reportUnknownVariableType]


def information(entry: Any, access: Access) -> "ModelInfo":
    """What the hub tells of one repository, in huggingface_hub's own form. Raises HubError."""
    from huggingface_hub import ModelInfo

    try:
        found = ModelInfo(**entry)
        well = isinstance(found.id, str) and isinstance(found.tags or [], list)  # pyright: ignore[reportUnnecessaryIsInstance]
        well = well and isinstance(found.sha or "", str)  # pyright: ignore[reportUnnecessaryIsInstance]
        well = well and all(isinstance(count or 0, int) for count in (found.downloads, found.likes))  # pyright: ignore[reportUnnecessaryIsInstance]
    except (TypeError, KeyError, ValueError, AttributeError) as error:  # what its constructor makes of another form
        raise access.unlike_a_hub() from error
    if not well:
        raise access.unlike_a_hub()
    return found


def listed(found: "ModelInfo") -> Listed:
    """The repository as a search lists it."""
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
    """The originals that a repository says it quantises; one that says how else it is related has none."""
    if any(tag.startswith(RELATED) for tag in tags):
        found = [tag.removeprefix(QUANTISED) for tag in tags if tag.startswith(QUANTISED)]
    else:
        found = [tag.removeprefix("base_model:") for tag in tags if tag.startswith("base_model:")]
    return tuple(dict.fromkeys(found))


def _wanted(found: Listed, filters: Filters) -> bool:
    """What the hub's own filters do not know, and what a mirror may have ignored."""
    if filters.ungated and found.gated:
        return False
    return not filters.base_only or kind_of_listed(found).kind == "base"
