"""Learners on a frozen pretrained network: a linear probe and the nearest neighbour."""

import random

import torch
from torch.nn import functional as F

DRAWS = 8
PER_DRAW = 6


def linear_probe(x, y, x_test, y_test):
    """
    Accuracy in percent of multinomial logistic regression on unit-length embeddings (times 20; weight decay 1e-3;
    L-BFGS).
    x: [N, D]; y: [N], 0..C-1
    """
    x, x_test = F.normalize(x), F.normalize(x_test)
    classes = int(y_test.max()) + 1
    weights, bias = torch.zeros(x.shape[1], classes, requires_grad=True), torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, bias], max_iter=300, history_size=20)

    def loss():
        optimiser.zero_grad()
        value = F.cross_entropy(20 * (x @ weights) + bias, y) + 1e-3 * (weights**2).sum()
        value.backward()
        return value

    optimiser.step(loss)
    return percent(((20 * (x_test @ weights) + bias).argmax(1) == y_test))


def nearest_neighbour(x, y, x_test, y_test):
    """Accuracy in percent of the nearest neighbour by cosine similarity."""
    return percent(y[(F.normalize(x_test) @ F.normalize(x).t()).argmax(1)] == y_test)


LEARNERS = {"probe": linear_probe, "1-nn": nearest_neighbour}


def percent(right):
    return 100 * right.float().mean().item()


def draws(y_c, y_u, count=DRAWS):
    """Yields `count` draws: the indices of some clean pictures and of some uploads of each class."""
    rng = random.Random(1)
    some = lambda y, c: rng.sample((y == c).nonzero()[:, 0].tolist(), min(PER_DRAW, int((y == c).sum())))
    for _ in range(count):
        classes = range(int(y_c.max()) + 1)
        yield [i for c in classes for i in some(y_c, c)], [i for c in classes for i in some(y_u, c)]


def gains(learner, clean, uploads, test, count=DRAWS):
    """
    Gains of uploads in points, [treatments, draws].
    clean: (x, y); test: (x, y); uploads: (list of x, one for each treatment of the same uploads; y)
    """
    learn, (x_c, y_c), (treated, y_u) = LEARNERS[learner], clean, uploads
    found = []
    for c, u in draws(y_c, y_u, count):
        alone = learn(x_c[c], y_c[c], *test)
        y = torch.cat([y_c[c], y_u[u]])
        found.append([learn(torch.cat([x_c[c], x[u]]), y, *test) - alone for x in treated])
    return torch.tensor(found).t()
