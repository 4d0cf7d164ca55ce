"""Treatments of pictures by a site or a scraper before training: uint8 in, uint8 out."""

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


def strong(x, generator):
    """
    Augments each picture: brightness, contrast, saturation, noise, and a cutout of 12 pixels (DeVries and Taylor,
    2017).
    """
    n, side = len(x), x.shape[2]
    factor = lambda: 0.6 + 0.8 * torch.rand(n, 1, 1, 1, generator=generator)
    grey = x.mean(1, keepdim=True)
    x = grey + factor() * (x - grey)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = mean + factor() * (x - mean)
    x = (x * factor() + 0.03 * torch.randn(x.shape, generator=generator)).clamp(0, 1)
    top, left = torch.randint(-6, side - 6, (2, n, 1), generator=generator)
    span = torch.arange(side)
    cut = ((span >= top) & (span < top + 12))[:, None, :, None] & ((span >= left) & (span < left + 12))[:, None, None, :]
    return torch.where(cut, mean.clamp(0, 1), x).contiguous(memory_format=torch.channels_last)


AUGMENTATIONS = {"none": None, "strong": strong}
