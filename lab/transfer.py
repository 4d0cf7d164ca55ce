"""Search by transfer: the label error of held-out networks on 500 uploads, as they are and after JPEG 75.

    lab/.venv/bin/python lab/transfer.py NAME...        # names in recipes.py; without names, all of them
"""

import sys
from functools import partial

import torch

import data
import experiment
import recipes
import scraper
import store
from ascent import Posterior
from surrogates import HELD_OUT
from train import to_unit_range

COUNT = 500


@torch.no_grad()
def label_error(network, x, y):
    return (1 - network(to_unit_range(x)).exp().gather(1, y[:, None])).mean().item()


def measure(spec):
    clean, y = data.split("cifar10", "U", COUNT)
    protected = experiment.protect(spec, "U", COUNT)
    change = (protected.float() - clean.float()).square().mean()
    figures = {"psnr": round(10 * torch.log10(255**2 / change).item(), 1) if change else None}
    for name, network in HELD_OUT.items():
        posterior = Posterior(experiment.surrogate(network), *data.split("cifar10", "bank"), 0.15)
        figures[name] = round(label_error(posterior, protected, y), 3)
        figures[f"{name} jpeg75"] = round(label_error(posterior, scraper.TREATMENTS["jpeg75"](protected), y), 3)
    return figures


if __name__ == "__main__":

    def search(name):
        spec = recipes.RECIPES[name]
        store.logged("transfer", {"recipe": name, **spec}, lambda: measure(spec))

    store.run_in_parallel([partial(search, name) for name in sys.argv[1:] or recipes.RECIPES])
