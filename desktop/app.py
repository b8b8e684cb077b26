"""Creates the objects of all rooms and makes every connection between them. Has no other state.

Reading this file shows how data flows through the program:

- you type: Editor, `page.write`, Page, then a Change to Editor, Focus, Session, OpenPage
- a command: Session, a request, EventPump, the child process, events, Session, `Generation.append`, Page
- any change: OpenPage, the Tracker's delta, the page's file
- hover, click, caret: Focus, OddsView, OddsPanel
"""

import gc
import os
import secrets
import sys
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import QApplication

import resources
from desktop.crash import fatal
from desktop.crash.reporter import CrashReporter
from desktop.editor.editor import Editor
from desktop.editor.typography import default_font
from desktop.exporting.export_print import ExportPrint
from desktop.exporting.heat import tints as tints_of
from desktop.exporting.printing import Tints
from desktop.finding.bar import FindBar
from desktop.finding.finder import Finder
from desktop.generation.bias_check import BiasCheck
from desktop.generation.chain_line import ChainLine
from desktop.generation.event_pump import EventPump
from desktop.generation.grammar_check import GrammarCheck
from desktop.generation.page_reading import PageReading
from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel
from desktop.generation.second_model import SecondModel
from desktop.generation.session import Session
from desktop.generation.state import NO_MODEL
from desktop.generation.step_bar import StepBar
from desktop.library.lazy_library import LazyLibrary
from desktop.library.second_choice import SecondChoice
from desktop.library.starter_model import StarterModel
from desktop.odds.focus import Focus
from desktop.odds.panel import NOTHING_HERE, OddsPanel
from desktop.odds.preview import Preview
from desktop.open_page.open_page import OpenPage
from desktop.open_page.page_dialogs import PageDialogs
from desktop.page.page import Page
from desktop.page_list.page_store import PageFiles, PageStore
from desktop.page_list.pages import Pages
from desktop.pagefile import names
from desktop.pagefile.unopened import copy_page, peek, set_title, text_of
from desktop.presenters.all_tokens import WholeVocabulary
from desktop.presenters.arrangement import Arrangement
from desktop.presenters.asking import Asking
from desktop.presenters.chain_trial import ChainTrial
from desktop.presenters.choices import Choices
from desktop.presenters.colouring import Colouring
from desktop.presenters.comparing import Comparing
from desktop.presenters.end_of_text import EndOfText
from desktop.presenters.flipping import Flipping
from desktop.presenters.from_settings import load_options, recipe_of
from desktop.presenters.model_opening import ModelOpening
from desktop.presenters.odd_boundary import OddBoundary
from desktop.presenters.odds_beside import OddsBeside
from desktop.presenters.page_temperature import PageTemperature
from desktop.presenters.preview_ahead import PreviewAhead
from desktop.presenters.selection import Selection
from desktop.presenters.status_presenter import (
    ANSWER,
    ARRIVAL,
    REFUSED,
    SAVING,
    SESSION,
    SETTINGS,
    TEMPERATURE,
    StatusPresenter,
)
from desktop.presenters.step_mode import StepMode
from desktop.presenters.tokens_view import TokensView
from desktop.presenters.trailing_space import TrailingSpace
from desktop.presenters.welcome_presenter import WelcomePresenter
from desktop.qt import accessible, portal
from desktop.qt.file_dialogs import FileDialogs
from desktop.qt.one_dialog import open_one
from desktop.settings.dialog import SettingsDialog
from desktop.settings.fields import Settings, info_named
from desktop.settings.preferences import Preferences
from desktop.shell import versions
from desktop.shell.about import About
from desktop.shell.commands import PAGE_MENU
from desktop.shell.counts import Counts, count
from desktop.shell.dialogs import KeysDialog
from desktop.shell.theme import ThemeController
from desktop.shell.window import Window
from desktop.start.file_opening import Application
from desktop.start.qt_language import speak
from desktop.start.single_instance import SingleInstance
from desktop.updating import address
from desktop.updating.updates import Updates
from models.launch import launcher
from models.library import permissions
from models.library.app_dirs import AppDirs, app_dirs, file_exists
from models.library.load_options import LoadOptions
from models.library.machine import on_battery
from models.library.model_ref import ModelRef
from resources.colours import Colours
from resources.language import tr

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
PAGE_FILES = PageFiles(peek, text_of, set_title, copy_page)
LEISURE = 1_000  # milliseconds after the window is shown until work that can wait
HUB = frozenset({"endpoint", "proxy", "offline"})
LOADING = frozenset(one.name for one in fields(LoadOptions))
EMPTY_PAGE = tr("The page is empty. Ctrl+L shows the odds of the next token.")
SEEDS = 2**32  # seeds drawn by the program are below this, short enough to be read out


