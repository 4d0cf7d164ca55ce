"""The paper's own setting: the joint Bayes error of a labelled set is raised, and the extractor trained anew between the rounds.

Each picture's posterior comes from all the others of the set (leave one out, docs/method.md). A chunk moves while the others stand
still, as in the engine's src/core/engine/joint.ts.
"""

import torch
from torch.nn import functional as F

import ascent
import train

SIGMA = 0.15
CHUNK = 250


def outer_loop(x, y, classes, family, epochs, rounds, epsilon=8, steps=20, step=4.0):
    """Protected copies of uint8 pictures; the extractor of a round has learned from those of the round before."""
    shown = x
    for seed in range(rounds):
        net = train.fit(family, shown, y, classes, epochs, seed)
        shown = one_pass(net.requires_grad_(False), x, shown, F.one_hot(y, classes).float(), epsilon, steps, step)
    return shown


def one_pass(net, x, shown, labels, epsilon, steps, step):
    embed = lambda pixels: F.normalize(net.embed(pixels).float(), dim=1)
    similarity = lambda a, b: ((a @ b.t() - 1) / SIGMA**2).exp()
    with torch.no_grad():
        z = torch.cat([embed(train.unit(part)) for part in shown.split(CHUNK)])
    shown, budget = shown.clone(), epsilon / 255
    for places in torch.arange(len(x)).split(CHUNK):
        others = torch.ones(len(x), dtype=torch.bool).index_fill_(0, places, False)
        rest, own = z[others], labels[places]
        # What the rest gives to itself does not change.
        fixed = similarity(rest, rest).fill_diagonal_(0) @ labels[others]
        clean = train.unit(x[places])
        apart = 1 - torch.eye(len(places))

        def slope_at(delta):
            moved = embed((clean + delta).clamp(0, 1).contiguous(memory_format=torch.channels_last))
            across = similarity(moved, rest)
            masses = torch.cat([across @ labels[others] + (similarity(moved, moved) * apart) @ own, fixed + across.t() @ own])
            p = masses / (masses.sum(1, keepdim=True) + 1e-8)
            # The entropy has the summit of the Bayes error, and a slope for every class.
            return torch.autograd.grad(-(p * (p + 1e-8).log()).sum(), delta)[0]

        delta = ascent.climb(train.unit(shown[places]) - clean, slope_at, steps, step, budget)
        change = (delta * 255).round().clamp(-epsilon, epsilon).permute(0, 2, 3, 1)
        shown[places] = (x[places] + change).clamp(0, 255).to(torch.uint8)
        with torch.no_grad():
            z[places] = embed(train.unit(shown[places]))
    return shown
