"""`inkfall models search` and `show`: list repositories of the hub, and the models in one and how each would fit."""

import argparse
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial

from desktop.settings.file import SettingsFile
from desktop.terminal.exit_status import DONE, TerminalError
from desktop.terminal.flags import bounded
from desktop.terminal.tables import named, show_facts, show_table
from models.launch.device_probe import machine
from models.library.app_dirs import app_dirs
from models.library.catalogue import entries, usual_quantisation
from models.library.downloadable import Downloadable, Listed, Repository
from models.library.forecast import Forecast, forecasts
from models.library.header import HeaderError
from models.library.hub import choosing
from models.library.hub.address import Address, parsed
from models.library.hub.connection import Connection
from models.library.hub.connection_settings import PROXY_VARIABLES, connection
from models.library.hub.errors import BadTokenError, GatedError, HubError, MissingError
from models.library.hub.far_header import far_header
from models.library.hub.naming import bits_per_weight
from models.library.hub.repository import open_repository
from models.library.hub.search import Filters, search
from models.library.hub.variables import own
from models.library.kind import NAMES, kind_of_listed
from models.library.short_names import labels
from models.library.words import size
from resources.language import tr

SHOWN = 20  # results
HEAD = (tr("repository"), tr("kind"), tr("downloads"), tr("likes"), tr("updated"), tr("licence"))
ITEMS = (tr("quantisation"), tr("size"), tr("bits"), tr("files"), tr("name"), tr("here"))
GIVE_A_TOKEN = tr("(A token is taken from the variable HF_TOKEN, or given once in the window.)")


def add_connection(parser: argparse.ArgumentParser) -> None:
    """Add the flags for the connection to the hub."""
    parser.add_argument("--offline", action="store_true", help=tr("contact nothing"))
    parser.add_argument(
        "--endpoint", default="", metavar="URL", help=tr("another hub (HF_ENDPOINT, else Hugging Face)")
    )
    parser.add_argument("--proxy", default="", metavar="URL", help=tr("a proxy (HTTPS_PROXY and the like)"))


def add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="Q", help=tr("words of a repository's name"))
    parser.add_argument("--base", action="store_true", help=tr("base models only"))
    parser.add_argument("--ungated", action="store_true", help=tr("without those that ask for terms to be accepted"))
    parser.add_argument("--author", default="", metavar="NAME", help=tr("of this owner only"))
    parser.add_argument(
        "--limit",
        type=bounded(int, 1, 1_000),
        default=SHOWN,
        metavar="N",
        help=tr("at most ({count})").format(count=SHOWN),
    )
    add_connection(parser)


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repo", metavar="REPO", help=tr("OWNER/NAME, its page's address, or a name of the catalogue"))
    parser.add_argument(
        "--no-fit", action="store_true", help=tr("do not look whether it fits (it reads a file's header)")
    )
    add_connection(parser)


def chosen(options: argparse.Namespace) -> Connection:
    """The connection that the flags ask for, else the environment, else the window's settings."""
    return connection_for(own(), options.endpoint, options.proxy, options.offline)


def connection_for(
    variables: Mapping[str, str], endpoint: str = "", proxy: str = "", offline: bool = False
) -> Connection:
    """The connection for values of flags and environment variables. Contacts no host; may ask the keyring."""
    saved = SettingsFile(app_dirs(variables).config / "settings.json").read().settings
    return connection(
        variables,
        endpoint=endpoint or ("" if variables.get("HF_ENDPOINT") else saved.endpoint),
        proxy=proxy or ("" if any(variables.get(name) for name in PROXY_VARIABLES) else saved.proxy),
        offline=offline or saved.offline,
    )


@contextmanager
def reporting_errors() -> Generator[None]:
    """Turn errors of the hub into TerminalError, with a hint about tokens if one may help."""
    try:
        yield
    except (HubError, HeaderError) as error:
        hidden = isinstance(error, MissingError) and error.token_may_help
        wanted = hidden or isinstance(error, GatedError | BadTokenError)
        raise TerminalError(f"{error} {GIVE_A_TOKEN}" if wanted else str(error)) from error


