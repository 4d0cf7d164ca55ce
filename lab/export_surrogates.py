"""Writes the lab's convolutional surrogates as the engine reads networks: one safetensors file and one golden file each.

Batch norm is folded, kernels are [h, w, in, out] (depthwise [h, w, channels, 1]) in float16, the first one scaled so that the
network takes v - 0.47 for pixels v in 0..1. The plan of layers, the bank's classes and its kernel are the file's metadata. Golden
numbers are of the rounded weights, in float32.

    lab/.venv/bin/python lab/export_surrogates.py
"""

import json

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

import data
import experiment
import nets
import recipes
from convert_efficientnet_lite0 import MODELS, ROOT, draw, fold, write_json

GOLDEN = ROOT / "test" / "fixtures" / "golden"
PATTERNS = ("noise", "gradient", "checkers", "disc")
GRADIENT_GRID = 4


def plan_of(module, layers):
    """The layers of a part of a network, in order; folded kernels and biases are appended to `layers`."""
    if isinstance(module, nets.Residual):
        plan = {"residual": plan_of(module.f, layers)}
        if not isinstance(module.shortcut, nn.Identity):
            plan["shortcut"] = plan_of(module.shortcut, layers)
        return [plan]
    if isinstance(module[-1], nn.ReLU6) and isinstance(module[0], nets.Residual):
        return [{**plan_of(module[0], layers)[0], "activation": "relu6"}]
    if isinstance(module[0], nets.SameConv):
        convolution = module[0]
        kernel, bias = fold(convolution, module[1])
        stride = convolution.stride[0]
        # The engine wants kernels as large as the stride; zeros make no difference.
        missing = max(0, stride - kernel.shape[-1])
        layers.append((nn.functional.pad(kernel, (0, missing, 0, missing)), bias))
        kind = "depthwise" if convolution.groups > 1 else "conv"
        activation = "relu6" if len(module) == 3 else "linear"
        return [{kind: len(layers) - 1, "stride": stride, "activation": activation}]
    pooling = (nn.AdaptiveAvgPool2d, nn.Flatten)  # what every embedding ends with
    return [layer for part in module if not isinstance(part, pooling) for layer in plan_of(part, layers)]


def run(plan, layers, x):
    for step in plan:
        if "residual" in step:
            x = run(step.get("shortcut", []), layers, x) + run(step["residual"], layers, x)
            x = x.clamp(0, 6) if step.get("activation") == "relu6" else x
            continue
        kind = "depthwise" if "depthwise" in step else "conv"
        kernel, bias = layers[step[kind]]
        groups = len(kernel) if kind == "depthwise" else 1
        conv = nets.SameConv(len(kernel), len(kernel), kernel.shape[-1], step["stride"], groups=groups)
        conv.weight, conv.bias = nn.Parameter(kernel, False), nn.Parameter(bias, False)
        x = conv(x)
        if step["activation"] == "relu6":
            x = x.clamp(0, 6)
    return x


def golden(embed, bank, head, classes, sigma, pattern):
    pixels = draw(pattern, 32)
    unit = (pixels.float() / 255).requires_grad_()
    z = embed(unit.permute(2, 0, 1)[None])
    logits = nn.functional.linear(z, *head)[0]
    unit_z = nn.functional.normalize(z, dim=1)
    similarity = -(unit_z - bank).square().sum(1) / (2 * sigma**2)
    log_p = similarity.view(classes, -1).logsumexp(1).log_softmax(0)
    top = int(log_p.argmax())
    (slope,) = torch.autograd.grad(log_p[top], unit)
    rounded = lambda t: [float(f"{v:.6g}") for v in t.detach().reshape(-1).tolist()]
    return {
        "pattern": pattern, "size": 32, "checksum": int(pixels.long().sum()), "top1": top, "logits": rounded(logits),
        "embedding": rounded(z), "logPosterior": rounded(log_p), "gradientNorm": float(slope.norm()),
        "gradientGrid": GRADIENT_GRID,
        "gradient": rounded(slope[GRADIENT_GRID // 2 :: GRADIENT_GRID, GRADIENT_GRID // 2 :: GRADIENT_GRID]),
    }


@torch.no_grad()
def export(surrogate, spec, sigma):
    name = spec.get("data", "cifar10")
    net = experiment.surrogate(spec)
    layers = []
    plan = plan_of(net.features, layers)
    layers[0] = (layers[0][0] / 0.25, layers[0][1])
    half = [(kernel.half().float(), bias.half().float()) for kernel, bias in layers]
    embed = lambda x: run(plan, half, x - 0.47).mean((2, 3))
    x, y = data.split(name, "test")
    some = x[:500].permute(0, 3, 1, 2).float() / 255
    wanted = net(some)
    got = nn.functional.linear(embed(some), net.head.weight, net.head.bias)
    agree = (wanted.argmax(1) == got.argmax(1)).float().mean().item()
    print(f"folding and rounding: logits differ by at most {(wanted - got).abs().max():.3f}, top-1 agrees {agree:.1%}")
    assert agree > 0.98
    pictures, labels = data.split(name, "bank")
    bank = torch.cat([embed(part.permute(0, 3, 1, 2).float() / 255) for part in pictures.split(500)])
    bank = nn.functional.normalize(bank, dim=1).half()
    tensors = {"bank": bank.numpy(), "head.kernel": net.head.weight.half().numpy(), "head.bias": net.head.bias.half().numpy()}
    for i, (kernel, bias) in enumerate(half):
        depthwise = kernel.shape[1] == 1
        kernel = kernel.permute(2, 3, 0, 1) if depthwise else kernel.permute(2, 3, 1, 0)
        tensors[f"layers.{i}.kernel"] = np.ascontiguousarray(kernel.half().numpy())
        tensors[f"layers.{i}.bias"] = bias.half().numpy()
    classes = int(labels.max()) + 1
    about = {"plan": plan, "subtract": 0.47, "perClass": len(labels) // classes, "classes": classes, "sigma": sigma}
    file = MODELS / f"{surrogate}-{'robust' if 'robust' in spec else spec['family']}.safetensors"
    save_file(tensors, file, metadata={"surrogate": json.dumps(about)})
    file.chmod(0o644)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size} bytes")
    head = (net.head.weight.half().float(), net.head.bias.half().float())
    with torch.enable_grad():
        inputs = [golden(embed, bank.float(), head, classes, sigma, p) for p in PATTERNS]
    about = {"comment": "Made by lab/export_surrogates.py.", **about, "inputs": inputs}
    write_json(GOLDEN / f"{file.stem}.json", about)


if __name__ == "__main__":
    for surrogate, specs in recipes.SHIPPED.items():
        for spec in specs:
            export(surrogate, spec, 0.3)
