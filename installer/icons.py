"""The icon in every size that desktops ask for, drawn from resources/icon.svg."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def draw(svg: Path, folder: Path, names: tuple[tuple[str, str], ...]) -> None:
    """PNG files, and the SVG itself, as the icon theme hicolor wants them in that folder.

    names: (context, name) of each icon, such as ("apps", "inkfall").
    """
    renderer = QSvgRenderer(str(svg))
    for context, name in names:
        for size in SIZES:
            image = QImage(size, size, QImage.Format.Format_ARGB32)
            image.fill(Qt.GlobalColor.transparent)
            painter = QPainter(image)
            renderer.render(painter)
            painter.end()
            place = folder / f"{size}x{size}" / context / f"{name}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            image.save(str(place))
        scalable = folder / "scalable" / context / f"{name}.svg"
        scalable.parent.mkdir(parents=True, exist_ok=True)
        scalable.write_bytes(svg.read_bytes())
