"""Ways to protect, by name. All use epsilon 8/255 and no labels, unless they say so."""

import engine as engine_module
import planned
from surrogates import LITE0, LITE0_64, LITE0_128, MIMIC_RESNET, MIMIC_VITS, MIMICS, MOBILE, MOBILE16, MORE_MIMIC_VITS, PLAIN, PLAIN32, R9, R9_32, R14, R14_ROBUST, ROBUST, ROBUST3, VIT

ONE = [R9]
THREE = [R9, PLAIN, MOBILE]
WIDE = [R14, PLAIN32, MOBILE16]
CHECKPOINTS = [{**PLAIN32, "checkpoints": [3, 6, 10, 14], "epoch": epoch} for epoch in (3, 6, 10, 14)]
FOUR = [*WIDE, ROBUST3]
LABELLER = R9_32
TINY = [{**spec, "data": "tiny21", "epochs": 20} for spec in FOUR]
TINY_VITS = [{"family": "vit", "epochs": 40, "seed": seed, "part": "spare", "data": "tiny21"} for seed in (11, 12)]
TINY_VGG = {"family": "vgg", "epochs": 20, "seed": 0, "width": 32, "part": "spare", "data": "tiny21"}


def ascent(surrogates, **options):
    return {"kind": "ascent", "surrogates": surrogates, "sigma": 0.3, **options}


def retrained(spec, generation):
    """
    A surrogate that was trained on pictures protected against the generation before it: the paper's outer loop, done
    in advance.
    """
    return {**spec, "epochs": 10, "count": 4000, "also": generation}


def files_of(surrogate, *names):
    """The engine's own networks, read from its files."""
    return [planned.description(f"{surrogate}-{name}") for name in names]


MEMBERS = ("resnet14", "plain", "mobilenet", "robust")
FOUR_FILES = files_of("cifar10", *MEMBERS)
# The labeller before it was fine-tuned at 128 pixels too.
LITE0_FILE = [{"file": "cifar10-efficientnet-lite0", "sha256": "7f382dbe4c71"}]
SIX_FILES = [*FOUR_FILES, *MIMIC_VITS]
EIGHT_FILES = [*SIX_FILES, *MORE_MIMIC_VITS]
SHIPPED_FILES = files_of("cifar10", *MEMBERS, "vit", "vit-2")


def ascent_40_steps(surrogates, **options):
    return ascent(surrogates, **{"labellers": LITE0_FILE, "steps": 40, "step": 8.0, **options})


FIRST = ascent([R9, PLAIN], steps=6)
SECOND = [retrained(PLAIN, [FIRST]), retrained(R9, [FIRST])]


# Hash of the engine's networks for CIFAR-10 (engine.networks) before its labeller was fine-tuned at 128 pixels too.
AT_96 = "05e79f013de2"


def engine(surrogate, *options, command="protect", networks=None, **more):
    """
    Files that the engine writes, or wrote with earlier `networks`. New networks, or other values in `more`, lead to
    new files.
    """
    words = ["--surrogate", surrogate, *options]
    return {"kind": "engine", "command": command, "options": words, "networks": networks or engine_module.networks(surrogate), **more}


