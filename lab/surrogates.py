"""Descriptions of the surrogates of the searches and of the engine, and of the held-out networks."""

R9 = {"family": "resnet9", "epochs": 12, "seed": 0}
MOBILE = {"family": "mobilenet", "epochs": 8, "seed": 0, "width": 8}
PLAIN = {"family": "plain", "epochs": 12, "seed": 0, "width": 16}
ROBUST = {"family": "plain", "epochs": 10, "seed": 0, "width": 16, "robust": 2}
# These are wider, and trained on the whole `spare` split.
R14 = {"family": "resnet14", "epochs": 14, "seed": 0, "width": 32, "part": "spare"}
PLAIN32 = {"family": "plain", "epochs": 14, "seed": 0, "width": 32, "part": "spare"}
MOBILE16 = {"family": "mobilenet", "epochs": 10, "seed": 0, "width": 16, "part": "spare"}
ROBUST3 = {"family": "plain", "epochs": 8, "seed": 1, "width": 16, "part": "spare", "robust": 3}
R9_32 = {"family": "resnet9", "epochs": 12, "seed": 0, "width": 32, "part": "spare"}
R14_ROBUST = {"family": "resnet14", "epochs": 8, "seed": 1, "width": 16, "part": "spare", "robust": 3}
VIT = {"family": "vit", "epochs": 16, "seed": 3, "part": "spare"}
# Labellers: pretrained and fine-tuned.
LITE0 = {"family": "pretrained", "epochs": 2, "seed": 0, "width": 96, "part": "spare"}
LITE0_128 = {**LITE0, "start": LITE0, "epochs": 1, "seed": 1, "width": 128, "rate": 2.5e-4}
LITE0_64 = {"family": "pretrained", "epochs": 3, "seed": 0, "part": "spare"}
# These are as small as a scraper's networks might be, and are trained on as few pictures.
MIMICS = [
    {"family": family, "epochs": 24, "seed": 1, "part": "spare", "count": 4000}
    for family in ("resnet", "vgg", "mobilenet", "convnext")
]
MIMIC_VITS = [{"family": "vit", "epochs": 40, "seed": seed, "part": "spare", "count": 4000} for seed in (11, 12)]
MIMIC_RESNET = {**MIMICS[0], "epochs": 48, "seed": 11}
MORE_MIMIC_VITS = [{**MIMIC_VITS[0], "seed": seed} for seed in (13, 14)]
# Held-out networks, trained on H. The VGG chooses settings; the others only report.
HELD_OUT = {
    "vgg": {"family": "vgg", "epochs": 8, "seed": 5, "part": "H"},
    "vit": {"family": "vit", "epochs": 8, "seed": 5, "part": "H", "count": 10000},
    "vit-longer": {"family": "vit", "epochs": 12, "seed": 5, "part": "H"},
}

if __name__ == "__main__":
    from functools import partial

    import experiment
    import store

    wanted = (
        LITE0_128, R9_32, R14, PLAIN32, MOBILE16, ROBUST3, *MIMIC_VITS, *MORE_MIMIC_VITS, R9, PLAIN, *HELD_OUT.values(), MOBILE, ROBUST,
    )
    store.run_in_parallel([partial(experiment.surrogate, spec) for spec in wanted])
