"""A user with an open page in a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.desktop.open_page.user import User


@pytest.fixture
def user(tmp_path: Path, qtbot: QtBot) -> Iterator[User]:
    folder = tmp_path / "ünï pages"
    folder.mkdir()
    user = User(folder, qtbot)
    yield user
    for path in (tmp_path, folder):
        path.chmod(0o755)
    user.open_page.close()
