"""
The sound of a film: layers mixed in samples, brought to a loudness, encoded once.

Everything goes by in blocks: memory is the same for a film of a minute and of hours. numpy is loaded when it is first needed.
"""

from storyreel.media.mixing.finish import Finished, encode_whole, finish
from storyreel.media.mixing.layers import Layer, Level, in_whole_numbers, mixed
from storyreel.media.mixing.wav_file import write_wav

__all__ = ["Finished", "Layer", "Level", "encode_whole", "finish", "in_whole_numbers", "mixed", "write_wav"]
