"""The hub's token: kept in the system's keyring, one for each endpoint, and nowhere else.

A token that was given for one endpoint is not sent to another. Where there is no keyring, it is for this run only, and
`keep` says so. A keyring may ask the user to unlock it: never call this on the GUI thread. Knows no network.
"""

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.library.hub.connection import HUGGING_FACE
from resources.language import tr

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "inkfall"
OF_BACKENDS = (  # what the keyrings of Linux raise besides keyring's own errors; named, since they are not everywhere
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney.wrappers", "DBusErrorResponse"),
)


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """Whether the token outlives this run, and the sentence that says so."""

    kept: bool
    sentence: str


@dataclass(slots=True)
class Tokens:
    """The user's tokens by endpoint. backend: a keyring; None for the system's own."""

    backend: "KeyringBackend | None" = None
    _of_this_run: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    def of(self, endpoint: str = HUGGING_FACE) -> str:
        """The token for that endpoint, or an empty text."""
        if endpoint in self._of_this_run:
            return self._of_this_run[endpoint]
        try:
            return self._keyring().get_password(SERVICE, endpoint) or ""
        except _failures():
            return ""

    def save(self, token: str, endpoint: str = HUGGING_FACE) -> StoredTokens:
        """Keep the token, in this run and, where there is a keyring that really holds it, beyond."""
        token = token.strip()
        self._of_this_run[endpoint] = token
        try:
            keyring = self._keyring()
            keyring.set_password(SERVICE, endpoint, token)  # pyright: ignore[reportUnknownMemberType]
            if keyring.get_password(SERVICE, endpoint) == token:  # the null keyring takes everything and holds nothing
                return StoredTokens(True, tr("The token is kept in the system's keyring."))
        except _failures():
            pass
        return StoredTokens(
            False, tr("There is no keyring here that can hold the token: it is used until Inkfall is closed.")
        )

    def forget(self, endpoint: str = HUGGING_FACE) -> StoredTokens:
        """Forget the token, here and in the keyring. `kept` tells whether the keyring still holds it."""
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
    """Everything that a keyring is known to raise: it is somebody else's program, behind a bus."""
    from keyring.errors import KeyringError

    found: list[type[Exception]] = [KeyringError, OSError, RuntimeError, ValueError, ImportError]
    for module, name in OF_BACKENDS:
        try:
            found.append(getattr(importlib.import_module(module), name))
        except (ImportError, AttributeError):
            continue
    return tuple(found)


def in_words(given: bool) -> str:
    """That there is a token or none; never a letter of it."""
    return tr("a token is given") if given else tr("no token is given")
