"""`inkfall models search` and `show`: what the hub has, and what it would be on this machine."""

import argparse
import os
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial

from desktop.settings.file import SettingsFile
from desktop.terminal.flags import bounded
from desktop.terminal.outcome import DONE, TerminalError
from desktop.terminal.tables import show_facts, show_table
from models.engine.probe import machine
from models.library.catalogue import entries, for_repo
from models.library.forecast import Forecast, forecasts
from models.library.header import HeaderError
from models.library.hub.connection import Connection
from models.library.hub.errors import BadTokenError, GatedError, HubError, MissingError
from models.library.hub.far_header import far_header
from models.library.hub.naming import bits_per_weight
from models.library.hub.reach import PROXY_VARIABLES, connection
from models.library.hub.repository import open_repository, repository_id
from models.library.hub.search import Filters, search
from models.library.item import Item, Listed, Repository
from models.library.kind import kind_of_listed
from models.library.places import places
from models.library.words import gigabytes

SHOWN = 20  # results
USUAL = "Q4_K_M"
GIVE_A_TOKEN = "(A token is taken from the variable HF_TOKEN, or given once in the window.)"


def add_connection(parser: argparse.ArgumentParser) -> None:
    """How the hub is reached, beside the environment's variables."""
    parser.add_argument("--offline", action="store_true", help="contact nothing")
    parser.add_argument("--endpoint", default="", metavar="URL", help="another hub (HF_ENDPOINT, else Hugging Face)")
    parser.add_argument("--proxy", default="", metavar="URL", help="a proxy (HTTPS_PROXY and the like)")


def add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="Q", help="words of a repository's name")
    parser.add_argument("--base", action="store_true", help="base models only")
    parser.add_argument("--ungated", action="store_true", help="without those that ask for terms to be accepted")
    parser.add_argument("--author", default="", metavar="NAME", help="of this owner only")
    parser.add_argument("--limit", type=bounded(int, 1, 1_000), default=SHOWN, metavar="N", help=f"at most ({SHOWN})")
    add_connection(parser)


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repo", metavar="REPO", help="OWNER/NAME, its page's address, or a name of the catalogue")
    parser.add_argument("--no-fit", action="store_true", help="do not look whether it fits (it reads a file's header)")
    add_connection(parser)


def chosen(options: argparse.Namespace) -> Connection:
    """The connection that the flags ask for, else the environment, else the window's settings."""
    return settled(os.environ, options.endpoint, options.proxy, options.offline)


def settled(given: Mapping[str, str], endpoint: str = "", proxy: str = "", offline: bool = False) -> Connection:
    """The same, by what the flags said and what the environment gives. Contacts nothing but the keyring."""
    kept = SettingsFile(places(given).config / "settings.json").read().settings
    return connection(
        given,
        endpoint=endpoint or ("" if given.get("HF_ENDPOINT") else kept.endpoint),
        proxy=proxy or ("" if any(given.get(name) for name in PROXY_VARIABLES) else kept.proxy),
        offline=offline or kept.offline,
    )


@contextmanager
def telling() -> Generator[None]:
    """Within, what the hub refuses becomes the command's own failure, with how to give a token where that helps."""
    try:
        yield
    except (HubError, HeaderError) as error:
        hidden = isinstance(error, MissingError) and error.token_may_help
        wanted = hidden or isinstance(error, GatedError | BadTokenError)
        raise TerminalError(f"{error} {GIVE_A_TOKEN}" if wanted else str(error)) from error


def run_search(options: argparse.Namespace) -> int:
    """Exit status. Nothing found is an answer, and said on stderr."""
    filters = Filters(ungated=options.ungated, base_only=options.base, author=options.author)
    with telling(), closing(_results(options.query, chosen(options), filters)) as results:
        found = [listed for listed, _ in zip(results, range(options.limit), strict=False)]
    if not found:
        sys.stderr.write("Nothing was found.\n")
    show_table(("repository", "kind", "downloads", "likes", "updated", "licence"), map(_row, found))
    return DONE


