"""Applies the light or the dark theme to the program as a palette and a style sheet, and follows the system.

The colours are in resources/colours.py; the editor and the odds panel apply their own from there."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

import resources
from resources.colours import DARK, LIGHT, Colours

CHOICES = ("system", "light", "dark")


def theme_for(choice: str, system: Qt.ColorScheme) -> Colours:
    """The colours for one of CHOICES. Light if the system names no scheme."""
    dark = choice == "dark" or (choice == "system" and system == Qt.ColorScheme.Dark)
    return DARK if dark else LIGHT


class ThemeController(QObject):
    """Applies the theme. `theme_changed` carries the new Colours, after a choice or a change of the system's scheme."""

    theme_changed = Signal(object)

    def __init__(
        self,
        application: QApplication,
        choice: str = "system",
        parent: QObject | None = None,
        system: Callable[[], Qt.ColorScheme] | None = None,
    ) -> None:
        super().__init__(parent)
        self._application = application
        self._system = system or application.styleHints().colorScheme
        self._choice = choice
        self._theme = theme_for(choice, self._system())
        # Without this, a style sheet undoes palettes that widgets set before they were shown.
        application.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
        application.setStyle(QStyleFactory.create("Fusion"))
        application.styleHints().colorSchemeChanged.connect(self._update)
        self._apply()

    @property
    def theme(self) -> Colours:
        return self._theme

    def choose(self, choice: str) -> None:
        """Choose one of CHOICES; anything else means the system's."""
        self._choice = choice if choice in CHOICES else "system"
        self._update()

    def _update(self) -> None:
        theme = theme_for(self._choice, self._system())
        if theme != self._theme:
            self._theme = theme
            self._apply()
            self.theme_changed.emit(theme)

    def _apply(self) -> None:
        self._application.setPalette(palette_of(self._theme))
        self._application.setStyleSheet(style_sheet_of(self._theme))


def palette_of(theme: Colours) -> QPalette:
    """The theme as a palette."""
    role = QPalette.ColorRole
    palette = QPalette()
    for colour, roles in (
        (theme.window, (role.Window,)),
        (theme.field, (role.Base, role.ToolTipBase)),
        (theme.button, (role.Button, role.AlternateBase)),
        (theme.text, (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText)),
        (theme.quiet, (role.PlaceholderText,)),
        (theme.accent, (role.Highlight, role.Accent)),
        (theme.on_accent, (role.HighlightedText,)),
        (theme.link, (role.Link, role.LinkVisited)),
        (theme.line, (role.Mid, role.Midlight, role.Light)),
        (theme.handle, (role.Dark, role.Shadow)),
    ):
        for one in roles:
            palette.setColor(one, QColor(colour))
    for one in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(theme.off))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return palette


def style_sheet_of(theme: Colours) -> str:
    """The theme as a style sheet, for shapes and states that a palette cannot express."""
    colours = {name: getattr(theme, name) for name in Colours.__slots__}
    pictures = {name: (resources.THEME / f"{name}-{theme.name}.png").as_posix() for name in ("check", "down", "float")}
    return _STYLE_SHEET.format(**colours, **pictures)


