"""Parses what a user types for a repository: its name, or the address of its page, a folder or a file. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

HUBS = ("huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com")  # hosts recognised without a scheme
VIEWS = (
    "blob",
    "resolve",
    "raw",
    "tree",
    "blame",
    "edit",
    "commits",
    "commit",
    "delete",
)  # path steps that a revision follows
SITE_SECTIONS = ("discussions", "settings", "activity", "community")  # parts of a repository's site without files
NOT_MODELS = ("datasets", "spaces", "collections", "papers", "docs", "blog", "posts", "learn")
FILE = re.compile(r"\.gguf(?:\.part\d{1,4}of\d{1,4})?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address. repo: OWNER/NAME, or the text in its place. revision: a branch, tag or commit. folder, file: in
    the repository, the file with its folders. quantisation: or a file's name, after a colon. "": not given. is_address:
    it was an address, not a bare name.
    """

    repo: str
    revision: str = ""
    folder: str = ""
    file: str = ""
    quantisation: str = ""
    is_address: bool = False


def parsed(text: str) -> Address:
    """Parse a text. A text that is neither an address nor a name is returned as `repo`, which the hub then refuses."""
    text = text.strip().strip("<>\"'“”‘’").strip()
    try:
        steps, query, is_address = _steps(text)
    except ValueError:  # brackets that are no IPv6 address
        return Address(text)
    while steps[:1] in (["api"], ["models"], ["repos"]) and len(steps) > 2:
        steps = steps[1:]
    if is_address and steps and steps[0] in NOT_MODELS:
        return Address("/".join(steps), is_address=True)
    owner, rest = steps[:1], steps[1:]
    if not rest:
        return Address("/".join(owner), is_address=is_address)
    name, quantisation = _cut(rest[0], ":") if len(rest) == 1 or not _is_view(rest[1]) else (rest[0], "")
    if quantisation and len(rest) > 1:  # OWNER/NAME:folder/FILE
        quantisation, rest = "/".join([quantisation, *rest[1:]]), rest[:1]
    name, revision = _cut(name, "@")
    found = Address(f"{owner[0]}/{name}", revision, quantisation=quantisation, is_address=is_address)
    return _with_path(found, rest[1:], query)


def _steps(text: str) -> tuple[list[str], str, bool]:
    """The steps of the path, the query, and whether it was an address."""
    if re.match(r"hf:(//)?", text):
        return _parts(re.sub(r"^hf:(//)?", "", text)), "", True
    host = text.split("/")[0].lower()
    if "://" not in text and host not in HUBS:
        return _parts(text), "", False
    parts = urlsplit(text if "://" in text else f"https://{text}")
    return _parts(parts.path), parts.query, True


def _parts(path: str) -> list[str]:
    return [unquote(part) for part in path.split("/") if part]


def _cut(text: str, mark: str) -> tuple[str, str]:
    before, _, after = text.partition(mark)
    return before, after


def _is_view(step: str) -> bool:
    return step in VIEWS


def _with_path(found: Address, steps: list[str], query: str) -> Address:
    """The address with the steps and the query after the repository's name."""
    revision, parameters = found.revision, parse_qs(query)
    shown = (parameters.get("show_file_info") or parameters.get("filename") or [""])[0]
    if steps and steps[0] in SITE_SECTIONS:
        steps = []
    elif steps and _is_view(steps[0]):
        count = 3 if steps[1:2] == ["refs"] and len(steps) > 3 else 1
        revision, steps = "/".join(steps[1 : 1 + count]) or revision, steps[1 + count :]
    path = "/".join(steps) or shown
    path, quantisation = _cut(path, ":") if ":" in path.rsplit("/", 1)[-1] else (path, found.quantisation)
    file, folder = (path, "") if FILE.search(path) else ("", path)
    if steps and not file and "." in steps[-1] and re.search(r"\.\w{2,11}$", steps[-1]):
        file, folder = path, ""  # another kind of file: choosing.py reports that it is no item
    return Address(found.repo, revision, folder, file, quantisation or found.quantisation, found.is_address)
