"""Surrogates, protected uploads and victims. Each is computed once, from a description that is plain JSON.

surrogate  {"family", "epochs", "seed", "part", ["width"], ["robust"],
           ["also": uploads that are added to its training data],
           ["start": the surrogate of the same family that it continues from], ["rate"]}, or
           {"file", "sha256"}: a network in one of the engine's files (planned.py)
uploads    {"kind": "clean" | "random" | "ascent" | "engine" | "outer-loop", ...}: see `protect`
victim     {"family", "uploads", "epochs", "seed", ...}: see `train_victim`
"""

import torch

import ascent
import data
import engine
import joint
import nets
import planned
import scraper
import store
import train

# Mixes are trained for this many epochs. C alone has as many updates in twice as many epochs.
EPOCHS = 12
COUNT = {"cifar10": 2000, "tiny21": 2000}


def classes_of(name):
    return int(data.load_all(name)[1].max()) + 1


def surrogate(spec):
    """A network trained according to `spec`, or its checkpoint after `epoch` epochs."""
    if "file" in spec:
        found = planned.description(spec["file"])
        if found != spec:
            raise ValueError(f"expected the file {spec}, got {found}")
        return planned.Planned(spec["file"]).eval()
    spec = dict(spec)
    name, epoch = spec.setdefault("data", "cifar10"), spec.pop("epoch", None)

    def make():
        part, count = spec.get("part", "train"), spec.get("count")
        clean, y = data.split(name, part, count)
        x = torch.cat([clean, *(protect(other, part, count, name) for other in spec.get("also", ()))])
        y = y.repeat(len(x) // len(clean))
        net = train.fit(
            spec["family"], x, y, classes_of(name), spec["epochs"], spec.get("seed", 0), batch=128,
            robust=spec.get("robust", 0), width=spec.get("width"), checkpoints=spec.get("checkpoints", ()),
            rate=spec.get("rate"), start=surrogate(spec["start"]).state_dict() if "start" in spec else None,
        )
        print("surrogate", spec["family"], "test", train.accuracy(net, *data.split(name, "test")), flush=True)
        return {"state": net.state_dict(), "kept": net.kept}

    made = store.cached("net", spec, make)
    net = nets.build(spec["family"], classes_of(name), **({"w": spec["width"]} if "width" in spec else {}))
    net.load_state_dict(made["kept"][spec["checkpoints"].index(epoch)] if epoch else made["state"])
    return net.eval()


def posteriors(specs, sigma, name="cifar10"):
    return [ascent.Posterior(surrogate(s), *data.split(name, "bank"), sigma) for s in specs]


def protect(spec, part="U", count=None, name="cifar10"):
    """
    The protected pictures of a split. `spec` is {"kind": "ascent", "surrogates": [...], "sigma", ["labelled"],
    ["labellers": networks], options of `ascend`}, or {"kind": "engine", "command", "options": words of its command
    line} (engine.py), or
    {"kind": "outer-loop", ...} (joint.py).
    """
    options = dict(spec)
    kind = options.pop("kind")
    x, y = data.split(name, part, count)
    if kind == "clean":
        return x
    if kind == "random":
        signs = torch.randint(0, 2, x.shape, generator=torch.Generator().manual_seed(1)) * 2 - 1
        return (x.int() + options["epsilon"] * signs.int()).clamp(0, 255).to(torch.uint8)

    def ascend_surrogates():
        members = posteriors(options.pop("surrogates"), options.pop("sigma", None), name)
        labels = y if options.pop("labelled", False) else None
        options["labellers"] = posteriors(options.pop("labellers", ()), None, name)
        return ascent.ascend(members, x, labels, **options)

    makers = {
        "ascent": ascend_surrogates,
        "engine": lambda: engine.protected(spec, part, count, name),
        "outer-loop": lambda: joint.outer_loop(x, y, classes_of(name), **options),
    }
    return store.cached("uploads", {"spec": spec, "part": part, "count": count, "data": name}, makers[kind])


def train_victim(spec):
    """
    Trains a network on C and uploads and measures its accuracy on clean test pictures.
    uploads: a description, or None for C alone; clean, protected: how many pictures of C and of the uploads are used
    site: treatment of the uploads; treatment: treatment of every picture, test pictures included (scraper.py)
    robust: epsilon of adversarial training, in 255ths; augment: further augmentation (scraper.py)
    """
    name = spec.get("data", "cifar10")
    count = spec.get("count", COUNT[name])
    x, y = data.split(name, "C", count)
    if spec["uploads"] is not None:
        protected, labels = protect(spec["uploads"], "U", count, name), data.split(name, "U", count)[1]
        protected = scraper.TREATMENTS[spec.get("site", "none")](protected)
        few, many = spec.get("clean", count), spec.get("protected", count)
        x, y = torch.cat([x[:few], protected[:many]]), torch.cat([y[:few], labels[:many]])
    treat = scraper.TREATMENTS[spec.get("treatment", "none")]
    net = train.fit(
        spec["family"], treat(x), y, classes_of(name), spec["epochs"], spec["seed"], robust=spec.get("robust", 0),
        augment=scraper.AUGMENTATIONS[spec.get("augment", "none")],
    )
    x_test, y_test = data.split(name, "test")
    return {"accuracy": round(train.accuracy(net, treat(x_test), y_test), 2)}


def victim(**spec):
    """
    Accuracy in percent, looked up or measured. Training in float32 on a machine without bfloat16 has its own entries,
    since the results differ a little.
    """
    if not nets.HAS_BFLOAT16 and spec["family"] not in nets.IN_FLOAT32:
        spec["precision"] = "float32"
    return store.logged("victims", spec, lambda: train_victim(spec))["accuracy"]
