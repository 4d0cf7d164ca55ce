"""Measures the accuracy of the engine's labeller, by the views of a picture that it gets.

    lab/.venv/bin/python lab/labels.py cifar10 U 2000
    lab/.venv/bin/python lab/labels.py tiny-imagenet-21 U 1000
"""

import sys

import torch
from torch.nn import functional as F

import data
import planned
from train import to_unit_range

SETS = {"cifar10": "cifar10", "tiny-imagenet-21": "tiny21"}
# Pixels down and to the right, as in src/core/models/thumbnail-ensemble.ts.
SHIFTS = ((0, 0), (1, 2), (-1, -2))


def shift(x, down, right):
    """Shifts pictures [B, 3, 32, 32]; the borders are filled by reflection."""
    return F.pad(x, (2, 2, 2, 2), mode="reflect")[:, :, 2 - down : 34 - down, 2 - right : 34 - right]


@torch.no_grad()
def logits(net, x, views):
    return torch.cat([sum(net(view) for view in views(part)) for part in map(to_unit_range, x.split(125))])


VIEWS = {
    "the picture": lambda x: [x],
    "and its mirror image": lambda x: [x, x.flip(3)],
    "each in three places": lambda x: [shift(each, *by) for each in (x, x.flip(3)) for by in SHIFTS],
}


def main(surrogate, part, count):
    x, y = (each[: int(count)] for each in data.split(SETS[surrogate], part))
    net = planned.Planned(f"{surrogate}-efficientnet-lite0")
    print(f"| {surrogate}, {len(y)} of {part} | named rightly |\n| --- | ---: |")
    for name, views in VIEWS.items():
        print(f"| {name} | {100 * (logits(net, x, views).argmax(1) == y).float().mean():.1f} % |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
