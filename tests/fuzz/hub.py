"""Hostile answers of the hub: the result is a valid value or one sentence.

python -m tests.fuzz.hub 10000 [first seed]      whole cases, in child processes (running.py)
"""

import functools
import json
import random
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from urllib.request import urlopen

from desktop.updating.newest import UpdateError, newest
from models.library.app_dirs import AppDirs
from models.library.download.conditions import Conditions
from models.library.download.fetch import fetch
from models.library.download.progress import PausedError, Progress, RefusedError
from models.library.downloadable import Downloadable, RemoteFile
from models.library.header import HeaderError
from models.library.hub.connection import Connection
from models.library.hub.connection_settings import test_connection as connection_tested
from models.library.hub.errors import HubError
from models.library.hub.far_header import far_header
from models.library.hub.repository import open_repository
from models.library.hub.search import search
from tests.fuzz import running
from tests.fuzz.json_mutations import RAW, spoilt
from tests.models.library.hub_stand_in import COMMIT, GOOD_TOKEN, StandIn, sha256

PATIENCE = 5.0  # seconds
REPO = "maker/model-GGUF"
DATA = b"GGUF" + (3).to_bytes(4, "little") + bytes(2_000)
RELEASE = {"version": "1.2.3", "url": "https://example.org/releases/1.2.3", "notes": "What is new."}
WHO = {"type": "user", "name": "tester", "auth": {"accessToken": {"role": "read"}}}
STATUSES = (200, 200, 200, 200, 200, 201, 204, 206, 301, 302, 307, 400, 401, 403, 404, 416, 418, 429, 500, 503, 599)
HEADERS = (
    ("Link", '<x>; rel="next"'),
    ("Link", "<" * 5_000),
    ("Link", '<http://[>; rel="next"'),
    ("Link", '<?a=b>; rel="next"'),
    ("Location", "ftp://nowhere/"),
    ("Location", "/" * 5_000),
    ("Location", "http://[::1"),
    ("Content-Type", "text/html; charset=utf-7"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "br"),
    ("Content-Length", "3"),
    ("Content-Range", "bytes 0-1/99999999999999999999999999"),
    ("Content-Range", "bytes 5-1/-"),
    ("ETag", '"' * 3_000),
    ("X-Linked-Size", "9" * 5_000),
    ("X-Linked-Etag", '"' + "0" * 64 + '"'),
    ("X-Repo-Commit", "\x7f"),
    ("X-Error-Code", "GatedRepo"),
    ("X-Error-Code", "RepoNotFound"),
    ("X-Error-Message", "\x1b[2J\u00e9"),
    ("Retry-After", "9" * 400),
    ("Retry-After", "nan"),
    ("Retry-After", "-1"),
    ("Set-Cookie", "a=" + "b" * 5_000),
)


@functools.cache
def hub() -> StandIn:
    """One for all cases of this process."""
    made = StandIn()
    made.add(REPO, {"model.Q4_K_M.gguf": DATA, "README.md": b"# A model"}, gguf={"total": 9, "architecture": "llama"})
    return made


@functools.cache
def answers() -> dict[str, object]:
    """The stand-in's valid answers, by request."""
    asked = {
        "search": "/api/models?filter=gguf&full=1",
        "repository": f"/api/models/{REPO}?blobs=true",
    }
    good_answers: dict[str, object] = {}
    for name, path in asked.items():
        with urlopen(f"{hub().endpoint}{path}") as answer:
            good_answers[name] = json.loads(answer.read())
    return {**good_answers, "who": WHO, "release": RELEASE}


