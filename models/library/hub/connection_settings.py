"""Makes the user's Connection from the settings, else from the environment variables of the hub's own programs.

Reads HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE; httpx2 reads the proxy variables, local_models.py reads HF_HOME. The
file with other programs' token is not read: the user gave that token to those programs only.
"""

import os
from collections.abc import Mapping

from models.library.hub.client import PATIENCE, reaching
from models.library.hub.connection import HUGGING_FACE, Connection, Ledger
from models.library.hub.errors import host_of
from models.library.hub.token import Tokens
from models.library.hub.variables import own
from resources.language import tr

TOKEN_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
NO_PROXY = "none"
PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")
YES = {"1", "on", "yes", "true"}


def connection(
    environment: Mapping[str, str] | None = None,
    tokens: Tokens | None = None,
    endpoint: str = "",
    proxy: str = "",
    offline: bool = False,
    ledger: Ledger | None = None,
) -> Connection:
    """The connection to use. environment: None for this process's. endpoint, proxy, offline: from the settings, "" or
    False if not set.

    Reads the keyring, which may wait for the user: do not call it on the GUI thread.
    """
    environment = own() if environment is None else environment
    meant = (endpoint or endpoint_of(environment)).rstrip("/")
    return Connection(
        endpoint=meant,
        proxy=proxy,
        token=_token(environment, meant) or (tokens or Tokens()).of(meant),
        offline=offline or offline_in(environment),
        ledger=ledger or Ledger(),
    )


def offline_in(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment forbids network access."""
    return environment.get("HF_HUB_OFFLINE", "").lower() in YES


def endpoint_of(environment: Mapping[str, str]) -> str:
    """The environment's endpoint, else Hugging Face."""
    return environment.get("HF_ENDPOINT", "").strip().rstrip("/") or HUGGING_FACE


def _token(environment: Mapping[str, str], endpoint: str) -> str:
    """The environment's token, if `endpoint` is the environment's endpoint, for which it was given; else ""."""
    if endpoint != endpoint_of(environment):
        return ""
    return next((environment[name].strip() for name in TOKEN_VARIABLES if environment.get(name, "").strip()), "")


def proxy_in_words(proxy: str, environment: Mapping[str, str] = os.environ) -> str:
    """The proxy in use, for scripts: in English, without user name and password."""
    if proxy:
        return host_of(proxy)
    named = next((name for name in PROXY_VARIABLES if environment.get(name)), "")
    return f"{host_of(environment[named])} (by {named})" if named else NO_PROXY


def test_connection(connection: Connection, patience: float = PATIENCE) -> str:
    """Ask the hub, and return one sentence on its response; with a token, the owner's name. Raises HubError."""
    with reaching(connection, tr("test of the connection"), patience) as access:
        if not connection.token:
            access.ask("/api/models?filter=gguf&limit=1", tr("its list of models"))
            return tr("{host} answers; no token is given.").format(host=access.host)
        found = access.ask("/api/whoami-v2", tr("the owner of the token")).value
        name = str(found.get("name") or "") if isinstance(found, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        if not name:
            raise access.unlike_a_hub()
        return tr("{host} answers, and takes the token for that of {name}.").format(host=access.host, name=name)
