"""The Bayes error of the mix C + U by the paper's estimate, leave one out, on embeddings of networks that were trained
on neither.

    lab/.venv/bin/python lab/bayes.py NAME...           # names in recipes.py
"""

import sys
from functools import partial

import torch

import data
import experiment
import recipes
import store
from ascent import Posterior
from surrogates import HELD_OUT
from train import to_unit_range

SIGMA = 0.15
# A member of the ensemble, read from the engine's file, and a held-out network.
NETS = {"surrogate": recipes.FOUR_FILES[0], "held-out": HELD_OUT["vgg"]}


@torch.no_grad()
def local_errors(z, y):
    """1 - max_c p(c|i) [N] of embeddings of length 1 [N, D], each against all others."""
    classes = torch.nn.functional.one_hot(y).float()
    similarity = ((z @ z.t() - 1) / SIGMA**2).exp().fill_diagonal_(0)
    return 1 - (similarity @ classes / (similarity.sum(1, keepdim=True) + 1e-8)).amax(1)


def measure(spec, count):
    x, y = data.split("cifar10", "C", count)
    uploads, labels = experiment.protect(spec, "U", count), data.split("cifar10", "U", count)[1]
    figures = {}
    for name, net in NETS.items():
        posterior = Posterior(experiment.surrogate(net), *data.split("cifar10", "bank"), SIGMA)
        with torch.no_grad():
            z = torch.cat([posterior.embed(to_unit_range(part)) for part in torch.cat([x, uploads]).split(500)])
        errors = local_errors(z, torch.cat([y, labels]))
        figures |= {
            f"{name}, mix": round(errors.mean().item(), 3), f"{name}, clean half": round(errors[:count].mean().item(), 3),
            f"{name}, C alone": round(local_errors(z[:count], y).mean().item(), 3),
        }
    return figures


if __name__ == "__main__":

    def job(name):
        spec, count = recipes.RECIPES[name], experiment.COUNT["cifar10"]
        store.logged("bayes", {"recipe": name, "count": count, **spec}, lambda: measure(spec, count))

    store.run_in_parallel([partial(job, name) for name in sys.argv[1:]])
