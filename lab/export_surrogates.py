"""Writes the lab's convolutional surrogates as the engine reads networks: one safetensors file and one golden file each.

Batch norm is folded, kernels are [h, w, in, out] (depthwise [h, w, channels, 1]) in float16, the first one scaled so that the
network takes v - mean for pixels v in 0..1. The plan of layers, the bank's classes and its kernel are the file's metadata; a network
that only names pictures has no bank. Golden numbers are of the rounded weights, in float32.

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
from convert_efficientnet_lite0 import MODELS, ROOT, draw, fold, fold_network, write_json

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


def plan_of_lite0(network, layers):
    """The same of an EfficientNet-Lite0 of the package that it comes from."""
    folded = fold_network(network)

    def step(name, stride=1, activation="relu6"):
        layers.append(folded[name])
        return {"depthwise" if "depthwise" in name else "conv": len(layers) - 1, "stride": stride, "activation": activation}

    plan = [step("stem", 2)]
    for i, block in enumerate(network._blocks):
        name, (stride, _), about = f"blocks.{i}", block._depthwise_conv.stride, block._block_args
        steps = [step(f"{name}.expand")] if f"{name}.expand" in folded else []
        steps += [step(f"{name}.depthwise", stride), step(f"{name}.project", activation="linear")]
        plan += [{"residual": steps}] if stride == 1 and about.input_filters == about.output_filters else steps
    return [*plan, step("head")]


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


def golden(embed, log_posterior, pattern):
    pixels = draw(pattern, 32)
    unit = (pixels.float() / 255).requires_grad_()
    z = embed(unit.permute(2, 0, 1)[None])
    log_p = log_posterior(z)[0]
    top = int(log_p.argmax())
    (slope,) = torch.autograd.grad(log_p[top], unit)
    rounded = lambda t: [float(f"{v:.6g}") for v in t.detach().reshape(-1).tolist()]
    return {
        "pattern": pattern, "size": 32, "checksum": int(pixels.long().sum()), "top1": top,
        "embedding": rounded(z), "logPosterior": rounded(log_p), "gradientNorm": float(slope.norm()),
        "gradientGrid": GRADIENT_GRID,
        "gradient": rounded(slope[GRADIENT_GRID // 2 :: GRADIENT_GRID, GRADIENT_GRID // 2 :: GRADIENT_GRID]),
    }


def layers_of(net, layers):
    """
    The plan of a network, what it takes off pixels in 0..1, the side it wants them enlarged to, if any; its kernels and biases are
    appended to `layers`.
    """
    if isinstance(net.features[0], nets.Enlarged):
        enlarged, lite0 = net.features
        plan, mean, deviation, side = plan_of_lite0(lite0, layers), 127 / 255, 128 / 255, enlarged.side
    else:
        plan, mean, deviation, side = plan_of(net.features, layers), 0.47, 0.25, None
    layers[0] = (layers[0][0] / deviation, layers[0][1])
    return plan, mean, side


@torch.no_grad()
def export(surrogate, spec, sigma=None):
    """sigma: of the kernel, for a network that is asked with its bank; without it the network names pictures by its classifier."""
    name = spec.get("data", "cifar10")
    net = experiment.surrogate(spec)
    layers = []
    plan, mean, side = layers_of(net, layers)
    half = [(kernel.half().float(), bias.half().float()) for kernel, bias in layers]

    def embed(x):
        x = x if side is None else nn.functional.interpolate(x, size=side, mode="bilinear")
        return run(plan, half, x - mean).mean((2, 3))

    x, y = data.split(name, "test")
    some = x[:500].permute(0, 3, 1, 2).float() / 255
    wanted = net(some)
    got = net.head(embed(some))
    agree = (wanted.argmax(1) == got.argmax(1)).float().mean().item()
    print(f"folding and rounding: logits differ by at most {(wanted - got).abs().max():.3f}, top-1 agrees {agree:.1%}")
    assert agree > 0.98
    classes = int(y.max()) + 1
    about = {"plan": plan, "subtract": mean, "classes": classes, **({"enlarge": side} if side else {})}
    if sigma:
        pictures, labels = data.split(name, "bank")
        bank = torch.cat([embed(part.permute(0, 3, 1, 2).float() / 255) for part in pictures.split(500)])
        tensors = {"bank": nn.functional.normalize(bank, dim=1).half()}
        about |= {"perClass": len(labels) // classes, "sigma": sigma}
        near = lambda z: -(nn.functional.normalize(z, dim=1)[:, None] - tensors["bank"].float()).square().sum(2) / (2 * sigma**2)
        log_posterior = lambda z: near(z).view(len(z), classes, -1).logsumexp(2).log_softmax(1)
    else:
        tensors = {"head.kernel": net.head.weight.half(), "head.bias": net.head.bias.half()}
        head = [t.float() for t in tensors.values()]
        log_posterior = lambda z: nn.functional.linear(z, *head).log_softmax(1)
    for i, (kernel, bias) in enumerate(half):
        depthwise = kernel.shape[1] == 1
        tensors[f"layers.{i}.kernel"] = kernel.permute(2, 3, 0, 1) if depthwise else kernel.permute(2, 3, 1, 0)
        tensors[f"layers.{i}.bias"] = bias
    called = {"pretrained": "efficientnet-lite0"}.get(spec["family"], "robust" if "robust" in spec else spec["family"])
    file = MODELS / f"{surrogate}-{called}.safetensors"
    stored = {key: np.ascontiguousarray(tensor.half().numpy()) for key, tensor in tensors.items()}
    save_file(stored, file, metadata={"surrogate": json.dumps(about)})
    file.chmod(0o644)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size} bytes")
    with torch.enable_grad():
        inputs = [golden(embed, log_posterior, p) for p in PATTERNS]
    write_json(GOLDEN / f"{file.stem}.json", {"comment": "Made by lab/export_surrogates.py.", **about, "inputs": inputs})


if __name__ == "__main__":
    for surrogate, networks in recipes.SHIPPED.items():
        export(surrogate, networks["labeller"])
        for spec in networks["members"]:
            export(surrogate, spec, 0.3)
