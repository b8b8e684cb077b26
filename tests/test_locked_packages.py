"""A package is found in a lock with all its hashes and nothing else."""

import pytest

from tests.locked_packages import LLAMA, LOCK, entry

LOCKED = """\
one==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via inkfall (pyproject.toml)
one-more==2.0 ; sys_platform == 'linux' \\
    --hash=sha256:cc
"""


def test_an_entry_has_all_hashes_of_its_package_alone() -> None:
    assert entry(LOCKED, "one") == "one==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    assert entry(LOCKED, "one-more") == "one-more==2.0 ; sys_platform == 'linux' \\\n    --hash=sha256:cc\n"


def test_a_package_that_is_not_locked_is_refused() -> None:
    with pytest.raises(LookupError, match="does not name more"):
        entry(LOCKED, "more")


def test_the_source_of_llama_cpp_is_locked() -> None:
    assert entry(LOCK.read_text(encoding="utf-8"), LLAMA).count("--hash=") == 1