class Inkfall(QObject):
    """The program: all rooms and their connections."""

    def __init__(
        self, home: AppDirs, application: QApplication, chance: Callable[[int], int] = secrets.randbelow
    ) -> None:
        """chance: returns a random whole number below the one given; draws the seeds that the user did not choose."""
        super().__init__()
        self.home = home
        permissions.claim(home)
        self.preferences = Preferences(home.config / "settings.json", self)
        self.theme = ThemeController(application, self.preferences.value.theme, self)
        self.page = Page()
        self.editor = Editor(self.page)
        self.window = Window(self.editor)
        self.colouring = Colouring(self.page, self.editor, self.window, self.preferences, self)
        self.selection = Selection(self.page, self.editor, self.window.status, self)
        self.pump = EventPump(launcher.engine(home.log / "engine.log", home.engine_notes), self)
        self.session = Session(self.page, self.pump, chance=lambda: chance(SEEDS), parent=self)
        self.second_model = SecondModel(self.page, self._make_second_pump, self)
        self.focus = Focus(self.page, self)
        self.odds = OddsPanel()
        self.preview = Preview(self.focus, self.odds, self.page, self)
        self.flipping = Flipping(self.odds, self.preview, self.focus, self.session, self.page, lambda: self.recipe)
        marks = self.editor.marks
        self.ahead = PreviewAhead(self.preview, self.session, marks, self.page, lambda: self.recipe, self)
        self.asking = Asking(self.odds.ask, self.focus, self.session, self.page, lambda: self.recipe)
        window = self.window
        self.tokens_view = TokensView(
            self.page, self.editor, self.session, self.preferences, window.actions_["tokens"], window.status, self
        )
        self.trial = ChainTrial(self.focus, self.session, lambda: self.recipe, lambda: self.odds.part, self)
        self.whole = WholeVocabulary(self.odds, self.focus, self.session, self.page, lambda: self.recipe, self)
        self.sampling = SamplingPanel()
        self.chain, self.steps = ChainLine(self.sampling), StepBar()
        self.bias_check = BiasCheck(self.pump.engine, self)
        self.grammar_check = GrammarCheck(parent=self)
        self.counts = Counts(lambda: self.page.snapshot().text, self)
        self.find_bar = FindBar()
        self.finder = Finder(self.page, self.find_bar, self)
        self.pages = Pages(PageStore(home.pages, home.data / "pages.json", PAGE_FILES), self.window)
        self.open_page = OpenPage(
            self.page,
            self.editor.view_state,
            new_page_path(home),
            count_words,
            parent=self,
            listed_as=self.pages.store.listed_as,
        )
        self.temperature = PageTemperature(self.sampling, lambda: self.open_page.path)
        self.trailing_space = TrailingSpace(self.page, self.window.notice, lambda: self.recipe, self)
        self.odd_boundary = OddBoundary(
            self.page, self.window.notice, self.session.beside.boundary, lambda: self.recipe, self.sampling.heal, self
        )
        self.file_dialogs = FileDialogs(self.window, self._folder_of, self._remember_folder, portal.is_available_here())
        self.page_dialogs = PageDialogs(self.open_page, home.pages, self.file_dialogs, self.window)
        self.export_print = ExportPrint(
            self.open_page,
            self.page,
            home.cache,
            self._print_style,
            lambda: self.colouring.measure,
            self.file_dialogs,
            self.window,
        )
        self.starter = StarterModel(home.models, self)
        self.library = LazyLibrary(home, self.window)
        self.status_presenter = StatusPresenter(
            self.window, self.page, self.session, self.focus, self.library, self.preferences, self.home
        )
        self.page_reading = PageReading(
            self.page,
            self.session,
            self.second_model,
            recipe=lambda: self.recipe,
            options=lambda: load_options(self.preferences.value),
            parent=self,
        )
        self.comparing = Comparing(
            self.window, self.session, self.second_model, self.page_reading, self.status_presenter, self
        )
        self.odds_beside = OddsBeside(
            self.odds, self.focus, self.page, self.session, self.second_model, lambda: self.recipe, self
        )
        self.second_choice = SecondChoice(home, self.file_dialogs, self.window)
        self.about = About(self.window)
        self.updates = Updates(lambda: versions.version("inkfall"), self.library.ledger, self.window)
        self.welcome_presenter = WelcomePresenter(
            self.window, self.editor, self.page, self.session, self.open_page, home
        )
        self.crash = CrashReporter(
            self.open_page.save, home.log / "crash.log", self.window, self.page.text, self._facts
        )
        self._add_panels()
        self._add_presenters()
        self._connect_page()
        self._connect_pages()
        self._connect_session()
        self._connect_library()
        self._connect_second_model()
        self._connect_settings()
        self._connect_bias()
        self._connect_grammar()
        self._connect_window()
        self._connect_commands()
        self._restore()

    def _make_second_pump(self) -> EventPump:
        """The pump of a second child, which writes no file of the first one's."""
        home = self.home
        return EventPump(launcher.engine(home.log / "engine-second.log", home.second_engine_notes), self)

    def _add_panels(self) -> None:
        self.window.add_bar(self.find_bar)
        pages = self.window.add_panel("pages", tr("Pages"), self.pages.panel, LEFT, 264)
        self.pages.panel.titled.connect(pages.setWindowTitle)
        self.odds.add_chain(self.chain)
        self.odds.add_steps(self.steps.switch, self.steps)
        panels = (self.odds, self.sampling, self.selection.panel)
        titles = (tr("Odds"), tr("Sampling"), tr("Selection"))
        tabs = tuple(zip(("odds", "sampling", "selection"), titles, panels, strict=True))
        self.side_dock = self.window.add_tabbed_dock("beside", RIGHT, 340, tabs)

    def _add_presenters(self) -> None:
        """The presenters that need the panels in their places."""
        self.models = ModelOpening(
            self.home,
            self.preferences,
            self.session,
            self.second_model,
            self.starter,
            self.library,
            self.status_presenter,
            self.welcome_presenter,
            self,
        )
        self.arrangement = Arrangement(self.window, self.side_dock, self.library, self.preferences, self)
        self.choices = Choices(
            self.odds,
            self.preview,
            self.editor,
            self.session,
            self.sampling,
            self.side_dock,
            lambda: self.recipe,
            self,
        )
        self.step_mode = StepMode(
            self.steps,
            self.window.actions_["step_mode"],
            self.side_dock,
            self.session,
            self.preferences,
            lambda: self.recipe,
            self,
        )

    # -------------------------------------------------------------------------------------------- connections

    def _connect_page(self) -> None:
        """Editor, focus and find bar: the odds panel shows the token at the caret or under the mouse."""
        self.editor.caret_moved.connect(self.focus.move_caret)
        self.editor.caret_placed.connect(self.focus.place_caret)
        self.editor.token_hovered.connect(self.focus.hover)
        self.editor.token_chosen.connect(self.focus.pin)
        self.odds.pin_requested.connect(self.focus.toggle_pin)
        self.focus.pinned_changed.connect(self.editor.marks.pin)
        self.focus.pinned_changed.connect(self.odds.show_pinned)
        self.focus.view_changed.connect(self.odds.show_view)
        self.preview.nothing_to_choose.connect(lambda: self.window.status.say(self._why_no_odds()))
        self.whole.put_requested.connect(self.choices.put)
        self.whole.pointed.connect(self.preview.point)
        self.odds_beside.rows_added.connect(self.preview.add_rows)
        self.page.listeners.append(
            lambda change: self.odds.set_page_empty(change.cause != "generation" and self._has_no_generation())
        )
        self.editor.undo_requested.connect(self.session.undo)
        self.editor.redo_requested.connect(self.session.redo)
        self.page.listeners.append(lambda _change: self.status_presenter.history())
        self.page.listeners.append(self.status_presenter.page_changed)
        self.page.listeners.append(self.counts.page_changed)
        self.counts.counted.connect(self.status_presenter.counts)
        self.finder.select_requested.connect(self.editor.select)
        self.finder.marked.connect(self.editor.viewport().update)
        self.editor.marks.set_hits(self.finder.hits_in)
        self.finder.closed.connect(self.editor.setFocus)
        self.find_bar.shown.connect(lambda shown: self.window.actions_.lend_keys("stop", shown))  # Esc closes the bar
        for shown in (self.find_bar.shown, self.finder.select_requested):
            shown.connect(lambda *_: self.window.floating.avoid(self.editor.selected_place))
        self.editor.caret_moved.connect(lambda _position: self.window.floating.avoid(self.editor.caret_place))

    def _why_no_odds(self) -> str:
        """Why there is nothing to choose from, with what to do: reading the page needs a model and a text."""
        if self.session.state.model is None:
            return NO_MODEL
        return " ".join(NOTHING_HERE) if self.page.length else EMPTY_PAGE

    def _has_no_generation(self) -> bool:
        """Whether the page is empty or has no text of the model."""
        return not self.page.length or self.page.last_generation() is None

    def _connect_pages(self) -> None:
        """The open page, the list of pages, and exports."""
        open_page, pages = self.open_page, self.pages
        open_page.leaving.connect(self.session.close)
        open_page.leaving.connect(self.page_reading.leave_page)
        open_page.leaving.connect(self.second_model.give_up)
        open_page.leaving.connect(self.colouring.give_up)
        open_page.leaving.connect(self.selection.give_up)
        open_page.leaving.connect(self.temperature.leave)
        open_page.page_opened.connect(lambda _path: self.temperature.arrive())
        open_page.view_requested.connect(self.editor.restore_view)
        open_page.position_requested.connect(self.editor.set_caret)
        open_page.title_changed.connect(self.window.show_title)
        open_page.page_opened.connect(pages.set_open)
        open_page.page_opened.connect(lambda path: self.preferences.remember(page=str(path or "")))
        open_page.page_saved.connect(pages.page_saved)
        open_page.page_left.connect(pages.refresh)
        open_page.emptied.connect(pages.trash_empty)
        pages.undo_offered.connect(self.status_presenter.offer_undo)
        pages.open_requested.connect(open_page.open)
        pages.new_requested.connect(self._new_page)
        pages.open_requested.connect(lambda *_: self.editor.setFocus())  # to go on writing
        pages.rename_open_requested.connect(open_page.rename)
        pages.leave_requested.connect(open_page.leave_then)
        pages.when_at_rest, pages.in_turn = open_page.when_at_rest, open_page.in_turn
        pages.save_requested.connect(open_page.save_then)
        self.counts.counted.connect(lambda found: open_page.set_counts(found.words, found.characters))
        self.editor.caret_moved.connect(lambda _position: open_page.view_moved())
        self.editor.verticalScrollBar().valueChanged.connect(lambda _value: open_page.view_moved())
        self.session.model_changed.connect(lambda model: open_page.set_model(model.name if model else ""))
        self.export_print.progressed.connect(
            lambda words, fraction: self.status_presenter.exporting(words, fraction, self.export_print.stop)
        )
        showing, status = self.status_presenter, self.window.status
        open_page.leaving.connect(showing.page_left)
        open_page.message.connect(showing.say(SAVING))
        open_page.mended.connect(showing.saved_again)
        open_page.refused.connect(showing.say(ANSWER))
        for room in (pages, self.page_dialogs, self.export_print):
            room.message.connect(showing.say(ANSWER))
        for room in (self.page_dialogs, self.export_print):
            room.finished.connect(status.say)

    def _connect_session(self) -> None:
        """The session's signals: to editor, focus, status bar and notice; the starter and the welcome."""
        self.session.began.connect(self.editor.follow_new_writing)
        self.session.beside.asides.on_battery = on_battery
        self.editor.caret_moved.connect(self.session.beside.asides.caret_moved)
        self.session.beside.asides.reading_changed.connect(self.odds.show_reading)
        self.session.began.connect(self.focus.follow_new_writing)
        self.session.began.connect(self.preview.end)
        self.session.state_changed.connect(lambda state: self.editor.show_writing(self.page.generating, state.writing))
        self.editor.covered.foot = self.window.floating.covered
        self.window.floating.end_covered.connect(self.editor.make_room)
        self.editor.covered.head = self.window.floating.covered_above
        self.editor.below_changed.connect(self.status_presenter.below)
        self.window.end_pill.clicked.connect(self.editor.follow_writing)
        self.session.token_appended.connect(self.focus.follow)
        self.session.ended.connect(lambda _ended: self.focus.stop_following())
        self.session.looked.connect(self.focus.show_look)
        self.session.coin_shown.connect(self.focus.show_coin)
        self.session.edge_moved.connect(self.editor.marks.set_unseen)
        self.session.text_ended.connect(self.editor.marks.set_ended)
        self.page.listeners.append(EndOfText(self.page, self.editor.marks).page_changed)
        self.editor.end_chosen.connect(
            lambda end: self.session.look(self.recipe, end if end < self.page.length else None)
        )
        self.session.state_changed.connect(self.status_presenter.state)
        self.session.model_changed.connect(self.status_presenter.model)
        self.session.message.connect(self.status_presenter.say(SESSION))
        self.session.refused.connect(self.status_presenter.say(REFUSED))
        self.session.began.connect(self.status_presenter.began)
        self.session.state_changed.connect(self.welcome_presenter.show_state)
        self.welcome_presenter.write_requested.connect(lambda: self.session.write(self.recipe))
        self.welcome_presenter.temperature_requested.connect(self._set_temperature)
        self.welcome_presenter.library_requested.connect(self.library.open_catalogue)

    def _connect_library(self) -> None:
        """The library's signals: what the user says of models and the network to the settings and the status bar."""
        self.library.overruled.connect(self.status_presenter.kind_overruled)
        self.library.network_chosen.connect(
            lambda endpoint, proxy, offline: self.preferences.change(endpoint=endpoint, proxy=proxy, offline=offline)
        )
        self.library.message.connect(self.status_presenter.say(ARRIVAL))

    def _connect_second_model(self) -> None:
        """The question for a second model, and what it is opened for."""
        self.second_choice.compare_chosen.connect(
            lambda path: self.comparing.compare(path, load_options(self.preferences.value))
        )
        self.second_choice.reading_chosen.connect(self.comparing.read)
        self.comparing.compared.connect(self.odds_beside.compare)

    def _ask_for_second(self, purpose: Literal["compare", "read"]) -> None:
        settings, first = self.preferences.value, self.session.state.model
        self.second_choice.open(purpose, first, settings.recent_models, load_options(settings))

    def _connect_bias(self) -> None:
        """Tokens that are favoured or banned: from the odds to the list, and what they mean to the model."""
        self.sampling.recipe_changed.connect(lambda recipe: self.bias_check.show_sampling(recipe.sampling))
        self.session.model_changed.connect(self.bias_check.show_model)
        self.pump.arrived.connect(self.bias_check.take)
        self.bias_check.checked.connect(self.sampling.bias.show_tokens)
        self.bias_check.checked.connect(lambda _tokens: self._end_told())

    def _connect_grammar(self) -> None:
        """A grammar that is typed is checked; while one is in use, its cost shows below it."""
        self.sampling.grammar.typed.connect(lambda text: self.preferences.remember(grammar_typed=text))
        self.sampling.grammar.check_requested.connect(self.grammar_check.ask)
        self.grammar_check.checked.connect(self.sampling.grammar.show_verdict)
        self.session.state_changed.connect(self.sampling.grammar.show_state)

    def _connect_settings(self) -> None:
        """The settings, and the controls elsewhere in the window that change them."""
        self.preferences.message.connect(self.status_presenter.say(SETTINGS))
        self.preferences.changed.connect(self._apply)
        self.sampling.recipe_changed.connect(lambda _recipe: self.status_presenter.recipe_changed())
        self.sampling.recipe_changed.connect(self._remember_recipe)
        self.sampling.samplers_reset.connect(self.status_presenter.samplers_reset)
        self.sampling.presets_changed.connect(lambda texts: self.preferences.change(presets=texts))
        self.sampling.recipe_changed.connect(lambda _recipe: self.trial.recipe_changed())
        self.sampling.recipe_changed.connect(lambda _recipe: self.whole.recipe_changed())
        for room in (self.trial, self.whole):
            room.message.connect(self._say_untold)
        self.chain.more_requested.connect(lambda: self.side_dock.toggle("sampling"))
        self.colouring.legend.sum_clicked.connect(lambda: self.side_dock.show("selection"))
        self.colouring.plotting.plot.step_requested.connect(self.tokens_view.step)
        self.theme.theme_changed.connect(self._colour)
        self.editor.zoom_requested.connect(self._zoom)
        self.editor.menu_requested.connect(self._open_menu)

    def _say_untold(self, sentence: str) -> None:
        """Show in the status bar what neither the notice nor the list of biases says."""
        if not (self.sampling.bias.says(sentence) or self.window.notice.sentence == sentence):
            self.window.status.say(sentence)

    def _end_told(self) -> None:
        """End in the status bar what the list of biases has come to say."""
        status, bias = self.window.status, self.sampling.bias
        if bias.says(status.result):
            status.forget_result()

    def _connect_window(self) -> None:
        self.window.files_dropped.connect(self.open_files)
        self.window.model_chosen.connect(self.models.open)
        self.window.several_requested.connect(lambda streams: self.session.again(self.recipe, streams))
        escapes = (self.preview.end, self.focus.unpin, self.window.notice.dismiss, self.tokens_view.leave)
        self.window.escapes = escapes
        self.window.may_close = lambda: self.page_dialogs.may_close(self._save_all)
        self.window.closing.connect(self.close)

    def _connect_commands(self) -> None:
        """The method that each command of shell/commands.py runs."""
        session, editor, dialogs = self.session, self.editor, self.page_dialogs
        self.window.actions_.connect(
            {
                "new_page": self._new_page,
                "open_page": dialogs.open_page,
                "save_page": dialogs.save,
                "save_page_as": dialogs.save_as,
                "rename_page": dialogs.rename,
                "duplicate_page": self.pages.duplicate_open,
                "trash_page": self.pages.trash_open,
                "find_in_pages": self.pages.find,
                "export": self.export_print.export,
                "print": self.export_print.print_page,
                "library": self.library.open,
                "open_model": lambda: self.models.ask(self.file_dialogs),
                "open_starter": self.models.open_starter,
                "compare": lambda: self._ask_for_second("compare"),
                "read_with": lambda: self._ask_for_second("read"),
                "stop_comparing": self.comparing.stop,
                "quit": self.window.close,
                "undo": session.undo,
                "redo": session.redo,
                "cut": editor.cut,
                "copy": editor.copy,
                "copy_tokens": self.tokens_view.copy,
                "paste": editor.paste,
                "select_all": editor.selectAll,
                "find": lambda: self.finder.open(editor.page_position(), editor.page_selection()),
                "find_next": lambda: self.finder.step(1),
                "find_previous": lambda: self.finder.step(-1),
                "write": lambda: session.write(self.recipe),
                "write_here": lambda: session.write(self.recipe, editor.page_selection()[1]),
                "stop": session.stop,
                "again": lambda: session.again(self.recipe),
                "step": lambda: session.step(self.recipe),
                "look": lambda: session.look(self.recipe),
                "score": lambda: session.score(self.recipe),
                "next_alternative": lambda: self.preview.step(1),
                "previous_alternative": lambda: self.preview.step(-1),
                "flip": self.flipping.flip,
                "step_mode": self.step_mode.switch,
                "ask": self.choices.ask,
                "all_tokens": self.choices.toggle_all_tokens,
                "previous": session.previous,
                "next": session.next,
                "heat": lambda: self.preferences.change(heat=self.window.actions_["heat"].isChecked()),
                "tokens": self.tokens_view.toggle,
                "next_token": lambda: self.tokens_view.step(1),
                "previous_token": lambda: self.tokens_view.step(-1),
                "pin": self.focus.toggle_pin,
                "show_odds": lambda: self.side_dock.toggle("odds"),
                "show_sampling": lambda: self.side_dock.toggle("sampling"),
                "show_plot": lambda: self.preferences.change(plot_shown=self.window.actions_["show_plot"].isChecked()),
                "show_selection": lambda: self.side_dock.toggle("selection"),
                "show_pages": self.arrangement.remember_panels,
                "next_part": lambda: self.window.focus_regions.go(1),
                "previous_part": lambda: self.window.focus_regions.go(-1),
                "zoom_in": lambda: self._zoom(1),
                "zoom_out": lambda: self._zoom(-1),
                "zoom_reset": lambda: self.preferences.change(font_size=Settings().font_size),
                "settings": self._open_settings,
                "keys": lambda: open_one(
                    self.window, "keys", lambda: KeysDialog(self.window.actions_.offered, self.window)
                ),
                "welcome": self.welcome_presenter.open,
                "updates": self.updates.check,
                "about": self.about.open,
            },
            before=editor.finish_composing,
        )

    def _restore(self) -> None:
        """Restore the window and apply all settings, as the last run left them."""
        self.window.actions_["updates"].setVisible(bool(address.ADDRESS))
        settings = self.preferences.value
        self.arrangement.restore()
        self.sampling.set_recipe(recipe_of(settings))
        self.sampling.presets.show_texts(settings.presets)
        self.sampling.grammar.show_typed(settings.grammar_typed)
        self._apply(settings, [one.name for one in fields(Settings)])
        self._colour(self.theme.theme)
        self.status_presenter.state(self.session.state)
        self.status_presenter.model(None)
        self.odds.show_view(None)
        if self.preferences.sentence:
            self.window.notice.say(self.preferences.sentence, topic=SETTINGS)
        self.editor.setFocus()

    # -------------------------------------------------------------------------------------------- opening

    def _new_page(self) -> None:
        self.open_page.new()
        self.editor.setFocus()  # wherever the key was pressed: to write there

    @property
    def recipe(self) -> Recipe:
        """The options of the next generation."""
        return replace(self.sampling.recipe, top=self.preferences.value.top)

    def set_recipe(self, recipe: Recipe) -> None:
        self.sampling.set_recipe(recipe)

    def open_files(self, paths: Sequence[Path]) -> None:
        """Open models and pages or texts that were dropped or named on the command line."""
        for path in paths:
            if is_model(path):
                self.models.open(str(path))
            else:
                self.open_page.open(path)

    def begin(self, paths: Sequence[Path]) -> None:
        """Open these files at the start; without a page among them the last page, without a model the usual one."""
        if not any(not is_model(path) for path in paths):
            self.open_last_page()
        self.open_files(paths)
        if not any(map(is_model, paths)):
            self.models.open_usual()
        if not (self.preferences.value.welcome_seen or paths):
            self.open_page.when_ready(self._show_first_welcome)

    def _show_first_welcome(self) -> None:
        if not (self.open_page.has_file or self.page.length):
            self.preferences.remember(welcome_seen=True)
            self.welcome_presenter.open_soon()

    def open_last_page(self) -> None:
        """Open the page of the last run, else the newest."""
        last, store = self.preferences.value.page, self.pages.store

        def chosen() -> Path | None:
            if last and file_exists(Path(last)):
                return Path(last)
            return next(iter(store.paths()), None)

        self.open_page.open_chosen(chosen)

    def come_forward(self, paths: Sequence[Path]) -> None:
        """Open the files of a later start, and raise the window."""
        self.open_files(paths)
        self.window.come_forward()

    def _print_style(self) -> tuple[QFont, Tints]:
        """The font that the page is printed in, and the background colours of its text."""
        return self.editor.font(), tints_of(self.page, self.colouring.measure)

    def _open_settings(self) -> None:
        def make() -> SettingsDialog:
            dialog = SettingsDialog(self.preferences.value, self.window)
            dialog.settings_chosen.connect(lambda changes: self.preferences.change(**changes))
            dialog.hardware_requested.connect(self.library.open_hardware)
            dialog.network_requested.connect(self.library.open_network)
            self.preferences.changed.connect(dialog.follow)
            return dialog

        open_one(self.window, "settings", make)

    def _save_all(self) -> str:
        """Stop the model and save the page. Returns why that failed, or an empty text."""
        self.session.close()
        return self.open_page.close()

    def _facts(self) -> tuple[tuple[str, str], ...]:
        """Names and values about the program and this machine, for a crash report."""
        model = self.session.state.model
        runs = f"{model.architecture} on {model.device}, context {model.context}" if model else "none"
        return (*versions.facts(), ("Model", runs))

    def close(self) -> None:
        """Save everything, and close all rooms and the child process."""
        if self.pump.closed:
            return
        self.arrangement.remember()
        self.window.arrangement.stop()
        self.odds_beside.compare(None)
        self._save_all()
        models = (self.pump, self.second_model, self.second_choice, self.starter, self.library)
        rooms = (
            *models,
            self.trailing_space,
            self.odd_boundary,
            self.colouring,
            self.selection,
            self.finder,
            self.grammar_check,
            self.counts,
            self.pages,
            self.export_print,
            self.page_dialogs,
        )
        self.odds.all_tokens.close_all()
        for room in (*rooms, self.about, self.updates, self.status_presenter, self.preferences):
            room.close()

    # -------------------------------------------------------------------------------------------- settings

    def _apply(self, settings: Settings, changed: Collection[str]) -> None:
        """Apply the settings to the rooms that depend on the changed fields."""
        for section, apply in self._sections():
            if not section.isdisjoint(changed):
                apply(settings)

    def _sections(self) -> Iterator[tuple[frozenset[str], Callable[[Settings], object]]]:
        """Sets of fields of the settings, each with the function that applies them."""
        library = self.library
        yield frozenset({"theme"}), lambda now: self.theme.choose(now.theme)
        yield frozenset({"font_family", "font_size", "line_spacing", "column"}), self._set_type
        yield HUB, lambda now: library.set_network(now.endpoint, now.proxy, now.offline)
        yield HUB, lambda now: self.updates.set_network(now.proxy, now.offline)
        yield LOADING, lambda now: library.set_load_options(load_options(now))
        yield frozenset({"recent_models"}), lambda now: self.window.show_recent(now.recent_models)
        yield frozenset({"asides"}), lambda now: self.session.beside.asides.set_on(now.asides)
        yield frozenset({"top"}), lambda now: self.session.beside.asides.set_top(now.top)
        yield self.step_mode.settings, self.step_mode.apply
        yield self.colouring.settings, self.colouring.apply
        yield frozenset({"rank_classes"}), lambda now: self.selection.set_classes(now.rank_classes)
        yield frozenset({"tokens"}), self.tokens_view.apply
        yield from self.arrangement.sections()

    def _set_type(self, settings: Settings) -> None:
        font = QFont(settings.font_family) if settings.font_family else default_font()
        font.setPointSizeF(settings.font_size)
        self.editor.text_style.set_typography(font, settings.line_spacing, settings.column)

    def _colour(self, theme: Colours) -> None:
        self.editor.text_style.set_colours(theme)
        self.colouring.set_colours(theme)
        self.selection.panel.set_colours(theme)
        self.odds.set_colours(theme)
        self.welcome_presenter.update_style()

    def _set_temperature(self, temperature: float) -> None:
        self.temperature.set(temperature)
        sentence = tr("This page has temperature {number:g}: the model always takes the likeliest token.")
        self.window.notice.say(sentence.format(number=temperature), topic=TEMPERATURE)

    def _remember_recipe(self, recipe: Recipe) -> None:
        recipe = self.temperature.to_save(recipe)
        self.preferences.change(sampling=recipe.sampling, length=recipe.length, seed=recipe.seed, n_keep=recipe.n_keep)

    def _folder_of(self, purpose: str) -> str:
        return getattr(self.preferences.value, f"{purpose}_folder")

    def _remember_folder(self, purpose: str, folder: str) -> None:
        self.preferences.remember(**{f"{purpose}_folder": folder})

    def _open_menu(self, position: QPoint) -> None:
        """Open the page's context menu at a position of the screen."""
        selected = self.editor.textCursor().hasSelection()
        left_out = set() if selected else {"cut", "copy"}
        if not self.editor.canPaste():
            left_out.add("paste")
        menu = self.window.actions_.menu(PAGE_MENU, left_out)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def _zoom(self, steps: int) -> None:
        size, info = self.preferences.value.font_size + steps, info_named("font_size")
        self.preferences.change(font_size=min(max(size, info.low), info.high))


