"""Ways to protect, by name. All at epsilon 8/255 and without labels, unless they say so."""

import engine as written
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


def again(spec, generation):
    """A surrogate that has learned from pictures protected against the generation before it: the paper's outer loop, off-line."""
    return {**spec, "epochs": 10, "count": 4000, "also": generation}


def files_of(surrogate, *names):
    """The engine's own networks, as they are in its files."""
    return [planned.description(f"{surrogate}-{name}") for name in names]


MEMBERS = ("resnet14", "plain", "mobilenet", "robust")
FOUR_FILES = files_of("cifar10", *MEMBERS)
# As it was before it was fine-tuned at 128 pixels too.
LITE0_FILE = [{"file": "cifar10-efficientnet-lite0", "sha256": "7f382dbe4c71"}]
SIX_FILES = [*FOUR_FILES, *MIMIC_VITS]
EIGHT_FILES = [*SIX_FILES, *MORE_MIMIC_VITS]
SHIPPED_FILES = files_of("cifar10", *MEMBERS, "vit", "vit-2")


def forty(surrogates, **options):
    return ascent(surrogates, **{"labellers": LITE0_FILE, "steps": 40, "step": 8.0, **options})


FIRST = ascent([R9, PLAIN], steps=6)
SECOND = [again(PLAIN, [FIRST]), again(R9, [FIRST])]


# What the engine's networks for CIFAR-10 were (engine.networks) before its labeller was fine-tuned at 128 pixels too.
AT_96 = "05e79f013de2"


def engine(surrogate, *options, command="protect", networks=None, **more):
    """Files that the engine writes, or wrote with `networks` of before; new networks, or `more`, make new ones."""
    words = ["--surrogate", surrogate, *options]
    return {"kind": "engine", "command": command, "options": words, "networks": networks or written.networks(surrogate), **more}


RECIPES = {
    "clean": {"kind": "clean"},
    "random": {"kind": "random", "epsilon": 8},
    # The literature's, as in the trial: own label, one surrogate, no views.
    "error-minimising": {
        "kind": "ascent", "surrogates": ONE, "labelled": True, "objective": "error-minimising", "reach": 0, "step": 2.0
    },
    "trial": ascent(ONE, objective="label-error"),
    # One change at a time.
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
    # With the networks of the engine's files.
    "files": ascent(FOUR_FILES, labellers=LITE0_FILE),
    "files-40": ascent(FOUR_FILES, labellers=LITE0_FILE, steps=40, step=8.0),
    "files-credible": ascent(FOUR_FILES, labellers=LITE0_FILE, target="credible"),
    "six": forty(SIX_FILES),
    "six-credible": forty(SIX_FILES, target="credible"),
    "six-credible-biased": forty(SIX_FILES, target="credible", bias=3.0),
    "six-credible-three-asked": forty(SIX_FILES, target="credible", members=3),
    "eight-credible": forty(EIGHT_FILES, target="credible"),
    "eight-four-asked": forty(EIGHT_FILES, members=4, steps=60, step=12.0),
    # The same networks all from their files, and what might help them.
    "shipped": forty(SHIPPED_FILES),
    "shipped-labelled": forty(SHIPPED_FILES, labelled=True),
    "shipped-small": forty([*SHIPPED_FILES, MIMIC_RESNET, MORE_MIMIC_VITS[0]]),
    # As the engine does: with its labeller and four small transformers.
    "four-vits": forty([*SHIPPED_FILES, *MORE_MIMIC_VITS], labellers=files_of("cifar10", "efficientnet-lite0")),
    # The paper's own setting: a set whose labels are known, and an extractor that learns from it, anew in every round.
    "outer-loop": {"kind": "outer-loop", "family": "resnet9", "epochs": 24, "rounds": 3},
    # What counts: the engine's own files. Its labeller sees this many views.
    "engine": engine("cifar10", views=6),
    "engine-set": engine("cifar10", "--seed", "1", "--passes", "2", command="protect-set"),
    "engine-tiny": engine("tiny-imagenet-21", views=6),
    # With two of its four small transformers.
    "engine-six": engine("cifar10", views=6, networks="e780d7e853e7"),
    # Before, when its labeller had been fine-tuned at 96 pixels only, and when it saw the picture and its mirror image.
    "engine-96": engine("cifar10", views=6, networks=AT_96),
    "engine-two-views": engine("cifar10", networks=AT_96),
    "engine-tiny-two-views": engine("tiny-imagenet-21"),
    # Away from all classes of a credible set of 90 %.
    "engine-credible": engine("cifar10", credible=0.9, networks=AT_96),
    # Before two small transformers were asked too, away from one class, in 20 steps.
    "engine-four": engine("cifar10", networks="a86675498959"),
    "engine-tiny-four": engine("tiny-imagenet-21", networks="c2db7dbd5d37"),
    "engine-set-four": engine(
        "cifar10", "--seed", "1", "--passes", "2", command="protect-set", networks="a86675498959"
    ),
    # By the networks of before, of which a ResNet-9 named the pictures.
    "engine-resnet9": engine("cifar10", networks="f0d3d5732257"),
    "engine-tiny-resnet9": engine("tiny-imagenet-21", networks="2c63e184a033"),
}

# What the engine gets, by the name of its surrogate; see export_surrogates.py.
SHIPPED = {
    "cifar10": {"members": [*FOUR, *MIMIC_VITS, *MORE_MIMIC_VITS], "labeller": LITE0_128},
    "tiny-imagenet-21": {"members": [*TINY, *TINY_VITS, TINY_VGG], "labeller": {**LITE0, "data": "tiny21", "epochs": 8}},
}
