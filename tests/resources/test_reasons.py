"""Reasons of system errors, as the end of a sentence."""

import errno
import os
from pathlib import Path

import pytest

from resources.reasons import reason


def refused(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.ENOENT, errno.EROFS, errno.ENAMETOOLONG])
def test_in_english_it_is_the_systems_message(number: int) -> None:
    assert reason(refused(number)) == os.strerror(number).lower()


def test_of_a_real_refusal(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:
        tmp_path.open()
    assert reason(caught.value) == "is a directory"


def test_unknown_errors_keep_the_systems_message() -> None:
    assert reason(refused(errno.ENOLINK)) == os.strerror(errno.ENOLINK).lower()
    assert reason(OSError(errno.EIO, "The tape is torn")) == "the tape is torn"


def test_where_the_system_says_nothing() -> None:
    assert reason(OSError(), "it failed") == "it failed"
    assert reason(PermissionError()) == "permissionerror"
