"""No redirect leads from https to http, and no redirect takes the token to another host.

httpx2 sends and follows as always; only its last step, the wire, is ours.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from desktop.updating.newest import UpdateError, newest
from models.library.app_dirs import under
from models.library.download.conditions import Conditions
from models.library.download.fetch import fetch
from models.library.download.progress import DownloadError
from models.library.downloadable import Downloadable, RemoteFile
from models.library.hub.connection import Connection
from models.library.hub.connection_settings import test_connection as try_connection
from models.library.hub.errors import HubError, InsecureError
from models.library.hub.far_header import far_header
from models.library.hub.repository import open_repository
from models.library.hub.search import search

ITEM = Downloadable("o/m", "c" * 40, "Q4_K_M", (RemoteFile("a.gguf", 3_000_000, ""),))
HTTPS, CDN, HTTP = "https://hub.example", "https://cdn.example", "http://hub.example"
Ask = Callable[[Connection, Path], object]
ASKING: dict[str, Ask] = {
    "search": lambda to, _: list(search("gemma", to)),
    "repository": lambda to, _: open_repository("o/m", to),
    "header": lambda to, folder: far_header(ITEM, to, under(folder)),
    "body": lambda to, folder: list(fetch(ITEM, folder, to, Conditions(attempts=1, free=lambda _: 1 << 40))),
    "connection": lambda to, _: try_connection(to),
    "updates": lambda to, _: newest(to, f"{to.endpoint}/latest.json"),
}


class Wire:
    """Answers each host with a redirect to the next one of `hops`, and the last with nothing of use."""

    def __init__(self, *hops: str) -> None:
        self.hops = list(hops)
        self.asked: list[httpx2.Request] = []

    def __call__(self, _transport: object, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        origin = f"{request.url.scheme}://{request.url.host}"
        place = self.hops.index(origin)
        if place + 1 < len(self.hops):
            return httpx2.Response(302, headers={"Location": f"{self.hops[place + 1]}{request.url.raw_path.decode()}"})
        return httpx2.Response(404, content=b"nothing")

    @property
    def origins(self) -> list[str]:
        return [f"{request.url.scheme}://{request.url.host}" for request in self.asked]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Wire]]:
    def make(*hops: str) -> Wire:
        made = Wire(*hops)
        monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", lambda *given: made(*given))
        return made

    yield make


def ask(asking: str, endpoint: str, folder: Path) -> Exception:
    with pytest.raises((HubError, DownloadError, UpdateError)) as found:
        ASKING[asking](Connection(endpoint, token="hf_secret"), folder)
    return found.value


@pytest.mark.parametrize(
    "hops", [(HTTPS, HTTP), (HTTPS, CDN, HTTP), (HTTP, CDN, "http://cdn.example"), (HTTPS, "ftp://x")]
)
@pytest.mark.parametrize("asking", ASKING)
def test_encryption_is_not_left(asking: str, hops: tuple[str, ...], wire: Any, tmp_path: Path) -> None:
    made = wire(*hops)
    error = ask(asking, hops[0], tmp_path)
    assert made.origins == list(hops[:-1])
    assert "without encryption" in str(error) or "not secure" in str(error)
    assert not list(tmp_path.rglob("*.gguf"))


@pytest.mark.parametrize("hops", [(HTTPS, CDN), (HTTP, CDN), (HTTP, "http://cdn.example"), (HTTP, HTTPS, CDN)])
@pytest.mark.parametrize("asking", ASKING)
def test_other_redirects_are_followed_without_the_token(
    asking: str, hops: tuple[str, ...], wire: Any, tmp_path: Path
) -> None:
    made = wire(*hops)
    error = ask(asking, hops[0], tmp_path)
    assert not isinstance(error, InsecureError) and "encryption" not in str(error)
    assert made.origins == list(hops)
    found = [request.headers.get("Authorization", "") for request in made.asked]
    assert found == ["" if asking == "updates" else "Bearer hf_secret", *[""] * (len(hops) - 1)]


def test_a_redirect_without_a_scheme_stays_encrypted(wire: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = wire(HTTPS)
    answers = [httpx2.Response(302, headers={"Location": place}) for place in ("//cdn.example/x", "/y")]

    def answer(_transport: object, request: httpx2.Request) -> httpx2.Response:
        made.asked.append(request)
        return answers.pop(0) if answers else httpx2.Response(404)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", answer)
    with pytest.raises(HubError):
        open_repository("o/m", Connection(HTTPS))
    assert made.origins == [HTTPS, CDN, CDN]
