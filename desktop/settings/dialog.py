"""The settings' window, made from the declared fields. Emits what was chosen; reads and writes no file."""

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
    QHBoxLayout,
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
from desktop.settings.fields import FieldInfo, Settings, for_dialog, info_of
from resources.language import SOURCE, tr

OWN_FONT = tr("Inkfall's own")
_APART = 12  # pixels above the title of a group, added to the spacing of rows
_SIDES, _BELOW = 40, 84  # pixels beside and below the fields: margins, a scroll bar, the buttons


class SettingsDialog(QDialog):
    """The settings as a form.

    `settings_chosen` carries the accepted changes: a dict from names of fields of Settings to values.
    `hardware_requested`, `network_requested`: open the library's tab for these settings; emitted after the dialog has
    closed."""

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
        form.addRow(_group_title(tr("Models")))
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
        """The settings as they would be if the dialog were accepted now."""
        return replace(self._settings, **self._form.changes)

    def follow(self, settings: Settings) -> None:
        """Show settings that have changed elsewhere; changes made in this dialog stay."""
        self._settings = settings
        self._form.follow(_values(settings))

    def accept(self) -> None:
        self.settings_chosen.emit(self._form.changes)
        super().accept()

    def _elsewhere(self, title: str, help_: str, wish: SignalInstance) -> QPushButton:
        """A button that opens the window for other settings. This dialog is modal, so it closes first, accepted."""
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
            info = info_of(one)
            if info.group != group:
                group = info.group
                form.addRow(_group_title(group, first=not self.editors))
            editor = self._editor(one, info)
            editor.setToolTip(tip(info.help))
            editor.setAccessibleName(info.label)
            editor.setAccessibleDescription(info.help)
            self.editors[one.name] = editor
            label = Label(info.label)
            label.setBuddy(editor.focusProxy() or editor)
            form.addRow(label, editor)

    def _editor(self, one: Field[Any], info: FieldInfo) -> QWidget:
        """Make the widget for a field, by the field's type, and add its getter and setter to the form."""
        default: object = one.default
        if isinstance(default, bool):
            return self._switch(one.name)
        if isinstance(default, int | float):
            return self._number(one.name, default, info)
        if isinstance(default, tuple):
            return self._numbers(one.name, info)
        if one.name == "font_family":
            return self._font(one.name)
        if one.name == "language":
            return self._choice(one.name, replace(info, named=tuple(map(_own_name, info.choices))))
        return self._choice(one.name, info) if info.choices else self._line(one.name, info)

    def _switch(self, name: str) -> QWidget:
        box = QCheckBox()
        self._form.add(name, box.isChecked, box.setChecked)
        return box

    def _number(self, name: str, default: float, info: FieldInfo) -> QWidget:
        if isinstance(default, int):
            box = QSpinBox()
            box.setRange(int(info.low), int(info.high))
            box.setSingleStep(int(info.step))
            self._form.add(name, box.value, box.setValue)
        else:
            box = QDoubleSpinBox()
            box.setDecimals(1 if info.step >= 0.1 else 2)
            box.setRange(info.low, info.high)
            box.setSingleStep(info.step)
            self._form.add(name, box.value, box.setValue)
        box.setLocale(QLocale.c())
        box.setSpecialValueText(info.zero)
        return box

    def _numbers(self, name: str, info: FieldInfo) -> QWidget:
        """A row of whole numbers."""
        row = QWidget()
        boxes = [QSpinBox(minimum=int(info.low), maximum=int(info.high)) for _ in range(info.count)]
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        for number, box in enumerate(boxes, 1):
            box.setLocale(QLocale.c())
            box.setAccessibleName(
                tr("{label}, {number} of {count}").format(label=info.label, number=number, count=len(boxes))
            )
            box.setToolTip(tip(info.help))
            layout.addWidget(box, 1)

        def show(values: tuple[int, ...]) -> None:
            for box, value in zip(boxes, values, strict=True):
                box.setValue(value)

        self._form.add(name, lambda: tuple(box.value() for box in boxes), show)
        row.setFocusProxy(boxes[0])
        return row

    def _choice(self, name: str, info: FieldInfo) -> QWidget:
        box = QComboBox()
        for choice, label in zip(info.choices, info.named, strict=True):
            box.addItem(label, choice)
        self._form.add(name, box.currentData, lambda choice: box.setCurrentIndex(box.findData(choice)))
        return box

    def _line(self, name: str, info: FieldInfo) -> QWidget:
        line = QLineEdit()
        line.setMaxLength(int(info.high))
        self._form.add(name, lambda: line.text().strip(), line.setText)
        return line

    def _font(self, name: str) -> QWidget:
        """The installed fonts, our own choice first. A font that is set but not installed is listed too."""
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


def _group_title(group: str, first: bool = False) -> Label:
    title = Label(group)
    title.setObjectName("group")
    title.setContentsMargins(0, 0 if first else _APART, 0, 0)
    return title


def _values(settings: Settings) -> dict[str, Any]:
    return {one.name: getattr(settings, one.name) for one in for_dialog()}


def _own_name(language: str) -> str:
    """The language's name in that language."""
    if not language:
        return tr("System")
    return "English" if language == SOURCE else QLocale(language).nativeLanguageName()
