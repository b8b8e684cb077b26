"""The icon in every size that desktops ask for, drawn from resources/icon.svg: as files of a theme, as Windows' .ico
and as macOS's .icns.
"""

import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
OF_WINDOWS = (16, 20, 24, 32, 40, 48, 64, 128, 256)
OF_MACOS = {  # Apple's name of each picture, and its width; the second half are those of screens with fine dots
    "icp4": 16, "icp5": 32, "ic07": 128, "ic08": 256, "ic09": 512,
    "ic11": 32, "ic12": 64, "ic13": 256, "ic14": 512, "ic10": 1024,
}  # fmt: skip


def draw(svg: Path, folder: Path, names: tuple[tuple[str, str], ...]) -> None:
    """Write PNG files and the SVG into a folder of the icon theme hicolor.

    names: (context, name) of each icon, such as ("apps", "inkfall").
    """
    renderer = QSvgRenderer(str(svg))
    for context, name in names:
        for size in SIZES:
            file = folder / f"{size}x{size}" / context / f"{name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            _picture(renderer, size).save(str(file))
        scalable = folder / "scalable" / context / f"{name}.svg"
        scalable.parent.mkdir(parents=True, exist_ok=True)
        scalable.write_bytes(svg.read_bytes())


def ico(svg: Path, file: Path) -> Path:
    """Write the icon of a program for Windows."""
    pictures = [(size, _png(svg, size) if size == 256 else _bitmap(svg, size)) for size in OF_WINDOWS]
    head, at = struct.pack("<HHH", 0, 1, len(pictures)), 6 + 16 * len(pictures)
    for size, picture in pictures:
        width = size % 256  # 256 is written as 0
        head += struct.pack("<BBBBHHII", width, width, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return _write(file, head + b"".join(picture for _, picture in pictures))


def icns(svg: Path, file: Path) -> Path:
    """Write the icon of a program for macOS."""
    pictures = {name: _png(svg, size) for name, size in OF_MACOS.items()}
    blocks = b"".join(
        name.encode() + struct.pack(">I", 8 + len(picture)) + picture for name, picture in pictures.items()
    )
    return _write(file, b"icns" + struct.pack(">I", 8 + len(blocks)) + blocks)


def _write(file: Path, content: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def _png(svg: Path, size: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    _picture(QSvgRenderer(str(svg)), size).save(buffer, "PNG")  # pyright: ignore[reportArgumentType, reportCallIssue]
    return bytes(buffer.data().data())


def _bitmap(svg: Path, size: int) -> bytes:
    """A bitmap of an .ico, for old programs: a header that counts the mask's lines too, pixels from the bottom up, and
    an empty mask, since the pixels have their own transparency.
    """
    image = _picture(QSvgRenderer(str(svg)), size)  # held: constBits() points into it
    pixels = bytes(image.constBits())
    lines = [pixels[at : at + 4 * size] for at in range(0, len(pixels), 4 * size)]
    head = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    return head + b"".join(reversed(lines)) + bytes(-(-size // 32) * 4 * size)


def _picture(renderer: QSvgRenderer, size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image
