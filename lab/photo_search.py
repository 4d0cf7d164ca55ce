"""Chooses how photographs are protected, on classes that the table has not, by networks that no ascent asks and the table does not count.

    lab/.venv/bin/python lab/photo_search.py NAME...     # names of VARIANTS below; results in lab/results/photo-search.jsonl
"""

import io
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
import ssimulacra2
import torch
from PIL import Image
from torch.nn import functional as F

import data
import grocery
import photo_ascent
import photo_nets
import probes
import store
from convert_efficientnet_lite0 import load

torch.set_num_threads(1)
torch.set_flush_denormal(True)
PER_CLASS = 6  # of the 12 uploads


def pictures(rows):
    return [Image.open(file).convert("RGB") for file, _ in rows]


def labels(rows):
    return torch.tensor([label for _, label in rows])


@cache
def parts():
    rows = grocery.split("settings")
    return {**rows, "U": [row for i, row in enumerate(rows["U"]) if i % grocery.PER_CLASS < PER_CLASS]}


def clean_embeddings(network, part):
    return store.kept("photo-clean", {"network": network, "part": part, "split": "settings", "per": PER_CLASS},
                      lambda: photo_nets.embed(network, pictures(parts()[part])))


@cache
def lite0():
    net = load(224).to(memory_format=torch.channels_last)
    for weights in net.parameters():
        weights.requires_grad_(False)
    return net


class PassThrough(torch.autograd.Function):
    """ReLU6 that passes gradients on as they are (Guo et al. 2020, LinBP)."""

    @staticmethod
    def forward(ctx, x):
        return F.relu6(x)

    @staticmethod
    def backward(ctx, g):
        return g


class Soft(torch.autograd.Function):
    """ReLU6 whose gradient is that of SiLU (Wang et al. 2023, BPA)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return F.relu6(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))


class Scaled(torch.autograd.Function):
    """The identity, whose gradient is made smaller."""

    @staticmethod
    def forward(ctx, x, by):
        ctx.by = by
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return g * ctx.by, None


def embed_with(depths, linear_from=99, soft_from=99, skip=1.0):
    """
    views -> embeddings: the mean over pixels of the last layer ("last") and of what leaves some blocks (their numbers).
    linear_from, soft_from: the block from which on ReLU6 passes gradients on otherwise; skip: what a residual branch passes on of its gradient (SGM,
    Wu et al. 2020).
    """

    def embed(v):
        net = lite0()
        act = lambda i: PassThrough.apply if i >= linear_from else Soft.apply if i >= soft_from else F.relu6
        x = ((255 * v - 127) / 128).contiguous(memory_format=torch.channels_last)
        found = []
        x = act(-1)(net._bn0(net._conv_stem(x)))
        for i, block in enumerate(net._blocks):
            y = x
            if hasattr(block, "_expand_conv"):
                y = act(i)(block._bn0(block._expand_conv(y)))
            y = act(i)(block._bn1(block._depthwise_conv(y)))
            y = block._bn2(block._project_conv(y))
            if y.shape == x.shape and block._depthwise_conv.stride[0] == 1:
                y = x + (Scaled.apply(y, skip) if skip < 1 else y)
            x = y
            if i in depths:
                found.append(x.mean((2, 3)))
        if "last" in depths:
            found.append(act(16)(net._bn1(net._conv_head(x))).mean((2, 3)))
        return found

    return embed


@cache
def bank(depths, count=256):
    """Centres of k-means of embeddings of photographs of photos-112: see photo_bank.py."""
    import photo_bank

    return photo_bank.centres(depths, count)


def as_file(picture, quality):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def half(picture):
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def similarity(before, after):
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}.png" for name in ("before", "after")]
        for picture, file in zip((before, after), files):
            picture.save(file)
        return ssimulacra2.compute_ssimulacra2(*files)


def measure(spec):
    spec = dict(spec)
    depths = tuple(spec.pop("depths", ("last",)))
    count = spec.pop("bank", 256)
    centred = spec.pop("centred", False)
    network = {key: spec.pop(key) for key in ("linear_from", "soft_from", "skip") if key in spec}
    clean = pictures(parts()["U"])
    x = torch.stack([torch.from_numpy(np.asarray(p, dtype=np.float32) / 255).permute(2, 0, 1) for p in clean])
    banks = bank(depths, count)
    if centred:
        spec["middle"] = [b.mean(0) for b in banks]
    start = time.time()
    out = torch.cat([photo_ascent.ascend(part, embed_with(depths, **network), banks, **spec, seed=i) for i, part in enumerate(x.split(15))])
    seconds = time.time() - start
    made = [Image.fromarray((p.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)) for p in out]
    files = [as_file(p, 87) for p in made]
    site = [as_file(half(p), 75) for p in files]
    figures = {"ssimulacra2": round(float(np.mean([similarity(a, b) for a, b in list(zip(clean, files))[::4]])), 1), "s": round(seconds)}
    y_u, y_c = labels(parts()["U"]), labels(parts()["C"])
    y_t = labels(parts()["test"])
    for name in photo_nets.CHOOSERS:
        c, t = clean_embeddings(name, "C"), clean_embeddings(name, "test")
        treated = [photo_nets.embed(name, some) for some in (files, site)]
        own = clean_embeddings(name, "U")
        gain = probes.gains("probe", (c, y_c), ([own, *treated], y_u), (t, y_t), 4).mean(1)
        names = [probes.linear_probe(torch.cat([c, t]), torch.cat([y_c, y_t]), z, y_u) for z in (own, *treated)]
        alone = [probes.linear_probe(z, y_u, t, y_t) for z in (own, *treated)]
        r = lambda v: [round(float(a), 1) for a in v]
        figures[name] = {"gain": r(gain), "names": r(names), "alone": r(alone)}
    return figures


FEATURES = {"kind": "features"}
VARIANTS = {
    "nothing": {"steps": 1, "scale": 0.0, "epsilon": 0.0},
    "features": {},
    "cosine": {"kind": "cosine"},
    "colour": {"gray": False},
    "mask02": {"mask": ["deviation", {}]},
    "centred": {"centred": True},
}


def main(names):
    for name in names:
        spec = VARIANTS[name] if name in VARIANTS else eval(f"dict({name})")
        store.logged("photo-search", spec, lambda: measure(spec))


if __name__ == "__main__":
    main(sys.argv[1:])
