"""`inkfall inspect MODEL`: prints the facts in a model file, whether it is base or chat, and the memory it needs."""

import argparse
import shutil
import sys

from desktop.terminal import records
from desktop.terminal.exit_status import DONE, TerminalError
from desktop.terminal.tables import folded, show_facts
from models.library import kind_overrides
from models.library.app_dirs import app_dirs
from models.library.header import HeaderError
from models.library.installed import NotInstalledError, find
from models.library.kind import NAMES
from models.library.memory import Need
from models.library.model_info import ModelInfo, Share, model_info
from models.library.release_numbers import release
from models.library.words import size
from resources.language import tr

SUMMARY = tr("what a model file says of itself, and the memory it needs")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="MODEL", help=tr("a GGUF file, or the name of a model on this machine"))
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help=tr("one JSON object"))
    shown.add_argument("--template", action="store_true", help=tr("its chat template, as text"))
    shown.add_argument("--release", action="store_true", help=tr("the parameters and the code: what this model is"))


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status. Reads the file and does not load the model."""
    found = _read_info(options.file)
    if options.json:
        sys.stdout.write(records.line(describe(found)))
    elif options.template:
        _show_template(found)
    elif options.release:
        _show_release(found)
    else:
        show_facts(in_words(found))
    return DONE


def _read_info(wanted: str) -> ModelInfo:
    dirs = app_dirs()
    try:
        path = find(wanted, dirs)
        found = model_info(path)
        kind = kind_overrides.override_of(found.path, kind_overrides.read(dirs))
        return model_info(path, overruled=kind) if kind else found
    except (HeaderError, NotInstalledError) as error:
        raise TerminalError(str(error)) from error


def _show_template(found: ModelInfo) -> None:
    if not found.template:
        raise TerminalError(tr("{name} has no chat template.").format(name=found.name))
    sys.stdout.write(found.template.rstrip("\n") + "\n")


def _show_release(found: ModelInfo) -> None:
    width = min(shutil.get_terminal_size().columns, 100)
    paragraphs = release(found).split("\n\n")
    sys.stdout.write("\n\n".join(folded(paragraph, width) for paragraph in paragraphs) + "\n")


def describe(found: ModelInfo) -> records.Record:
    """The facts as a record for JSON, sizes in bytes."""
    return {
        "file": str(found.path),
        "name": found.name,
        "architecture": found.architecture,
        "parameters": found.parameters,
        "quantisation": found.quantisation,
        "bits_per_weight": round(found.bits, 4),
        "mix": [
            {"type": one.type, "tensors": one.tensors, "size": one.size, "share": round(one.share, 6), "bits": one.bits}
            for one in found.mix
        ],
        "layers": found.layers,
        "width": found.width,
        "experts": found.experts,
        "experts_used": found.experts_used,
        "vocabulary": found.vocabulary,
        "tokenizer": found.tokenizer,
        "bos": {"added": found.beginning.adds, "id": found.beginning.token, "text": found.beginning.text},
        "trained_context": found.trained_context,
        "tensors": found.tensors,
        "parts": found.files,
        "size": found.size,
        "license": found.licence,
        "license_name": found.licence_name,
        "license_link": found.licence_link,
        "gguf_version": found.gguf_version,
        "chat_template": found.template or None,
        "kind": found.kind.kind,
        "kind_reason": found.kind.reason,
        "kind_sure": found.kind.sure,
        "obstacle": found.obstacle or None,
        "memory": {
            "context": found.need.context,
            "weights": found.need.weights,
            "cache": found.need.cache,
            "working": found.need.working,
            "snapshots": found.need.snapshots,
            "kept_logits": found.need.kept_logits,
            "total": found.need.total,
            "recurrent": found.need.recurrent,
        },
    }


def in_words(found: ModelInfo) -> list[tuple[str, str]]:
    """The facts as pairs of name and text, without those that the file does not have."""
    words = [
        (tr("file"), tr("{path} ({size})").format(path=found.path, size=size(found.size))),
        (tr("name"), found.name),
        (
            tr("kind"),
            found.obstacle or tr("{kind}: {reason}").format(kind=NAMES[found.kind.kind], reason=found.kind.reason),
        ),
        (tr("architecture"), _architecture(found)),
        (tr("parameters"), f"{found.parameters:,}"),
        (
            tr("quantisation"),
            tr("{quantisation}, {bits:.2f} bits a parameter").format(
                quantisation=found.quantisation or tr("mixed"), bits=found.bits
            ),
        ),
        *((f"  {one.type}", _share(one)) for one in found.mix),
        (
            tr("vocabulary"),
            tr("{count:,} tokens ({tokenizer})").format(
                count=found.vocabulary, tokenizer=found.tokenizer or tr("of no known kind")
            ),
        ),
        (tr("beginning"), _beginning(found)),
        (
            tr("trained for"),
            tr("{count:,} tokens").format(count=found.trained_context) if found.trained_context else "",
        ),
        (tr("memory"), _memory(found.need)),
        (
            tr("license"),
            tr("{licence} ({link})").format(licence=found.licence_name, link=found.licence_link)
            if found.licence_link
            else found.licence_name,
        ),
        (
            tr("template"),
            tr("{count:,} characters (--template shows it)").format(count=len(found.template))
            if found.template
            else tr("none"),
        ),
        (tr("split into"), tr("{count} files").format(count=found.files) if found.files > 1 else ""),
    ]
    return [(name, value) for name, value in words if value]


def _architecture(found: ModelInfo) -> str:
    parts = [
        found.architecture,
        tr("{count} layers").format(count=found.layers),
        tr("width {width:,}").format(width=found.width) if found.width else "",
        tr("{used} of {experts} experts").format(used=found.experts_used, experts=found.experts)
        if found.experts
        else "",
        tr("{count:,} tensors").format(count=found.tensors),
    ]
    return ", ".join(filter(None, parts))


def _share(share: Share) -> str:
    return tr("{share:6.1%} of the bytes, {tensors} tensors at {bits:g} bits").format(
        share=share.share, tensors=share.tensors, bits=share.bits
    )


def _memory(need: Need) -> str:
    if need.recurrent:
        return tr(
            "about {size} for a text of any length ({weights} weights + {state} state + {working} working)"
        ).format(
            size=size(need.total),
            weights=size(need.weights),
            state=size(need.cache),
            working=size(need.working_and_kept),
        )
    parts = tr("{weights} weights + {cache} cache + {working} working").format(
        weights=size(need.weights), cache=size(need.cache), working=size(need.working_and_kept)
    )
    return tr("about {size} with {count:,} tokens ({parts})").format(
        size=size(need.total), count=need.context, parts=parts
    )


def _beginning(found: ModelInfo) -> str:
    """Whether a begin token is put before a text, in words."""
    token = f"{found.beginning.text} ({found.beginning.token})" if found.beginning.token >= 0 else tr("a token")
    match found.beginning.adds:
        case True:
            return tr("{token} is put before every text").format(token=token)
        case False:
            return tr("nothing is put before a text")
        case None:
            return tr("its header does not say whether {token} is put before a text").format(token=token)
