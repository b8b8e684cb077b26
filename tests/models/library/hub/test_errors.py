"""Every failure to reach a hub, with the real client and real failures, gives one sentence."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

from models.library.hub.errors import (
    HubError,
    MissingError,
    OfflineError,
    UnreachableError,
    as_hub_error,
    host_of,
    hub_error,
)
from models.library.hub.repository import open_repository
from tests.models.library.hub_stand_in import StandIn


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port without a listener, reserved so that none appears."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def failure(kind: type[HubError], connection: Any) -> str:
    with pytest.raises(kind) as caught:
        open_repository("o/m", connection, patience=5)
    assert type(caught.value) is kind
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and "Errno" not in sentence
    return sentence


def test_a_closed_port(connect: Any, closed_port: int) -> None:
    assert "cannot be reached" in failure(UnreachableError, connect(endpoint=f"http://127.0.0.1:{closed_port}"))


def test_no_such_host(connect: Any) -> None:
    assert "hub.invalid was not found" in failure(UnreachableError, connect(endpoint="https://hub.invalid"))


def test_no_tls(hub: StandIn, connect: Any) -> None:
    https = hub.endpoint.replace("http:", "https:")
    assert "not secure" in failure(UnreachableError, connect(endpoint=https))


@pytest.mark.parametrize("endpoint", ["", "huggingface.co", "ftp://hub", "http://", "http://hub:port"])
def test_no_address(endpoint: str, connect: Any) -> None:
    assert "is no address of a hub" in failure(HubError, connect(endpoint=endpoint))


def test_a_dead_proxy(hub: StandIn, connect: Any, closed_port: int) -> None:
    to = connect(endpoint="http://hub.invalid", proxy=f"http://user:secret@127.0.0.1:{closed_port}")
    sentence = failure(UnreachableError, to)
    assert "proxy" in sentence and "secret" not in sentence


@pytest.mark.parametrize("proxy", ["nonsense", "socks5://127.0.0.1:1", "http://a:b:c"])
def test_no_proxy_s_address(proxy: str, hub: StandIn, connect: Any) -> None:
    assert "proxy's address" in failure(UnreachableError, connect(proxy=proxy))
    assert hub.requests == []


def test_the_proxy_is_used(hub: StandIn, connect: Any) -> None:
    """The stand-in is also a proxy, which gets requests for whole addresses."""
    to = connect(endpoint="http://hub.invalid", proxy=hub.endpoint)
    failure(MissingError, to)
    assert hub.requests[-1].path.startswith("http://hub.invalid/api/models/")


def test_a_redirect_in_a_circle_is_left(hub: StandIn, connect: Any) -> None:
    hub.fail("status", "api", times=99, status=302, headers={"Location": "/api/models/o/m"})
    assert "no hub says" in failure(HubError, connect())


def test_a_redirect_takes_no_token_along(hub: StandIn, connect: Any) -> None:
    hub.fail("status", "api", status=302, headers={"Location": f"{hub.cdn.url}/api/models/o/m"})
    hub.add("o/m", {})
    open_repository("o/m", connect(token="hf_good"))
    assert [(request.server, request.authorization) for request in hub.requests] == [
        ("hub", "Bearer hf_good"),
        ("cdn", ""),
    ]


def test_one_address_with_another_spelling(hub: StandIn, connect: Any) -> None:
    hub.add("o/m", {})
    assert open_repository("o/m", connect(endpoint=f"{hub.endpoint}/")).listed.id == "o/m"


def test_errors_that_huggingface_hub_raises_itself() -> None:
    assert isinstance(hub_error(OfflineModeIsEnabled("x"), "o/m"), OfflineError)
    assert isinstance(hub_error(HFValidationError("x"), "o/m"), MissingError)
    original = UnreachableError("As it is.")
    assert hub_error(original, "o/m") is original


def test_our_own_bugs_are_not_reported_as_hub_errors() -> None:
    with pytest.raises(TypeError), as_hub_error("o/m"):
        raise TypeError


def test_an_address_is_shown_without_its_password() -> None:
    assert host_of("http://user:secret@hub.example:8080/x") == "hub.example:8080"
    assert host_of("https://huggingface.co") == "huggingface.co"


@pytest.mark.parametrize("endpoint", ["http://user:secret@", "http://user:secret@hub:port", "ftp://user:secret@hub"])
def test_no_sentence_has_the_password_of_an_endpoint(endpoint: str, connect: Any) -> None:
    assert "secret" not in failure(HubError, connect(endpoint=endpoint))


def test_no_sentence_and_no_page_has_the_password_of_the_hub(hub: StandIn, connect: Any) -> None:
    hub.add("o/m", {"m.gguf": b"1"})
    endpoint = hub.endpoint.replace("://", "://user:secret@")
    for status in (401, 403, 404, 429, 500):
        hub.fail("status", "api", status=status)
        with pytest.raises(HubError) as caught:
            open_repository("o/m", connect(endpoint=endpoint))
        assert "secret" not in f"{caught.value} {getattr(caught.value, 'page', '')}"
