"""Uploads protected by the engine itself: PNG files through `penumbra protect`, as anyone could."""

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
    """A hash of the networks that the engine has for a surrogate, so that new ones make new uploads."""
    files = sorted((ROOT / "assets" / "models").glob(f"{surrogate}-*.safetensors"))
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:12]


def protected(spec, part, count, name):
    """
    The pictures of a split as the engine wrote them, uint8. A run that was stopped goes on where it was.
    spec: {"options": words of the command line, ...}
    """
    x, _ = data.split(name, part, count)
    folder = data.CACHE / "files" / store.key({"spec": spec, "part": part, "data": name})
    (folder / "in").mkdir(parents=True, exist_ok=True)
    files = [folder / "in" / f"{i:05}.png" for i in range(len(x))]
    for file, picture in zip(files, x):
        if not file.exists():
            Image.fromarray(picture.numpy()).save(file)
    missing = [f for f in files if not (folder / "out" / f.name).exists()]
    # A process each core.
    runs = [
        subprocess.Popen(
            [ROOT / "bin/penumbra.mjs", "protect", *missing[i::2], "--out", folder / "out", *spec["options"]],
            stdout=subprocess.DEVNULL,
        )
        for i in range(2) if missing[i::2]
    ]
    for run in runs:
        if run.wait():
            raise RuntimeError("penumbra protect failed; what it said is above")
    return torch.from_numpy(np.stack([np.asarray(Image.open(folder / "out" / f.name).convert("RGB")) for f in files]))
