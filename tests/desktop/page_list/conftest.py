"""A store in a temporary folder."""

from datetime import datetime
from pathlib import Path

import pytest

from desktop.page_list.page_store import PageStore
from tests.desktop.page_list.files import FILES

NOW = datetime(2026, 3, 4, 15, 16, 17)


@pytest.fixture
def store(tmp_path: Path) -> PageStore:
    return PageStore(tmp_path / "pages", tmp_path / "pages-elsewhere.json", FILES, lambda: NOW)