def case(seed: int) -> str:
    """One spoilt answer; returns how it ended. Raises what no user should ever see."""
    chance = random.Random(seed)
    good_answers = answers()
    hub().faults.clear()
    hub().requests.clear()
    connection = Connection(endpoint=hub().endpoint, token=GOOD_TOKEN)
    what = chance.choice(("search", "search", "repository", "repository", "who", "release", "header", "file"))
    ask = _ASKED[what]
    if what in ("header", "file"):
        where = chance.choice(("resolve", "get"))
        hub().fail("body", where, times=chance.choice((1, 1, 9)), **_bytes(chance))
    else:
        body = _body(chance, good_answers[what])
        hub().fail("body", "any", times=chance.choice((1, 9)), body=body, **_told(chance))
    try:
        ask(connection, chance)
    except (HubError, HeaderError, UpdateError, PausedError, RefusedError) as error:
        assert str(error).strip() and "\n" not in str(error), error
        return "a sentence"
    return "an answer"


def _body(chance: random.Random, value: object) -> bytes:
    body = spoilt(chance, value).encode("utf-8", "surrogatepass")
    if chance.random() < 0.1:
        cut = chance.randrange(len(body) + 1)
        torn = (body[:cut], body[:cut] + b"\xff" + body[cut:], b"\xff\xfe" + body)
        body = chance.choice((*torn, b"<html>", bytes(10**6)))
    return body


def _told(chance: random.Random) -> dict[str, object]:
    headers = dict(chance.choices(HEADERS, k=chance.choice((0, 0, 1, 3))))
    return {"status": chance.choice(STATUSES), "headers": headers}


def _bytes(chance: random.Random) -> dict[str, object]:
    body = bytearray(chance.choice((DATA, DATA, RAW[0].encode(), b"")))
    for _ in range(chance.choice((0, 1, 20))):
        if body:
            body[chance.randrange(len(body))] = chance.randrange(256)
    return {"body": bytes(body), **_told(chance)}


# ------------------------------------------------------------------------------------------------ what is asked


def _search(connection: Connection, _chance: random.Random) -> None:
    for page in islice(search("model", connection, patience=PATIENCE), 2):
        for listed in page:
            assert isinstance(listed.id, str) and isinstance(listed.downloads, int) and isinstance(listed.updated, str)


def _repository(connection: Connection, _chance: random.Random) -> None:
    found = open_repository(REPO, connection, PATIENCE)
    assert all(item.size > 0 and item.files for item in found.items) and isinstance(found.architecture, str)


def _who(connection: Connection, _chance: random.Random) -> None:
    assert connection_tested(connection, PATIENCE)


def _release(connection: Connection, _chance: random.Random) -> None:
    release = newest(connection, f"{hub().endpoint}/api/release", PATIENCE)
    assert release.version and release.url.startswith("https://")


def _item() -> Downloadable:
    file = RemoteFile("model.Q4_K_M.gguf", len(DATA), sha256(DATA))
    return Downloadable(REPO, COMMIT, "Q4_K_M", (file,), "")


def _header(connection: Connection, _chance: random.Random) -> None:
    with tempfile.TemporaryDirectory(prefix="inkfall-fuzz-") as folder:
        far_header(_item(), connection, _places(Path(folder)), PATIENCE)


def _file(connection: Connection, chance: random.Random) -> None:
    at_once = Conditions(PATIENCE, attempts=2, spare=0, wait=lambda _seconds: None, chance=chance.random)
    with tempfile.TemporaryDirectory(prefix="inkfall-fuzz-") as folder:
        values: list[Progress] = list(fetch(_item(), Path(folder), connection, at_once))
        assert values[-1].phase == "done" and next(Path(folder).rglob("*.gguf")).read_bytes() == DATA


def _places(folder: Path) -> AppDirs:
    return AppDirs(folder / "data", folder / "config", folder / "cache", folder / "log")


_ASKED: dict[str, Callable[[Connection, random.Random], None]] = {
    "search": _search,
    "repository": _repository,
    "who": _who,
    "release": _release,
    "header": _header,
    "file": _file,
}

if __name__ == "__main__":
    running.main("tests.fuzz.hub", case, lambda: hub().close())
