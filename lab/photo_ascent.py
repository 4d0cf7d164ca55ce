"""The engine's ascent on photographs in PyTorch, for searches: objectives in feature space, masks, views, Adam.

A picture is [3, h, w] in 0..1 at the surrogate's scale. All pictures of a batch have the same size.
"""

import math

import torch
from torch.nn import functional as F

SIDE, SEEN = 224, 224 / 256


def window(n, start, length, size):
    """
    Resampling matrices [B, size, n] with a triangle filter: [start, start + length) of n samples becomes `size`
    samples, for each row of `start`.
    """
    scale = length / size
    unit_length = scale.clamp(min=1)[:, None, None]
    middle = start[:, None] + (torch.arange(size) + 0.5) * scale[:, None]
    weights = (1 - ((torch.arange(n) + 0.5) - middle[:, :, None]).abs() / unit_length).clamp(min=0)
    return weights / weights.sum(2, keepdim=True).clamp(min=1e-9)


def centre_views(x):
    h, w = x.shape[2:]
    side = torch.full((len(x),), SEEN * min(h, w))
    rows, cols = (window(n, (n - side) / 2, side, SIDE) for n in (h, w))
    return rows[:, None] @ x @ cols[:, None].mT


def random_views(x, generator, smallest=0.55, stretch=0.15, detail=0.5, often=0.5, relative=False, sides=(SIDE,), noise=0.0):
    """
    Draws views as src/core/engine/transforms.ts does. relative: `detail` is a share of the window's own pixels where
    it has fewer than the view.
    """
    (h, w), count = x.shape[2:], len(x)
    draw = lambda: torch.rand(count, generator=generator, device=generator.device)
    view = sides[int(torch.randint(len(sides), (1,), generator=generator, device=generator.device))] if len(sides) > 1 else sides[0]
    side = min(h, w) * (1 - (1 - smallest) * draw() ** 2)
    pull = torch.exp(stretch * (2 * draw() - 1))
    wide, high = (side * pull).clamp(max=w), (side / pull).clamp(max=h)
    rows, cols = window(h, draw() * (h - high), high, view), window(w, draw() * (w - wide), wide, view)
    mirrored = (draw() < 0.5)[:, None, None]
    cols = torch.where(mirrored, cols.flip(1), cols)
    less = torch.where(draw() < 1 - often, torch.ones(count), detail + (1 - detail) * draw())
    if relative:
        less = less * ((wide * high).sqrt() / view).clamp(max=1)
    shrunk = torch.stack([shrink(float(share), view) for share in less])
    views = (shrunk @ rows)[:, None] @ x @ (shrunk @ cols)[:, None].mT
    return views + noise * torch.randn(views.shape, generator=generator, device=generator.device) if noise else views


def shrink(share, side):
    """Matrix [side, side] that shrinks a view to a share of its side and enlarges it again."""
    fewer = max(1, round(share * side))
    along = lambda n, size: window(n, torch.zeros(1), torch.tensor([float(n)]), size)[0]
    return along(fewer, side) @ along(side, fewer)


# --- masks: the share of the budget that each pixel may use, [B, 1, h, w] ---

LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def luma(x):
    return (LUMA.to(x) * x).sum(1, keepdim=True)


