"""Endpoint, token, proxy and offline: from settings, environment and keyring; and the test of the connection."""

from typing import Any

import pytest

from models.library.hub import connection_settings
from models.library.hub.connection import HUGGING_FACE
from models.library.hub.errors import BadTokenError, HubError, OfflineError
from models.library.hub.token import Tokens
from tests.models.library.hub.test_token import Memory
from tests.models.library.hub_stand_in import GOOD_TOKEN, StandIn

MIRROR = "https://mirror.example"


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(Memory())


def test_default_connection(tokens: Tokens) -> None:
    found = connection_settings.connection({}, tokens)
    assert (found.endpoint, found.proxy, found.token, found.offline) == (HUGGING_FACE, "", "", False)


def test_the_environment(tokens: Tokens) -> None:
    given = {"HF_ENDPOINT": f"{MIRROR}/", "HF_TOKEN": " hf_x ", "HF_HUB_OFFLINE": "1"}
    found = connection_settings.connection(given, tokens)
    assert (found.endpoint, found.token, found.offline) == (MIRROR, "hf_x", True)


def test_settings_go_before_the_environment(tokens: Tokens) -> None:
    found = connection_settings.connection({"HF_ENDPOINT": "https://other"}, tokens, MIRROR, "http://proxy:1", True)
    assert (found.endpoint, found.proxy, found.offline) == (MIRROR, "http://proxy:1", True)


def test_a_token_goes_only_to_the_endpoint_it_was_given_for(tokens: Tokens) -> None:
    tokens.save("hf_kept")
    assert connection_settings.connection({}, tokens).token == "hf_kept"
    assert connection_settings.connection({"HF_TOKEN": "hf_x"}, tokens, endpoint=MIRROR).token == ""
    assert connection_settings.connection({"HF_TOKEN": "hf_x"}, tokens).token == "hf_x"


def test_a_token_is_never_printed(tokens: Tokens) -> None:
    assert "hf_x" not in repr(connection_settings.connection({"HF_TOKEN": "hf_x"}, tokens))


def test_the_test_of_the_connection(hub: StandIn, connect: Any) -> None:
    assert "no token is given" in connection_settings.test_connection(connect())
    assert "that of tester" in connection_settings.test_connection(connect(token=GOOD_TOKEN))
    with pytest.raises(BadTokenError):
        connection_settings.test_connection(connect(token="hf_wrong"))
    with pytest.raises(OfflineError):
        connection_settings.test_connection(connect(offline=True))
    hub.fail("page", "api")
    with pytest.raises(HubError, match="sign in to this network"):
        connection_settings.test_connection(connect())


def test_the_proxy_in_words() -> None:
    assert connection_settings.proxy_in_words("", {}) == "none"
    assert connection_settings.proxy_in_words("http://me:secret@proxy:3128", {}) == "proxy:3128"
    assert (
        connection_settings.proxy_in_words("", {"https_proxy": "http://me:secret@proxy:1"})
        == "proxy:1 (by https_proxy)"
    )
