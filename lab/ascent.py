"""The engine's ascent in PyTorch: projected gradient ascent on the posterior of an ensemble of surrogates, within a
budget.

A surrogate's posterior is kernel averaging over its prototype bank on unit-length embeddings (docs/method.md). The
value of an ensemble is the mean over its members. No label is needed: y0 is the class that the ensemble predicts for
the clean picture.
"""

from functools import cached_property

import torch
from torch.nn import functional as F

from train import to_unit_range


class Posterior:
    """log p(c|x) of one surrogate, by its prototype bank, or by its linear head where `sigma` is None."""

    def __init__(self, net, bank, labels, sigma):
        self.net, self.sigma = net.requires_grad_(False), sigma
        self.classes = int(labels.max()) + 1
        self.references = torch.cat([self.embed(to_unit_range(part)) for part in bank.split(500)])  # sorted by class

    def embed(self, x):
        return F.normalize(self.net.embed(x).float(), dim=1)

    def log_similarity(self, x):
        """Log-similarity of each picture to each reference, [B, N]."""
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
        """Similarities of each reference to all others, summed by class, [N, C]."""
        similarity = ((self.references @ self.references.t() - 1) / self.sigma**2).exp().fill_diagonal_(0)
        return similarity.view(len(similarity), self.classes, -1).sum(2)

    def mixture_bayes_error(self, x, y, weight):
        """
        The Bayes error of the mixture of bank and upload, for each picture [B]. The upload counts for `weight`
        pictures of class y. The 8-norm replaces every maximum over classes, so that the value is smooth.
        """
        s = self.log_similarity(x).exp()
        own = F.one_hot(y, self.classes).float()
        error = lambda mass: 1 - (mass / mass.sum(-1, keepdim=True)).norm(8, dim=-1)
        clean = error(self.class_sums + weight * s[:, :, None] * own[:, None, :])  # [B, N]
        upload = error(s.view(len(x), self.classes, -1).sum(2) + (weight - 1) * own)
        return (weight * upload + clean.sum(1)) / (s.shape[1] + weight)


def class_mask(y, classes):
    """Boolean mask [B, C]: the class y of each row, or the classes of its credible set."""
    return y if y.dtype == torch.bool else F.one_hot(y, classes).bool()


def log_label_error(log_p, y):
    """log(1 - p(y)) without cancellation. y has one class for each row, or a set of classes."""
    return log_p.masked_fill(class_mask(y, log_p.shape[1]), -1e9).logsumexp(1)


def log_p_of_class(log_p, y):
    return log_p.masked_fill(~class_mask(y, log_p.shape[1]), -1e9).logsumexp(1)


def credible_set(posterior, mass):
    """
    Mask [B, C] of the most likely classes whose probabilities sum to `mass` at least. It contains the true class more
    often than the top-1 does.
    """
    p, which = posterior.sort(1, descending=True)
    return torch.zeros_like(posterior, dtype=torch.bool).scatter(1, which, p.cumsum(1) - p < mass)


def overlap(log_p, y, margin=3.0):
    """
    The engine's loss: log(1 - p) with a margin of log-odds, so that there is a gradient beyond the decision boundary.
    """
    return -F.softplus(log_p_of_class(log_p, y) - log_label_error(log_p, y) + margin)


def expected_overlap(log_p, weights):
    """The expected overlap, where `weights` [B, C] are the probabilities of each class being the picture's own."""
    classes = range(log_p.shape[1])
    each = torch.stack([overlap(log_p, torch.full((len(log_p),), c)) for c in classes], 1)
    return (weights * each).sum(1)


# Losses that the ascent maximises, one value for each picture; y is the class of the clean picture.
OBJECTIVES = {
    "overlap": overlap,
    "expected-overlap": expected_overlap,
    "label-error": log_label_error,
    "log-odds": lambda log_p, y: log_label_error(log_p, y) - log_p_of_class(log_p, y),
    "bayes-error": lambda log_p, y: log_p.mean(1),  # minus the KL divergence to uniform, which has the same maximum as the Bayes error
    "entropy": lambda log_p, y: -(log_p.exp() * log_p).sum(1),
    "error-minimising": log_p_of_class,
    "targeted": log_p_of_class,  # y is the target
    "targeted-margin": lambda log_p, y: -target_overlap(log_p, y),
    "away-and-towards": lambda log_p, y: overlap(log_p, y) - target_overlap(log_p, (y + 1) % log_p.shape[1]),
}


def target_overlap(log_p, y, margin=3.0):
    return F.softplus(log_label_error(log_p, y) - log_p_of_class(log_p, y) + margin)


# Pairs of similar CIFAR-10 classes: aeroplane/ship, automobile/truck, bird/frog, cat/dog, deer/horse.
SIMILAR = [8, 9, 6, 5, 7, 3, 2, 4, 0, 1]


# Uploads of one person are consecutive in a split.
UPLOADS_OF_A_PERSON = 200


