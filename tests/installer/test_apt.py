"""The mirror and the proxies in apt's settings, in every form they may have."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from installer import apt

OFFICIAL = """\
'http://deb.debian.org/debian/dists/bookworm/InRelease' deb.debian.org_debian_dists_bookworm_InRelease 0
'http://deb.debian.org/debian/dists/bookworm-updates/InRelease' deb.debian.org_InRelease 0
'http://deb.debian.org/debian-security/dists/bookworm-security/InRelease' x 0
'http://deb.debian.org/debian/dists/bookworm/main/binary-amd64/Packages.xz' x 0
"""
NEAR = OFFICIAL.replace("http://deb.debian.org", "https://mirror.example:8080/pub")
OTHERS = """\
'https://download.docker.com/linux/debian/dists/bookworm/InRelease' x 0
'https://deb.nodesource.com/node_20.x/dists/nodistro/InRelease' x 0
"""
UBUNTU = """\
'http://archive.ubuntu.com/ubuntu/dists/noble/InRelease' x 0
'http://archive.ubuntu.com/ubuntu/dists/noble-updates/InRelease' x 0
"""


@pytest.mark.parametrize(
    ("output", "suite", "mirror"),
    [
        (OFFICIAL, "bookworm", "http://deb.debian.org/debian"),
        (OFFICIAL, "trixie", "http://deb.debian.org/debian"),
        (OTHERS + NEAR, "bookworm", "https://mirror.example:8080/pub/debian"),
        ("'http://near.example/debian/dists/bookworm/InRelease' x 0\n", "bookworm", "http://near.example/debian"),
        (UBUNTU + "'http://near.example/debian/dists/sid/InRelease' x 0\n", "bookworm", "http://near.example/debian"),
        (OTHERS, "bookworm", ""),
        (UBUNTU, "bookworm", ""),
        ("", "bookworm", ""),
    ],
)
def test_the_mirror_is_that_of_apt(output: str, suite: str, mirror: str) -> None:
    assert apt.mirror(suite, lambda _command: output) == mirror


def test_a_list_of_mirrors(tmp_path: Path) -> None:
    (tmp_path / "mirrors").write_text("# ours\n\nhttp://one.example/debian/\tpriority:1\nhttp://two.example/debian\n")
    output = OFFICIAL.replace("http://deb.debian.org/debian/", f"mirror+file:{tmp_path}/mirrors/")
    assert apt.mirror("bookworm", lambda _command: output) == "http://one.example/debian"
    (tmp_path / "mirrors").unlink()
    assert apt.mirror("bookworm", lambda _command: output) == ""


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("", {}),
        ("http_proxy='http://me:a%20b@proxy:3142'\n", {"http_proxy": "http://me:a%20b@proxy:3142"}),
        ("http_proxy='DIRECT'\nhttps_proxy='http://p:1'\n", {"https_proxy": "http://p:1"}),
    ],
)
def test_the_proxy_is_that_of_apt(output: str, found: dict[str, str]) -> None:
    assert apt.proxies(lambda _command: output) == found


def test_where_there_is_no_apt(tmp_path: Path) -> None:
    assert apt.output_of([str(tmp_path / "none")]) == "" == apt.output_of(["false"])

    def fails(_command: Sequence[str]) -> str:
        return ""

    assert apt.mirror("bookworm", fails) == "" and apt.proxies(fails) == {}
