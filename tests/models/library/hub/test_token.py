"""The token in keyrings of ours: one that stores, one that forgets, ones that fail."""

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from models.library.hub.token import Tokens, in_words


class Memory(KeyringBackend):
    """Holds passwords as long as it lives."""

    priority = 1  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError


class Broken(Memory):
    """A keyring that the user does not unlock, or whose bus is gone."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error


def test_a_token_is_stored_across_runs() -> None:
    keyring = Memory()
    saved = Tokens(keyring).save(" hf_one\n")
    assert saved.is_stored and "kept in the system's keyring" in saved.sentence
    assert Tokens(keyring).of() == "hf_one"


def test_each_endpoint_has_its_own() -> None:
    tokens = Tokens(Memory())
    tokens.save("hf_one")
    assert tokens.of("https://mirror.example") == ""


def test_forgotten() -> None:
    keyring = Memory()
    tokens = Tokens(keyring)
    tokens.save("hf_one")
    assert not tokens.forget().is_stored and tokens.of() == "" and not keyring.held
    assert not tokens.forget().is_stored


@pytest.mark.parametrize(
    "keyring",
    [fail.Keyring(), null.Keyring(), Broken(KeyringLocked()), Broken(OSError("no bus")), Broken(RuntimeError())],
    ids=lambda keyring: f"{type(keyring).__module__}-{getattr(keyring, 'error', '')!r}",
)
def test_where_nothing_holds_it_it_is_for_this_run(keyring: KeyringBackend) -> None:
    tokens = Tokens(keyring)
    saved = tokens.save("hf_one")
    assert not saved.is_stored and "until Inkfall is closed" in saved.sentence
    assert tokens.of() == "hf_one" and Tokens(keyring).of() == ""
    tokens.forget()
    assert tokens.of() == ""


def test_errors_of_linux_keyrings_are_handled() -> None:
    pytest.importorskip("secretstorage", reason="only where a desktop's keyring is")
    from secretstorage.exceptions import LockedException

    assert Tokens(Broken(LockedException("locked"))).of() == ""


def test_no_letter_of_it_is_shown() -> None:
    tokens = Tokens(Memory())
    tokens.save("hf_one")
    assert "hf_one" not in repr(tokens)
    assert (in_words(True), in_words(False)) == ("a token is given", "no token is given")
