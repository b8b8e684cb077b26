"""The settings' window: draws itself from the table of fields, and says what was chosen. Knows no file and changes
nothing itself."""

from dataclasses import Field, replace
from typing import Any

from PySide6.QtCore import QLocale, Signal, SignalInstance
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.qt.form import Form
from desktop.qt.plain_text import Label, tip
from desktop.qt.scrolled import scrolled
from desktop.qt.visible import visible
from desktop.qt.window_geometry import fit_to_screen
from desktop.settings.fields import FieldInfo, Settings, about, for_dialog
from resources.language import SOURCE, tr

OWN_FONT = tr("Inkfall's own")
_APART = 12  # pixels above the head of a group, beside what is between two rows
_SIDES, _BELOW = 40, 84  # pixels beside and below the fields: margins, a scroll bar, the buttons


class SettingsDialog(QDialog):
    """`settings_chosen` carries what was changed in it and accepted: a dict from fields of Settings to their values.
    `hardware_requested`, `network_requested`: show how models are loaded, and how the hub is reached, which is chosen
    elsewhere; they come after it has closed."""

    settings_chosen = Signal(object)
    hardware_requested = Signal()
    network_requested = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self._settings = settings
        self.editors: dict[str, QWidget] = {}
        self._form = Form()
        column = QVBoxLayout(self)
        inside = QWidget()
        form = QFormLayout(inside)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        self._fill(form)
        self.hardware = self._elsewhere(
            tr("Models, Hardware…"), tr("Context, threads, cache and device are chosen there."), self.hardware_requested
        )
        self.network = self._elsewhere(
            tr("Models, Network…"),
            tr("The address of the hub, a proxy, a token, and working offline are chosen there."),
            self.network_requested,
        )
        form.addRow(_head(tr("Models")))
        form.addRow(tr("How models are loaded"), self.hardware)
        form.addRow(tr("How the hub is reached"), self.network)
        column.addWidget(scrolled(inside), 1)
        self.buttons = self._make_buttons()
        column.addSpacing(8)
        column.addWidget(self.buttons)
        self.follow(settings)
        self.resize(inside.sizeHint().width() + _SIDES, inside.sizeHint().height() + _BELOW)
        fit_to_screen(self)

    @property
    def settings(self) -> Settings:
        """What would be set if the dialog were accepted now."""
        return replace(self._settings, **self._form.changes)

    def follow(self, settings: Settings) -> None:
        """The settings have changed elsewhere: what was changed here stays, the rest shows what is set now."""
        self._settings = settings
        self._form.follow(_values(settings))

    def accept(self) -> None:
        self.settings_chosen.emit(self._form.changes)
        super().accept()

    def _elsewhere(self, title: str, help_: str, wish: SignalInstance) -> QPushButton:
        """A button that leads to where other settings are chosen. This window would block that one: it closes, and what
        was changed in it holds."""
        button = QPushButton(title)
        button.setToolTip(tip(help_))
        button.setAccessibleDescription(button.toolTip())
        button.clicked.connect(lambda: (self.accept(), wish.emit()))
        return button

    def _make_buttons(self) -> QDialogButtonBox:
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel | standard.RestoreDefaults)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.button(standard.RestoreDefaults).clicked.connect(lambda: self._form.choose(_values(Settings())))
        return buttons

    # -------------------------------------------------------------------------------------------- made from the fields

    def _fill(self, form: QFormLayout) -> None:
        group = ""
        for one in for_dialog():
            said = about(one)
            if said.group != group:
                group = said.group
                form.addRow(_head(group, first=not self.editors))
            editor = self._editor(one, said)
            editor.setToolTip(tip(said.help))
            editor.setAccessibleName(said.label)
            editor.setAccessibleDescription(said.help)
            self.editors[one.name] = editor
            form.addRow(said.label, editor)

    def _editor(self, one: Field[Any], said: FieldInfo) -> QWidget:
        """The widget for a field, by its type; how to read and how to fill it are kept beside."""
        default: object = one.default
        if isinstance(default, bool):
            return self._switch(one.name)
        if isinstance(default, int | float):
            return self._number(one.name, default, said)
        if one.name == "font_family":
            return self._font(one.name)
        if one.name == "language":
            return self._choice(one.name, replace(said, named=tuple(map(_own_name, said.choices))))
        return self._choice(one.name, said) if said.choices else self._line(one.name, said)

    def _switch(self, name: str) -> QWidget:
        box = QCheckBox()
        self._form.add(name, box.isChecked, box.setChecked)
        return box

    def _number(self, name: str, default: float, said: FieldInfo) -> QWidget:
        if isinstance(default, int):
            box = QSpinBox()
            box.setRange(int(said.low), int(said.high))
            box.setSingleStep(int(said.step))
            self._form.add(name, box.value, box.setValue)
        else:
            box = QDoubleSpinBox()
            box.setDecimals(1 if said.step >= 0.1 else 2)
            box.setRange(said.low, said.high)
            box.setSingleStep(said.step)
            self._form.add(name, box.value, box.setValue)
        box.setLocale(QLocale.c())
        box.setSpecialValueText(said.zero)
        return box

    def _choice(self, name: str, said: FieldInfo) -> QWidget:
        box = QComboBox()
        for choice, label in zip(said.choices, said.named, strict=True):
            box.addItem(label, choice)
        self._form.add(name, box.currentData, lambda choice: box.setCurrentIndex(box.findData(choice)))
        return box

    def _line(self, name: str, said: FieldInfo) -> QWidget:
        line = QLineEdit()
        line.setMaxLength(int(said.high))
        self._form.add(name, lambda: line.text().strip(), line.setText)
        return line

    def _font(self, name: str) -> QWidget:
        """The installed typefaces, and our own choice first. One that is set but not installed stays to be chosen."""
        box = QComboBox()
        box.addItem(OWN_FONT, "")
        for family in QFontDatabase.families():
            box.addItem(visible(family), family)

        def show(family: Any) -> None:
            if box.findData(family) < 0:
                box.addItem(visible(tr("{family} (not installed)").format(family=family)), family)
            box.setCurrentIndex(box.findData(family))

        self._form.add(name, box.currentData, show)
        return box


def _head(group: str, first: bool = False) -> Label:
    head = Label(group)
    head.setObjectName("group")
    head.setContentsMargins(0, 0 if first else _APART, 0, 0)
    return head


def _values(settings: Settings) -> dict[str, Any]:
    return {one.name: getattr(settings, one.name) for one in for_dialog()}


def _own_name(language: str) -> str:
    """What a language calls itself, so that who speaks no other finds it."""
    if not language:
        return tr("System")
    return "English" if language == SOURCE else QLocale(language).nativeLanguageName()
