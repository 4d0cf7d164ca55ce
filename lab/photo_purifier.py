"""Measures what a scraper gains who owns Penumbra: makes pairs with it and trains a network to undo the change.

    lab/.venv/bin/python lab/photo_purifier.py ROW[:SEEDS]...     # as features:1,2,3
    lab/.venv/bin/python lab/photo_purifier.py table

This is BridgePure (arXiv 2412.21061) in small: 500 pictures that the scraper has are protected by the command line, and a
convolutional network of about 100,000 weights learns to give the pictures back. Then it is applied to the uploads of the
table of photographs.py, which it has not seen, and a head learns from what it makes of them. The scraper's pictures are
of other classes, but of the same kind and size, which is the best case for them. Their seed differs from that of the
uploads, as Penumbra draws a new one for each picture.
"""

import random
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn

import grocery
import photographs
import store
from train import to_unit_range

PAIRS = 500
WIDTH = 50
DEPTH = 4
CROP = 64
BATCH = 16
STEPS = 3000
# Seeds of the ascent on the pairs begin here.
PAIR_SEED = 1000


class Purifier(nn.Module):
    """Adds a correction to pictures in 0..1, [B, 3, H, W]. Its receptive field has 13 pixels a side."""

    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, WIDTH, 3, padding=1), nn.ReLU()]
        for _ in range(DEPTH):
            layers += [nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.ReLU()]
        last = nn.Conv2d(WIDTH, 3, 3, padding=1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.correction = nn.Sequential(*layers, last)

    def forward(self, x):
        return x + self.correction(x)


def own_pictures():
    """Files of the scraper's pictures, from the authors' training pictures of classes that are not in the table."""
    in_table = {file.parent.name for file, _ in grocery.split("table")["U"]}
    files = [file for file in sorted((grocery.folder() / "train").glob("*/*.jpg")) if file.parent.name not in in_table]
    files += [file for file in sorted((grocery.folder() / "val").glob("*/*.jpg")) if file.parent.name not in in_table]
    chosen = random.Random(0).sample(files, min(PAIRS, len(files)))
    folder = photographs.FILES / "purifier-own"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for file in chosen:
        to = folder / f"{file.parts[-3]}-{file.parent.name}-{file.name}"
        to.write_bytes(file.read_bytes())
        found.append(to)
    return found


def pairs(row):
    """(protected, clean) as uint8 [N, H, W, 3]"""
    files, _, kept = photographs.protected(own_pictures(), "purifier own", photographs.ROWS[row], PAIR_SEED)
    stack = lambda some: torch.from_numpy(np.stack([np.asarray(photographs.open_rgb(file)) for file in some]))
    return stack(files), stack(kept)


def trained(row):
    protected, clean = pairs(row)
    torch.manual_seed(0)
    net = Purifier().to(memory_format=torch.channels_last)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-3, total_steps=STEPS)
    generator = torch.Generator().manual_seed(0)
    draw = lambda most, count: torch.randint(0, most, (count,), generator=generator).tolist()
    for _ in range(STEPS):
        places = list(zip(draw(len(clean), BATCH), draw(clean.shape[1] - CROP, BATCH), draw(clean.shape[2] - CROP, BATCH)))
        crops = lambda x: to_unit_range(torch.stack([x[i, top : top + CROP, left : left + CROP] for i, top, left in places]))
        loss = (net(crops(protected)) - crops(clean)).abs().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        schedule.step()
    return net.state_dict()


def purify(net, picture):
    with torch.no_grad():
        x = net(to_unit_range(torch.from_numpy(np.asarray(picture))[None]))[0]
    return Image.fromarray((x.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())


def measure(row, seed):
    spec = {"row": row, "engine": photographs.engine_of(photographs.ROWS[row]), "pairs": PAIRS, "steps": STEPS}
    net = Purifier().eval()
    net.load_state_dict(store.cached("purifier", spec, lambda: trained(row)))
    originals = photographs.uploads("jpeg")
    files, _, kept = photographs.protected(originals, "grocery jpeg", photographs.ROWS[row], seed)
    assert len(kept) == len(originals), "a picture was not protected"
    before = [photographs.open_rgb(file) for file in files]
    after = [purify(net, picture) for picture in before]
    clean = [photographs.open_rgb(file) for file in originals]
    distance = lambda some: round(float(np.mean([np.abs(np.asarray(a, float) - np.asarray(b, float)).mean() for a, b in zip(some, clean)])), 3)
    return {
        "weights": sum(p.numel() for p in net.parameters()),
        # Mean absolute distances to the clean uploads, in 255ths.
        "distance": {"protected": distance(before), "purified": distance(after)},
        "gains": {"protected": photographs.gains_of(before), "purified": photographs.gains_of(after)},
    }


def table():
    clean = [line for line in store.lines("photographs") if line["spec"]["row"] == "clean"][-1]["figures"]["gains"]
    print("| uploads | distance, 255ths | " + " | ".join(photographs.NETWORKS) + " |\n| --- | ---: |" + " ---: |" * len(photographs.NETWORKS))
    for line in store.lines("photo-purifier"):
        for what in ("protected", "purified"):
            cells = []
            for network in photographs.NETWORKS:
                values = line["figures"]["gains"][what]["as it is"][network]["probe"]
                share, low, high = photographs.kept_share([values], clean["as it is"][network]["probe"])
                cells.append(f"{np.mean(values):+.1f} ({share:.0%}, {low:.0%} to {high:.0%})")
            spec = line["spec"]
            print(f"| {spec['row']}, seed {spec['seed']}, {what} | {line['figures']['distance'][what]} | " + " | ".join(cells) + " |")


def main(arguments):
    if arguments == ["table"]:
        return table()
    for argument in arguments:
        row, _, seeds = argument.partition(":")
        for seed in seeds.split(","):
            spec = {"row": row, "seed": int(seed), "engine": photographs.engine_of(photographs.ROWS[row]), "pairs": PAIRS, "steps": STEPS}
            store.logged("photo-purifier", spec, lambda: measure(row, int(seed)))


if __name__ == "__main__":
    torch.set_num_threads(2)
    main(sys.argv[1:])
