"""Measures the learning gain: trains victims on C and uploads, and victims on C alone.

    lab/.venv/bin/python lab/victims.py ROWS:FAMILIES:SEEDS... [KEY=VALUE...]

for example alone,clean,three:vgg,vit:0,1,2. Families are those of nets.py. A row is `alone` (C only, as many updates
as a mix), `alone-short` (as many epochs), or a name in recipes.py, with a suffix such as `+jpeg75` for the site's
treatment of the uploads. `@24` sets the epochs. KEY=VALUE goes into every description: treatment=jpeg75 (the
scraper's treatment of every picture), robust=2, data=tiny21, clean=0 (uploads alone).
"""

import sys
from functools import partial

import experiment
import recipes
import store


def job(row, family, seed, **options):
    row, _, wanted = row.partition("@")
    options = {**options, **({"epochs": int(wanted)} if wanted else {})}
    if row.startswith("alone"):
        epochs = experiment.EPOCHS * (1 if row == "alone-short" else 2)
        return partial(experiment.victim, **{"family": family, "seed": seed, "uploads": None, "epochs": epochs, **options})
    name, _, site = row.partition("+")
    spec = {"uploads": recipes.RECIPES[name], "epochs": experiment.EPOCHS, **({"site": site} if site else {})}
    return partial(experiment.victim, **{"family": family, "seed": seed, **spec, **options})


def main(arguments):
    overrides = dict(argument.split("=") for argument in arguments if "=" in argument)
    overrides = {k: int(v) if v.isdigit() else v for k, v in overrides.items()}
    groups = [[part.split(",") for part in argument.split(":")] for argument in arguments if "=" not in argument]
    store.run_in_parallel(
        job(row, family, int(seed), **overrides)
        for rows, families, seeds in groups for seed in seeds for row in rows for family in families
    )


if __name__ == "__main__":
    main(sys.argv[1:])
