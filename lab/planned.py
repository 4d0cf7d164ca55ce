"""Networks as the engine has them: read back from the files that export_surrogates.py wrote, weights rounded, batch norm folded.

So a search can ask what ships without training it again.
"""

import hashlib
import json

import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F

import nets
from convert_efficientnet_lite0 import MODELS


def description(name):
    """A surrogate's, for experiment.py; with the file's hash, so that another file is another surrogate."""
    return {"file": name, "sha256": hashlib.sha256((MODELS / f"{name}.safetensors").read_bytes()).hexdigest()[:12]}


def module_of(plan, take):
    """take(i, kind): a convolution's kernel as PyTorch has them, and its bias."""

    def layer(step):
        relu6 = [nn.ReLU6()] if step.get("activation") == "relu6" else []
        if "residual" in step:
            whole = nets.Residual(module_of(step["residual"], take), 1, 1)
            if "shortcut" in step:
                whole.shortcut = module_of(step["shortcut"], take)
            return nn.Sequential(whole, *relu6)
        kind = "depthwise" if "depthwise" in step else "conv"
        kernel, bias = take(step[kind], kind)
        outputs, inputs, side, _ = kernel.shape
        groups = outputs if kind == "depthwise" else 1
        conv = nets.SameConv(inputs * groups, outputs, side, step["stride"], groups=groups)
        conv.weight.data, conv.bias.data = kernel, bias
        return nn.Sequential(conv, *relu6)

    return nn.Sequential(*map(layer, plan))


class Planned(nn.Module):
    """As nets.Net: `embed`, and a head where the file has one."""

    def __init__(self, name):
        super().__init__()
        with safe_open(MODELS / f"{name}.safetensors", "pt") as file:
            about = json.loads(file.metadata()["surrogate"])
            tensors = {key: file.get_tensor(key).float() for key in file.keys()}

        def take(i, kind):
            axes = (2, 3, 0, 1) if kind == "depthwise" else (3, 2, 0, 1)
            return tensors[f"layers.{i}.kernel"].permute(*axes).contiguous(), tensors[f"layers.{i}.bias"]

        self.features = nn.Sequential(module_of(about["plan"], take), *nets.pooled())
        self.subtract, self.side = about["subtract"], about.get("enlarge")
        self.head = None
        if "head.kernel" in tensors:
            self.head = nn.Linear(*reversed(tensors["head.kernel"].shape))
            self.head.weight.data, self.head.bias.data = tensors["head.kernel"], tensors["head.bias"]
        self.in_bfloat16 = False
        self.to(memory_format=torch.channels_last)

    def embed(self, x):
        x = x if self.side is None else F.interpolate(x, size=self.side, mode="bilinear")
        return self.features(x - self.subtract)

    def forward(self, x):
        return self.head(self.embed(x))
