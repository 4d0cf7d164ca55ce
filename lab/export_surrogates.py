"""Writes the lab's surrogates in the engine's format: one safetensors file and one golden file for each network.

Batch norm is folded. Kernels are [h, w, in, out] (depthwise [h, w, channels, 1]) in float16, and the first one is
scaled so that the network takes v - mean for pixels v in 0..1. A transformer's tokens stay a grid, [h, w, D], and its
dense layers are 1 x 1 convolutions, which also absorb the scales of layer norm and of the queries. The file's
metadata contain the plan of layers, the bank's classes and its kernel. A labeller has no bank. The golden values are
computed from the rounded weights, in float32.

    lab/.venv/bin/python lab/export_surrogates.py [NAME...]            # as cifar10-vit; without names, all
"""

import json
import math
import sys

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

import data
import experiment
import nets
import planned
import recipes
from convert_efficientnet_lite0 import LAB_NETWORKS, ROOT, draw, fold, fold_network, write_json

GOLDEN = ROOT / "test" / "fixtures" / "golden"
PATTERNS = ("noise", "gradient", "checkers", "disc")
# In flat areas several pixels are the maximum of their square, and each library passes the gradient on to another one
# of them.
PATTERNS_TO_POOL = PATTERNS[:2]
GRADIENT_GRID = 4


def convolution(kernel, bias, layers, kind="conv", stride=1, activation="linear"):
    layers.append({"kernel": kernel.detach(), "bias": bias.detach()})
    return {kind: len(layers) - 1, "stride": stride, "activation": activation}


def dense(weight, bias, layers):
    return convolution(weight[:, :, None, None], bias, layers)


def plan_of(module, layers):
    """The plan of a part of a network, layer by layer. Weights are appended to `layers`."""
    if isinstance(module, nets.Residual):
        plan = {"residual": plan_of(module.f, layers)}
        if not isinstance(module.shortcut, nn.Identity):
            plan["shortcut"] = plan_of(module.shortcut, layers)
        return [plan]
    if isinstance(module, nn.Conv2d):
        assert module.kernel_size == (1, 1)
        return [convolution(module.weight, module.bias, layers)]
    if isinstance(module, nn.Linear):
        return [dense(module.weight, module.bias, layers)]
    if isinstance(module, nn.MaxPool2d):
        return [{"maxPool": module.kernel_size}]
    if isinstance(module, nn.GELU):
        return [{"gelu": True}]
    if isinstance(module, nn.LayerNorm):
        scale = convolution(module.weight[:, None, None, None], module.bias, layers, "depthwise")
        return [{"normalisation": module.eps}, scale]
    if isinstance(module, nets.Tokens):
        stem = plan_of(module.stem, layers)
        n, dim = module.place.shape
        layers.append({"places": module.place.detach().T.view(dim, math.isqrt(n), -1)})
        return [*stem, {"places": len(layers) - 1}]
    if isinstance(module, nets.Attention):
        qkv, dim = module.qkv, module.out.in_features
        scale = torch.ones(3 * dim)
        scale[:dim] = (dim / module.heads) ** -0.5  # scale of the queries
        return [
            dense(qkv.weight * scale[:, None], qkv.bias * scale, layers), {"attention": module.heads}, *plan_of(module.out, layers)
        ]
    if isinstance(module[-1], nn.ReLU6) and isinstance(module[0], nets.Residual):
        return [{**plan_of(module[0], layers)[0], "activation": "relu6"}]
    if isinstance(module[0], nets.SameConv):
        folded = module[0]
        kernel, bias = fold(folded, module[1])
        stride = folded.stride[0]
        # The engine needs kernels at least as large as the stride; zeros make no difference.
        missing = max(0, stride - kernel.shape[-1])
        kernel = nn.functional.pad(kernel, (0, missing, 0, missing))
        kind = "depthwise" if folded.groups > 1 else "conv"
        return [convolution(kernel, bias, layers, kind, stride, "relu6" if len(module) == 3 else "linear")]
    if isinstance(module[0], nn.LayerNorm):
        norm, first, *_ = module
        absorb(norm, first.qkv if isinstance(first, nets.Attention) else first)
        return [{"normalisation": norm.eps}, *(layer for part in module[1:] for layer in plan_of(part, layers))]
    pooling = (nn.AdaptiveAvgPool2d, nn.Flatten, nets.MeanToken)  # every embedding ends with one
    return [layer for part in module if not isinstance(part, pooling) for layer in plan_of(part, layers)]


def absorb(norm, linear):
    """Moves the scale and shift of a layer norm into the dense layer after it."""
    linear.bias += linear.weight @ norm.bias
    linear.weight *= norm.weight
    nn.init.ones_(norm.weight)
    nn.init.zeros_(norm.bias)


