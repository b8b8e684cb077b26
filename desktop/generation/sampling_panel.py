"""The sampling panel: how the next generation is made. The fields of Sampling give its controls: a new sampler is one
field there.

Shows and changes a Recipe; does not import pages, engines or settings."""

import math
from collections.abc import Iterable
from dataclasses import Field, fields, replace
from typing import Any, cast

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.generation.bias_control import FAVOUR, BiasControl, entry_of
from desktop.generation.controls import (
    Control,
    FlagControl,
    LengthControl,
    NumberControl,
    SeedControl,
    StopsControl,
)
from desktop.generation.grammar_control import GrammarControl
from desktop.generation.preset_row import PresetRow
from desktop.generation.recipe import Recipe, off_neutral_words
from desktop.qt.accessible import FactLabel
from desktop.qt.scrolled import scrolled
from models.engine.limits import HEADER
from models.sampling.knobs import TOKENS, Sampling
from models.sampling.presets import Preset
from resources.language import tr

N_KEEP_HELP = tr(
    "How many tokens at the start of the page stay in the context when the page grows longer than it. At "
    "most half of the context."
)
FIRST = {"temperature", "top_k", "top_p", "min_p"}  # in the section that is open at first, with length and seed
NARROWEST = 262  # pixels
EDGE = 4  # pixels between a field that is brought into view and the edge
UNBROKEN_HYPHEN = "\u2011"  # so that "top-p" stays on one line of the badge


class Section(QWidget):
    """A group of controls that folds away; its name is marked while one of them is not the default. It unfolds then,
    unless the user has folded it."""

    def __init__(self, name: str, controls: Iterable[Control], open_at_first: bool = True) -> None:
        super().__init__()
        self._name = name
        self._controls = tuple(controls)
        self.head = QToolButton()
        self.head.setObjectName("section")
        self.head.setText(name)
        self.head.setCheckable(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.body = QWidget()
        inside = QVBoxLayout(self.body)
        inside.setContentsMargins(8, 0, 0, 6)
        inside.setSpacing(3)
        for control in self._controls:
            inside.addWidget(control)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.head)
        column.addWidget(self.body)
        self._folded_by_user = False
        self.head.clicked.connect(self._remember_fold)
        self.head.toggled.connect(self._fold)
        self.head.setChecked(open_at_first)
        self._fold(open_at_first)

    def refresh(self) -> None:
        """Mark the name where a control is changed, and unfold then."""
        changed = any(control.changed for control in self._controls)
        self.head.setText(f"{self._name} •" if changed else self._name)
        if changed and not self._folded_by_user:
            self.head.setChecked(True)

    def show_control(self, control: Control) -> None:
        """Unfold where that control is in the group."""
        if control in self._controls:
            self._folded_by_user = False
            self.head.setChecked(True)

    def neighbour(self) -> QWidget:
        """The head, for lost_focus.py: a field in use may be folded away."""
        return self.head

    def _remember_fold(self, opened: bool) -> None:
        self._folded_by_user = not opened

    def _fold(self, opened: bool) -> None:
        onward = Qt.ArrowType.LeftArrow if self.isRightToLeft() else Qt.ArrowType.RightArrow
        self.head.setArrowType(Qt.ArrowType.DownArrow if opened else onward)
        self.body.setVisible(opened)


