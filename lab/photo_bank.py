"""The feature bank that a photograph is compared with: k-means centres of other photographs' embeddings.

    lab/.venv/bin/python lab/photo_bank.py      # assets/models/efficientnet-lite0-features.safetensors, and golden values

The photographs are those of photos-112 (../shared/data: Imagenette and Imagewoof): 300 pictures of each of the ten
classes of things, and 60 of each of the ten breeds of dogs, so that dogs are not half of the bank.
"""

import io
import tarfile
from collections import defaultdict

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file
from torch.nn import functional as F

import photo_ascent
import store
from photo_surrogate import embed_with
from convert_efficientnet_lite0 import MODELS, ROOT, write_json
from photo_nets import SHARED

COUNT = 256
SIGMA = 0.3

BREEDS = {"n02086240", "n02087394", "n02088364", "n02089973", "n02093754", "n02096294", "n02099601", "n02105641", "n02111889", "n02115641"}


def pictures(of_breed=60):
    """uint8 [3, H, W] each. of_breed: as many of each breed; None: all pictures of all classes"""
    seen, found = defaultdict(int), []
    with tarfile.open(SHARED / "data" / "photos-112.tar") as archive:
        for member in archive:
            if not member.isfile():
                continue
            wnid = member.name.split("/")[-2]
            seen[wnid] += 1
            if of_breed is None or seen[wnid] <= (of_breed if wnid in BREEDS else 300):
                picture = Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB")
                found.append(torch.from_numpy(np.array(picture)).permute(2, 0, 1))
    return found


def k_means(x, count, rounds=30):
    """`count` k-means centres of x [N, D] on the unit sphere, by Lloyd's algorithm from randomly drawn points."""
    x = F.normalize(x)
    centres = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0), device="cpu")[:count]]
    for _ in range(rounds):
        nearest = (x @ centres.t()).argmax(1)
        sums = torch.zeros_like(centres).index_add(0, nearest, x)
        centres = F.normalize(torch.where(sums.norm(dim=1, keepdim=True) > 0, sums, centres))
    return centres


@torch.no_grad()
def centres_of(embed, count):
    """Centres in the space of each embedding that `embed` gives for views."""
    found = []
    for part in torch.stack(pictures()).split(50):
        found.append(embed(photo_ascent.centre_views(part.to(torch.get_default_device()).float() / 255)))
    return [k_means(torch.cat(z), count) for z in zip(*found)]


def centres(depths, count):
    spec = {"depths": [str(d) for d in depths], "count": count}
    return store.cached("photo-bank", spec, lambda: centres_of(embed_with(depths), count))


def golden():
    """Posterior, label error, values and gradients of the objectives in feature space, for the engine's tests."""
    generator = torch.Generator().manual_seed(0)
    draw = lambda rows: torch.randn(rows, 12, generator=generator)
    centres, z0 = F.normalize(draw(7)), draw(5).abs()
    # Three views of each clean picture.
    views = z0[:, None] + torch.tensor([0.0, 0.2, 0.5])[:, None] * torch.randn(5, 3, 12, generator=generator)
    # The five points are near the clean picture, further away, far away, at another picture, and opposite to the
    # clean picture.
    z = z0 + torch.tensor([0.01, 0.3, 3.0, 0.0, 0.0])[:, None] * draw(5)
    z[3], z[4] = 2 * centres[2], -z0[4]
    z.requires_grad_()
    at, own = F.normalize(z), F.normalize(views, dim=2)
    similarity = lambda r: -((at[:, None] - r) ** 2).sum(2) / (2 * SIGMA**2)
    of_own = similarity(own).logsumexp(1, keepdim=True) - np.log(3)
    log_p = torch.cat([of_own, similarity(centres.expand(5, -1, -1))], 1).log_softmax(1)
    error = log_p[:, 1:].logsumexp(1)
    values = {"features": error - log_p[:, 0], "cosine": -(at[:, None] * own).sum(2).mean(1)}
    found = {id: {"value": v.tolist(), "gradient": torch.autograd.grad(v.sum(), z, retain_graph=True)[0].tolist()} for id, v in values.items()}
    return {
        "comment": "Made by lab/photo_bank.py, in PyTorch.", "sigma": SIGMA, "centres": centres.tolist(), "own": views.tolist(), "z": z.tolist(),
        "logPosterior": log_p.tolist(), "labelError": error.exp().tolist(), **found,
    }


if __name__ == "__main__":
    (bank,) = centres(("last",), COUNT)
    file = MODELS / "efficientnet-lite0-features.safetensors"
    save_file({"features.centres": bank.half().numpy()}, file)
    file.chmod(0o644)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size} bytes")
    write_json(ROOT / "test" / "unit" / "core" / "engine" / "features.golden.json", golden())
