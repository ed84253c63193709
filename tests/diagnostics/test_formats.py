"""
What a check says to other programs.
"""

import json

import pytest

from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.diagnostics.formats import as_github, as_sarif

WRONG = Diagnostic(
    "unknown-key",
    Place("boards/sea, night.yaml", 6, 5),
    "100% of 'lenght': no such key",
    "did you mean 'duration'?",
    "    lenght: 5",
    (6, 11),
)
NOTE = Diagnostic("other-ratio", Place("sea.yaml", 2, 1), "it is square", end=(4, 3), severity="note")


def test_an_annotation_is_one_line_whatever_it_says():
    """
    What has a meaning to the workflow is escaped: percent signs and line breaks everywhere, colons and commas before the message.
    """
    assert as_github([WRONG]) == (
        "::error title=unknown-key,file=boards/sea%2C night.yaml,line=6,endLine=6,col=5,endColumn=10"
        "::100%25 of 'lenght': no such key (did you mean 'duration'?)"
    )
    assert as_github([Diagnostic("version", Place("a.yaml", 1, 1), "two\nlines")]).count("\n") == 0


def test_an_annotation_over_several_lines_has_no_columns():
    """
    A note is a notice; columns stand only where it begins and ends on one line.
    """
    assert as_github([NOTE]) == "::notice title=other-ratio,file=sea.yaml,line=2,endLine=4::it is square"


def test_a_log_for_code_scanners_has_every_rule_once_and_every_place():
    """
    SARIF: rules with their pages, results that name them, places with both ends.
    """
    log = as_sarif([WRONG, NOTE, WRONG], "1.2.3")
    (run,) = json.loads(json.dumps(log))["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == ["unknown-key", "other-ratio"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        "unknown-key",
        "other-ratio",
        "unknown-key",
    ]
    assert [result["level"] for result in run["results"]] == ["error", "note", "error"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "boards/sea%2C%20night.yaml"}
    assert place["region"] == {"startLine": 6, "startColumn": 5, "endLine": 6, "endColumn": 11}
    assert run["results"][0]["message"]["text"].endswith("(did you mean 'duration'?)")


@pytest.mark.parametrize("said", [WRONG, NOTE])
def test_a_diagnostic_is_one_line_of_text(said: Diagnostic):
    """
    As notes are listed: place and message.
    """
    assert str(said) == f"{said.place}: {said.message}"
