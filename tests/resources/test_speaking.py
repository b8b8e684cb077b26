"""Sentences in the language of the process, which is fixed when it starts."""

import os
import subprocess
import sys

import pytest

from resources.language import CHOICE

SAY = """
from resources.language import SPOKEN, tr, tr_count
words = tr_count("{count:,} word", "{count:,} words", 1234).format(count=1234)
print(SPOKEN, tr("Settings"), words, tr("open", "a page"))
"""


def run_in_korean(language: str) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", SAY],
        env={**os.environ, CHOICE: language},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("", "en Settings 1,234 words open"),
        ("en", "en Settings 1,234 words open"),
        ("ko", "ko 설정 1,234단어 열려 있음"),
        ("pseudo", "pseudo ⟦Settings⟧ ⟦1,234 words⟧ ⟦open⟧"),
        ("xx", "xx Settings 1,234 words open"),  # there is no such list: the sentences of the code
    ],
)
def test_a_process_speaks_one_language(language: str, sentence: str) -> None:
    assert run_in_korean(language) == sentence
