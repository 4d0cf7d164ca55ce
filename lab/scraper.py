"""What a site or a scraper does to pictures before they are learned from: uint8 in, uint8 out."""

import io

import numpy as np
import torch
from PIL import Image, ImageFilter


def each(change):
    return lambda x: torch.from_numpy(np.stack([np.asarray(change(Image.fromarray(a))) for a in x.numpy()]))


def jpeg(quality):
    def change(picture):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return Image.open(file)

    return each(change)


TREATMENTS = {
    "none": lambda x: x,
    "jpeg75": jpeg(75),
    "jpeg50": jpeg(50),
    "grey": each(lambda p: p.convert("L").convert("RGB")),
    "blur": each(lambda p: p.filter(ImageFilter.GaussianBlur(0.7))),
    "resize": each(lambda p: p.resize((20, 20), Image.Resampling.BICUBIC).resize((32, 32), Image.Resampling.BICUBIC)),
}