_STYLE_SHEET = """
QMainWindow::separator {{ background: {line}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {accent}; }}
QToolTip {{ color: {text}; background: {field}; border: 1px solid {line}; padding: 4px; }}
QMenuBar {{ background: {window}; }}
QMenuBar::item:selected {{ background: {hover}; color: {text}; }}
QStatusBar {{ background: {window}; border-top: 1px solid {line}; }}
QStatusBar::item {{ border: none; }}
QToolBar {{ background: {window}; border: none; border-bottom: 1px solid {line}; padding: 3px 6px; spacing: 2px; }}
QToolBar QToolButton {{ padding: 4px 9px; border: 1px solid transparent; border-radius: 5px; }}
QToolBar QToolButton#primary:enabled {{ background: {accent}; color: {on_accent}; }}
QToolBar QToolButton#primary:hover:enabled {{ background: {link}; }}
QToolBar QToolButton:hover:enabled {{ background: {hover}; }}
QToolBar QToolButton:pressed {{ background: {line}; }}
QToolBar QToolButton:checked {{ background: {line}; }}
QToolBar QToolButton#qt_toolbar_ext_button {{ padding: 0; background: {edge}; }}
QToolBar QToolButton:focus {{ border-color: {accent}; }}
QToolBar QToolButton[popupMode="1"] {{ padding-right: 20px; }}
QToolBar QToolButton::menu-button {{ border: none; border-left: 1px solid transparent; width: 16px; }}
QToolBar QToolButton::menu-button:hover:enabled {{ border-left-color: {line}; }}
QToolBar QToolButton::menu-arrow {{ image: url("{down}"); width: 10px; height: 10px; }}
QToolBar QToolButton#primary:focus {{ border: 2px solid {text}; padding: 3px 8px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 3px 5px; }}
QToolButton:hover:enabled {{ background: {hover}; }}
QToolButton:focus {{ border-color: {accent}; }}
QToolButton:checked {{ background: {line}; }}
QToolButton:disabled {{ color: {off}; }}
QToolButton#pin, QToolButton#small {{ color: {quiet}; border-color: {line}; padding: 0 7px; }}
QToolButton#small {{ color: {text}; border-color: {edge}; }}
QToolButton#pin:hover, QToolButton#small:hover {{ color: {text}; border-color: {accent}; }}
QToolButton#pin:focus, QToolButton#small:focus {{ color: {text}; border-color: {accent}; }}
QToolButton#small[tight="true"] {{ padding: 0 3px; }}
QToolButton#pin:disabled, QToolButton#small:disabled {{ color: {off}; border-color: {line}; }}
QToolButton#small:checked {{ color: {text}; background: {line}; border-color: {quiet}; }}
QToolButton#sum {{ color: {quiet}; padding: 0 4px; }}
QToolButton#sum:hover {{ color: {text}; }}
QLineEdit QToolButton {{ border: none; padding: 0; }}
QDockWidget {{ titlebar-normal-icon: url("{float}"); }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QDockWidget::title {{ background: {window}; padding: 7px 10px 5px; border-bottom: 1px solid {line}; text-align: left; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {handle}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QPushButton {{ background: {button}; border: 1px solid {line}; border-radius: 5px; padding: 4px 14px; }}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed {{ background: {line}; }}
QPushButton:default {{ border-color: {accent}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 3px 13px; }}
QPushButton#example:focus {{ padding: 0; }}
QPushButton:disabled {{ color: {off}; background: {window}; }}
QCheckBox {{ spacing: 6px; }}
QCheckBox::indicator {{ width: 13px; height: 13px; border: 1px solid {edge}; border-radius: 3px; background: {field}; }}
QCheckBox::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:disabled {{ border-color: {line}; background: {window}; }}
QCheckBox::indicator:checked {{ border-color: {accent}; background: {accent}; image: url("{check}"); }}
QCheckBox::indicator:checked:disabled {{ border-color: {line}; background: {off}; }}
QCheckBox:focus {{ color: {link}; }}
QCheckBox::indicator:focus {{ border: 2px solid {accent}; width: 11px; height: 11px; }}
QComboBox {{ background: {button}; border: 1px solid {edge}; border-radius: 4px; padding: 3px 8px; }}
QComboBox:hover {{ background: {hover}; }}
QComboBox:focus {{ border: 2px solid {accent}; padding: 2px 7px; }}
QComboBox:disabled {{ color: {off}; border-color: {line}; background: {window}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url("{down}"); width: 12px; height: 12px; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox QAbstractItemView {{ background: {field}; color: {text}; border: 1px solid {edge}; }}
QComboBox QAbstractItemView {{ selection-background-color: {accent}; selection-color: {on_accent}; outline: none; }}
QComboBox QAbstractItemView::item {{ padding: 4px 8px; }}
QAbstractSpinBox, QLineEdit, QComboBox {{ min-height: 1.25em; }}
QLineEdit {{ padding: 1px 3px; min-height: 1.25em; }}
QAbstractSpinBox QLineEdit {{ min-height: 0; padding: 0; }}
QTabBar::tab {{ padding: 7px 14px 5px 14px; color: {quiet}; border: 1px solid transparent; }}
QTabBar::tab {{ border-bottom: 2px solid transparent; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:selected:focus {{ border-color: {accent}; border-radius: 4px; }}
QTreeView:focus, QTableView:focus, QTextBrowser:focus, QPlainTextEdit[readOnly="true"]:focus {{
  border: 1px solid {accent};
}}
QTreeView::item {{ padding: 4px 7px; }}
QTreeView::item:selected {{ background: {accent}; color: {on_accent}; }}
QHeaderView::section {{ background: {button}; border: none; border-bottom: 1px solid {line}; padding: 4px 7px; }}
QProgressBar {{ border: none; border-radius: 3px; background: {line}; }}
QProgressBar::chunk {{ border-radius: 3px; background: {accent}; }}
QToolBar QToolButton#chip {{ color: {quiet}; border: 1px solid {line}; padding: 3px 9px; }}
QToolBar QToolButton#chip:focus {{ border-color: {accent}; }}
QToolButton#chip::menu-indicator {{ image: none; width: 0; }}
QAbstractSpinBox#part {{ background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 1px 0; }}
QAbstractSpinBox#part:hover {{ border-color: {line}; }}
QAbstractSpinBox#part:focus {{ border-color: {accent}; background: {field}; }}
QLabel#coin {{ color: {quiet}; }}
QLabel#coin[off="true"] {{ color: {accent}; }}
QToolButton#more::menu-indicator {{ image: none; width: 0; }}
QToolButton#section {{ color: {quiet}; border: 1px solid transparent; border-radius: 4px; padding: 2px 4px; }}
QToolButton#section:checked {{ background: transparent; }}
QToolButton#section:hover {{ color: {text}; }}
QToolButton#section:focus {{ border-color: {accent}; }}
QLabel#complaint {{ color: {accent}; }}
QLabel#quiet, QLabel#group {{ color: {quiet}; }}
QFrame#welcome {{ border-top: 1px solid {line}; }}
QLabel#key {{ background: {button}; border: 1px solid {line}; border-radius: 4px; padding: 1px 7px; }}
QPushButton#pill {{ background: {accent}; color: {on_accent}; border: none; border-radius: 12px; padding: 5px 14px; }}
QPushButton#pill:hover {{ background: {link}; }}
QFrame#floating {{ background: {field}; border: 1px solid {edge}; border-radius: 8px; }}
QLabel#heading {{ font-weight: bold; }}
QPushButton#example {{ text-align: left; border-radius: 7px; padding: 0; }}
"""
