"""The main window: the page in the middle, docked panels beside it, a toolbar, a notice and a status bar.

It takes the widgets of other rooms and imports none of those rooms.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QMainWindow,
    QMenu,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.qt.accessible import FactLabel
from desktop.qt.lost_focus import LostFocus
from desktop.qt.plain_text import caption, tip, window_title
from desktop.qt.window_geometry import WindowGeometry
from desktop.qt.window_geometry import restore as restore_geometry
from desktop.shell.actions import Actions
from desktop.shell.disabled_keys import DisabledKeys
from desktop.shell.floating import Floating, Pill
from desktop.shell.focus_regions import FocusRegions
from desktop.shell.model_chip import ModelChip
from desktop.shell.notice import Notice
from desktop.shell.panels import Panels
from desktop.shell.status import StatusBar
from desktop.shell.tabbed_dock import TabbedDock
from desktop.shell.toolbar import ToolBar
from resources.language import tr

LEAST = 480, 320  # least pixels of the window
LEAST_PAGE = 112  # least pixels of the page's height that is not covered
SEVERAL = 2, 4, 8, 16  # continuations at once
# titles and tooltips of the pill
WRITING_BELOW = tr("Writing below ↓"), tr("Goes to where the model writes, and follows it.")
ENDED_BELOW = tr("Ended below ↓"), tr("Goes to where the model ended.")
WRITING_ABOVE = tr("Writing above ↑"), tr("Goes to where the model writes, and follows it.")
ENDED_ABOVE = tr("Ended above ↑"), tr("Goes to where the model ended.")


class Window(QMainWindow):
    """The main window. `files_dropped` carries a tuple of Path to open, `model_chosen` the path of a recent model to
    open, `several_requested` how many continuations to write in place of the last one; `closing` comes before the
    window is closed, after `may_close` agreed."""

    files_dropped = Signal(object)
    model_chosen = Signal(str)
    several_requested = Signal(int)
    closing = Signal()

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Inkfall")
        self.setAcceptDrops(True)
        self.may_close: Callable[[], bool] = lambda: True
        self.escapes: tuple[Callable[[], bool], ...] = ()  # Esc calls them until one returns True
        self.setDockNestingEnabled(True)
        self.resize(1280, 800)
        self.arrangement = WindowGeometry(self)
        self.focus_regions = FocusRegions()
        self.actions_ = Actions(self)
        page.installEventFilter(DisabledKeys(self.actions_, self))
        self._recent = self.actions_.submenu_after("open_starter", tr("Re&cent models"))
        self._several = self._several_menu()
        self.notice = Notice()
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.continuation = FactLabel(tr("Continuation"))
        self.chip = self._chip()
        self.bar = self._toolbar()
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(page, 1)
        self._column, self._page = column, page
        self.setCentralWidget(middle)
        self.end_pill = Pill(*WRITING_BELOW)
        self.floating = Floating(page)
        self.floating.add(self.notice)
        self.notice.left.connect(page.setFocus)
        self.floating.add(self.end_pill, leaves_end=True)
        self.panels = Panels(self, middle, self.bar)
        LostFocus(self, page)
        self.setMinimumSize(*LEAST)  # else it would never be narrower than all panels together
        for region in (page, self.bar, self.notice):
            self.focus_regions.add(region)

    def add_bar(self, bar: QWidget) -> None:
        """Float a bar over the head of the page."""
        self.floating.add_at_head(bar)
        self.focus_regions.add(bar)

    def add_foot(self, strip: QWidget) -> None:
        """Add a strip directly below the page."""
        self._column.insertWidget(1, strip)
        self.focus_regions.add(strip)

    def add_below(self, widget: QWidget) -> None:
        """Add a widget below the page; the page keeps a least height."""
        self._column.addWidget(widget)
        self.focus_regions.add(widget)
        self._set_least_height(0)
        self.floating.end_covered.connect(self._set_least_height)

    def _set_least_height(self, covered: int) -> None:
        """Keep LEAST_PAGE pixels of the page uncovered. covered: pixels that are covered at its foot."""
        self._page.setMinimumHeight(LEAST_PAGE + covered)

    def add_panel(self, name: str, title: str, panel: QWidget, area: Qt.DockWidgetArea, width: int) -> QDockWidget:
        """Dock a panel at a side (mirrored in right-to-left languages); the command show_<name> shows and hides it.
        width: in pixels."""
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(panel)
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        _name_button(dock, "qt_dockwidget_floatbutton", tr("Float the panel {title}").format(title=title))
        self.addDockWidget(_mirrored(area) if self.isRightToLeft() else area, dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        self.arrangement.watch(dock)
        self.focus_regions.add(dock)
        command = self.actions_[f"show_{name}"]
        self.panels.add(name, dock, command, width, [(title, command)])
        return dock

    def add_tabbed_dock(
        self, name: str, area: Qt.DockWidgetArea, width: int, tabs: Sequence[tuple[str, str, QWidget]]
    ) -> TabbedDock:
        """Dock several panels as tabs at a side (mirrored in right-to-left languages). tabs: names, titles and panels,
        in order. The command show_<name of a tab> must run `TabbedDock.toggle`."""
        stack = QTabWidget(documentMode=True)
        commands = {tab: self.actions_[f"show_{tab}"] for tab, _title, _panel in tabs}
        for tab, title, panel in tabs:
            panel.setObjectName(tab)
            stack.addTab(panel, title)
        dock = QDockWidget(", ".join(title for _tab, title, _panel in tabs), self)
        dock.setObjectName(name)
        dock.setWidget(stack)
        dock.setTitleBarWidget(QWidget())  # the tabs take the place of a title
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        self.addDockWidget(_mirrored(area) if self.isRightToLeft() else area, dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        self.arrangement.watch(dock)
        self.focus_regions.add(dock)
        shown = QAction(self)
        shown.setCheckable(True)
        tabbed = TabbedDock(stack, shown, commands)
        self.panels.add(name, dock, shown, width, [(title, commands[tab]) for tab, title, _panel in tabs])
        return tabbed

    def show_continuation(self, number: int, of: int) -> None:
        """Show which continuation is on the page, "2 of 3". number: 0 if it is none of them."""
        text = tr("{number} of {of}").format(number=number or "–", of=of)
        self.continuation.setText(text if of > 1 or (of and not number) else "")

    def show_recent(self, models: Sequence[str]) -> None:
        """Fill the menu of recent models. models: their paths."""
        self._recent.clear()
        self._recent.menuAction().setVisible(bool(models))
        for number, path in enumerate(models, 1):
            name = caption(Path(path).name)
            action = self._recent.addAction(f"&{number} {name}" if number < 10 else name)
            action.setToolTip(tip(path))
            action.triggered.connect(lambda _checked=False, path=path: self.model_chosen.emit(path))

    def show_title(self, title: str, unsaved: bool) -> None:
        """Set the window's title to the page's. unsaved: whether the page could not be saved yet."""
        self.setWindowTitle(f"{window_title(title)}[*] — Inkfall" if title else "Inkfall[*]")
        self.setWindowModified(unsaved)

    def come_forward(self) -> None:
        """Raise and activate the window."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def restore(self, geometry: bytes, state: bytes, widths: Sequence[str] = ()) -> None:
        """Restore the window and its panels; a state of another version is ignored. widths: see `Panels.widths`."""
        restore_geometry(self, geometry)
        if state:
            self.restoreState(QByteArray(state))
        self.panels.choose_widths(widths)

    def _toolbar(self) -> ToolBar:
        bar = ToolBar(self)
        self.addToolBar(bar)
        _name_button(bar, "qt_toolbar_ext_button", tr("More commands"))
        _name_button(self.menuBar(), "qt_menubar_ext_button", tr("More menus"))
        self.actions_.fill(bar)
        bar.add_menu(self.actions_["again"], self._several)
        bar.addSeparator()
        for name, sign in (("previous", "‹"), ("next", "›")):
            bar.addWidget(self._sign_button(name, sign))
            if name == "previous":
                bar.addWidget(self.continuation)
        bar.begin_end()
        self.actions_.fill_end(bar)
        bar.add_lasting(self.chip)
        return bar

    def _several_menu(self) -> QMenu:
        """Make the menu of how many continuations to write at once."""
        again = self.actions_["again"]
        menu = self.actions_.submenu_after("again", tr("Try again se&veral times"))
        for count in SEVERAL:
            action = menu.addAction(tr("×{count}").format(count=count))
            words = tr("Writes {count} continuations at once in place of the last one, which is kept.")
            action.setToolTip(tip(words.format(count=count)))
            action.triggered.connect(lambda _checked=False, count=count: self.several_requested.emit(count))
        again.enabledChanged.connect(menu.menuAction().setEnabled)
        menu.menuAction().setEnabled(again.isEnabled())
        return menu

    def _chip(self) -> ModelChip:
        """Make the chip, with a menu of recent models and of commands that open others."""
        chip = ModelChip()
        menu = QMenu(self, toolTipsVisible=True)
        menu.aboutToShow.connect(lambda: self._fill_chip(menu))
        chip.setMenu(menu)
        return chip

    def _fill_chip(self, menu: QMenu) -> None:
        menu.clear()
        menu.addActions(self._recent.actions())
        menu.addSeparator()
        menu.addActions([self.actions_[name] for name in ("library", "open_model", "open_starter")])
        menu.addSeparator()
        menu.addActions([self.actions_[name] for name in ("compare", "read_with")])
        if self.actions_["stop_comparing"].isEnabled():
            menu.addAction(self.actions_["stop_comparing"])

    def _sign_button(self, name: str, sign: str) -> QToolButton:
        """A button for a command, with a sign in place of the title."""
        action = self.actions_[name]
        button = QToolButton(autoRaise=True)
        button.setText(sign)
        button.setToolTip(tip(action.toolTip()))
        button.setObjectName("sign")
        button.setAccessibleName(action.iconText())
        button.clicked.connect(action.trigger)
        button.setEnabled(action.isEnabled())
        action.enabledChanged.connect(button.setEnabled)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panels.fit(event.size().width())
        self.chip.set_narrow(self.panels.narrow)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = tuple(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        if paths:
            self.files_dropped.emit(paths)
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """An Esc that the focused widget ignores runs the first of `escapes` that applies, else focuses the page."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not any(escape() for escape in self.escapes):
            self.activateWindow()  # the focus may be in a floating panel
            self._page.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)


def _mirrored(area: Qt.DockWidgetArea) -> Qt.DockWidgetArea:
    left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    return {left: right, right: left}.get(area, area)


def _name_button(widget: QWidget, button: str, name: str) -> None:
    """Name a button that Qt made in a widget."""
    if found := widget.findChild(QAbstractButton, button):
        found.setAccessibleName(name)
        found.setToolTip(tip(name))
