"""Trains a network the usual way (shifts, flips, one cycle of the learning rate) and counts what it gets right."""

import threading

import torch
from torch.nn import functional as F

import nets

torch.set_num_threads(1)  # see store.side_by_side
seeding = threading.Lock()


def unit(x):
    """uint8 [N, H, W, 3] -> 0..1 [N, 3, H, W], channels last."""
    return x.permute(0, 3, 1, 2).float() / 255


def shift_and_flip(x, chance, reach=4):
    """Each picture shifted by up to `reach` pixels and mirrored half the time, by index: quick on uint8."""
    n, side = len(x), x.shape[1]
    span = torch.arange(side)
    columns = torch.where(torch.rand(n, 1, generator=chance) < 0.5, side - 1 - span, span)
    mirror = lambda i: (side - 1) - ((side - 1) - i.abs()).abs()
    rows = mirror(span + torch.randint(-reach, reach + 1, (n, 1), generator=chance))
    columns = mirror(columns + torch.randint(-reach, reach + 1, (n, 1), generator=chance))
    return x[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


def optimiser(net, family, rate):
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    if family in nets.WITH_ADAM:
        groups = [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=rate or (5e-4 if family == "pretrained" else 2e-3), fused=True)
    groups = [{"params": decayed, "weight_decay": 5e-4}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=rate or 0.1, momentum=0.9, nesterov=True, fused=True)


def fit(family, x, y, classes, epochs, seed=0, batch=64, rate=None, robust=0.0, augment=None, checkpoints=(), width=None, start=None):
    """
    A trained net in evaluation mode.
    rate: the largest learning rate; start: a state to go on from
    robust: epsilon (255ths) of single-step adversarial training; augment: further augmentation, of 0..1 batches and a generator
    checkpoints: epochs after which a copy of the state is kept, in `net.kept`
    """
    with seeding:
        torch.manual_seed(seed)
        net = nets.build(family, classes, **({"w": width} if width else {}))
    if start:
        net.load_state_dict(start)
    chance = torch.Generator().manual_seed(seed)
    opt = optimiser(net, family, rate)
    steps = len(y) // batch
    peak = opt.param_groups[0]["lr"]
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, peak, total_steps=epochs * steps, pct_start=0.25)
    net.kept = []
    for epoch in range(epochs):
        net.train()
        order = torch.randperm(len(y), generator=chance)
        shown = shift_and_flip(x[order], chance)
        for k in range(steps):
            part = slice(k * batch, (k + 1) * batch)
            inputs, labels = unit(shown[part]), y[order[part]]
            if augment:
                inputs = augment(inputs, chance)
            if robust:
                inputs = adversarial(net, inputs, labels, robust / 255, chance)
            with torch.autocast("cpu", torch.bfloat16, enabled=net.in_bfloat16):
                loss = F.cross_entropy(net(inputs).float(), labels)
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
        if epoch + 1 in checkpoints:
            net.kept.append({k: v.clone() for k, v in net.state_dict().items()})
    return net.eval()


def adversarial(net, x, y, epsilon, chance):
    """One step from a random start (Wong, Rice and Kolter, 2020)."""
    delta = ((torch.rand(x.shape, generator=chance) * 2 - 1) * epsilon).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=net.in_bfloat16):
        loss = F.cross_entropy(net(x + delta).float(), y)
    (slope,) = torch.autograd.grad(loss, delta)
    delta = (delta.detach() + 1.25 * epsilon * slope.sign()).clamp(-epsilon, epsilon)
    return (x + delta).clamp(0, 1)


@torch.no_grad()
def accuracy(net, x, y, batch=500):
    """Percent."""
    right = 0
    for i in range(0, len(y), batch):
        with torch.autocast("cpu", torch.bfloat16, enabled=net.in_bfloat16):
            right += (net(unit(x[i : i + batch])).argmax(1) == y[i : i + batch]).sum().item()
    return 100 * right / len(y)
