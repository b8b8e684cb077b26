"""The macOS program and its disk image: what the system is told of it, its signature, the .dmg.

Everything that is decided is decided in pure functions; what they say runs on a Mac only. Signing and notarising happen
where an identity is in the keychain, and are skipped with a sentence where none is.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from installer import about, frozen

OLDEST = "13.0"  # PySide6's own wheels ask for it
PAGE, GGUF = "org.inkfall.page", "org.ggml.gguf"  # the first is ours, the second is only named where nobody else does
MARKDOWN = "net.daringfireball.markdown"
IDENTITY = "MACOS_SIGNING_IDENTITY"  # "Developer ID Application: …", in the keychain
PROFILE = "MACOS_NOTARY_PROFILE"  # what `notarytool store-credentials` was told to call the account
KEYCHAIN = "MACOS_NOTARY_KEYCHAIN"  # where it lies, where that is not the user's own keychain
ENTITLEMENTS = Path(__file__).with_name("macos") / "entitlements.plist"  # ctypes makes small functions at run time

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. skipped: why it is not done, in words; empty where it is."""

    name: str
    command: Command
    skipped: str = ""


def information(version: str) -> dict[str, object]:
    """Info.plist, beside what PyInstaller writes itself."""
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
        "NSRequiresAquaSystemAppearance": False,  # the dark look too
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
    """What was added to a bundle's data, where the program looks for it: PyInstaller keeps data in Resources, and
    links to them in Frameworks.
    """
    frameworks = app / "Contents" / "Frameworks"
    for path in frozen.inside(app).iterdir():
        link = frameworks / path.name
        if path.suffix != ".icns" and not link.exists():
            link.symlink_to(Path("..") / "Resources" / path.name)


def sign(app: Path, environment: Mapping[str, str]) -> Step:
    """Seal the bundle anew, since data were added after PyInstaller signed it. Without an identity it gets a seal of
    its own, which Apple's processors ask for and which says nothing of who made it.
    """
    identity = environment.get(IDENTITY, "")
    hardened = ("--options", "runtime", "--timestamp", "--entitlements", str(ENTITLEMENTS)) if identity else ()
    return Step("sign", ("codesign", "--force", *hardened, "--sign", identity or "-", str(app)))


def name_of(name: str, version: str, machine: str) -> str:
    """The image's file name; name: of the variant, machine: "arm64"."""
    return f"{name}-{version}-macos-{machine}.dmg"


def image(stage: Path, file: Path) -> Step:
    """A folder as a disk image."""
    made = ("hdiutil", "create", "-volname", about.NAME, "-srcfolder", str(stage))
    return Step("image", (*made, "-fs", "HFS+", "-format", "ULMO", "-ov", str(file)))


def after(file: Path, environment: Mapping[str, str]) -> list[Step]:
    """What makes the image one that a Mac opens without a warning."""
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
    """What the image shows: the program, and where to drag it."""
    shutil.copytree(app, stage / app.name, symlinks=True)
    (stage / "Applications").symlink_to("/Applications")


def perform(step: Step) -> None:
    """Do it, or say why not."""
    if step.skipped:
        print(f"{step.name}: skipped, {step.skipped}", flush=True)
        return
    subprocess.run(step.command, check=True)


def make(app: Path, stage: Path, file: Path, environment: Mapping[str, str]) -> Path:
    """The disk image of a program."""
    link_data(app)
    perform(sign(app, environment))
    stage.mkdir(parents=True)
    lay_out(stage, app)
    perform(image(stage, file))
    for step in after(file, environment):
        perform(step)
    return file
