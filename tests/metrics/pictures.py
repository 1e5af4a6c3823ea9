import io

import numpy as np
from PIL import Image


def made_picture(height, width, seed=0):
    """A smooth picture with edges and some grain: uint8, (height, width, 3)."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / 64
    planes = [128 + 90 * np.sin(x * (1 + c) + y * c) + 40 * (np.sin(3 * y) > 0.3) for c in range(3)]
    noisy = np.stack(planes, axis=2) + random.normal(0, 4, (height, width, 3))
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def jpeg(pixels, quality):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))
