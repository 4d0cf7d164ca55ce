"""Phone photographs from shops, with classes that no ImageNet network has been trained on.

The data set is GroceryStoreDataset (Klasson et al., WACV 2019; MIT) at 160 pixels, read from ../shared/data. The
table of heads uses the 20 classes with the most training pictures, and networks that are trained as a whole use the
first 13 of these, with more pictures of each. Settings are chosen on 15 other classes, so that no choice is made on a
picture, or a class, of a table.
"""

import random
import tarfile
from collections import defaultdict
from functools import cache
from pathlib import Path

import data

ARCHIVE = Path(__file__).resolve().parents[2] / "shared" / "data" / "grocery-160.tar"
CLASSES = {"table": (0, 20), "settings": (20, 35), "training": (0, 13)}
# The largest number of pictures of a class in C and in U, and in the test set.
PER_CLASS = {"table": 12, "settings": 12, "training": 40}
TEST_PER_CLASS = {"table": 30, "settings": 30, "training": 60}


@cache
def folder():
    if not (data.CACHE / "grocery-160").exists():
        data.CACHE.mkdir(exist_ok=True)
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(data.CACHE, filter="data")
    return data.CACHE / "grocery-160"


@cache
def split(name):
    """
    name: a key of CLASSES.
    Returns C and U (as many pictures of each class as of the other, from the authors' training pictures) and test
    (from the authors' test pictures), each as a list of (file, class).
    """
    pictures = {part: defaultdict(list) for part in ("train", "test")}
    for part, classes in pictures.items():
        for file in sorted((folder() / part).glob("*/*.jpg")):
            classes[file.parent.name].append(file)
    train, test = pictures.values()
    first, last = CLASSES[name]
    by_size = sorted(train, key=lambda c: (-len(train[c]), c))[first:last]
    rng = random.Random(0)
    parts = {"C": [], "U": [], "test": []}
    for label, c in enumerate(by_size):
        each = min(PER_CLASS[name], len(train[c]) // 2)
        drawn = rng.sample(train[c], 2 * each)
        parts["C"] += [(file, label) for file in drawn[:each]]
        parts["U"] += [(file, label) for file in drawn[each:]]
        parts["test"] += [(file, label) for file in rng.sample(test[c], min(TEST_PER_CLASS[name], len(test[c])))]
    return parts
