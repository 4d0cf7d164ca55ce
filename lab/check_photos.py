"""Measures the top-1 accuracy of the published EfficientNet-Lite0 on photographs named <wnid>_<name>.jpg, by the
authors' protocol.

    lab/.venv/bin/python lab/check_photos.py ../shared/photos
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from convert_efficientnet_lite0 import FIXTURES, load, normalise
from PIL import Image

SIZE, CROP_PADDING = 224, 32


def centre_crop(image):
    """The centred square of 224 / (224 + 32) of the short side, resized to 224 with a bicubic filter."""
    side = int(SIZE / (SIZE + CROP_PADDING) * min(image.size))
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)


def main(folder):
    wnids = json.loads((FIXTURES / "imagenet-wnids.json").read_text())
    network = load(SIZE)
    right, photos = 0, sorted(Path(folder).glob("n*_*.jpg"))
    for photo in photos:
        image = np.array(centre_crop(Image.open(photo).convert("RGB")))
        with torch.no_grad():
            top = int(network(normalise(torch.from_numpy(image)[None])).argmax())
        right += wnids[top] == photo.name.split("_")[0]
    print(f"top-1 {right}/{len(photos)} = {right / len(photos):.1%}")


if __name__ == "__main__":
    main(sys.argv[1])
