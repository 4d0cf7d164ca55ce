"""Writes golden scores of SSIMULACRA 2 for the engine's tests, by the package with which the lab measures.

    lab/.venv/bin/python lab/ssimulacra2_golden.py     # test/unit/core/engine/ssimulacra2.golden.json

The pictures are made by a formula, so that the test can make them again.
"""

import numpy as np
from PIL import Image

import photographs
from convert_efficientnet_lite0 import ROOT, write_json

SIZES = [(64, 48), (37, 101), (200, 150), (300, 9)]
# A change of at most so many 255ths; "even" shifts all values by as many.
CHANGES = [(1, "grain"), (4, "grain"), (12, "grain"), (6, "even")]


def original(width, height):
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return (x * (3 + c) + y * y // 7 + 60 * c + (x // 16 + y // 16) % 2 * 50) % 200 + 20


def changed(picture, most, kind):
    y, x, c = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1], 0:3]
    return picture + (most if kind == "even" else (x * 13 + y * 29 + x * y + 17 * c) % (2 * most + 1) - most)


def image(values):
    return Image.fromarray(values.astype(np.uint8))


def golden():
    found = []
    for width, height in SIZES:
        before = original(width, height)
        for most, kind in CHANGES:
            score = photographs.similarity(image(before), image(changed(before, most, kind)))
            found.append({"width": width, "height": height, "most": most, "kind": kind, "score": score})
    return {"comment": "Made by lab/ssimulacra2_golden.py with the Python package ssimulacra2.", "scores": found}


if __name__ == "__main__":
    write_json(ROOT / "test" / "unit" / "core" / "engine" / "ssimulacra2.golden.json", golden())
