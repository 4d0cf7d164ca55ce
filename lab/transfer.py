"""Search by transfer: what nets that took no part make of 500 uploads, as they are and after JPEG 75.

    lab/.venv/bin/python lab/transfer.py NAME...        # of recipes.py; without names, all of them
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
from surrogates import JUDGES
from train import unit

COUNT = 500


@torch.no_grad()
def label_error(judge, x, y):
    return (1 - judge(unit(x)).exp().gather(1, y[:, None])).mean().item()


def measure(spec):
    clean, y = data.split("cifar10", "U", COUNT)
    shown = experiment.protect(spec, "U", COUNT)
    change = (shown.float() - clean.float()).square().mean()
    figures = {"psnr": round(10 * torch.log10(255**2 / change).item(), 1) if change else None}
    for name, judge in JUDGES.items():
        posterior = Posterior(experiment.surrogate(judge), *data.split("cifar10", "bank"), 0.15)
        figures[name] = round(label_error(posterior, shown, y), 3)
        figures[f"{name} jpeg75"] = round(label_error(posterior, scraper.TREATMENTS["jpeg75"](shown), y), 3)
    return figures


if __name__ == "__main__":

    def search(name):
        spec = recipes.RECIPES[name]
        store.logged("transfer", {"recipe": name, **spec}, lambda: measure(spec))

    store.side_by_side([partial(search, name) for name in sys.argv[1:] or recipes.RECIPES])
