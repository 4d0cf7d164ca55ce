"""Converts MobileNetV2 (ImageNet-1k, torchvision's weights) to the weight file that the extension ships, in the format of
export_surrogates.py, with a bank of features for the ascent on photographs.

torchvision pads convolutions with a stride above and to the left, the engine below and to the right. So all kernels
are turned by 180 degrees, and the engine turns the views.

    lab/.venv/bin/python lab/convert_mobilenet_v2.py
"""

import json

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn import functional as F

import photo_bank
import photo_nets
import planned
import store
from convert_efficientnet_lite0 import MODELS, draw, fold, write_json
from export_surrogates import GOLDEN, PATTERNS, as_in_engine, convolution, golden
from photo_surrogate import embed_with_v2

NAME = "mobilenet-v2"


def plan_of(net, layers):
    """The plan of a MobileNetV2 of photo_nets.py. Weights are appended to `layers`."""

    def step(conv, norm, active):
        kernel, bias = fold(conv, norm)
        kind = "depthwise" if conv.groups > 1 else "conv"
        return convolution(kernel.flip(2, 3), bias, layers, kind, conv.stride[0], "relu6" if active else "linear")

    plan = []
    for layer in net.features:
        if not hasattr(layer, "conv"):
            plan.append(step(*layer[:2], True))
            continue
        *active, conv, norm = layer.conv
        steps = [*(step(*part[:2], True) for part in active), step(conv, norm, False)]
        plan += [{"residual": steps}] if layer.adds else steps
    return plan


@torch.no_grad()
def main():
    net, layers = photo_nets.mobilenet_v2_module(), []
    plan = plan_of(net, layers)
    layers[0]["kernel"] = layers[0]["kernel"] / torch.tensor(photo_nets.DEVIATION).view(1, 3, 1, 1)
    half = [{key: tensor.half().float() for key, tensor in layer.items()} for layer in layers]
    subtract = torch.tensor(photo_nets.MEAN).view(3, 1, 1)
    embed = lambda x: planned.embed(x, plan, half, subtract, turned=True)
    head = [t.half().float() for t in (net.classifier[1].weight, net.classifier[1].bias)]

    sample = torch.stack([draw(pattern, 224).permute(2, 0, 1).float() / 255 for pattern in PATTERNS])
    wanted, got = net.classifier(net.embed(sample)), F.linear(embed(sample), *head)
    print(f"folding and rounding: logits differ by at most {(wanted - got).abs().max():.3f}")
    assert (wanted - got).abs().max() < 0.15

    variation = embed_with_v2()
    spec = {"network": "v2", "depths": ["last"], "count": photo_bank.COUNT}
    (bank,) = store.cached("photo-bank", spec, lambda: photo_bank.centres_of(variation, photo_bank.COUNT))
    tensors = {"features.centres": bank, "head.kernel": head[0], "head.bias": head[1]}
    for i, layer in enumerate(half):
        tensors |= {f"layers.{i}.{key}": as_in_engine(key, tensor) for key, tensor in layer.items()}
    about = {"plan": plan, "subtract": photo_nets.MEAN, "classes": 1000, "turned": True, "featureSigma": photo_bank.SIGMA}
    file = MODELS / f"{NAME}.safetensors"
    save_file({key: np.ascontiguousarray(tensor.half().numpy()) for key, tensor in tensors.items()}, file, {"surrogate": json.dumps(about)})
    file.chmod(0o644)
    print(f"{file.name}: {file.stat().st_size} bytes")
    with torch.enable_grad():
        inputs = [golden(embed, lambda z: F.linear(z, *head).log_softmax(1), pattern) for pattern in PATTERNS]
    write_json(GOLDEN / f"{NAME}.json", {"comment": "Made by lab/convert_mobilenet_v2.py.", **about, "inputs": inputs})


if __name__ == "__main__":
    main()
