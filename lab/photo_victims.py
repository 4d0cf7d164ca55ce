"""Measures what networks that are trained as a whole learn from protected photographs.

    lab/.venv/bin/python lab/photo_victims.py ROWS:VICTIMS:SEEDS... [KEY=VALUE...]
    lab/.venv/bin/python lab/photo_victims.py table

for example alone,alone-short,clean,random,features:tuned-v2,scratch:1,2,3. A row is `alone` (the scraper's clean
pictures C only, with as many updates as a mix), `alone-short` (as many epochs), `clean` (C and the same uploads
unprotected), `random` (C and uploads with random changes of the whole budget), or a row of photographs.py (C and the
files that `penumbra protect` wrote). A suffix is the site's treatment of the uploads: features+jpeg75, features+half.
KEY=VALUE is the scraper's defence, for training and test pictures alike: treatment=jpeg75 (a key of TREATMENTS),
augment=strong, robust=2 (adversarial training at 2/255); or clean=0, uploads alone.

The pictures are the split `training` of grocery.py. A seed is that of the ascent and of the training.
"""

import sys
from functools import cache, partial
from statistics import mean

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import nn
from torch.nn import functional as F

import grocery
import nets
import photo_nets
import photographs
import scraper
import store
import train

BATCH = 32


class Tuned(nn.Module):
    """A pretrained network with a new head, for pictures in 0..1."""

    def __init__(self, body, dim, classes):
        super().__init__()
        self.body = body
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        return self.head(self.body.embed(x))


def tuned(load, dim, frozen=0.0):
    """frozen: the share of the network's layers, from the input on, that keep their weights"""

    def build(classes):
        net = Tuned(load(), dim, classes)
        layers = list(net.body.features)
        for part in layers[: int(frozen * len(layers))]:
            part.requires_grad_(False)
        return net

    return build


# A victim: how it is made, the side of the training crops, the side that pictures are resized to before, epochs, the
# largest learning rate.
VICTIMS = {
    "tuned-v2": (tuned(photo_nets.mobilenet_v2_module, 1280), 128, 144, 8, 1e-3),
    "last-v2": (tuned(photo_nets.mobilenet_v2_module, 1280, 0.7), 128, 144, 8, 1e-3),
    "tuned-v1": (tuned(photo_nets.mobilenet_v1_module, 768), 128, 144, 8, 1e-3),
    "last-v1": (tuned(photo_nets.mobilenet_v1_module, 768, 0.7), 128, 144, 8, 1e-3),
    "scratch": (lambda classes: nets.resnet(16, classes), 96, 108, 40, 2e-3),
}

ROWS = ("alone", "alone-short", "clean", "random", *photographs.ROWS)


# --- pictures ---


def jpeg(quality):
    return lambda picture: photographs.jpeg(picture, quality)


SITES = {
    "": photographs.TREATMENTS["as it is"],
    "jpeg75": photographs.jpeg75,
    "half": photographs.half,
    "half-jpeg75": photographs.TREATMENTS["halved, JPEG 75"],
}

TREATMENTS = {
    "none": lambda p: p,
    "jpeg75": photographs.jpeg75,
    "jpeg50": jpeg(50),
    "jpeg10": jpeg(10),
    "grey": lambda p: p.convert("L").convert("RGB"),
    "blur": lambda p: p.filter(ImageFilter.GaussianBlur(1.5)),
    "half": photographs.half,
}


def with_noise(picture, seed):
    """A picture of which every channel of every pixel was changed by 8 of 255, in a random direction."""
    signs = np.random.default_rng(seed).integers(0, 2, (picture.height, picture.width, 3)) * 16 - 8
    return Image.fromarray(np.clip(np.asarray(picture).astype(int) + signs, 0, 255).astype(np.uint8))