def new_page_path(home: AppDirs) -> Callable[[str, Container[Path]], Path]:
    """Return a function that gives the path of a new page with a title, none of those reserved for other pages."""
    return lambda title, reserved: names.unreserved(home.pages, names.new_name(title, datetime.now()), reserved)


def count_words(text: str) -> tuple[int, int]:
    """The numbers of words and characters of a text."""
    counted = count(text)
    return counted.words, counted.characters


def is_model(path: Path) -> bool:
    """Whether the path names a model: a .gguf file, or `scripted:` (fixed odds that need no file)."""
    return path.suffix.lower() == ".gguf" or ModelRef.of(path).is_scripted


def make_application() -> QApplication:
    with portal.enabled(portal.is_available_here()):
        application = QApplication.instance() or Application(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Inkfall")
    accessible.install()
    application.setDesktopFileName(os.environ.get("FLATPAK_ID", "inkfall"))  # the name of the menu entry
    application.setWindowIcon(QIcon(str(resources.ICON)))
    speak(application)
    return application


def run(paths: Sequence[str]) -> int:
    """Open the window with these files, or hand them to a running instance. Returns the exit status."""
    application = make_application()
    files = [Path(path) for path in paths]
    home = app_dirs()
    instance = SingleInstance(home.data)
    if not instance.take_or_hand_over(files):
        return 0
    left, watch = fatal.remains(home.log), fatal.Watch(home.log)
    program = Inkfall(home, application)
    instance.files_received.connect(program.come_forward)
    if isinstance(application, Application):
        application.files_received.connect(program.come_forward)
    program.crash.install()
    program.window.show()
    gc.freeze()  # all of these objects stay (desktop/__main__.py)
    gc.enable()
    QTimer.singleShot(0, program, lambda: program.begin(files))  # in the event loop: an error leaves the window open
    program.crash.report_last_run(left)
    QTimer.singleShot(LEISURE, program, lambda: watch.name(versions.program()))
    status = application.exec()
    program.crash.uninstall()
    watch.close()
    instance.close()
    return status
