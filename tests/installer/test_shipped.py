"""Licences and the SBOM of the shipped parts, for this environment."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from installer import sbom, shipped
from installer.shipped import Part


def test_every_package_that_the_program_needs_has_its_licence_text() -> None:
    parts = list(shipped.python_parts())
    names = {shipped.normal(part.name) for part in parts}
    assert {"python", "inkfall", "pyside6-essentials", "shiboken6", "llama-cpp-python", "numpy", "keyring"} <= names
    assert "pytest" not in names
    assert set(shipped.lacking_text(parts)) <= {"python"}  # some machines' Python has none; the build stops there


def test_the_texts_name_authors_and_licences(tmp_path: Path) -> None:
    text = tmp_path / "LICENSE"
    text.write_text("Do as you like.\n", encoding="utf-8")
    shipped.write_texts([Part("a/b c", "1.2", "MIT", "pypi", (text, text))], tmp_path / "out")
    written = (tmp_path / "out" / "a-b-c.txt").read_text(encoding="utf-8")
    assert written.startswith("a/b c 1.2\nLicence: MIT\n")
    assert written.count("Do as you like.") == 2


def test_a_part_without_a_text_is_named() -> None:
    assert shipped.lacking_text([Part("bare", "1", "MIT", "pypi", ())]) == ["bare"]


def test_the_sbom_names_every_part_and_repeats_itself() -> None:
    parts = [
        Part("Send2Trash", "2.2.0", "BSD-3-Clause", "pypi", ()),
        Part("libxcb-cursor0", "0.1.1-4", "see its text", "deb", ()),
        Part("python", "3.11.7", "PSF-2.0", "generic", ()),
    ]
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    words = sbom.document("0.1.0", parts, moment)
    assert words == sbom.document("0.1.0", parts, moment)
    found = json.loads(words)
    assert (found["bomFormat"], found["specVersion"], found["version"]) == ("CycloneDX", "1.6", 1)
    assert found["metadata"]["component"]["version"] == "0.1.0"
    assert [component.get("purl") for component in found["components"]] == [
        "pkg:pypi/send2trash@2.2.0",
        "pkg:deb/debian/libxcb-cursor0@0.1.1-4",
        None,
    ]
    assert found["components"][0]["licenses"] == [{"expression": "BSD-3-Clause"}]
    assert found["components"][1]["licenses"] == [{"license": {"name": "see its text"}}]


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        ("MIT", True),
        ("MPL-2.0 AND MIT", True),
        ("(MIT OR Apache-2.0) AND 0BSD", True),
        ("Apache 2.0", False),
        ("Gemma Terms of Use", False),
        ("", False),
    ],
)
def test_spdx_expressions(words: str, expression: bool) -> None:
    assert sbom.is_expression(words) == expression
