"""Fine-tunes EfficientNet-Lite0 so that its features change little when a picture does: a surrogate whose gradients follow
what pictures show instead of its own quirks, so that the change transfers better to other networks (Springer et al.
2021, "A Little Robustness Goes a Long Way").

    lab/.venv/bin/python lab/photo_robust.py EPSILON STEPS FILE     # EPSILON in 255ths; FILE gets the state dict

It needs no labels (as Schlarmann et al. 2024 do for CLIP): the network learns to give, for a perturbed view of a
photograph, the features that the published network gives for the clean view. The photographs are those of photos-112
(../shared/data). A GPU is used if there is one.
"""

import sys
import time

import torch
from torch.nn import functional as F

import photo_bank
from convert_efficientnet_lite0 import load

BATCH = 96
RATE = 3e-4
# Sides of the views of photographs with 112 pixels a side.
SIDES = (112, 160, 224)
# Sign steps of the perturbation from a random start, each of this share of epsilon.
INNER, INNER_STEP = 2, 0.75


def embed(net, views):
    """Features before the classifier, [B, 1280], of views in 0..1."""
    with torch.autocast(views.device.type, torch.bfloat16, enabled=views.is_cuda):
        x = ((255 * views - 127) / 128).contiguous(memory_format=torch.channels_last)
        return net.extract_features(x).float().mean((2, 3))


def views_of(x, side, generator):
    """Random squares of uint8 pictures [B, 3, H, W], mirrored half the time, as 0..1 [B, 3, side, side]."""
    count = len(x)
    draw = lambda: torch.rand(count, generator=generator, device=x.device) * 2 - 1
    size = 0.7 + 0.3 * draw()
    theta = torch.zeros(count, 2, 3, device=x.device)
    theta[:, 0, 0], theta[:, 1, 1] = size * draw().sign(), size
    theta[:, 0, 2], theta[:, 1, 2] = (1 - size) * draw(), (1 - size) * draw()
    grid = F.affine_grid(theta, (count, 3, side, side), align_corners=False)
    return F.grid_sample(x.float() / 255, grid, align_corners=False, padding_mode="reflection").clamp(0, 1)


def distance(z, wanted):
    """The squared distance of features, as a share of the squared length of those that are wanted, [B]."""
    return (z - wanted).square().sum(1) / wanted.square().sum(1)


def perturbed(net, views, wanted, epsilon, generator):
    delta = (2 * torch.rand(views.shape, generator=generator, device=views.device) - 1) * epsilon
    for _ in range(INNER):
        delta.requires_grad_()
        (gradient,) = torch.autograd.grad(distance(embed(net, views + delta), wanted).sum(), delta)
        delta = (delta.detach() + INNER_STEP * epsilon * gradient.sign()).clamp(-epsilon, epsilon)
    return (views + delta).clamp(0, 1)


def fit(epsilon, steps, seed=0):
    """Returns the network in evaluation mode; its batch norm keeps the published statistics."""
    device = torch.get_default_device()
    published, net = (load(None).to(device, memory_format=torch.channels_last).eval() for _ in range(2))
    published.requires_grad_(False)
    weights = [w for name, w in net.named_parameters() if not name.startswith("_fc.")]
    opt = torch.optim.AdamW(weights, lr=RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, RATE, total_steps=steps, pct_start=0.1)
    generator = torch.Generator(device).manual_seed(seed)
    x = torch.stack(photo_bank.pictures(None)).to(device)
    start = time.time()
    for step in range(steps):
        part = torch.randint(len(x), (BATCH,), generator=generator, device=device)
        side = SIDES[int(torch.randint(len(SIDES), (1,), generator=generator, device=device))]
        views = views_of(x[part], side, generator)
        with torch.no_grad():
            wanted = embed(published, views)
        loss = distance(embed(net, perturbed(net, views, wanted, epsilon, generator)), wanted).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        schedule.step()
        if step % 100 == 0 or step == steps - 1:
            with torch.no_grad():
                clean = distance(embed(net, views), wanted).mean()
            print(f"epsilon {255 * epsilon:g}, step {step}, {time.time() - start:.0f} s: {loss.item():.3f}, clean {clean.item():.3f}", flush=True)
    return net


if __name__ == "__main__":
    if torch.cuda.is_available():
        torch.set_default_device("cuda")
    epsilon, steps, file = sys.argv[1:]
    net = fit(float(epsilon) / 255, int(steps))
    torch.save({name: weights.half().cpu() for name, weights in net.state_dict().items()}, file)
