"""Measures how masks trade visibility for strength, on six photographs of usual size with sky, studio backgrounds and
skin.

    lab/.venv/bin/python lab/photo_limits.py [SIDE] SPEC...   # JSON of photo_ascent.ascend; SIDE: longest side to shrink to first

For each SPEC the script prints the mean SSIMULACRA2 and the mean cosine between the surrogate's embeddings of
protected and clean picture, and then both for each photograph. The perturbation is enlarged as in the engine. The
picture is written as PNG where SIDE is given, otherwise as JPEG 90.
"""

import json
import sys

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

import photo_ascent
import photo_bank
import photo_surrogate
import photographs

# None of them is in photographs.VISIBILITY_SET.
PHOTOS = (
    "n03126707_crane", "n03483316_hand_blower", "n03814906_necklace", "n02883205_bow_tie", "n04209133_shower_cap", "n04136333_sarong"
)
SCALE = 256


def tensor(picture):
    return torch.from_numpy(np.asarray(picture, dtype=np.float32) / 255).permute(2, 0, 1)


def protect(picture, embed, banks, spec):
    """
    Returns the protected picture, with the perturbation computed at the surrogate's scale and enlarged, and the
    cosine to the clean embedding.
    """
    scale = min(1, SCALE / min(picture.size))
    canvas = picture.resize([max(1, round(side * scale)) for side in picture.size], Image.Resampling.BILINEAR)
    x = tensor(canvas)[None]
    changed = photo_ascent.ascend(x, [(embed, banks)], **spec)
    size = picture.size[::-1]
    full = tensor(picture) + F.interpolate(changed - x, size=size, mode="bilinear", align_corners=False)[0]
    with torch.no_grad():
        before, after = (photo_ascent.unit_length(embed(photo_ascent.centre_views(v))[0]) for v in (x, changed))
    return Image.fromarray((255 * full).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()), float((before * after).sum())


def main(arguments):
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    side = int(arguments.pop(0)) if arguments[0].isdigit() else None
    pictures = [photographs.open_rgb(photographs.photo_nets.SHARED / "photos" / f"{name}.jpg") for name in PHOTOS]
    for argument in arguments:
        spec = json.loads(argument)
        embed = photo_surrogate.embed_with(("last",), skip=spec.pop("skip", 1.0))
        found = []
        for picture in pictures:
            if side:
                picture.thumbnail((side, side))
            out, cosine = protect(picture, embed, photo_bank.centres(("last",), photo_bank.COUNT), spec)
            found.append((photographs.similarity(picture, out if side else photographs.jpeg(out, 90)), cosine))
        mean = np.mean(found, 0)
        print(f"{argument} {mean[0]:.1f} {mean[1]:.2f}  {[(round(s, 1), round(c, 2)) for s, c in found]}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
