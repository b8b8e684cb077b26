"""A session with the hub: the cost of its import, what it refuses to read, and which hosts get the token."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import pytest

from models.library.hub.client import Access, authorization, origin, reaching
from models.library.hub.connection import Connection
from models.library.hub.errors import HubError, UnreachableError
from tests.models.library.hub_stand_in import StandIn

LAZY = """
import sys
from models.library import forecast
from models.library.download import queue
from models.library.hub import connection_settings, far_header, repository, search
print(*[name for name in ("httpx2", "huggingface_hub", "keyring") if name in sys.modules])
"""


class Trickle:
    """A body that comes in blocks, and a clock that goes on a second with each."""

    def __init__(self, blocks: int, size: int) -> None:
        self.blocks, self.size, self.now = blocks, size, 0.0

    def iter_bytes(self) -> Iterator[bytes]:
        for _ in range(self.blocks):
            self.now += 1
            yield bytes(self.size)

    def clock(self) -> float:
        return self.now


def access(patience: float) -> Access:
    return Access(cast(Any, None), Connection(), patience)


def test_nothing_is_imported_before_the_first_request() -> None:
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""


def test_an_answer_that_trickles_on_is_left() -> None:
    body = Trickle(blocks=1_000, size=1)
    with pytest.raises(UnreachableError, match="too slowly"):
        list(access(patience=10).limited(cast(Any, body), most=10_000, clock=body.clock))
    assert body.now == 41


def test_an_answer_that_never_ends_is_left() -> None:
    body = Trickle(blocks=1_000, size=1_000)
    with pytest.raises(HubError, match="more than an answer can be"):
        list(access(patience=10_000).limited(cast(Any, body), most=5_000, clock=body.clock))
    assert body.now == 6


def test_a_token_belongs_to_one_origin() -> None:
    to = Connection("https://hub.example", token="hf_x")
    assert authorization("https://hub.example/api/models?x=1", to) == {"Authorization": "Bearer hf_x"}
    assert authorization("https://HUB.example:443/x", to)
    for other in (
        "http://hub.example/",
        "https://hub.example:8443/",
        "https://hub.example.evil/",
        "https://cdn.example/",
    ):
        assert authorization(other, to) == {}
    assert authorization("https://hub.example/", Connection("https://hub.example")) == {}


def test_origins() -> None:
    assert origin("http://a") == ("http", "a", 80) and origin("https://A:1/x") == ("https", "a", 1)


def test_requests_do_not_name_this_system(hub: StandIn, connect: Any) -> None:
    with reaching(connect(), "a look") as session:
        session.ask("/api/models?limit=1", "a list")
    assert [(request.path, request.user_agent) for request in hub.requests] == [("/api/models?limit=1", "inkfall")]


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900, b"[" + b"[]," * 600_000 + b"[]]", b"\xff"],
)
def test_an_answer_without_end_is_no_hub_s(hub: StandIn, body: bytes) -> None:
    hub.fail("body", "api", status=200, body=body)
    with (
        reaching(Connection(endpoint=hub.endpoint), "a test") as access,
        pytest.raises(HubError, match="does not answer as a hub does"),
    ):
        access.ask("/api/models", "a test")


@pytest.mark.parametrize(
    "body", [b"0.5", b"[" * 100_000, b'{"errors": 5}', b'{"error": {"a": 1}}', b"\xff\xfe\x00", b"null"]
)
@pytest.mark.parametrize(
    ("status", "words"), [(400, "refused the request"), (404, "either there is no such thing"), (500, "out of order")]
)
def test_a_refusal_with_any_body(hub: StandIn, status: int, words: str, body: bytes) -> None:
    """Status and headers give the meaning; the body is not read."""
    hub.fail("body", "api", status=status, body=body)
    with reaching(Connection(endpoint=hub.endpoint), "a test") as access, pytest.raises(HubError, match=words):
        access.ask("/api/models", "a test")


def test_a_next_page_whose_address_is_none(hub: StandIn) -> None:
    hub.fail("body", "api", status=200, body=b"[]", headers={"Link": '<http://[>; rel="next"'})
    with (
        reaching(Connection(endpoint=hub.endpoint), "a test") as access,
        pytest.raises(HubError, match="does not answer as a hub does"),
    ):
        access.ask("/api/models", "a test")
