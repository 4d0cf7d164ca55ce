"""The engine's ascent in PyTorch: raises an objective of the posterior of an ensemble of surrogates, within a budget.

A surrogate's posterior is kernel averaging over its bank on unit-length embeddings (docs/method.md); an ensemble's value
is the mean of its members'. No label is used: y0 is the class that the ensemble gives the clean picture.
"""

from functools import cached_property

import torch
from torch.nn import functional as F

from train import unit


class Posterior:
    """log p(c|x) of one surrogate: its bank's, or with `sigma=None` its linear head's."""

    def __init__(self, net, bank, labels, sigma):
        self.net, self.sigma = net.requires_grad_(False), sigma
        self.classes = int(labels.max()) + 1
        self.references = torch.cat([self.embed(unit(part)) for part in bank.split(500)])  # sorted by class

    def embed(self, x):
        return F.normalize(self.net.embed(x).float(), dim=1)

    def log_similarity(self, x):
        """To each reference, [B, N]."""
        with torch.autocast("cpu", torch.bfloat16, enabled=x.requires_grad and self.net.in_bfloat16):
            z = self.net.embed(x)
        z = F.normalize(z.float(), dim=1)
        return (z @ self.references.t() - 1) / self.sigma**2  # -|z - r|^2 / 2 sigma^2 of unit vectors

    def __call__(self, x):
        if self.sigma is None:
            return self.net(x).float().log_softmax(1)
        return self.log_similarity(x).view(len(x), self.classes, -1).logsumexp(2).log_softmax(1)

    @cached_property
    def class_sums(self):
        """Similarities of each reference to all others, class by class, [N, C]."""
        similarity = ((self.references @ self.references.t() - 1) / self.sigma**2).exp().fill_diagonal_(0)
        return similarity.view(len(similarity), self.classes, -1).sum(2)

    def mixture(self, x, y, weight):
        """
        The Bayes error of bank and upload together, the upload standing for `weight` pictures of class y, per picture. Every
        maximum over classes is smoothed: the 8-norm.
        """
        s = self.log_similarity(x).exp()
        own = F.one_hot(y, self.classes).float()
        error = lambda mass: 1 - (mass / mass.sum(-1, keepdim=True)).norm(8, dim=-1)
        clean = error(self.class_sums + weight * s[:, :, None] * own[:, None, :])  # [B, N]
        upload = error(s.view(len(x), self.classes, -1).sum(2) + (weight - 1) * own)
        return (weight * upload + clean.sum(1)) / (s.shape[1] + weight)


def among(y, classes):
    """[B, C]: the class y of each row, or the classes of its credible set."""
    return y if y.dtype == torch.bool else F.one_hot(y, classes).bool()


def log_error(log_p, y):
    """log(1 - p(y)), without cancellation; y is a class a row, or a set of them."""
    return log_p.masked_fill(among(y, log_p.shape[1]), -1e9).logsumexp(1)


def of_class(log_p, y):
    return log_p.masked_fill(~among(y, log_p.shape[1]), -1e9).logsumexp(1)


def credible_set(posterior, mass):
    """The likeliest classes that together have at least `mass`, [B, C]: the true one is among them oftener than it is the likeliest."""
    p, which = posterior.sort(1, descending=True)
    return torch.zeros_like(posterior, dtype=torch.bool).scatter(1, which, p.cumsum(1) - p < mass)


def overlap(log_p, y, margin=3.0):
    """The engine's: log(1 - p) with a margin of log-odds, so that there is a slope beyond the boundary."""
    return -F.softplus(of_class(log_p, y) - log_error(log_p, y) + margin)


def expected_overlap(log_p, weights):
    """The overlap that is to be expected when each class is the picture's own as often as `weights`, [B, C], say."""
    classes = range(log_p.shape[1])
    each = torch.stack([overlap(log_p, torch.full((len(log_p),), c)) for c in classes], 1)
    return (weights * each).sum(1)


# Each per picture, to be raised; y is the class of the clean picture.
OBJECTIVES = {
    "overlap": overlap,
    "expected-overlap": expected_overlap,
    "label-error": log_error,
    "log-odds": lambda log_p, y: log_error(log_p, y) - of_class(log_p, y),
    "bayes-error": lambda log_p, y: log_p.mean(1),  # KL to uniform, the summit of the Bayes error
    "entropy": lambda log_p, y: -(log_p.exp() * log_p).sum(1),
    "error-minimising": of_class,
    "targeted": of_class,  # y is the target
    "targeted-margin": lambda log_p, y: -overlap_of_target(log_p, y),
    "away-and-towards": lambda log_p, y: overlap(log_p, y) - overlap_of_target(log_p, (y + 1) % log_p.shape[1]),
}


def overlap_of_target(log_p, y, margin=3.0):
    return F.softplus(log_error(log_p, y) - of_class(log_p, y) + margin)


# Pairs of CIFAR-10 classes that look alike: aeroplane/ship, automobile/truck, bird/frog, cat/dog, deer/horse.
SIMILAR = [8, 9, 6, 5, 7, 3, 2, 4, 0, 1]


# A person's uploads follow one another in a split.
UPLOADS_OF_A_PERSON = 200


