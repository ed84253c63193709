"""
Check a storyboard: `storyreel check`.
"""

from __future__ import annotations

from storyreel.catalog import load_catalog
from storyreel.cli import render
from storyreel.cli.arguments import Board, Json
from storyreel.cli.errors import Screen
from storyreel.cli.render import print_json
from storyreel.errors import StoryboardError
from storyreel.production.prepare import read_plan
from storyreel.settings import read_settings


def check(board: Board, /, *, as_json: Json = False) -> int:
    """
    Check a storyboard: every problem at once, each with its place and what to do. Nothing is sent.

    Example: storyreel check storyboards/lighthouse.yaml
    """
    try:
        storyboard, planned = read_plan(board, load_catalog(read_settings().catalog))
    except StoryboardError as error:
        if as_json:
            print_json(render.problems_json(error))
            return error.exit_code
        raise
    if as_json:
        print_json(render.checked_json(storyboard, planned))
    else:
        render.checked(Screen(), storyboard, planned)
    return 0
