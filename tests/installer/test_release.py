"""The release workflow calls only what exists; version, changelog and names agree everywhere."""

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from installer import about, macos, notes, nsis
from installer.notes import ReleaseError

ROOT = about.ROOT
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
CHANGELOG = """# Changelog

## [0.2.0] - 2026-12-24

### Added

- Snow.

## [0.1.0] - 2026-11-30

- All of it.
"""


@pytest.fixture(scope="module")
def jobs() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]


def scripts(jobs: dict[str, dict[str, Any]]) -> str:
    return "\n".join(step["run"] for job in jobs.values() for step in job["steps"] if "run" in step)


def test_there_is_one_version() -> None:
    assert about.version() == metadata.version("inkfall")
    assert about.numbers("1.2.3") == (1, 2, 3, 0)
    assert about.numbers("0.1.0rc1+local.5") == (0, 1, 0, 0)


def test_tag_version_and_changelog_have_to_agree() -> None:
    assert notes.notes("v0.2.0", "0.2.0", CHANGELOG) == "### Added\n\n- Snow."
    assert notes.notes("", "0.3.0", CHANGELOG).endswith("Snow.")
    for tag, version, words in (
        ("v0.3.0", "0.2.0", "The tag is v0.3.0"),
        ("0.2.0", "0.2.0", "The tag is 0.2.0"),
        ("v0.1.0", "0.1.0", "top entry of CHANGELOG.md is 0.2.0"),
    ):
        with pytest.raises(ReleaseError, match=words):
            notes.notes(tag, version, CHANGELOG)
    with pytest.raises(ReleaseError, match="no entry"):
        notes.top("# Changelog\n")


def test_our_own_changelog_can_be_read() -> None:
    assert notes.top((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))[1]


def test_everything_the_workflow_calls_exists(jobs: dict[str, dict[str, Any]]) -> None:
    words = scripts(jobs)
    modules = set(re.findall(r"-m (installer[\w.]*)", words))
    assert {"installer.build", "installer.notes", "installer.cuda_pack"} <= modules
    assert all((ROOT / f"{module.replace('.', '/')}.py").is_file() for module in modules)
    rules = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"^make ([a-z][\w-]*)", words, re.MULTILINE)) <= set(rules)
    files = set(re.findall(r"\b(installer/[\w./]+\.\w+|\w+\.lock)\b", words)) - {"source.lock"}
    assert files and all((ROOT / file).is_file() for file in files)
    for option in re.findall(r"ARGS=\"(--[^\"]+)\"", words):
        assert set(re.findall(r"--[\w-]+", option)) <= {"--keep-frozen", "--format", "--runtime"}


def test_secrets_reach_the_scripts_under_the_names_that_they_read(jobs: dict[str, dict[str, Any]]) -> None:
    words = scripts(jobs)
    for name in (nsis.THUMBPRINT, macos.IDENTITY, macos.PROFILE, macos.KEYCHAIN):
        assert f"{name}=" in words
    assert "secrets." not in words  # they go by the environment: a command is shown
    assert not re.search(r"echo.*\$(\{?env:)?(CERTIFICATE|PASSWORD|NOTARY_PASSWORD)\b", words)


def test_actions_are_pinned_and_rights_are_few(jobs: dict[str, dict[str, Any]]) -> None:
    whole = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    assert whole["permissions"] == {"contents": "read"}
    assert {name: job["permissions"] for name, job in jobs.items() if "permissions" in job} == {
        "publish": {"contents": "write"}
    }
    used = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", one) for one in used)


def test_fetched_files_are_checked(jobs: dict[str, dict[str, Any]]) -> None:
    for job in jobs.values():
        for step in job["steps"]:
            if "curl" in step.get("run", "") and "--output" in step["run"]:
                assert "SHA256" in step["run"].upper()


def test_the_flatpak_has_the_programs_name_and_no_folder_of_the_users() -> None:
    file = ROOT / "installer" / "flatpak" / f"{about.ID}.yml"
    manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert manifest["id"] == about.ID
    assert not any(argument.startswith("--filesystem") for argument in manifest["finish-args"])
    assert about.ID in WORKFLOW.read_text(encoding="utf-8")


def test_desktops_get_the_texts_of_about(tmp_path: Path) -> None:
    words = (ROOT / "installer" / "linux" / "inkfall.metainfo.xml").read_text(encoding="utf-8")
    filled = about.fill(words, "0.1.0", "2026-11-30")
    assert "@" not in filled
    root = ElementTree.fromstring(filled)
    assert root.findtext("id") == about.ID and root.findtext("developer/name") == about.AUTHORS
    (tmp_path / f"{about.ID}.metainfo.xml").write_text(filled, encoding="utf-8")
    if shutil.which("appstreamcli"):
        command = ["appstreamcli", "validate", "--no-net", str(tmp_path / f"{about.ID}.metainfo.xml")]
        done = subprocess.run(command, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    if shutil.which("desktop-file-validate"):
        entry = ROOT / "installer" / "linux" / "inkfall.desktop"
        done = subprocess.run(["desktop-file-validate", str(entry)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")