def deviation_mask(x, floor=0.2, full=0.06, side=5):
    """Mask by the local standard deviation of luma, as an earlier version of the engine had it."""
    y = luma(x)
    ones = F.avg_pool2d(torch.ones_like(y), side, 1, side // 2)
    mean = lambda t: F.avg_pool2d(t, side, 1, side // 2) / ones
    deviation = (mean(y * y) - mean(y) ** 2).clamp(min=0).sqrt()
    return floor + (1 - floor) * (deviation / full).clamp(max=1)


# The four directional high-pass filters of Chou and Li (1995).
GRADIENTS = torch.tensor(
    [
        [[0, 0, 0, 0, 0], [1, 3, 8, 3, 1], [0, 0, 0, 0, 0], [-1, -3, -8, -3, -1], [0, 0, 0, 0, 0]],
        [[0, 0, 1, 0, 0], [0, 8, 3, 0, 0], [1, 3, 0, -3, -1], [0, 0, -3, -8, 0], [0, 0, -1, 0, 0]],
        [[0, 0, 1, 0, 0], [0, 0, 3, 8, 0], [-1, -3, 0, 3, 1], [0, -8, -3, 0, 0], [0, 0, -1, 0, 0]],
        [[0, 1, 0, -1, 0], [0, 3, 0, -3, 0], [0, 8, 0, -8, 0], [0, 3, 0, -3, 0], [0, 1, 0, -1, 0]],
    ],
    dtype=torch.float32,
)[:, None] / 16
BACKGROUND = torch.tensor(
    [[1, 1, 1, 1, 1], [1, 2, 2, 2, 1], [1, 2, 0, 2, 1], [1, 2, 2, 2, 1], [1, 1, 1, 1, 1]], dtype=torch.float32
)[None, None] / 32


def pad2(y):
    return F.pad(y, (2, 2, 2, 2), mode="replicate")


def chou_li(x):
    """Texture masking of Chou and Li (1995), in 255ths, [B, 1, h, w]."""
    y = 255 * luma(x)
    background = F.conv2d(pad2(y), BACKGROUND)
    gradient = F.conv2d(pad2(y), GRADIENTS).abs().amax(1, keepdim=True)
    texture = gradient * (background * 1e-4 + 0.115) + 0.5 - background * 0.01
    return texture.clamp(min=0)


def texture_mask(x, floor=0.1, full=8.0):
    """Mask by Chou and Li's texture masking. A pixel may use the whole budget where `full` 255ths are hidden."""
    return floor + (1 - floor) * (chou_li(x) / full).clamp(max=1)


def quiet_mask(x, floor=0.1, full=0.06, side=5, near=9):
    """
    The deviation mask, limited to the lowest quarter of the deviations nearby, because an edge in a flat area hides
    little. (Wu et al. 2013: order masks less than disorder.)
    """
    y = luma(x)
    r = near // 2
    mean = lambda t: F.avg_pool2d(F.pad(t, (side // 2,) * 4, mode="replicate"), side, 1)
    dev = (mean(y * y) - mean(y) ** 2).clamp(min=0).sqrt()
    padded = F.pad(dev, (r,) * 4, mode="replicate")
    u = F.unfold(padded, near).view(len(x), near * near, *y.shape[2:])[:, ::3]
    quarter = u.kthvalue(max(1, u.shape[1] // 4), dim=1, keepdim=True).values
    return floor + (1 - floor) * (quarter / full).clamp(max=1)


def contrast_mask(x, floor=0.1, gain=4.0, side=5):
    """
    Contrast masking of Wu et al. (2017): a local deviation of L 255ths hides 1.84 L^2.4 / (L^2 + 26^2) of them; the
    share is `gain` / 8 times that.
    """
    y = 255 * luma(x)
    mean = lambda t: F.avg_pool2d(F.pad(t, (side // 2,) * 4, mode="replicate"), side, 1)
    contrast = (mean(y * y) - mean(y) ** 2).clamp(min=0).sqrt()
    hidden = 1.84 * contrast**2.4 / (contrast**2 + 26**2)
    return (floor + gain * hidden / 8).clamp(max=1)


MASKS = {"contrast": contrast_mask, "none": lambda x: torch.ones_like(x[:, :1]), "deviation": deviation_mask, "texture": texture_mask, "quiet": quiet_mask}


# --- objectives: functions of a view's embedding, which the ascent maximises ---


def objective(kind, z, z0, bank, tau, margin=None):
    """
    z: [B, D]; z0: embeddings of M views of the clean picture, [B, M, D]; bank: [K, D]; all have length 1.
    cosine: minus the cosine to the clean picture's embedding. features: the log-odds of the label error, own
    neighbourhood against the bank.
    """
    own = (z[:, None] * z0).sum(2)
    if kind == "cosine":
        return -own.mean(1)
    others = torch.logsumexp(z @ bank.t() / tau, 1)
    odds = others - torch.logsumexp(own / tau, 1) + math.log(own.shape[1])
    return odds if margin is None else -F.softplus(margin - odds)


def unit_length(z, middle=None):
    z = F.normalize(z, dim=1)
    return z if middle is None else F.normalize(z - middle, dim=1)


def ascend(x, members, kind="features", tau=0.1, margin=None, steps=15, scale=12.0, epsilon=8 / 255, gray=True, mask=("none", {}), views=None,
           seed=0, beta2=0.99, middle=False, own_views=0):
    """
    x: [B, 3, h, w]; members: networks, of which each step asks one in turn, as (embed, banks): embed gives a list of
    [B, D] for views, and banks has a [K, D] for each of them. middle: the bank's mean is subtracted from embeddings.
    Returns the protected pictures, rounded to whole 255ths.
    """
    generator = torch.Generator(torch.get_default_device()).manual_seed(seed)
    channels = 1 if gray else 3
    bound = epsilon * MASKS[mask[0]](x, **mask[1])
    delta = (2 * torch.rand((len(x), channels, *x.shape[2:]), generator=generator, device=generator.device) - 1) * epsilon / 4
    with torch.no_grad():
        clean_views = [centre_views(x)] + [random_views(x, generator, **(views or {})) for _ in range(own_views)]
        asked = []
        for embed, banks in members:
            middles = [b.mean(0) if middle else None for b in banks]
            z0 = [torch.stack([unit_length(z, m) for z in of], 1) for of, m in zip(zip(*map(embed, clean_views)), middles)]
            asked.append((embed, middles, z0, [unit_length(b, m) for b, m in zip(banks, middles)]))
    first_moment = second_moment = 0
    for step in range(steps):
        delta = delta.requires_grad_()
        embed, *of_depths = asked[step % len(asked)]
        zs = embed(random_views((x + delta).clamp(0, 1), generator, **(views or {})))
        value = sum(objective(kind, unit_length(z, m), own, b, tau, margin).sum() for z, m, own, b in zip(zs, *of_depths))
        (gradient,) = torch.autograd.grad(value, delta)
        delta = delta.detach()
        first_moment = 0.9 * first_moment + 0.1 * gradient
        second_moment = beta2 * second_moment + (1 - beta2) * gradient * gradient
        size = scale * epsilon / steps
        delta = delta + size * (first_moment / (1 - 0.9 ** (step + 1))) / ((second_moment / (1 - beta2 ** (step + 1))).sqrt() + 1e-12)
        delta = torch.maximum(torch.minimum(delta, bound), -bound)
        if not gray:
            delta = (x + delta).clamp(0, 1) - x
    return ((x + delta).clamp(0, 1) * 255).round() / 255