def run_search(options: argparse.Namespace) -> int:
    """Run the command; return the exit status. That nothing was found is no failure."""
    filters = Filters(ungated=options.ungated, base_only=options.base, author=options.author)
    with reporting_errors(), closing(_results(options.query, chosen(options), filters)) as results:
        found = [listed for listed, _ in zip(results, range(options.limit), strict=False)]
    if not found:
        sys.stderr.write(tr("Nothing was found.") + "\n")
    show_table(HEAD, map(_row, found))
    return DONE


def _results(query: str, to: Connection, filters: Filters) -> Generator[Listed]:
    with closing(search(query, to, filters)) as batches:
        for batch in batches:
            yield from batch


def _row(listed: Listed) -> tuple[str, ...]:
    licence = tr("{licence}, gated").format(licence=listed.licence) if listed.gated else listed.licence
    kind = named(kind_of_listed(listed).kind, NAMES)
    return (listed.id, kind, f"{listed.downloads:,}", f"{listed.likes:,}", listed.updated, licence)


def run_show(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    to = chosen(options)
    with reporting_errors():
        wanted = address_of(options.repo)
        repository = open_repository(wanted.repo, to, revision=wanted.revision)
    show_facts(facts(repository))
    if not repository.items:
        raise TerminalError(tr("{name} holds no GGUF model.").format(name=repository.listed.id))
    sys.stdout.write("\n")
    if options.no_fit:
        found = [Forecast(item, None, "") for item in repository.items]
    else:
        found = list(_forecasts(repository, to))
    names = labels([one.item.path for one in found])
    show_table(ITEMS, (_item(repository, one, name) for one, name in zip(found, names, strict=True)))
    return DONE


def facts(repository: Repository) -> list[tuple[str, str]]:
    """The facts about a repository as pairs of name and text, without those that are not known."""
    listed, kind = repository.listed, kind_of_listed(repository.listed)
    found = [
        (tr("repository"), tr("{name} (commit {commit})").format(name=listed.id, commit=repository.commit[:8])),
        (tr("kind"), tr("{kind}: {reason}").format(kind=NAMES[kind.kind], reason=kind.reason)),
        (tr("made of"), ", ".join(listed.base_models)),
        (tr("parameters"), f"{repository.parameters:,}" if repository.parameters else ""),
        (tr("architecture"), repository.architecture),
        (tr("trained for"), tr("{count:,} tokens").format(count=repository.context) if repository.context else ""),
        (tr("licence"), listed.licence),
        (tr("gated"), tr("yes: its terms are to be accepted on its page first") if listed.gated else ""),
    ]
    return [(name, value) for name, value in found if value]


def _forecasts(repository: Repository, to: Connection) -> Iterator[Forecast]:
    return forecasts(repository, machine(), partial(far_header, connection=to, dirs=app_dirs()))


def _item(repository: Repository, forecast: Forecast, name: str) -> tuple[str, ...]:
    item, bits = forecast.item, bits_per_weight(forecast.item, repository.parameters)
    number = f"{bits:.1f}" if bits else ""
    return (item.quantisation, size(item.size), number, str(len(item.files)), name, forecast.sentence)


def address_of(text: str) -> Address:
    """Parse REPO, REPO:QUANT, a web address of a repository or a file in it, or a name of the catalogue."""
    name, _, wanted = text.strip().partition(":")
    if entry := next((entry for entry in entries() if plain(entry.name) == plain(name)), None):
        return Address(entry.repo, quantisation=wanted)
    return parsed(text)


def plain(name: str) -> str:
    """A name for comparison: letters and digits in lower case, so that gpt-2-124m equals GPT-2 124M."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def find_item(repository: Repository, wanted: Address) -> Downloadable:
    """The item of a repository that the address names. Raises TerminalError, which lists the items."""
    try:
        return choosing.chosen(repository, wanted, usual_quantisation(repository.listed.id))
    except choosing.NotOneError as error:
        raise TerminalError(str(error)) from error
