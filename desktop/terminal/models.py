"""`inkfall models`: lists the models of this machine, searches the hub, downloads a model, removes one."""

import argparse
from pathlib import Path

from desktop.terminal import get, hub
from desktop.terminal.exit_status import DONE, TerminalError
from desktop.terminal.tables import named, show_table
from models.library.app_dirs import app_dirs
from models.library.catalogue import Entry, entries, licence_name
from models.library.installed import installed, meant
from models.library.kind import NAMES
from models.library.local_models import LocalModel, with_distinct_names
from models.library.model_facts import described_models
from models.library.trash import NoTrashError, RemovalError, consequence, remove
from models.library.words import number, size
from resources.language import printable, tr

SUMMARY = tr("the models on this machine and on the hub")

HERE = (tr("name"), tr("size"), tr("kind"), tr("from"), tr("file"))
CATALOGUE = (tr("name"), tr("level"), tr("parameters"), tr("about", "so many bytes"), tr("licence"), tr("repository"))
KINDS = {**NAMES, "damaged": tr("damaged"), "unusable": tr("can't write")}
SOURCES = {"own": tr("own"), "hub cache": tr("hub cache"), "folder": tr("folder"), "link": tr("link")}
LEVELS = {"first": tr("first"), "everyday": tr("everyday"), "large": tr("large"), "expert": tr("expert")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help=tr("the models on this machine"))
    listing.add_argument("--catalogue", action="store_true", help=tr("those that are worth having, by name, instead"))
    listing.set_defaults(act=run_list)
    searching = commands.add_parser("search", help=tr("search the hub for GGUF models"))
    hub.add_search(searching)
    searching.set_defaults(act=hub.run_search)
    showing = commands.add_parser("show", help=tr("what a repository of the hub holds, and what fits"))
    hub.add_show(showing)
    showing.set_defaults(act=hub.run_show)
    getting = commands.add_parser("get", help=tr("download one; asked again it goes on"))
    get.add_arguments(getting)
    getting.set_defaults(act=get.run)
    removing = commands.add_parser("remove", help=tr("move one to the trash"))
    removing.add_argument("name", metavar="NAME", help=tr("as `inkfall models list` names it, or its file"))
    removing.add_argument("--permanent", action="store_true", help=tr("delete it for good"))
    removing.set_defaults(act=run_remove)


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    return options.act(options)


def run_list(options: argparse.Namespace) -> int:
    """Run `models list`; return the exit status."""
    if options.catalogue:
        show_table(CATALOGUE, map(_entry, entries()))
        return DONE
    found = with_distinct_names(sorted(described_models(app_dirs()), key=lambda model: model.name.lower()))
    show_table(HERE, map(_row, found))
    return DONE


def _entry(entry: Entry) -> tuple[str, ...]:
    about = size(entry.size) if entry.size else ""
    licence = licence_name(entry.licence)
    return (
        entry.name,
        named(entry.level, LEVELS),
        number(entry.parameters),
        about,
        licence,
        f"{entry.repo}:{entry.quantisation}",
    )


def _row(model: LocalModel) -> tuple[str, ...]:
    kind = named(model.kind.kind if model.kind else "damaged" if model.damaged else "unusable", KINDS)
    return (model.name, size(model.size), kind, named(model.source, SOURCES), str(model.path))


def run_remove(options: argparse.Namespace) -> int:
    """Run `models remove`; return the exit status. Deletes for good only with --permanent."""
    model = find_model(options.name)
    if model.source == "hub cache" and not options.permanent:
        raise TerminalError(tr("{consequence} Say --permanent to do so.").format(consequence=consequence(model)))
    try:
        done = remove(model, app_dirs(), permanent=options.permanent)
    except NoTrashError as error:
        raise TerminalError(tr("{error} Say --permanent to do so.").format(error=error)) from error
    except RemovalError as error:
        raise TerminalError(str(error)) from error
    print(done.sentence)
    return DONE


def find_model(wanted: str) -> LocalModel:
    """The one model with that name or file. Raises TerminalError if there is none, or several."""
    here = installed(app_dirs())
    found = [model for model in here if Path(wanted) == model.path] or meant(wanted, here)
    if len(found) == 1:
        return found[0]
    if found:
        files = ", ".join(str(model.path) for model in found)
        raise TerminalError(
            tr("Several models are called {name}; give the file of one: {files}.").format(
                name=printable(wanted), files=files
            )
        )
    called = ", ".join(model.name for model in here) or tr("none")
    raise TerminalError(
        tr("No model named “{name}” is here (there are: {called}).").format(name=printable(wanted), called=called)
    )