def aim(posterior, y, target, first=0, mass=0.9):
    """The class an objective is about: the clean picture's own, or another one; `first`: where in the split the pictures begin."""
    classes = posterior.shape[1]
    if target == "credible":
        return credible_set(posterior, mass)
    if target == "own":
        return y
    if target == "own-each":  # how sure the ensemble is of each class
        return posterior
    if target == "own-tempered":  # less sure than that
        return F.normalize(posterior.sqrt(), p=1, dim=1)
    if target == "own-three":  # the likeliest three
        top, which = posterior.topk(3, 1)
        return torch.zeros_like(posterior).scatter(1, which, F.normalize(top, p=1, dim=1))
    if target == "next":
        return (y + 1) % classes
    if target == "person":  # one class for all that a person uploads
        person = torch.arange(first, first + len(y)) // UPLOADS_OF_A_PERSON % classes
        return torch.where(person == y, (y + 1) % classes, person)
    if target == "similar":
        return torch.tensor(SIMILAR)[y]
    if target == "second":
        return posterior.topk(2, 1)[1][:, 1]
    raise ValueError(f"expected credible, own, own-each, own-tempered, own-three, next, person, similar or second, got {target}")


def offset_of(y, classes, bias):
    """What is added to log p: 0 for the similar class and the own one, -bias for the others."""
    if not bias:
        return 0.0
    spared = F.one_hot(torch.tensor(SIMILAR)[y], classes) + F.one_hot(y, classes)
    return -bias * (1.0 - spared)


def view(x, chance, reach=3, scale=0.0):
    """One shift, mirror and scale for a whole batch."""
    if scale and torch.rand(1, generator=chance) < 0.7:
        side = int(round(32 * (1 + scale * (2 * torch.rand(1, generator=chance).item() - 1))))
        x = F.interpolate(x, size=(side, side), mode="bilinear", antialias=True)
        if side < 32:
            x = F.pad(x, (0, 32 - side, 0, 32 - side), mode="replicate")
    room = x.shape[2] - 32
    x = F.pad(x, (reach,) * 4, mode="reflect")
    top, left = torch.randint(0, 2 * reach + 1 + room, (2,), generator=chance).tolist()
    x = x[:, :, top : top + 32, left : left + 32]
    return x.flip(3) if torch.rand(1, generator=chance) < 0.5 else x


def climb(delta, slope_at, steps, step, budget):
    """Adam with projection onto the budget. slope_at(delta): the gradient of what is to rise; step: multiples of budget / steps."""
    m, v = torch.zeros_like(delta), torch.zeros_like(delta)
    for t in range(1, steps + 1):
        slope = slope_at(delta.requires_grad_())
        with torch.no_grad():
            m = 0.9 * m + 0.1 * slope
            v = 0.99 * v + 0.01 * slope**2
            move = (m / (1 - 0.9**t)) / ((v / (1 - 0.99**t)).sqrt() + 1e-12)
            delta = (delta.detach() + step * budget / steps * move).clamp(-budget, budget)
    return delta


def ascend(
    posteriors, x, y=None, objective="overlap", target="own", steps=20, step=4.0, epsilon=8, reach=3, scale=0.0,
    coarse=1, members=0, batch=250, seed=0, labellers=(), weight=0, mass=0.9, bias=0.0,
):
    """
    Protected copies of uint8 pictures.
    y: labels, for the objectives of the literature that have them; else what the ensemble, or `labellers`, make of the clean picture
    step: size of an Adam step, in multiples of epsilon / steps; coarse: side of the perturbation's pixels
    weight: how many pictures the upload stands for in the mixture Bayes error, which then is the objective
    mass: of the credible set that is the target "credible"; bias: nats by which one similar class counts for more than the others
    members: how many surrogates, drawn anew for each step, are asked (0: all)
    """
    chance = torch.Generator().manual_seed(seed)
    out, budget = [], epsilon / 255
    raised = OBJECTIVES[objective]
    for first in range(0, len(x), batch):
        clean = unit(x[first : first + batch])
        with torch.no_grad():
            shown_clean = [clean, clean.flip(3)] if labellers else [clean]
            together = sum(p(x).exp() for p in labellers or posteriors for x in shown_clean)
            together = together / together.sum(1, keepdim=True)
        known = together.argmax(1) if y is None else y[first : first + batch]
        goal = aim(together, known, target, first, mass)
        offset = offset_of(known, together.shape[1], bias)
        side = clean.shape[2] // coarse
        delta = (torch.rand(len(clean), 3, side, side, generator=chance) * 2 - 1) * budget / 4

        def shown(d):
            d = d if coarse == 1 else F.interpolate(d, scale_factor=coarse, mode="bilinear")
            return (clean + d).clamp(0, 1).contiguous(memory_format=torch.channels_last)

        def slope_at(delta):
            seen = view(shown(delta), chance, reach, scale) if reach else shown(delta)
            asked = [posteriors[i] for i in torch.randperm(len(posteriors), generator=chance)[: members or None]]
            value = sum(p.mixture(seen, goal, weight) if weight else raised(p(seen) + offset, goal) for p in asked)
            return torch.autograd.grad(value.sum(), delta)[0]

        delta = climb(delta, slope_at, steps, step, budget)
        change = ((shown(delta) - clean) * 255).round().clamp(-epsilon, epsilon)
        out.append((clean * 255 + change).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous())
    return torch.cat(out)