def plan_of_lite0(network, layers):
    """As `plan_of`, for an EfficientNet-Lite0 as its package defines it."""
    folded = fold_network(network)

    def step(name, stride=1, activation="relu6"):
        return convolution(*folded[name], layers, "depthwise" if "depthwise" in name else "conv", stride, activation)

    plan = [step("stem", 2)]
    for i, block in enumerate(network._blocks):
        name, (stride, _), about = f"blocks.{i}", block._depthwise_conv.stride, block._block_args
        steps = [step(f"{name}.expand")] if f"{name}.expand" in folded else []
        steps += [step(f"{name}.depthwise", stride), step(f"{name}.project", activation="linear")]
        plan += [{"residual": steps}] if stride == 1 and about.input_filters == about.output_filters else steps
    return [*plan, step("head")]


def golden(embed, log_posterior, pattern):
    pixels = draw(pattern, 32)
    unit = (pixels.float() / 255).requires_grad_()
    z = embed(unit.permute(2, 0, 1)[None])
    log_p = log_posterior(z)[0]
    top = int(log_p.argmax())
    (gradient,) = torch.autograd.grad(log_p[top], unit)
    rounded = lambda t: [float(f"{v:.6g}") for v in t.detach().reshape(-1).tolist()]
    return {
        "pattern": pattern, "size": 32, "checksum": int(pixels.long().sum()), "top1": top,
        "embedding": rounded(z), "logPosterior": rounded(log_p), "gradientNorm": float(gradient.norm()),
        "gradientGrid": GRADIENT_GRID,
        "gradient": rounded(gradient[GRADIENT_GRID // 2 :: GRADIENT_GRID, GRADIENT_GRID // 2 :: GRADIENT_GRID]),
    }


def layers_of(net, layers):
    """
    Returns the plan of a network, the mean that it subtracts from pixels in 0..1, and the side to which pictures are
    enlarged, if any. Weights are appended to `layers`.
    """
    if isinstance(net.features[0], nets.Enlarged):
        enlarged, lite0 = net.features
        plan, mean, deviation, side = plan_of_lite0(lite0, layers), 127 / 255, 128 / 255, enlarged.side
    else:
        plan, mean, deviation, side = plan_of(net.features, layers), 0.47, 0.25, None
    layers[0]["kernel"] = layers[0]["kernel"] / deviation
    return plan, mean, side


@torch.no_grad()
def export(net, name, file, sigma=None):
    """
    name: the data set that the network was trained on
    sigma: width of the kernel, for a member with a prototype bank; without it the posterior is that of the network's
    classifier
    """
    x, y = data.split(name, "test")
    sample = x[:500].permute(0, 3, 1, 2).float() / 255
    wanted = net(sample)
    layers = []
    plan, mean, side = layers_of(net, layers)
    half = [{key: tensor.half().float() for key, tensor in layer.items()} for layer in layers]

    embed = lambda x: planned.embed(x, plan, half, mean, side)
    got = net.head(embed(sample))
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
    for i, layer in enumerate(half):
        tensors |= {f"layers.{i}.{key}": as_in_engine(key, tensor) for key, tensor in layer.items()}
    stored = {key: np.ascontiguousarray(tensor.half().numpy()) for key, tensor in tensors.items()}
    save_file(stored, file, metadata={"surrogate": json.dumps(about)})
    file.chmod(0o644)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size} bytes")
    with torch.enable_grad():
        patterns = PATTERNS_TO_POOL if any("maxPool" in step for step in plan) else PATTERNS
        inputs = [golden(embed, log_posterior, p) for p in patterns]
    write_json(GOLDEN / f"{file.stem}.json", {"comment": "Made by lab/export_surrogates.py.", **about, "inputs": inputs})


def as_in_engine(key, tensor):
    """Moves channels to the last axis."""
    if key == "kernel":
        return tensor.permute(2, 3, 0, 1) if tensor.shape[1] == 1 else tensor.permute(2, 3, 1, 0)
    return tensor.movedim(0, -1)  # a bias, or the position embedding ("places" in the file format)


def names_of(specs):
    """File names of the networks of a surrogate: the kind, and a number from the second network of a kind on."""
    kinds = [{"pretrained": "efficientnet-lite0"}.get(s["family"], "robust" if "robust" in s else s["family"]) for s in specs]
    before = [kinds[:i].count(kind) for i, kind in enumerate(kinds)]
    return [f"{kind}-{n + 1}" if n else kind for kind, n in zip(kinds, before)]


@torch.no_grad()
def small_vit():
    """
    A network for the engine's tests. It is untrained, and no weight has the 0 or 1 that layers are initialised with.
    """
    torch.manual_seed(0)
    net = nets.vit(32, 10, depth=2).eval()
    for weights in net.parameters():
        weights += 0.1 * torch.randn(weights.shape)
    return net


if __name__ == "__main__":
    wanted = sys.argv[1:]
    if not wanted:
        export(small_vit(), "cifar10", GOLDEN / "small-vit.safetensors")
    for surrogate, networks in recipes.SHIPPED.items():
        specs = [networks["labeller"], *networks["members"]]
        for spec, network_name in zip(specs, names_of(specs)):
            if wanted and f"{surrogate}-{network_name}" not in wanted:
                continue
            sigma = None if spec is networks["labeller"] else 0.3
            file = LAB_NETWORKS / f"{surrogate}-{network_name}.safetensors"
            export(experiment.surrogate(spec), spec.get("data", "cifar10"), file, sigma)
