"""The hub's token: stored in the system's keyring only, one for each endpoint.

A token is only used for the endpoint it was given for. Without a keyring it lasts for this run, and `save` says so. A
keyring may ask the user to unlock it: never call this on the GUI thread.
"""

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.library.hub.connection import HUGGING_FACE
from resources.language import tr

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "inkfall"
OF_BACKENDS = (  # errors of Linux keyrings besides keyring's own; by name, because the modules may be missing
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney.wrappers", "DBusErrorResponse"),
)


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """Whether the keyring holds a token now, and one sentence that says so."""

    is_stored: bool
    sentence: str


@dataclass(slots=True)
class Tokens:
    """The user's tokens by endpoint. backend: a keyring; None for the system's own."""

    backend: "KeyringBackend | None" = None
    _of_this_run: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    def of(self, endpoint: str = HUGGING_FACE) -> str:
        """The token for that endpoint, or ""."""
        if endpoint in self._of_this_run:
            return self._of_this_run[endpoint]
        try:
            return self._keyring().get_password(SERVICE, endpoint) or ""
        except _failures():
            return ""

    def save(self, token: str, endpoint: str = HUGGING_FACE) -> StoredTokens:
        """Use the token in this run, and store it in the keyring if there is one that really stores it."""
        token = token.strip()
        self._of_this_run[endpoint] = token
        try:
            keyring = self._keyring()
            keyring.set_password(SERVICE, endpoint, token)  # pyright: ignore[reportUnknownMemberType]
            if (
                keyring.get_password(SERVICE, endpoint) == token
            ):  # the null keyring accepts everything and stores nothing
                return StoredTokens(True, tr("The token is kept in the system's keyring."))
        except _failures():
            pass
        return StoredTokens(
            False, tr("There is no keyring here that can hold the token: it is used until Inkfall is closed.")
        )

    def forget(self, endpoint: str = HUGGING_FACE) -> StoredTokens:
        """Delete the token here and in the keyring. is_stored: the keyring still holds it."""
        self._of_this_run[endpoint] = ""
        try:
            keyring = self._keyring()
            if keyring.get_password(SERVICE, endpoint):
                keyring.delete_password(SERVICE, endpoint)
        except _failures():
            return StoredTokens(
                True, tr("The token is not used any more, but the system's keyring could not be asked to drop it.")
            )
        return StoredTokens(False, tr("The token is forgotten."))

    def _keyring(self) -> "KeyringBackend":
        import keyring

        return self.backend or keyring.get_keyring()


def _failures() -> tuple[type[Exception], ...]:
    """Every exception that a keyring, an external program, is known to raise."""
    from keyring.errors import KeyringError

    found: list[type[Exception]] = [KeyringError, OSError, RuntimeError, ValueError, ImportError]
    for module, name in OF_BACKENDS:
        try:
            found.append(getattr(importlib.import_module(module), name))
        except (ImportError, AttributeError):
            continue
    return tuple(found)


def in_words(given: bool) -> str:
    """Whether a token is given, for the user; never the token itself."""
    return tr("a token is given") if given else tr("no token is given")
