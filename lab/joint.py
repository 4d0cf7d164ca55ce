"""The paper's own setting: maximises the joint Bayes error of a labelled set, and retrains the extractor between the
rounds.

Each picture's posterior comes from all other pictures of the set (leave one out, docs/method.md). One chunk moves at
a time while the other pictures stay fixed, as in the engine's src/core/engine/joint-error.ts.
"""

import torch
from torch.nn import functional as F

import ascent
import train

SIGMA = 0.15
CHUNK = 250


def outer_loop(x, y, classes, family, epochs, rounds, epsilon=8, steps=20, step=4.0):
    """
    Returns protected copies of uint8 pictures. The extractor of each round is trained on the protected copies of the
    round before.
    """
    protected = x
    for seed in range(rounds):
        net = train.fit(family, protected, y, classes, epochs, seed)
        protected = one_pass(net.requires_grad_(False), x, protected, F.one_hot(y, classes).float(), epsilon, steps, step)
    return protected


def one_pass(net, x, protected, labels, epsilon, steps, step):
    embed = lambda pixels: F.normalize(net.embed(pixels).float(), dim=1)
    similarity = lambda a, b: ((a @ b.t() - 1) / SIGMA**2).exp()
    with torch.no_grad():
        z = torch.cat([embed(train.to_unit_range(part)) for part in protected.split(CHUNK)])
    protected, budget = protected.clone(), epsilon / 255
    for chunk in torch.arange(len(x)).split(CHUNK):
        others = torch.ones(len(x), dtype=torch.bool).index_fill_(0, chunk, False)
        others_z, own = z[others], labels[chunk]
        # The class sums among the fixed pictures do not change.
        fixed = similarity(others_z, others_z).fill_diagonal_(0) @ labels[others]
        clean = train.to_unit_range(x[chunk])
        off_diagonal = 1 - torch.eye(len(chunk))

        def gradient_at(delta):
            chunk_z = embed((clean + delta).clamp(0, 1).contiguous(memory_format=torch.channels_last))
            cross = similarity(chunk_z, others_z)
            masses = torch.cat([cross @ labels[others] + (similarity(chunk_z, chunk_z) * off_diagonal) @ own, fixed + cross.t() @ own])
            p = masses / (masses.sum(1, keepdim=True) + 1e-8)
            # The entropy has the same maximum as the Bayes error, and a gradient for every class.
            return torch.autograd.grad(-(p * (p + 1e-8).log()).sum(), delta)[0]

        delta = ascent.projected_adam(train.to_unit_range(protected[chunk]) - clean, gradient_at, steps, step, budget)
        change = (delta * 255).round().clamp(-epsilon, epsilon).permute(0, 2, 3, 1)
        protected[chunk] = (x[chunk] + change).clamp(0, 255).to(torch.uint8)
        with torch.no_grad():
            z[chunk] = embed(train.to_unit_range(protected[chunk]))
    return protected
