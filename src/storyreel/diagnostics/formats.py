"""
Diagnostics as other programs want them: annotations of GitHub, SARIF.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from storyreel.diagnostics.codes import pages
from storyreel.diagnostics.diagnostic import Diagnostic


def as_github(diagnostics: Iterable[Diagnostic]) -> str:
    """
    Return diagnostics as commands that a GitHub workflow turns into annotations of a pull request, one a line.

    Source:
        Workflow commands for GitHub Actions (docs.github.com) and the escapes of actions/toolkit, looked up
        2026-11-27: `%`, CR and LF in the message, `:` and `,` in the properties as well; columns only where the first
        line is the last one, and the end column is that of the last character.
    """
    lines = []
    for each in diagnostics:
        line, column = each.until
        properties = {
            "title": each.code,
            "file": each.place.file,
            "line": each.place.line,
            "endLine": line,
            "col": each.place.column,
            "endColumn": max(1, column - 1),
        }
        if line != each.place.line:
            del properties["col"], properties["endColumn"]
        command = "error" if each.severity == "error" else "notice"
        lines.append(
            f"::{command} {','.join(f'{k}={_property(str(v))}' for k, v in properties.items())}::{_data(each.sentence)}"
        )
    return "\n".join(lines)


def as_sarif(diagnostics: Sequence[Diagnostic], version: str) -> dict[str, Any]:
    """
    Return diagnostics as a SARIF log, which code scanners collect.

    Args:
        diagnostics: Of one check.
        version: Of storyreel.

    Source:
        OASIS SARIF 2.1.0 (2020-03-27): columns count from 1, `endColumn` is behind the last character.
    """
    codes = list(dict.fromkeys(each.code for each in diagnostics))
    rules = [
        {
            "id": code,
            "shortDescription": {"text": pages()[code].summary},
            "fullDescription": {"text": " ".join(pages()[code].text.split())},
        }
        for code in codes
    ]
    results = [
        {
            "ruleId": each.code,
            "ruleIndex": codes.index(each.code),
            "level": each.severity,
            "message": {"text": each.sentence},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(each.place.file.encode("utf-8", "surrogateescape"))},
                        "region": {
                            "startLine": each.place.line,
                            "startColumn": each.place.column,
                            "endLine": each.until[0],
                            "endColumn": each.until[1],
                        },
                    }
                }
            ],
        }
        for each in diagnostics
    ]
    driver = {"name": "storyreel", "version": version, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