RECIPES = {
    "clean": {"kind": "clean"},
    "random": {"kind": "random", "epsilon": 8},
    # The method of the literature: own label, one surrogate, no views.
    "error-minimising": {
        "kind": "ascent", "surrogates": ONE, "labelled": True, "objective": "error-minimising", "reach": 0, "step": 2.0
    },
    "trial": ascent(ONE, objective="label-error"),
    # Each of these changes one thing.
    "margin": ascent(ONE),
    "log-odds": ascent(ONE, objective="log-odds"),
    "scale": ascent(ONE, scale=0.2),
    "three": ascent(THREE),
    "three-drawn-one": ascent(THREE, members=1),
    "three-robust": ascent([*THREE, ROBUST]),
    "three-log-odds": ascent(THREE, objective="log-odds"),
    "three-10": ascent(THREE, steps=10),
    "three-step-8": ascent(THREE, step=8.0),
    "three-sigma-0.2": ascent(THREE, sigma=0.2),
    "three-sigma-0.5": ascent(THREE, sigma=0.5),
    "three-similar": ascent(THREE, objective="targeted-margin", target="similar"),
    "outer": ascent([PLAIN, R9, *SECOND], members=2),
    "five": ascent([*THREE, *SECOND]),
    "wide": ascent(WIDE),
    "wide-robust": ascent(FOUR),
    "wide-robust-labelled": ascent(FOUR, labelled=True),
    "wide-robust-expected": ascent(FOUR, labellers=FOUR, objective="expected-overlap", target="own-each"),
    "wide-robust-tempered": ascent(FOUR, labellers=FOUR, objective="expected-overlap", target="own-tempered"),
    "four": ascent(FOUR, labellers=[LABELLER]),
    "four-expected": ascent(FOUR, labellers=[LABELLER], objective="expected-overlap", target="own-three"),
    "four-vit": ascent([*FOUR, VIT], labellers=[LABELLER]),
    "four-mixture-10": ascent(FOUR, labellers=[LABELLER], weight=10),
    "four-mixture-100": ascent(FOUR, labellers=[LABELLER], weight=100),
    "four-mixture-1000": ascent(FOUR, labellers=[LABELLER], weight=1000),
    "four-coarse": ascent(FOUR, labellers=[LABELLER], coarse=2),
    "four-next": ascent(FOUR, labellers=[LABELLER], objective="targeted-margin", target="next"),
    "four-similar": ascent(FOUR, labellers=[LABELLER], objective="targeted-margin", target="similar"),
    "four-second": ascent(FOUR, labellers=[LABELLER], objective="targeted-margin", target="second"),
    "four-40": ascent(FOUR, labellers=[LABELLER], steps=40, step=8.0),
    "four-head": ascent(FOUR, labellers=[LABELLER], sigma=None),
    "four-still": ascent(FOUR, labellers=[LABELLER], reach=0),
    "strong-robust-two": ascent([R14, PLAIN32, ROBUST3, R14_ROBUST]),
    "wide-mimics": ascent([*WIDE, *MIMICS], members=3),
    "named": ascent(FOUR, labellers=[R9_32, LITE0_64]),
    "named-both": ascent(FOUR, labellers=[R9_32, LITE0_64], objective="away-and-towards"),
    "named-vit-mimics": ascent([*FOUR, *MIMIC_VITS], labellers=[R9_32, LITE0_64]),
    "named-person": ascent(FOUR, labellers=[R9_32, LITE0_64], objective="targeted-margin", target="person"),
    "plain": ascent([PLAIN32]),
    "self-ensemble": ascent(CHECKPOINTS),
    "four-bayes-error": ascent(FOUR, objective="bayes-error"),
    "four-error-minimising": ascent(FOUR, objective="error-minimising", labelled=True),
    # These use the networks in the engine's files.
    "files": ascent(FOUR_FILES, labellers=LITE0_FILE),
    "files-40": ascent(FOUR_FILES, labellers=LITE0_FILE, steps=40, step=8.0),
    "files-credible": ascent(FOUR_FILES, labellers=LITE0_FILE, target="credible"),
    "six": ascent_40_steps(SIX_FILES),
    "six-credible": ascent_40_steps(SIX_FILES, target="credible"),
    "six-credible-biased": ascent_40_steps(SIX_FILES, target="credible", bias=3.0),
    "six-credible-three-asked": ascent_40_steps(SIX_FILES, target="credible", members=3),
    "eight-credible": ascent_40_steps(EIGHT_FILES, target="credible"),
    "eight-four-asked": ascent_40_steps(EIGHT_FILES, members=4, steps=60, step=12.0),
    # The same networks, all from their files, and additions that might help.
    "shipped": ascent_40_steps(SHIPPED_FILES),
    "shipped-labelled": ascent_40_steps(SHIPPED_FILES, labelled=True),
    "shipped-small": ascent_40_steps([*SHIPPED_FILES, MIMIC_RESNET, MORE_MIMIC_VITS[0]]),
    # As in the engine: with its labeller and four small transformers.
    "four-vits": ascent_40_steps([*SHIPPED_FILES, *MORE_MIMIC_VITS], labellers=files_of("cifar10", "efficientnet-lite0")),
    # The paper's own setting: a set with known labels, and an extractor that is retrained on it in every round.
    "outer-loop": {"kind": "outer-loop", "family": "resnet9", "epochs": 24, "rounds": 3},
    # The engine's own files, which are what counts. Its labeller uses this many views.
    "engine": engine("cifar10", views=6),
    "engine-set": engine("cifar10", "--seed", "1", "--passes", "2", command="protect-set"),
    "engine-tiny": engine("tiny-imagenet-21", views=6),
    # The engine with two of its four small transformers.
    "engine-six": engine("cifar10", views=6, networks="e780d7e853e7"),
    # Earlier: the labeller was fine-tuned at 96 pixels only, and then used a picture and its mirror image only.
    "engine-96": engine("cifar10", views=6, networks=AT_96),
    "engine-two-views": engine("cifar10", networks=AT_96),
    "engine-tiny-two-views": engine("tiny-imagenet-21"),
    # The ascent moves away from all classes of a credible set of 90 %.
    "engine-credible": engine("cifar10", credible=0.9, networks=AT_96),
    # Earlier: no transformers, away from one class, 20 steps.
    "engine-four": engine("cifar10", networks="a86675498959"),
    "engine-tiny-four": engine("tiny-imagenet-21", networks="c2db7dbd5d37"),
    "engine-set-four": engine(
        "cifar10", "--seed", "1", "--passes", "2", command="protect-set", networks="a86675498959"
    ),
    # Still earlier: a ResNet-9 is the labeller.
    "engine-resnet9": engine("cifar10", networks="f0d3d5732257"),
    "engine-tiny-resnet9": engine("tiny-imagenet-21", networks="2c63e184a033"),
}

# The networks that the engine ships, by the name of its surrogate; see export_surrogates.py.
SHIPPED = {
    "cifar10": {"members": [*FOUR, *MIMIC_VITS, *MORE_MIMIC_VITS], "labeller": LITE0_128},
    "tiny-imagenet-21": {"members": [*TINY, *TINY_VITS, TINY_VGG], "labeller": {**LITE0, "data": "tiny21", "epochs": 8}},
}
