"""The macOS program's Info.plist, and the skipped steps with their reasons. The rest runs on a Mac only."""

import plistlib
from pathlib import Path

import pytest

from installer import about, icons, macos
from installer.macos import Step


def test_the_program_says_which_files_it_opens() -> None:
    info_plist = macos.info_plist("0.1.0")
    assert plistlib.loads(plistlib.dumps(info_plist)) == info_plist
    opened = info_plist["CFBundleDocumentTypes"]
    assert isinstance(opened, list)
    ranks = {kind["LSItemContentTypes"][0]: kind["LSHandlerRank"] for kind in opened}
    assert ranks[macos.PAGE] == "Owner"
    assert {rank for kind, rank in ranks.items() if kind != macos.PAGE} == {"Alternate"}
    declared = [info_plist["UTExportedTypeDeclarations"], info_plist["UTImportedTypeDeclarations"]]
    endings = {
        kind["UTTypeIdentifier"]: kind["UTTypeTagSpecification"]["public.filename-extension"]
        for kinds in declared
        if isinstance(kinds, list)
        for kind in kinds
    }
    assert endings == {macos.PAGE: ["inkfall"], macos.GGUF: ["gguf"], macos.MARKDOWN: ["md"]}
    assert info_plist["CFBundleShortVersionString"] == "0.1.0"


def test_without_an_identity_the_bundle_gets_a_plain_seal_and_the_image_none() -> None:
    sealed = macos.sign(Path("Inkfall.app"), {})
    assert sealed == Step("sign", ("codesign", "--force", "--sign", "-", "Inkfall.app"))
    assert [(step.name, step.skipped) for step in macos.finishing_steps(Path("x.dmg"), {})] == [
        (name, f"{macos.IDENTITY} is not set") for name in ("sign the image", "notarise", "staple")
    ]


def test_with_an_identity_alone_nothing_is_notarised() -> None:
    environment = {macos.IDENTITY: "Developer ID Application: Somebody"}
    command = macos.sign(Path("Inkfall.app"), environment).command
    assert command[command.index("--options") + 1] == "runtime"
    assert command[command.index("--sign") + 1] == environment[macos.IDENTITY]
    skipped = {step.name: step.skipped for step in macos.finishing_steps(Path("x.dmg"), environment)}
    unknown = f"{macos.PROFILE} is not set"
    assert skipped == {"sign the image": "", "notarise": unknown, "staple": unknown}


def test_with_both_everything_is_done_and_no_password_is_named() -> None:
    environment = {macos.IDENTITY: "Somebody", macos.PROFILE: "inkfall", macos.KEYCHAIN: "/k"}
    steps = macos.finishing_steps(Path("x.dmg"), environment)
    assert not any(step.skipped for step in steps)
    notarise = steps[1].command
    assert notarise[notarise.index("--keychain-profile") + 1] == "inkfall"
    assert notarise[notarise.index("--keychain") + 1] == "/k" and "--wait" in notarise
    assert not any("password" in word for step in steps for word in step.command)


def test_a_step_that_is_skipped_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    macos.run_step(Step("notarise", ("false",), "nobody is known"))
    assert capsys.readouterr().out == "notarise: skipped, nobody is known\n"


def test_data_that_were_added_are_found_where_the_program_looks(tmp_path: Path) -> None:
    app = tmp_path / "Inkfall.app"
    for folder in ("Frameworks", "Resources/resources", "Resources/gemma-1.0.dist-info"):
        (app / "Contents" / folder).mkdir(parents=True)
    (app / "Contents/Resources/inkfall.icns").touch()
    (app / "Contents/Frameworks/resources").symlink_to("../Resources/resources")
    macos.link_data(app)
    macos.link_data(app)
    names = sorted(path.name for path in (app / "Contents" / "Frameworks").iterdir())
    assert names == ["gemma-1.0.dist-info", "resources"]
    assert (app / "Contents/Frameworks/gemma-1.0.dist-info").is_dir()


def test_the_image_shows_where_to_drag_the_program(tmp_path: Path) -> None:
    app, stage = tmp_path / "Inkfall.app", tmp_path / "stage"
    (app / "Contents" / "MacOS").mkdir(parents=True)
    stage.mkdir()
    macos.lay_out(stage, app)
    assert (stage / "Applications").readlink() == Path("/Applications")
    assert (stage / "Inkfall.app" / "Contents" / "MacOS").is_dir()
    made = macos.image(stage, tmp_path / macos.name_of("inkfall", "0.1.0", "arm64")).command
    assert made[-1].endswith("inkfall-0.1.0-macos-arm64.dmg") and about.NAME in made


def test_a_hardened_program_asks_for_little() -> None:
    asked = plistlib.loads(macos.ENTITLEMENTS.read_bytes())
    assert set(asked) == {
        "com.apple.security.cs.allow-jit",
        "com.apple.security.cs.allow-unsigned-executable-memory",
    }


def test_the_icon_for_macos_holds_a_picture_of_every_kind(tmp_path: Path) -> None:
    content = icons.icns(about.ICON, tmp_path / "inkfall.icns").read_bytes()
    assert content[:4] == b"icns" and int.from_bytes(content[4:8], "big") == len(content)
    found: list[str] = []
    at = 8
    while at < len(content):
        found.append(content[at : at + 4].decode())
        assert content[at + 8 : at + 12] == b"\x89PNG"
        at += int.from_bytes(content[at + 4 : at + 8], "big")
    assert found == list(icons.OF_MACOS)
