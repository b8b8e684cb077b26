"""`inkfall inspect FILE.gguf`: what a model file says of itself, base or chat and why, the memory it needs."""

import argparse
import sys

from desktop.terminal import records
from desktop.terminal.outcome import DONE, TerminalError
from desktop.terminal.tables import show_facts, size
from models.library.header import Header, HeaderError, read_header
from models.library.kind import kind
from models.library.memory import needed

SUMMARY = "the header of a GGUF file, and the memory it needs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.gguf")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Exit status. The file is read and never run."""
    try:
        record = describe(read_header(options.file))
    except HeaderError as error:
        raise TerminalError(str(error)) from error
    if options.json:
        sys.stdout.write(records.line(record))
    else:
        show_facts(in_words(record))
    return DONE


def describe(header: Header) -> records.Record:
    """Everything that is told of a file, sizes in bytes."""
    found, need = kind(header), needed(header)
    return {
        "file": str(header.path),
        "name": header.name,
        "architecture": header.architecture,
        "parameters": header.parameters,
        "quantisation": header.quantisation,
        "layers": header.layers,
        "vocabulary": header.vocabulary,
        "trained_context": header.trained_context,
        "tensors": len(header.tensors),
        "parts": header.parts,
        "size": header.size,
        "license": header.text("general.license"),
        "gguf_version": header.version,
        "kind": found.kind,
        "kind_reason": found.reason,
        "memory": {
            "context": need.context,
            "weights": need.weights,
            "cache": need.cache,
            "working": need.working,
            "total": need.total,
        },
    }


def in_words(record: records.Record) -> list[tuple[str, str]]:
    """The record as lines for a person; what the file does not say is left out."""
    memory = record["memory"]
    parts = f"{size(memory['weights'])} weights + {size(memory['cache'])} cache + {size(memory['working'])} working"
    words = [
        ("file", f"{record['file']} ({size(record['size'])})"),
        ("name", record["name"]),
        ("kind", f"{record['kind']}: {record['kind_reason']}"),
        ("architecture", f"{record['architecture']}, {record['layers']} layers, {record['tensors']} tensors"),
        ("parameters", f"{record['parameters']:,}"),
        ("quantisation", record["quantisation"]),
        ("vocabulary", f"{record['vocabulary']:,} tokens"),
        ("trained for", f"{record['trained_context']:,} tokens"),
        ("memory", f"about {size(memory['total'])} with {memory['context']:,} tokens ({parts})"),
        ("license", record["license"]),
        ("split into", f"{record['parts']} files" if record["parts"] > 1 else ""),
    ]
    return [(name, value) for name, value in words if value]
