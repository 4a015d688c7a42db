"""The bill of materials of a bundle, as CycloneDX 1.6 JSON: what `make package` writes beside the program."""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterable
from importlib import metadata
from typing import Any
from urllib.parse import quote

import bundle
import licences

from capflow_gui.licences import licence_of

_SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+()-]+)*")


def as_json(
    distributions: Iterable[metadata.Distribution], packages: Iterable[licences.SystemPart], version: str
) -> str:
    """The document. The same parts give the same bytes: no time of day, and a serial number made from the parts."""
    python = ".".join(map(str, sys.version_info[:3]))
    parts = [_part(distribution) for distribution in distributions]
    for package in packages:
        purl = f"pkg:deb/debian/{package.name}@{quote(package.version)}"
        parts.append(
            {"type": "library", "bom-ref": purl, "name": package.name, "version": package.version, "purl": purl}
        )
    parts.append(
        {
            "type": "platform",
            "bom-ref": f"python@{python}",
            "name": "CPython",
            "version": python,
            "licenses": [{"license": {"id": "PSF-2.0"}}],
        }
    )
    root = f"pkg:generic/capflow@{version}"
    document: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "capflow",
                "version": version,
                "purl": root,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": parts,
        "dependencies": [{"ref": root, "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    body = json.dumps(document, sort_keys=True)
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, body)}"
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def _part(distribution: metadata.Distribution) -> dict[str, Any]:
    name = bundle.normal(distribution.metadata["Name"])
    purl = f"pkg:pypi/{name}@{distribution.version}"
    named = licence_of(distribution)
    is_expression = distribution.metadata.get("License-Expression") and _SPDX.fullmatch(named)
    licence: dict[str, Any] = {"expression": named} if is_expression else {"license": {"name": named}}
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": distribution.version,
        "purl": purl,
        "licenses": [licence],
    }
