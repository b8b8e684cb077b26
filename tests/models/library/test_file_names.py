"""Names that pass are valid on every system, from the hub or from a page's title."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.pagefile.names import new_name
from models.library.download.layout import final_path
from models.library.download.progress import RefusedError
from models.library.downloadable import Downloadable, RemoteFile
from models.library.file_names import cleaned, is_device, is_sound
from models.library.hub.naming import is_model, items

DEVICES = [
    "CON", "con", "CON .gguf", "NUL.gguf", "com1 .txt", "CONIN$", "conout$ .gguf", "aux.part", "COM¹", "COM0",
    "lpt³.gguf", "PRN. .gguf", "nul..gguf", " con.gguf", "Aux   .Q4_K_M.gguf",
]  # fmt: skip
OTHERS = [
    "", ".", "..", "a.", "a ", "a:b", "a.gguf:stream", "a?.gguf", "a*.gguf", 'a".gguf', "a<b>.gguf", "a|b.gguf",
    "a\\b.gguf", "a/b", "a\0.gguf", "a\n.gguf", "a\x1b[2J.gguf", "a\x7f.gguf", "a\x9b.gguf", "a\u202efugg.gguf",
    "a\u2066b.gguf", "a\u200bb.gguf", "a\ufeffb.gguf", "a\u2028b.gguf", "a\ud800.gguf", "a\ue000.gguf", "x" * 256,
    "한" * 86,
]  # fmt: skip
SOUND = [
    "a.gguf",
    "Model v1.5-Q4_K_M.gguf",
    "한국어.gguf",
    "é ü.gguf",
    "console.gguf",
    "con-1.gguf",
    "com10.gguf",
    "null",
    "x" * 255,
]


@pytest.mark.parametrize("name", DEVICES)
def test_devices(name: str) -> None:
    assert is_device(name) and not is_sound(name)


@pytest.mark.parametrize("name", OTHERS)
def test_names_that_some_system_refuses(name: str) -> None:
    assert not is_sound(name)


@pytest.mark.parametrize("name", SOUND)
def test_names_that_every_system_takes(name: str, tmp_path: Path) -> None:
    assert is_sound(name)
    (tmp_path / name).touch()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", [name for name in (*DEVICES, *OTHERS) if name.endswith(".gguf")])
def test_a_file_of_the_hub_of_such_a_name_is_not_offered_and_not_fetched(name: str, tmp_path: Path) -> None:
    for whole in (name, f"{name}/a.gguf", f"q/{name}"):
        assert not is_model(whole)
        assert items("o/m", "c" * 40, [RemoteFile(whole, 10, "")]) == ()
        with pytest.raises(RefusedError):
            final_path(Downloadable("o/m", "c" * 40, "", (RemoteFile(whole, 10, ""),)), tmp_path)


@given(st.text(st.characters(exclude_categories=()), max_size=120) | st.sampled_from([*DEVICES, *OTHERS]))
def test_cleaned_names_are_valid(text: str) -> None:
    name = cleaned(text, 80)
    assert name == "" or is_sound(name, 81)
    assert cleaned(name, 81) == name
    assert is_sound(new_name(text, datetime(2026, 3, 4, 15, 16)))


@pytest.mark.parametrize("title", DEVICES)
def test_a_page_that_is_called_like_a_device(title: str) -> None:
    assert new_name(title, datetime(2026, 3, 4)).startswith("_")
