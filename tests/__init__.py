"""The tests mirror `src/`; what several of them stand on is in `conftest.py` and `desk.py`."""