def upload_pictures(row, seed):
    originals = photographs.uploads("jpeg", "training")
    if row in photographs.ROWS:
        files, _, kept = photographs.protected(originals, "grocery training jpeg", photographs.ROWS[row], seed)
        assert len(kept) == len(originals), "a picture was not protected"
        return [photographs.open_rgb(file) for file in files]
    clean = [photographs.open_rgb(file) for file in originals]
    if row == "clean":
        return clean
    # At the data set's own quality, as uploads are files.
    return [jpeg(87)(with_noise(p, 1000 * seed + i)) for i, p in enumerate(clean)]


def to_bytes(pictures, side):
    """uint8 [N, side, side, 3]"""
    resized = (p.resize((side, side), Image.Resampling.BILINEAR) for p in pictures)
    return torch.from_numpy(np.stack([np.asarray(p) for p in resized]))


@cache
def clean_part(part, side, treatment):
    rows = grocery.split("training")[part]
    treat = TREATMENTS[treatment]
    return to_bytes([treat(photographs.open_rgb(file)) for file, _ in rows], side), torch.tensor([label for _, label in rows])


@cache
def uploaded(row, seed, site, side, treatment):
    treat = TREATMENTS[treatment]
    return to_bytes([treat(SITES[site](p)) for p in upload_pictures(row, seed)], side)


# --- training ---


def crops(x, side, generator):
    """Random crops of uint8 [N, H, W, 3], mirrored half the time, as 0..1 [N, 3, side, side]."""
    found = []
    for picture in x:
        top, left = torch.randint(0, x.shape[1] - side + 1, (2,), generator=generator).tolist()
        crop = picture[top : top + side, left : left + side]
        found.append(crop.flip(1) if torch.rand(1, generator=generator) < 0.5 else crop)
    return train.to_unit_range(torch.stack(found)).contiguous(memory_format=torch.channels_last)


def centred(x, side):
    margin = (x.shape[1] - side) // 2
    return train.to_unit_range(x[:, margin : margin + side, margin : margin + side])


