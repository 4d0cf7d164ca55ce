"""Trains a network in the usual way (shifts, flips, one-cycle learning rate) and measures its accuracy."""

import threading

import torch
from torch.nn import functional as F

import nets

torch.set_num_threads(1)  # see store.run_in_parallel
seed_lock = threading.Lock()


def to_unit_range(x):
    """Turns uint8 [N, H, W, 3] into 0..1 [N, 3, H, W], in channels-last memory format."""
    return x.permute(0, 3, 1, 2).float() / 255


def shift_and_flip(x, generator, reach=4):
    """
    Shifts each picture by up to `reach` pixels and mirrors it half the time. Works by index, which is fast on uint8.
    """
    n, side = len(x), x.shape[1]
    span = torch.arange(side)
    columns = torch.where(torch.rand(n, 1, generator=generator) < 0.5, side - 1 - span, span)
    mirror = lambda i: (side - 1) - ((side - 1) - i.abs()).abs()
    rows = mirror(span + torch.randint(-reach, reach + 1, (n, 1), generator=generator))
    columns = mirror(columns + torch.randint(-reach, reach + 1, (n, 1), generator=generator))
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
    Returns a trained network in evaluation mode.
    rate: the largest learning rate; start: a state dict to continue from
    robust: epsilon (255ths) of single-step adversarial training; augment: further augmentation, a function of a 0..1
    batch and a generator
    checkpoints: epochs after which a copy of the state dict is added to `net.kept`
    """
    with seed_lock:
        torch.manual_seed(seed)
        net = nets.build(family, classes, **({"w": width} if width else {}))
    if start:
        net.load_state_dict(start)
    generator = torch.Generator().manual_seed(seed)
    opt = optimiser(net, family, rate)
    steps = len(y) // batch
    peak = opt.param_groups[0]["lr"]
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, peak, total_steps=epochs * steps, pct_start=0.25)
    net.kept = []
    for epoch in range(epochs):
        net.train()
        order = torch.randperm(len(y), generator=generator)
        augmented = shift_and_flip(x[order], generator)
        for k in range(steps):
            part = slice(k * batch, (k + 1) * batch)
            inputs, labels = to_unit_range(augmented[part]), y[order[part]]
            if augment:
                inputs = augment(inputs, generator)
            if robust:
                inputs = adversarial(net, inputs, labels, robust / 255, generator)
            with torch.autocast("cpu", torch.bfloat16, enabled=net.in_bfloat16):
                loss = F.cross_entropy(net(inputs).float(), labels)
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
        if epoch + 1 in checkpoints:
            net.kept.append({k: v.clone() for k, v in net.state_dict().items()})
    return net.eval()


def adversarial(net, x, y, epsilon, generator):
    """Single-step adversarial examples from a random start (Wong, Rice and Kolter, 2020)."""
    delta = ((torch.rand(x.shape, generator=generator) * 2 - 1) * epsilon).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=net.in_bfloat16):
        loss = F.cross_entropy(net(x + delta).float(), y)
    (gradient,) = torch.autograd.grad(loss, delta)
    delta = (delta.detach() + 1.25 * epsilon * gradient.sign()).clamp(-epsilon, epsilon)
    return (x + delta).clamp(0, 1)


@torch.no_grad()
def accuracy(net, x, y, batch=500):
    """Accuracy in percent."""
    right = 0
    for i in range(0, len(y), batch):
        with torch.autocast("cpu", torch.bfloat16, enabled=net.in_bfloat16):
            right += (net(to_unit_range(x[i : i + batch])).argmax(1) == y[i : i + batch]).sum().item()
    return 100 * right / len(y)