def target_classes(posterior, y, target, first=0, mass=0.9):
    """
    The class, set of classes or class weights that the loss refers to. `first` is the index in the split at which the
    pictures begin.
    """
    classes = posterior.shape[1]
    if target == "credible":
        return credible_set(posterior, mass)
    if target == "own":
        return y
    if target == "own-each":  # weights: the ensemble's posterior
        return posterior
    if target == "own-tempered":  # a flatter posterior
        return F.normalize(posterior.sqrt(), p=1, dim=1)
    if target == "own-three":  # the three most likely classes
        top, which = posterior.topk(3, 1)
        return torch.zeros_like(posterior).scatter(1, which, F.normalize(top, p=1, dim=1))
    if target == "next":
        return (y + 1) % classes
    if target == "person":  # one class for all uploads of a person
        person = torch.arange(first, first + len(y)) // UPLOADS_OF_A_PERSON % classes
        return torch.where(person == y, (y + 1) % classes, person)
    if target == "similar":
        return torch.tensor(SIMILAR)[y]
    if target == "second":
        return posterior.topk(2, 1)[1][:, 1]
    raise ValueError(f"expected credible, own, own-each, own-tempered, own-three, next, person, similar or second, got {target}")


def class_offset(y, classes, bias):
    """Is added to log p: 0 for the similar class and the picture's own class, -bias for the others."""
    if not bias:
        return 0.0
    spared = F.one_hot(torch.tensor(SIMILAR)[y], classes) + F.one_hot(y, classes)
    return -bias * (1.0 - spared)


def random_view(x, generator, reach=3, scale=0.0):
    """A random view: one shift, mirror and scale for a whole batch."""
    if scale and torch.rand(1, generator=generator) < 0.7:
        side = int(round(32 * (1 + scale * (2 * torch.rand(1, generator=generator).item() - 1))))
        x = F.interpolate(x, size=(side, side), mode="bilinear", antialias=True)
        if side < 32:
            x = F.pad(x, (0, 32 - side, 0, 32 - side), mode="replicate")
    room = x.shape[2] - 32
    x = F.pad(x, (reach,) * 4, mode="reflect")
    top, left = torch.randint(0, 2 * reach + 1 + room, (2,), generator=generator).tolist()
    x = x[:, :, top : top + 32, left : left + 32]
    return x.flip(3) if torch.rand(1, generator=generator) < 0.5 else x


def projected_adam(delta, gradient_at, steps, step, budget):
    """
    Adam ascent with projection onto the budget. gradient_at(delta) returns the gradient to ascend; `step` is in
    multiples of budget / steps.
    """
    m, v = torch.zeros_like(delta), torch.zeros_like(delta)
    for t in range(1, steps + 1):
        gradient = gradient_at(delta.requires_grad_())
        with torch.no_grad():
            m = 0.9 * m + 0.1 * gradient
            v = 0.99 * v + 0.01 * gradient**2
            update = (m / (1 - 0.9**t)) / ((v / (1 - 0.99**t)).sqrt() + 1e-12)
            delta = (delta.detach() + step * budget / steps * update).clamp(-budget, budget)
    return delta


def ascend(
    posteriors, x, y=None, objective="overlap", target="own", steps=20, step=4.0, epsilon=8, reach=3, scale=0.0,
    coarse=1, members=0, batch=250, seed=0, labellers=(), weight=0, mass=0.9, bias=0.0,
):
    """
    Returns protected copies of uint8 pictures x, [N, H, W, 3].
    y: labels, for the objectives of the literature that use them; otherwise the ensemble, or `labellers`, predict
    them from the clean picture
    step: size of an Adam step, in multiples of epsilon / steps; coarse: side of the perturbation's pixels
    weight: if not 0, the objective is the mixture Bayes error, in which the upload counts for this many pictures
    mass: probability of the credible set for the target "credible"; bias: nats by which one similar class counts for
    more than the others
    members: how many surrogates each step draws at random (0: all)
    """
    generator = torch.Generator().manual_seed(seed)
    out, budget = [], epsilon / 255
    objective_of = OBJECTIVES[objective]
    for first in range(0, len(x), batch):
        clean = to_unit_range(x[first : first + batch])
        with torch.no_grad():
            clean_views = [clean, clean.flip(3)] if labellers else [clean]
            mean_posterior = sum(p(x).exp() for p in labellers or posteriors for x in clean_views)
            mean_posterior = mean_posterior / mean_posterior.sum(1, keepdim=True)
        labels = mean_posterior.argmax(1) if y is None else y[first : first + batch]
        targets = target_classes(mean_posterior, labels, target, first, mass)
        offset = class_offset(labels, mean_posterior.shape[1], bias)
        side = clean.shape[2] // coarse
        delta = (torch.rand(len(clean), 3, side, side, generator=generator) * 2 - 1) * budget / 4

        def perturbed(d):
            d = d if coarse == 1 else F.interpolate(d, scale_factor=coarse, mode="bilinear")
            return (clean + d).clamp(0, 1).contiguous(memory_format=torch.channels_last)

        def gradient_at(delta):
            views = random_view(perturbed(delta), generator, reach, scale) if reach else perturbed(delta)
            drawn = [posteriors[i] for i in torch.randperm(len(posteriors), generator=generator)[: members or None]]
            value = sum(p.mixture_bayes_error(views, targets, weight) if weight else objective_of(p(views) + offset, targets) for p in drawn)
            return torch.autograd.grad(value.sum(), delta)[0]

        delta = projected_adam(delta, gradient_at, steps, step, budget)
        change = ((perturbed(delta) - clean) * 255).round().clamp(-epsilon, epsilon)
        out.append((clean * 255 + change).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous())
    return torch.cat(out)
