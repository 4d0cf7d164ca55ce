"""Uploads that the engine itself protects: PNG files, through the command line."""

import hashlib
import subprocess
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import data
import store

ROOT = Path(__file__).resolve().parents[1]


def networks(surrogate):
    """A hash of the engine's network files for a surrogate, so that new networks lead to new uploads."""
    files = sorted((ROOT / "assets" / "lab").glob(f"{surrogate}-*.safetensors"))
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:12]


def protected(spec, part, count, name):
    """
    The pictures of a split as the engine wrote them, uint8. An interrupted run continues where it stopped.
    spec: {"command": "protect", which gets no labels, or "protect-set", "options": words of the command line}
    """
    x, y = data.split(name, part, count)
    folder = data.CACHE / "files" / store.key({"spec": spec, "part": part, "data": name})
    whole = spec["command"] == "protect-set"
    names = [f"{label:02}/{i:05}.png" if whole else f"{i:05}.png" for i, label in enumerate(y.tolist())]
    for file, picture in zip(names, x):
        path = folder / "in" / file
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture.numpy()).save(path)
    missing = [folder / "in" / file for file in names if not (folder / "out" / file).exists()]
    now = networks(spec["options"][1])
    if missing and spec["networks"] != now:
        raise ValueError(f"expected the engine's networks {spec['networks']}, got {now}: its files of before cannot be made again")
    # There is one process for each core; a set is protected as a whole by one process.
    inputs = [[folder / "in"]] if whole and missing else [missing[i::2] for i in range(2) if missing[i::2]]
    command = [ROOT / "bin" / "penumbra.mjs", spec["command"]]
    runs = [
        subprocess.Popen([*command, *some, "--out", folder / "out", "--budget", "8", *spec["options"]], stdout=subprocess.DEVNULL)
        for some in inputs
    ]
    if any([run.wait() for run in runs]):
        raise RuntimeError(f"penumbra {spec['command']} failed; what it said is above")
    return torch.from_numpy(np.stack([np.asarray(Image.open(folder / "out" / f).convert("RGB")) for f in names]))