class SamplingPanel(QWidget):
    """`recipe_changed` carries the new Recipe, changed by the user or by `set_recipe`. `presets_changed` carries the
    texts of the user's presets. `samplers_reset`: the user turned all samplers off; carries a function that undoes
    it."""

    recipe_changed = Signal(object)
    samplers_reset = Signal(object)
    presets_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = Recipe()
        self.setAccessibleName(tr("Sampling"))
        self.presets = PresetRow()
        self.presets.chosen.connect(self._apply_preset)
        self.presets.texts_changed.connect(self.presets_changed)
        self._length, self._seed = LengthControl(), SeedControl()
        self._n_keep = NumberControl(tr("Keep first tokens"), N_KEEP_HELP, 0, HEADER.low, HEADER.high, 16)
        self._length.value_chosen.connect(lambda length: self._change(replace(self._recipe, length=length)))
        self._seed.value_chosen.connect(lambda seed: self._change(replace(self._recipe, seed=seed)))
        self._n_keep.value_chosen.connect(lambda count: self._change(replace(self._recipe, n_keep=int(count))))
        self.controls = {one.name: self._control(one) for one in fields(Sampling)}
        self._sections = self._group()
        self.badge = FactLabel(tr("Changed samplers"))
        self.badge.setWordWrap(True)
        self.badge.setObjectName("coin")
        self.neutral_button = QPushButton(tr("Reset"))
        self.neutral_button.setToolTip(tr("Turns all samplers off."))
        self.neutral_button.setFocusPolicy(
            Qt.FocusPolicy.TabFocus
        )  # a click disables it, and the focus would move elsewhere
        self.neutral_button.clicked.connect(self.reset)
        self._lay_out()
        self.setMinimumWidth(max(NARROWEST, self.minimumSizeHint().width()))  # with a large font the labels need more
        self._show()

    @property
    def recipe(self) -> Recipe:
        return self._recipe

    def set_recipe(self, recipe: Recipe) -> None:
        """Show that recipe; it holds from now on."""
        changed = recipe != self._recipe
        self._recipe = recipe
        self._length.show_value(recipe.length)
        self._seed.show_value(recipe.seed)
        self._n_keep.show_value(recipe.n_keep)
        for name, control in self.controls.items():
            control.show_value(getattr(recipe.sampling, name))
        self._show()
        if changed:
            self.recipe_changed.emit(recipe)

    # -------------------------------------------------------------------------------------------- made from the fields

    def _control(self, one: Field[Any]) -> Control:
        about, default = one.metadata, cast(Any, one.default)
        label, explained = about["label"], about["help"]
        control: Control
        if isinstance(default, bool):
            control = FlagControl(label, explained, default, about.get("inverted", False))
        elif isinstance(default, str):
            control = GrammarControl(label, explained)
        elif one.name == "bias":
            control = BiasControl(label, explained)
        elif isinstance(default, tuple):
            bounds = {name: about[key] for name, key in (("most", "most"), ("longest", "high")) if key in about}
            control = StopsControl(label, explained, default, **bounds)
        else:
            low, high, step = about["low"], about["high"], about["step"]
            control = NumberControl(label, explained, default, low, high, step, has_off=default == low)
        control.value_chosen.connect(lambda value, name=one.name: self._choose(name, value))
        return control

    def _group(self) -> tuple[Section, ...]:
        first = tr("Writing")
        groups: dict[str, list[Control]] = {first: [self._length, self._seed]}
        for one in fields(Sampling):
            group = first if one.name in FIRST else one.metadata["group"]
            groups.setdefault(group, []).append(self.controls[one.name])
        groups[TOKENS].append(self._n_keep)
        return tuple(Section(name, controls, name == first) for name, controls in groups.items())

    def _lay_out(self) -> None:
        foot = QHBoxLayout()  # below the fields, which do not move when its text needs another line
        foot.setContentsMargins(12, 4, 10, 8)
        foot.setSpacing(8)
        foot.addWidget(self.badge, 1)
        foot.addWidget(self.neutral_button, 0, Qt.AlignmentFlag.AlignTop)
        inside = self._inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.presets)
        for section in self._sections:
            column.addWidget(section)
        column.addStretch(1)
        self._scroll = scroll = scrolled(inside)
        for resized in (inside, scroll.viewport()):
            resized.installEventFilter(self)
        bar = scroll.verticalScrollBar().sizeHint().width()
        scroll.setMinimumWidth(inside.minimumSizeHint().width() + bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addLayout(foot)

    # -------------------------------------------------------------------------------------------- the field in use

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the field in use in view where a sentence below it or the foot of the panel grows."""
        if event.type() == QEvent.Type.Resize and (field := self._field_in_view()):
            QTimer.singleShot(0, field, lambda: self._show_field(field))
        return super().eventFilter(watched, event)

    def _field_in_view(self) -> QWidget | None:
        field, view = self.focusWidget(), self._scroll.viewport()
        if field is None or not field.hasFocus() or not view.isAncestorOf(field):
            return None
        place = QRect(field.mapTo(view, QPoint()), field.size())
        return field if place.intersects(view.rect()) else None

    def _show_field(self, field: QWidget) -> None:
        """Bring the whole control into view, with what it says below the field; where that has no room, the field."""
        around = (control for control in self.controls.values() if control.isAncestorOf(field))
        for widget in (*around, field):
            top = widget.mapTo(self._inside, QPoint()).y()
            for y in (top + widget.height(), top):
                self._scroll.ensureVisible(0, y, 0, EDGE)

    # -------------------------------------------------------------------------------------------- changes

    @property
    def bias(self) -> BiasControl:
        """The list of favoured and banned tokens."""
        control = self.controls["bias"]
        assert isinstance(control, BiasControl)
        return control

    @property
    def grammar(self) -> GrammarControl:
        """The field with the grammar."""
        control = self.controls["grammar"]
        assert isinstance(control, GrammarControl)
        return control

    def ban(self, token: int) -> None:
        """Keep the token with that id from being drawn."""
        self.bias.add(entry_of(token, -math.inf))

    def favour(self, token: int) -> None:
        """Favour the token with that id, and let the user say by how much."""
        self.bias.add(entry_of(token, FAVOUR))
        for section in self._sections:
            section.show_control(self.bias)
        box = self.bias.rows[-1].number
        box.setFocus()
        box.selectAll()
        QTimer.singleShot(0, box, lambda: self._scroll.ensureWidgetVisible(box))  # once it has its place

    def reset(self) -> None:
        """Turn all samplers off, and offer to undo that."""
        former, typed = self._recipe, self.grammar.box.toPlainText()
        self.set_recipe(former.neutral())
        self.samplers_reset.emit(lambda: self._undo_reset(former, typed))

    def _undo_reset(self, former: Recipe, typed: str) -> None:
        """typed: in the field of the grammar, which may have a mistake and not apply."""
        self.set_recipe(former)
        if typed != self.grammar.box.toPlainText():
            self.grammar.show_typed(typed)

    def heal(self) -> None:
        """Turn healing on."""
        self._choose("no_healing", False)

    def _apply_preset(self, preset: Preset) -> None:
        self.set_recipe(replace(self._recipe, sampling=preset.applied(self._recipe.sampling)))

    def _choose(self, name: str, value: object) -> None:
        self._change(replace(self._recipe, sampling=replace(self._recipe.sampling, **{name: value})))

    def _change(self, recipe: Recipe) -> None:
        if recipe != self._recipe:
            self._recipe = recipe
            self._show()
            self.recipe_changed.emit(recipe)

    def _show(self) -> None:
        sampling = self._recipe.sampling
        self.presets.show_sampling(sampling)
        self.badge.setText(off_neutral_words(sampling).replace("-", UNBROKEN_HYPHEN))
        self.badge.setProperty("off", not sampling.neutral)
        self.badge.style().polish(self.badge)
        self.neutral_button.setEnabled(self._recipe != self._recipe.neutral())
        for section in self._sections:
            section.refresh()
