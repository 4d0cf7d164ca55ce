"""The surrogates of the ascent on photographs: embeddings at several depths, and backward passes that were changed to
transfer better.
"""

from functools import cache

import torch
from torch.nn import functional as F

import photo_nets
from convert_efficientnet_lite0 import load

GENERATOR = torch.Generator().manual_seed(0)


@cache
def lite0(weights=None):
    """weights: a state dict of photo_robust.py; without it the published ones"""
    net = load(224).to(torch.get_default_device(), memory_format=torch.channels_last)
    if weights:
        net.load_state_dict(torch.load(weights, weights_only=True, map_location=torch.get_default_device()))
    for weights in net.parameters():
        weights.requires_grad_(False)
    return net


class StraightThroughReLU6(torch.autograd.Function):
    """ReLU6 whose backward pass is the identity (Guo et al. 2020, LinBP)."""

    @staticmethod
    def forward(ctx, x):
        return F.relu6(x)

    @staticmethod
    def backward(ctx, g):
        return g


class SiLUGradientReLU6(torch.autograd.Function):
    """ReLU6 whose backward pass is that of SiLU (Wang et al. 2023, BPA)."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return F.relu6(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))


class ScaledGradient(torch.autograd.Function):
    """The identity with a scaled gradient."""

    @staticmethod
    def forward(ctx, x, by):
        ctx.by = by
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return g * ctx.by, None


def embed_with(depths, linear_from=99, soft_from=99, skip=1.0, ghost=0.0, drop=0.0, weights=None):
    """
    Returns a function from views to embeddings: means over pixels of the last layer ("last") and of the outputs of
    blocks (given by number).
    linear_from, soft_from: the first block whose ReLU6 has a changed backward pass
    skip: the share of its gradient that a residual branch passes on (SGM, Wu et al. 2020)
    ghost: shortcuts are scaled at random by up to that share (ghost networks, Li et al. 2020); only where a gradient
    is taken
    drop: the share of the embedding's channels that each step leaves out; only where a gradient is taken
    """

    def embed(v):
        net = lite0(weights)
        act = lambda i: StraightThroughReLU6.apply if i >= linear_from else SiLUGradientReLU6.apply if i >= soft_from else F.relu6
        x = ((255 * v - 127) / 128).contiguous(memory_format=torch.channels_last)
        found = []
        x = act(-1)(net._bn0(net._conv_stem(x)))
        for i, block in enumerate(net._blocks):
            y = x
            if hasattr(block, "_expand_conv"):
                y = act(i)(block._bn0(block._expand_conv(y)))
            y = act(i)(block._bn1(block._depthwise_conv(y)))
            y = block._bn2(block._project_conv(y))
            if y.shape == x.shape and block._depthwise_conv.stride[0] == 1:
                y = add(x, y, skip, ghost if v.requires_grad else 0)
            x = y
            if i in depths:
                found.append(x.mean((2, 3)))
        if "last" in depths:
            found.append(act(16)(net._bn1(net._conv_head(x))).mean((2, 3)))
        if drop and v.requires_grad:
            found = [z * (torch.rand(1, z.shape[1], generator=GENERATOR, device="cpu") >= drop).to(z) for z in found]
        return found

    return embed


def add(x, branch, skip, ghost):
    """A residual block's sum; see embed_with."""
    scale = 1 + ghost * (2 * float(torch.rand(1, generator=GENERATOR, device="cpu")) - 1) if ghost else 1
    return scale * x + (ScaledGradient.apply(branch, skip) if skip < 1 else branch)


@cache
def mobilenet_v2():
    net = photo_nets.mobilenet_v2_module().to(memory_format=torch.channels_last)
    for weights in net.parameters():
        weights.requires_grad_(False)
    return net


def embed_with_v2(skip=1.0, ghost=0.0):
    """The same of MobileNetV2, after its last layer."""

    def embed(v):
        net = mobilenet_v2()
        x = photo_nets.normalised(v).contiguous(memory_format=torch.channels_last)
        for layer in net.features:
            adds = getattr(layer, "adds", False)
            x = add(x, layer.conv(x), skip, ghost if v.requires_grad else 0) if adds else layer(x)
        return [x.mean((2, 3))]

    return embed
