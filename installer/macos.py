"""Makes the macOS program and its disk image: Info.plist, signature, .dmg.

Pure functions make the steps; the steps run on a Mac only. Signing and notarising happen
where an identity is in the keychain, and are skipped with a sentence where none is.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from installer import about, frozen

OLDEST = "13.0"  # required by PySide6's wheels
PAGE, GGUF = (
    "org.inkfall.page",
    "org.ggml.gguf",
)  # the first is ours, the second is declared only if no other program does
MARKDOWN = "net.daringfireball.markdown"
IDENTITY = "MACOS_SIGNING_IDENTITY"  # "Developer ID Application: …", in the keychain
PROFILE = "MACOS_NOTARY_PROFILE"  # the name given to `notarytool store-credentials`
KEYCHAIN = "MACOS_NOTARY_KEYCHAIN"  # its path, if it is not the user's own keychain
ENTITLEMENTS = Path(__file__).with_name("macos") / "entitlements.plist"  # ctypes makes small functions at run time

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. skipped: why it is not run, in words; empty if it is."""

    name: str
    command: Command
    skipped: str = ""


def info_plist(version: str) -> dict[str, object]:
    """The entries of Info.plist that PyInstaller does not write itself."""
    return {
        "CFBundleName": about.NAME,
        "CFBundleDisplayName": about.NAME,
        "CFBundleVersion": version,
        "CFBundleShortVersionString": version,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "ko"],
        "CFBundleDocumentTypes": [
            _opens("Inkfall page", PAGE, "Editor", "Owner"),
            _opens("GGUF language model", GGUF, "Viewer", "Alternate"),
            _opens("Text", "public.plain-text", "Editor", "Alternate"),
            _opens("Markdown", MARKDOWN, "Editor", "Alternate"),
        ],
        "UTExportedTypeDeclarations": [_kind(PAGE, "Inkfall page", "inkfall", "public.database")],
        "UTImportedTypeDeclarations": [
            _kind(GGUF, "GGUF language model", "gguf", "public.data"),
            _kind(MARKDOWN, "Markdown", "md", "public.plain-text"),
        ],
        "LSMinimumSystemVersion": OLDEST,
        "LSApplicationCategoryType": "public.app-category.productivity",
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,  # dark mode, too
        "NSHumanReadableCopyright": about.COPYRIGHT,
    }


def _opens(words: str, kind: str, role: str, rank: str) -> dict[str, object]:
    return {
        "CFBundleTypeName": words,
        "LSItemContentTypes": [kind],
        "CFBundleTypeRole": role,
        "LSHandlerRank": rank,
    }


def _kind(kind: str, words: str, ending: str, more: str) -> dict[str, object]:
    return {
        "UTTypeIdentifier": kind,
        "UTTypeDescription": words,
        "UTTypeConformsTo": [more, "public.content"],
        "UTTypeTagSpecification": {"public.filename-extension": [ending]},
    }


def link_data(app: Path) -> None:
    """Link added data where the program searches for it: PyInstaller puts data into Resources, and links to them into
    Frameworks.
    """
    frameworks = app / "Contents" / "Frameworks"
    for path in frozen.inside(app).iterdir():
        link = frameworks / path.name
        if path.suffix != ".icns" and not link.exists():
            link.symlink_to(Path("..") / "Resources" / path.name)


def sign(app: Path, environment: Mapping[str, str]) -> Step:
    """Sign the bundle again, since data were added after PyInstaller signed it. Without an identity it gets an ad-hoc
    signature, which Apple's processors require and which names no author.
    """
    identity = environment.get(IDENTITY, "")
    hardened = ("--options", "runtime", "--timestamp", "--entitlements", str(ENTITLEMENTS)) if identity else ()
    return Step("sign", ("codesign", "--force", *hardened, "--sign", identity or "-", str(app)))


def name_of(name: str, version: str, machine: str) -> str:
    """The image's file name; name: of the variant, machine: "arm64"."""
    return f"{name}-{version}-macos-{machine}.dmg"


def image(stage: Path, file: Path) -> Step:
    """The step that makes a disk image of a folder."""
    made = ("hdiutil", "create", "-volname", about.NAME, "-srcfolder", str(stage))
    return Step("image", (*made, "-fs", "HFS+", "-format", "ULMO", "-ov", str(file)))


def finishing_steps(file: Path, environment: Mapping[str, str]) -> list[Step]:
    """The steps that let a Mac open the image without a warning: signing, notarising, stapling."""
    identity, profile = environment.get(IDENTITY, ""), environment.get(PROFILE, "")
    unsigned = "" if identity else f"{IDENTITY} is not set"
    unknown = unsigned or ("" if profile else f"{PROFILE} is not set")
    where = ("--keychain", environment[KEYCHAIN]) if environment.get(KEYCHAIN) else ()
    notary = ("xcrun", "notarytool", "submit", str(file), "--keychain-profile", profile, *where, "--wait")
    return [
        Step("sign the image", ("codesign", "--timestamp", "--sign", identity, str(file)), unsigned),
        Step("notarise", notary, unknown),
        Step("staple", ("xcrun", "stapler", "staple", str(file)), unknown),
    ]


def lay_out(stage: Path, app: Path) -> None:
    """Fill the image's folder: the program, and a link to the folder of applications."""
    shutil.copytree(app, stage / app.name, symlinks=True)
    (stage / "Applications").symlink_to("/Applications")


def run_step(step: Step) -> None:
    """Run a step, or print why it is skipped."""
    if step.skipped:
        print(f"{step.name}: skipped, {step.skipped}", flush=True)
        return
    subprocess.run(step.command, check=True)


def make(app: Path, stage: Path, file: Path, environment: Mapping[str, str]) -> Path:
    """Make the disk image of a program."""
    link_data(app)
    run_step(sign(app, environment))
    stage.mkdir(parents=True)
    lay_out(stage, app)
    run_step(image(stage, file))
    for step in finishing_steps(file, environment):
        run_step(step)
    return file
