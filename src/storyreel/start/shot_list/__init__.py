"""A list of shots, as spreadsheets and other programs write it, becomes a storyboard."""

from storyreel.start.shot_list.board import board_of, check_board
from storyreel.start.shot_list.shots import ShotList, read_shots
from storyreel.start.shot_list.table import read_table

__all__ = ["ShotList", "board_of", "check_board", "read_shots", "read_table"]
