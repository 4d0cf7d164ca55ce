"""Searches for the settings of the ascent on photographs.

It uses classes that the table of photographs.py does not use, and networks that no ascent uses.

    lab/.venv/bin/python lab/photo_search.py SPEC...     # JSON objects; results are in lab/results/photo-search.jsonl
    lab/.venv/bin/python lab/photo_search.py table       # all of them as a table

A SPEC contains the arguments of photo_ascent.ascend and photo_surrogate.embed_with that differ from their defaults.
It may contain "bank", the number of centres, "pixels", the shorter side to which the pictures are shrunk first, and
"networks", a list of which each step asks one in turn: "lite0", "v2", or a number, the epsilon of the network of photo_robust.py that is in lab/cache/robust-EPSILON.pt.
"""

import json
import sys
import time
from functools import cache

import numpy as np
import torch
from PIL import Image

import grocery
import photo_ascent
import photo_bank
import photo_nets
import photo_surrogate
import photographs
import probes
import store

PER_CLASS = 6  # of the 12 uploads
# JPEG quality of the data set.
FILE_QUALITY = 87


def pictures(rows, pixels=None):
    """The pictures of rows, made `pixels` long along the shorter side if it is given."""
    opened = [photographs.open_rgb(file) for file, _ in rows]
    if pixels is None:
        return opened
    return [p.resize([round(pixels * side / min(p.size)) for side in p.size], Image.Resampling.LANCZOS) for p in opened]


def labels(rows):
    return torch.tensor([label for _, label in rows])


@cache
def parts():
    rows = grocery.split("settings")
    return {**rows, "U": [row for i, row in enumerate(rows["U"]) if i % grocery.PER_CLASS["settings"] < PER_CLASS]}


def clean_embeddings(network, part, pixels):
    key = {"network": network, "part": part, "split": "settings", "per": PER_CLASS, **({"pixels": pixels} if pixels else {})}
    return store.cached("photo-clean", key, lambda: photo_nets.embed(network, pictures(parts()[part], pixels)).cpu())


def member(name, depths, count, variation):
    """A network of an ensemble for photo_ascent.ascend."""
    if name == "lite0":
        return photo_surrogate.embed_with(depths, **variation), photo_bank.centres(depths, count)
    if name == "v2":
        embed = photo_surrogate.embed_with_v2(**variation)
    else:
        embed = photo_surrogate.embed_with(depths, **variation, weights=store.HERE / "cache" / f"robust-{name}.pt")
    make = lambda: photo_bank.centres_of(embed, count)
    return embed, store.cached("photo-bank", {"network": str(name), "depths": [str(d) for d in depths], "count": count}, make)


def measure(spec):
    spec = dict(spec)
    depths = tuple(spec.pop("depths", ("last",)))
    count = spec.pop("bank", 256)
    names = spec.pop("networks", ["lite0"])
    variation = {key: spec.pop(key) for key in ("linear_from", "soft_from", "skip", "ghost", "drop") if key in spec}
    members = [member(name, depths, count, variation) for name in names]
    pixels = spec.pop("pixels", None)
    clean = pictures(parts()["U"], pixels)
    x = torch.stack([torch.from_numpy(np.asarray(p, dtype=np.float32) / 255).permute(2, 0, 1) for p in clean]).to(torch.get_default_device())
    start = time.time()
    out = torch.cat([photo_ascent.ascend(part, members, **spec, seed=i) for i, part in enumerate(x.split(15))]).cpu()
    seconds = time.time() - start
    made = [Image.fromarray((p.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)) for p in out]
    files = [photographs.jpeg(p, FILE_QUALITY) for p in made]
    site = [photographs.jpeg75(photographs.half(p)) for p in files]
    figures = {"ssimulacra2": round(float(np.mean([photographs.similarity(a, b) for a, b in list(zip(clean, files))[::4]])), 1), "s": round(seconds)}
    embedded = {
        name: ([clean_embeddings(name, part, pixels) for part in ("C", "test", "U")], [photo_nets.embed(name, some).cpu() for some in (files, site)])
        for name in photo_nets.VALIDATION
    }
    with torch.device("cpu"):
        y_c, y_t, y_u = (labels(parts()[part]) for part in ("C", "test", "U"))
        for name, ((c, t, own), treated) in embedded.items():
            gain = probes.gains("probe", (c, y_c), ([own, *treated], y_u), (t, y_t), 4).mean(1)
            names = [probes.linear_probe(torch.cat([c, t]), torch.cat([y_c, y_t]), z, y_u) for z in (own, *treated)]
            alone = [probes.linear_probe(z, y_u, t, y_t) for z in (own, *treated)]
            r = lambda v: [round(float(a), 1) for a in v]
            figures[name] = {"gain": r(gain), "names": r(names), "alone": r(alone)}
    return figures


def table():
    """
    Prints means over both networks: accuracy on the uploads of a head trained on clean pictures, accuracy of one
    trained on the uploads alone, gain.
    """
    names = photo_nets.VALIDATION
    print("| what differs from the defaults | known by a clean head, % | learned from them alone, % | gain of the mix, points | SSIMULACRA2 |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for line in store.lines("photo-search"):
        figures = line["figures"]
        of = lambda what: " / ".join(f"{np.mean([figures[n][what][i] for n in names]):.1f}" for i in (1, 2))
        print(f"| `{json.dumps(line['spec'])}` | {of('names')} | {of('alone')} | {of('gain')} | {figures['ssimulacra2']} |")


def main(arguments):
    if arguments == ["table"]:
        return table()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if torch.cuda.is_available():
        torch.set_num_threads(3)
        torch.set_default_device("cuda")
    for argument in arguments:
        spec = json.loads(argument)
        store.logged("photo-search", spec, lambda: measure(spec))


if __name__ == "__main__":
    main(sys.argv[1:])