def fit(build, x, y, classes, side, epochs, rate, seed, augment=None, robust=0):
    """Returns the trained network in evaluation mode. Adversarial training is train.adversarial's."""
    torch.manual_seed(seed)
    net = build(classes).to(memory_format=torch.channels_last)
    net.in_bfloat16 = False
    generator = torch.Generator().manual_seed(seed)
    weights = [p for p in net.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(weights, lr=rate, weight_decay=0.02)
    steps = -(-len(y) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, rate, total_steps=epochs * steps, pct_start=0.25)
    for _ in range(epochs):
        net.train()
        for part in torch.randperm(len(y), generator=generator).split(BATCH):
            inputs = crops(x[part], side, generator)
            if augment:
                inputs = augment(inputs, generator)
            if robust:
                inputs = train.adversarial(net, inputs, y[part], robust / 255, generator)
            loss = F.cross_entropy(net(inputs), y[part], label_smoothing=0.1)
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
    return net.eval()


@torch.no_grad()
def right(net, x, y, side):
    """Which test pictures are predicted correctly, by the mean of a picture's logits and its mirror image's."""
    found = []
    for pictures, labels in zip(x.split(50), y.split(50)):
        views = centred(pictures, side)
        found.append((net(views) + net(views.flip(3))).argmax(1) == labels)
    return torch.cat(found)


def measure(row, site, victim, seed, treatment="none", augment="none", robust=0, clean=1):
    build, side, resized, epochs, rate = VICTIMS[victim]
    x, y = clean_part("C", resized, treatment)
    x_test, y_test = clean_part("test", resized, treatment)
    if row == "alone":
        epochs *= 2
    elif row != "alone-short":
        x_u, y_u = uploaded(row, seed, site, resized, treatment), clean_part("U", resized, treatment)[1]
        # Uploads alone get as many updates as a mix.
        x, y, epochs = (torch.cat([x, x_u]), torch.cat([y, y_u]), epochs) if clean else (x_u, y_u, 2 * epochs)
    net = fit(build, x, y, int(y_test.max()) + 1, side, epochs, rate, seed, scraper.AUGMENTATIONS[augment], robust)
    hits = right(net, x_test, y_test, side)
    return {"accuracy": round(100 * hits.float().mean().item(), 2), "right": "".join("01"[int(h)] for h in hits)}


def job(argument_row, victim, seed, **options):
    row, _, site = argument_row.partition("+")
    assert row in ROWS, f"there is no row {row}; there are {', '.join(ROWS)}"
    engine = photographs.engine_of(photographs.ROWS[row]) if row in photographs.ROWS else ""
    spec = {"row": row, "site": site, "victim": victim, "seed": seed, "engine": engine, **options}
    return lambda: store.logged("photo-victims", spec, partial(measure, row, site, victim, seed, **options))


# --- table ---


def differ(one, other):
    """
    McNemar's statistic of two strings of right (1) and wrong (0) predictions for the same pictures: above 3.84, the
    accuracies differ with 95 % confidence.
    """
    gained = sum(a == "0" and b == "1" for a, b in zip(one, other))
    lost = sum(a == "1" and b == "0" for a, b in zip(one, other))
    return (abs(gained - lost) - 1) ** 2 / (gained + lost) if gained + lost else 0.0


def table():
    """Gains at equal updates / at equal epochs, means of the seeds, and the share of the clean gain that is kept."""
    found = {}
    for line in store.lines("photo-victims"):
        spec = dict(line["spec"])
        seed, row, site, victim, engine = (spec.pop(k) for k in ("seed", "row", "site", "victim", "engine"))
        found.setdefault((victim, tuple(sorted(spec.items()))), {}).setdefault((row, site, engine), {})[seed] = line["figures"]
    print("| victim | uploads | seeds | accuracy | gain, equal updates / equal epochs | kept share of the clean gain | McNemar |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for (victim, options), rows in found.items():
        defence = " ".join(f"{k}={v}" for k, v in options)
        # Uploads alone are compared with the clean pictures of the usual training.
        baselines = found.get((victim, tuple(o for o in options if o[0] != "clean")), rows)
        of = lambda name: baselines.get((name, "", ""), {})
        for (row, site, engine), figures in rows.items():
            accuracy = lambda some: mean(f["accuracy"] for f in some.values())
            gains = lambda some: [
                mean(some[s]["accuracy"] - of(base)[s]["accuracy"] for s in some if s in of(base)) if set(some) & set(of(base)) else None
                for base in ("alone", "alone-short")
            ]
            words = lambda values: " / ".join("?" if v is None else f"{v:+.1f}" for v in values)
            mine, clean_gains = gains(figures), gains(of("clean")) if of("clean") else [None, None]
            shares = ["?" if a is None or not b else f"{a / b:.0%}" for a, b in zip(mine, clean_gains)]
            statistics = [differ(of("alone")[s]["right"], f["right"]) for s, f in figures.items() if s in of("alone")]
            name = f"{row}{'+' + site if site else ''}{' (' + engine + ')' if engine else ''}"
            print(f"| {victim} {defence} | {name} | {len(figures)} | {accuracy(figures):.1f} | {words(mine)} | {' / '.join(shares)} | {' '.join(f'{v:.1f}' for v in statistics)} |")


def main(arguments):
    if arguments == ["table"]:
        return table()
    options = dict(argument.split("=") for argument in arguments if "=" in argument)
    options = {k: int(v) if v.isdigit() else v for k, v in options.items()}
    groups = [[part.split(",") for part in argument.split(":")] for argument in arguments if "=" not in argument]
    jobs = [job(row, victim, int(seed), **options) for rows, victims, seeds in groups for seed in seeds for row in rows for victim in victims]
    # The files first: protecting uses both cores.
    for rows, _, seeds in groups:
        for row in {row.partition("+")[0] for row in rows} & set(photographs.ROWS):
            for seed in seeds:
                upload_pictures(row, int(seed))
    store.run_in_parallel(jobs)


if __name__ == "__main__":
    main(sys.argv[1:])
