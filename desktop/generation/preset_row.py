"""The presets in the sampling panel: chosen in a box, saved under a name that is typed in the box's place.

Shows and changes a list of texts (models/sampling/presets.py); the panel applies what is chosen."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.qt.plain_text import Label, caption, tip
from desktop.qt.visible import visible
from models.sampling import presets
from models.sampling.knobs import NEUTRAL, Sampling
from models.sampling.presets import BUILT_IN, Preset, PresetError
from resources.language import tr


class PresetBox(QComboBox):
    """A box that ignores the wheel, so that the panel scrolls."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class NameField(QLineEdit):
    """`named`: Enter was pressed. `given_up`: Esc was pressed."""

    named = Signal(str)
    given_up = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and _is_escape(event):
            event.accept()  # else it would be the window's
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_escape(event):
            self.given_up.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.named.emit(self.text())
        else:
            super().keyPressEvent(event)


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape


class PresetRow(QWidget):
    """`chosen` carries a Preset, `texts_changed` the texts of the user's presets."""

    chosen = Signal(object)
    texts_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._texts: tuple[str, ...] = ()
        self._sampling = NEUTRAL
        self._name: Callable[[str], tuple[str, ...]] | None = None  # what a typed name is for
        self._last = ""  # the name of the preset that was chosen or named last: another may give the same settings
        self._warned = ""  # the name of a preset that the next Enter replaces
        self.box = PresetBox()
        self.box.setAccessibleName(tr("Preset"))
        self.box.setPlaceholderText(tr("Own settings"))
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(8)
        self.box.activated.connect(lambda place: self._choose(self.box.itemData(place)))
        self.field = NameField(maxLength=presets.LONGEST_NAME)
        self.field.setAccessibleName(tr("Name of the preset"))
        self.field.setPlaceholderText(tr("Name, then Enter"))
        self.field.named.connect(self._named)
        self.field.given_up.connect(self._end_naming)
        self.more = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setObjectName("more")
        self.more.setText("⋯")
        self.more.setAccessibleName(tr("Presets: save, rename, delete"))
        self.more.setToolTip(tip(tr("Save, rename or delete a preset")))
        menu = QMenu(self.more)
        self.save = menu.addAction(tr("Save as preset…"), self._save)
        self.rename = menu.addAction(tr("Rename preset…"), self._rename)
        self.delete = menu.addAction(tr("Delete preset"), self._delete)
        self.more.setMenu(menu)
        self.complaint = Label()
        self.complaint.setWordWrap(True)
        self.complaint.setObjectName("complaint")
        self._lay_out()
        self._end_naming()
        self._refresh()

    def show_texts(self, texts: tuple[str, ...]) -> None:
        """Show these presets of the user's, beside the built-in ones."""
        self._texts = texts
        self._refresh()

    def show_sampling(self, sampling: Sampling) -> None:
        """Show which preset gives these settings."""
        self._sampling = sampling
        self._select()

    @property
    def present(self) -> Preset | None:
        """The preset that gives the present settings."""
        return presets.like(self._sampling, self._texts, self._last)

    # -------------------------------------------------------------------------------------------- what is shown

    def _lay_out(self) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        label = Label(tr("Preset"))
        label.setBuddy(self.box)
        row.addWidget(label)
        row.addWidget(self.box, 1)
        row.addWidget(self.field, 1)
        row.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 0, 4)
        column.setSpacing(2)
        column.addWidget(line)
        column.addWidget(self.complaint)

    def _refresh(self) -> None:
        with QSignalBlocker(self.box):
            self.box.clear()
            for preset in (*BUILT_IN, *presets.own(self._texts)):
                self.box.addItem(visible(preset.name), preset)
                self.box.setItemData(self.box.count() - 1, tip(preset.source), Qt.ItemDataRole.ToolTipRole)
        self._select()

    def _select(self) -> None:
        present = self.present
        names = [self.box.itemData(place).name for place in range(self.box.count())]
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(names.index(present.name) if present else -1)
        self.box.setToolTip(tip(present.source) if present else "")
        own = present if present and not present.key else None
        self.rename.setEnabled(own is not None)
        self.delete.setEnabled(own is not None)
        named = tr("Delete preset “{name}”")
        self.delete.setText(named.format(name=caption(own.name)) if own else tr("Delete preset"))

    def _choose(self, preset: Preset) -> None:
        self._last = preset.name
        self._select()  # the settings may be those that apply already
        self.chosen.emit(preset)

    # -------------------------------------------------------------------------------------------- saved and renamed

    def _save(self) -> None:
        self._ask(self._saved)

    def _saved(self, name: str) -> tuple[str, ...]:
        """The texts with the present settings under that name. Raises PresetError where other settings would be lost,
        the first time."""
        texts = presets.saved(self._texts, name, self._sampling)
        replaced = len(texts) == len(self._texts) and texts != self._texts
        if replaced and name != self._warned:
            self._warned = name
            raise PresetError(
                tr("There is a preset “{name}” already. Enter again replaces it.").format(name=name.strip())
            )
        return texts

    def _rename(self) -> None:
        if present := self.present:
            self._ask(lambda name: presets.renamed(self._texts, present.name, name), present.name)

    def _delete(self) -> None:
        if present := self.present:
            self._change(presets.without(self._texts, present.name))

    def _ask(self, name: Callable[[str], tuple[str, ...]], typed: str = "") -> None:
        self._name, self._warned = name, ""
        self.field.setText(typed)
        self.field.selectAll()
        self.box.hide()
        self.field.show()
        self.field.setFocus()

    def _named(self, typed: str) -> None:
        if self._name is None:
            return
        try:
            texts = self._name(typed)
        except PresetError as error:
            self.complaint.setText(str(error))
            self.complaint.show()
            return
        self._end_naming()
        self._last = typed.strip()
        self._change(texts)

    def _end_naming(self) -> None:
        had_focus = self.field.hasFocus()
        self._name = None
        self.complaint.hide()
        self.field.hide()
        self.box.show()
        if had_focus:
            self.box.setFocus()

    def _change(self, texts: tuple[str, ...]) -> None:
        self.show_texts(texts)
        self.texts_changed.emit(texts)
