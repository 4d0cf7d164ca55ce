"""The engine's networks, read back from its files, with rounded weights and folded batch norm.

The files are those of export_surrogates.py. A search can use the shipped networks without training them again.
"""

import hashlib
import json
from collections import defaultdict

import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F

import nets
from convert_efficientnet_lite0 import LAB_NETWORKS


def description(name):
    """
    The description of a surrogate for experiment.py. It contains the file's hash, so that another file is another
    surrogate.
    """
    return {"file": name, "sha256": hashlib.sha256((LAB_NETWORKS / f"{name}.safetensors").read_bytes()).hexdigest()[:12]}


def steps_of(plan):
    """Every step of a plan, those of its branches included."""
    for step in plan:
        yield step
        for branch in ("residual", "shortcut"):
            yield from steps_of(step.get(branch, []))


def run(plan, layers, x):
    """
    Runs a plan. layers: for each number in the plan its tensors by name ("kernel", "bias", "places"), in PyTorch's
    layout.
    """
    for step in plan:
        x = run_step(step, layers, x)
    return x


def run_step(step, layers, x):
    if "residual" in step:
        x = run(step.get("shortcut", []), layers, x) + run(step["residual"], layers, x)
        return x.clamp(0, 6) if step.get("activation") == "relu6" else x
    if "maxPool" in step:
        return F.max_pool2d(x, step["maxPool"])
    if "places" in step:
        return x + layers[step["places"]]["places"]
    if "normalisation" in step:
        return F.layer_norm(x.movedim(1, 3), x.shape[1:2], eps=step["normalisation"]).movedim(3, 1)
    if "gelu" in step:
        return F.gelu(x)
    if "attention" in step:
        b, _, h, w = x.shape
        q, k, v = x.reshape(b, 3, step["attention"], -1, h * w).transpose(3, 4).unbind(1)
        return F.scaled_dot_product_attention(q, k, v, scale=1).transpose(2, 3).reshape(b, -1, h, w)
    kind = "depthwise" if "depthwise" in step else "conv"
    layer = layers[step[kind]]
    x = nets.same_conv(x, layer["kernel"], layer["bias"], step["stride"], len(layer["kernel"]) if kind == "depthwise" else 1)
    return F.relu6(x) if step["activation"] == "relu6" else x


def embed(x, plan, layers, subtract, side=None, turned=False):
    """
    Embeddings [B, D] of pictures in 0..1; side: the side to which they are enlarged first, if any; turned: whether they
    are turned by 180 degrees first
    """
    x = x if side is None else F.interpolate(x, size=side, mode="bilinear")
    x = x.flip(2, 3) if turned else x
    return run(plan, layers, x - subtract).mean((2, 3))


def as_in_pytorch(key, tensor):
    """Moves channels to the first axis; the inverse of export_surrogates.as_in_engine."""
    if key == "kernel":
        return tensor.permute((2, 3, 0, 1) if tensor.shape[3] == 1 else (3, 2, 0, 1)).contiguous(memory_format=torch.channels_last)
    return tensor.movedim(-1, 0)


class Planned(nn.Module):
    """A network from a file, with the interface of nets.Net: `embed`, and a head where the file has one."""

    def __init__(self, name):
        super().__init__()
        with safe_open(LAB_NETWORKS / f"{name}.safetensors", "pt") as file:
            about = json.loads(file.metadata()["surrogate"])
            tensors = {key: file.get_tensor(key).float() for key in file.keys()}
        self.plan, self.subtract, self.side = about["plan"], about["subtract"], about.get("enlarge")
        self.head = [tensors[key] for key in ("head.kernel", "head.bias")] if "head.kernel" in tensors else None
        self.layers = defaultdict(dict)
        for path, tensor in tensors.items():
            if path.startswith("layers."):
                _, i, key = path.split(".")
                self.layers[int(i)][key] = as_in_pytorch(key, tensor)
        kinds = {kind for step in steps_of(self.plan) for kind in step}
        self.in_bfloat16 = nets.HAS_BFLOAT16 and not kinds & {"depthwise", "attention"}  # the same rule as nets.IN_FLOAT32

    def embed(self, x):
        return embed(x, self.plan, self.layers, self.subtract, self.side)

    def forward(self, x):
        return F.linear(self.embed(x), *self.head)
