import numpy as np
import numpy.typing as npt

def encode(
    pixels: bytes | npt.NDArray[np.uint8],
    height: int,
    width: int,
    channels: int,
    *,
    interlaced: bool = ...,
    effort: int = ...,
    smallest: bool = ...,
    keep_invisible: bool = ...,
    channel_compact: bool = ...,
    ycocg: bool = ...,
    max_palette: int = ...,
    color_buckets: bool = ...,
    predictor: int = ...,
    invisible_predictor: int = ...,
) -> bytes: ...
def decode(bitstream: bytes, max_pixels: int) -> tuple[bytearray, int, int, int]: ...
