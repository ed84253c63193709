"""
A film as it is handed over: in another codec, at another rate, with something laid over all of its pictures.
"""

from storyreel.media.handover.encode import Handover, hand_over
from storyreel.media.handover.encoders import check_encoder
from storyreel.media.handover.watermark import watermark

__all__ = ["Handover", "check_encoder", "hand_over", "watermark"]
