"""The choice of the program's language."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.start.language_choice import first_available, of_settings, of_system
from resources.language import CHOICE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("ko", "zh_CN"):
        (tmp_path / f"{name}.mo").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (("ko_KR",), "ko"),
        (("zh_CN",), "zh_CN"),
        (("zh_TW",), "en"),
        (("de", "en", "ko"), "en"),
        (("de", "ko"), "ko"),
        (("", "ko"), "ko"),
        (("en", "ko"), "en"),
        ((), "en"),
    ],
)
def test_the_first_wanted_language_with_a_translation(folder: Path, wanted: tuple[str, ...], language: str) -> None:
    assert first_available(wanted, folder) == language


@pytest.mark.parametrize(
    ("environment", "languages"),
    [
        ({"LANG": "ko_KR.UTF-8"}, ("ko_KR",)),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "de_DE@euro"}, ("de_DE",)),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "nds:ko:en"}, ("nds", "ko", "en")),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ko"}, ()),
        ({}, ()),
    ],
)
def test_languages_that_the_system_prefers(environment: dict[str, str], languages: tuple[str, ...]) -> None:
    assert of_system(environment, "linux") == languages


@pytest.mark.parametrize("text", ["", "{", "[]", '{"other": 1}', "\xff", '{"language": ""}'])
def test_settings_without_a_language(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text, encoding="latin-1")
    assert of_settings(tmp_path / "settings.json") == ""
    assert of_settings(tmp_path / "none.json") == ""


@pytest.mark.parametrize(("setting", "environment", "language"), [("ko", "", "ko"), ("ko", "en", "en"), ("", "", "ko")])
def test_a_process_and_its_children_speak_it(tmp_path: Path, setting: str, environment: str, language: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.json").write_text(f'{{"language": "{setting}"}}', encoding="utf-8")
    code = (
        "import os; from desktop.start import language_choice; language_choice.choose();"
        "from resources.language import SPOKEN;"
        f"print(SPOKEN, os.environ['{CHOICE}'])"
    )
    around = {**os.environ, "INKFALL_HOME": str(tmp_path), "LC_ALL": "ko_KR.UTF-8", CHOICE: environment}
    done = subprocess.run([sys.executable, "-c", code], env=around, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [language, language]


@pytest.mark.parametrize(("setting", "system"), [("ko", "en_GB.UTF-8"), ("", "ko_KR.UTF-8")])
def test_the_program_speaks_it(tmp_path: Path, setting: str, system: str) -> None:
    """Nothing that the program's start imports before the choice fixes the language."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.json").write_text(f'{{"language": "{setting}"}}', encoding="utf-8")
    around = {**os.environ, "INKFALL_HOME": str(tmp_path), "LC_ALL": system, CHOICE: ""}
    asked = [sys.executable, "-m", "desktop", "--help"]
    done = subprocess.run(asked, env=around, capture_output=True, text=True, encoding="utf-8", check=True)
    assert "A page that a base language model writes on" not in done.stdout
    assert "베이스 언어 모델" in done.stdout
