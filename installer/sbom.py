"""Writes the list of everything shipped as a CycloneDX 1.6 document."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from installer.shipped import Part, normal


def document(version: str, parts: Iterable[Part], made: datetime) -> str:
    """The document as JSON. The same parts at the same time give the same bytes."""
    components = [component(part) for part in parts]
    fingerprint = hashlib.sha256(json.dumps(components, sort_keys=True).encode()).digest()
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{UUID(bytes=fingerprint[:16], version=4)}",
        "version": 1,
        "metadata": {
            "timestamp": made.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "name": "inkfall", "version": version, "bom-ref": "inkfall"},
        },
        "components": components,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def component(part: Part) -> dict[str, object]:
    """One part as CycloneDX has it; a licence that is no SPDX expression is given by name."""
    found: dict[str, object] = {"type": "library", "name": part.name, "version": part.version}
    if (address := purl(part)) is not None:
        found["purl"] = address
        found["bom-ref"] = address
    else:
        found["bom-ref"] = f"{part.name}@{part.version}"
    found["licenses"] = [_licence(part.licence)]
    return found


def _licence(words: str) -> dict[str, object]:
    if is_expression(words):
        return {"expression": words}
    return {"license": {"name": words}}


def is_expression(words: str) -> bool:
    """Whether it reads as an SPDX expression: identifiers without spaces, joined by AND, OR and WITH."""
    identifiers = words.replace("(", " ").replace(")", " ").split()
    joined = identifiers[1::2]
    return bool(identifiers) and len(identifiers) % 2 == 1 and all(word in ("AND", "OR", "WITH") for word in joined)


def purl(part: Part) -> str | None:
    """The package URL in its own index; None for a part that comes from no index."""
    if part.kind == "pypi":
        return f"pkg:pypi/{normal(part.name)}@{part.version}"
    if part.kind == "deb":
        return f"pkg:deb/debian/{part.name}@{part.version}"
    return None
