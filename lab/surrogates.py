"""The surrogates of the search, and the nets that only judge."""

R9 = {"family": "resnet9", "epochs": 12, "seed": 0}
MOBILE = {"family": "mobilenet", "epochs": 8, "seed": 0, "width": 8}
PLAIN = {"family": "plain", "epochs": 12, "seed": 0, "width": 16}
ROBUST = {"family": "plain", "epochs": 10, "seed": 0, "width": 16, "robust": 2}
# Wider, and trained on all that is to spare.
R14 = {"family": "resnet14", "epochs": 14, "seed": 0, "width": 32, "part": "spare"}
PLAIN32 = {"family": "plain", "epochs": 14, "seed": 0, "width": 32, "part": "spare"}
MOBILE16 = {"family": "mobilenet", "epochs": 10, "seed": 0, "width": 16, "part": "spare"}
# Trained on H; VGG chooses settings, the others only report.
JUDGES = {
    "vgg": {"family": "vgg", "epochs": 8, "seed": 5, "part": "H"},
    "vit": {"family": "vit", "epochs": 8, "seed": 5, "part": "H", "count": 10000},
}

if __name__ == "__main__":
    from functools import partial

    import experiment
    import store

    wanted = (R9, PLAIN, JUDGES["vgg"], MOBILE, JUDGES["vit"], ROBUST)
    store.side_by_side([partial(experiment.surrogate, spec) for spec in wanted])
