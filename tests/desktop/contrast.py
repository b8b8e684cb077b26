"""The contrast of two colours: WCAG 2's contrast ratio, 4.5 for text (AA), 3 for anything else."""

from PySide6.QtGui import QColor


def contrast(one: str, other: str) -> float:
    """The contrast of two opaque colours (QColor names): 1 for equal ones, 21 for black and white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """The luminance of a colour: 0 for black, 1 for white."""
    red, green, blue = (_linear(part / 255) for part in QColor(colour).getRgb()[:3])  # pyright: ignore[reportIndexIssue]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.040_45 else ((part + 0.055) / 1.055) ** 2.4