def _results(query: str, to: Connection, filters: Filters) -> Generator[Listed]:
    with closing(search(query, to, filters)) as pages:
        for page in pages:
            yield from page


def _row(listed: Listed) -> tuple[str, ...]:
    licence = f"{listed.licence}, gated" if listed.gated else listed.licence
    kind = kind_of_listed(listed).kind
    return (listed.id, kind, f"{listed.downloads:,}", f"{listed.likes:,}", listed.updated, licence)


def run_show(options: argparse.Namespace) -> int:
    """Exit status."""
    to = chosen(options)
    with telling():
        repository = open_repository(asked(options.repo)[0], to)
    show_facts(facts(repository))
    if not repository.items:
        raise TerminalError(f"{repository.listed.id} holds no GGUF model.")
    sys.stdout.write("\n")
    told = [Forecast(item, None, "") for item in repository.items] if options.no_fit else list(_told(repository, to))
    show_table(("quantisation", "size", "bits", "files", "name", "here"), (_item(repository, one) for one in told))
    return DONE


def facts(repository: Repository) -> list[tuple[str, str]]:
    """What is told of a repository, without what is not known."""
    listed, kind = repository.listed, kind_of_listed(repository.listed)
    found = [
        ("repository", f"{listed.id} (commit {repository.commit[:8]})"),
        ("kind", f"{kind.kind}: {kind.reason}"),
        ("made of", ", ".join(listed.base_models)),
        ("parameters", f"{repository.parameters:,}" if repository.parameters else ""),
        ("architecture", repository.architecture),
        ("trained for", f"{repository.context:,} tokens" if repository.context else ""),
        ("licence", listed.licence),
        ("gated", "yes: its terms are to be accepted on its page first" if listed.gated else ""),
    ]
    return [(name, value) for name, value in found if value]


def _told(repository: Repository, to: Connection) -> Iterator[Forecast]:
    return forecasts(repository, machine(), partial(far_header, connection=to, places=places()))


def _item(repository: Repository, told: Forecast) -> tuple[str, ...]:
    item, bits = told.item, bits_per_weight(told.item, repository.parameters)
    number = f"{bits:.1f}" if bits else ""
    return (item.quantisation, gigabytes(item.size), number, str(len(item.files)), item.name, told.sentence)


def asked(text: str) -> tuple[str, str]:
    """The repository and what of it: REPO, REPO:QUANT, the address of a page, or a name of the catalogue."""
    slash, colon = text.rfind("/"), text.rfind(":")
    name, wanted = (text[:colon], text[colon + 1 :]) if colon > slash else (text, "")
    entry = next((entry for entry in entries() if plain(entry.name) == plain(name)), None)
    return (entry.repo if entry else repository_id(name), wanted)


def plain(name: str) -> str:
    """A name as it is compared: gpt-2-124m is GPT-2 124M."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def find_item(repository: Repository, wanted: str) -> Item:
    """The item that is meant by a quantisation or a file's name. Raises TerminalError with those that there are."""
    named = repository.listed.id
    if not repository.items:
        raise TerminalError(f"{named} holds no GGUF model.")
    if not wanted and len(repository.items) == 1:
        return repository.items[0]
    usual = wanted or _usual(named)
    found = [item for item in repository.items if usual.lower() in {item.quantisation.lower(), item.name.lower()}]
    if len(found) == 1:
        return found[0]
    several = ", ".join(item.name if found else item.quantisation or item.name for item in found or repository.items)
    what = f"Several files of {named} are {usual}" if found else f"{named} has no {usual}"
    raise TerminalError(f"{what}; name one of: {several}.")


def _usual(repo: str) -> str:
    """What is taken where nothing is named: the catalogue's choice, else Q4_K_M, small and hardly worse."""
    entry = for_repo(repo)
    return entry.quantisation if entry else USUAL
