"""Images drawn by formula."""

import numpy as np
import numpy.typing as npt


def picture(height: int, width: int) -> npt.NDArray[np.uint8]:
    """Smooth colours with a sharp disc, so that every coding tool has something to do."""
    rows, columns = np.mgrid[:height, :width] / max(height, width)
    waves = np.stack([np.sin(7 * rows + 3 * columns + phase) for phase in (0, 2, 4)], -1)
    disc = (rows - 0.5) ** 2 + (columns - 0.4) ** 2 < 0.05
    return np.where(disc[..., None], (200, 40, 60), 127.5 + 120 * waves).astype(np.uint8)


def psnr(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    error = np.mean((one.astype(float) - other) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
