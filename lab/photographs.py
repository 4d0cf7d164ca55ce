"""Measures what a head on a held-out network learns from protected photographs, and how visible the change is.

    lab/.venv/bin/python lab/photographs.py gains ROW[:SEEDS]... [png]   # as before:1,2,3 features:1,2,3; `clean` needs no seeds
    lab/.venv/bin/python lab/photographs.py photos ROW[:SEEDS]...        # held-out predictions for ../shared/photos, and SSIMULACRA2
    lab/.venv/bin/python lab/photographs.py table | photos-table         # the logs as tables

`gains` uses the uploads of grocery.py, written by `penumbra protect` as JPEG files (or PNG), as they are and after a
site's treatments. A linear probe and the nearest neighbour learn from 6 clean pictures of each class (C), and then
from these and 6 uploads. The gain is the accuracy on the authors' test pictures that the uploads add, for eight draws
of C and uploads. Results are JSON lines in lab/results.
"""

import hashlib
import io
import json
import random
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from statistics import mean

import numpy as np
import ssimulacra2
import torch
from PIL import Image

import data
import grocery
import photo_nets
import probes
import store

ROOT = Path(__file__).resolve().parents[1]
FILES = data.CACHE / "photographs"
NETWORKS = ("mobilenet-v2", "mobilenet-v1", "resnet-50-thin")

# Options of `penumbra protect`, by the engine of the commit if a row names one, otherwise by the present engine.
ROWS = {
    "before": {"commit": "b98a26c", "words": []},
    "features": {"words": ["--surrogate", "efficientnet-lite0", "--budget", "8"]},
    "two-networks": {"words": ["--budget", "8"]},
    "invisible": {"words": ["--strength", "invisible"]},
    "balanced": {"words": ["--strength", "balanced"]},
    "strong": {"words": ["--strength", "strong"]},
    "cosine": {"words": ["--surrogate", "efficientnet-lite0", "--budget", "8", "--objective", "cosine"]},
    "overlap": {"words": ["--surrogate", "efficientnet-lite0", "--budget", "8", "--objective", "overlap"]},
    "bayes-error": {"words": ["--surrogate", "efficientnet-lite0", "--budget", "8", "--objective", "bayes-error"]},
}

ORDER = ("clean", *ROWS)

# Pictures in which a change is seen first. None of them was used to choose a setting. Their key in the log is "eyes".
VISIBILITY_SET = {
    "sky": ["n04552348_warplane", "n02687172_aircraft_carrier", "n09468604_valley"],
    "studio ground": ["n03690938_lotion", "n04317175_stethoscope", "n02865351_bolo_tie"],
    "skin": ["n02807133_bathing_cap", "n03868863_oxygen_mask", "n02837789_bikini"],
}


# --- files ---


@cache
def engine_now():
    """A hash of all sources and weights that decide how the engine protects a photograph."""
    parts = sorted((ROOT / "src" / "core").rglob("*.ts"))
    parts += sorted((ROOT / "assets" / "models").glob("*.safetensors"))
    return hashlib.sha256(b"".join(p.read_bytes() for p in parts)).hexdigest()[:12]


def engine_of(row):
    return row.get("commit") or engine_now()


def command_of(row):
    """The command of a row's engine, in one process. An earlier commit is checked out and installed first."""
    if "commit" not in row:
        return [ROOT / "bin" / "penumbra.mjs", "protect", "--jobs", "1"]
    folder = data.CACHE / "engines" / row["commit"]
    if not folder.exists():
        subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
        subprocess.run(["git", "-c", "advice.detachedHead=false", "checkout", "-q", row["commit"]], cwd=folder, check=True)
        subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True)
    return [folder / "bin" / "penumbra.mjs", "protect"]


def protected(files, set_name, row, seed):
    """
    Returns the files that `penumbra protect` writes, its reports, and the files that it could protect. An interrupted
    run continues where it stopped.
    set_name: a name of the set, for the folder
    """
    spec = {"of": set_name, "engine": engine_of(row), "words": row["words"], "seed": seed}
    out = FILES / store.key(spec)
    out.mkdir(parents=True, exist_ok=True)
    reports = out / "reports.jsonl"
    done = {Path(json.loads(line)["file"]).name for line in reports.read_text().splitlines()} if reports.exists() else set()
    missing = [file for file in files if file.name not in done]
    words = ["--out", out, "--seed", str(seed), "--json", *row["words"]]
    # There is one process for each core, each on one thread.
    with open(reports, "a") as log:
        runs = [
            subprocess.Popen([*command_of(row), *missing[i::2], *words], stdout=log, stderr=subprocess.DEVNULL)
            for i in range(2)
            if missing[i::2]
        ]
        if any([run.wait() for run in runs]):
            print(f"some of {set_name} could not be protected", file=sys.stderr)
    found = {Path(json.loads(line)["file"]).name: json.loads(line) for line in reports.read_text().splitlines()}
    kept = [file for file in files if file.name in found]
    return [out / file.name for file in kept], [found[file.name] for file in kept], kept


def uploads(kind, split="table"):
    """
    Files of the uploads with unique names, in the order of grocery.split: the JPEG files as they are, or PNG files of
    the same pixels.
    """
    folder = FILES / f"{split}-U-{kind}"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for file, _ in grocery.split(split)["U"]:
        to = folder / f"{file.parent.name}-{file.stem}.{'jpg' if kind == 'jpeg' else 'png'}"
        if not to.exists():
            to.write_bytes(file.read_bytes()) if kind == "jpeg" else open_rgb(file).save(to)
        found.append(to)
    return found


def open_rgb(file):
    return Image.open(file).convert("RGB")


# --- what sites do ---


def jpeg(picture, quality):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return open_rgb(file)


def jpeg75(picture):
    return jpeg(picture, 75)


def half(picture):
    return picture.resize((max(1, picture.width // 2), max(1, picture.height // 2)), Image.Resampling.LANCZOS)


TREATMENTS = {"as it is": lambda p: p, "JPEG 75": jpeg75, "halved": half, "halved, JPEG 75": lambda p: jpeg75(half(p))}


def similarity(before, after):
    """SSIMULACRA2 of two pictures: at 90 they cannot be told apart, 70 is high quality, 50 medium, 30 low."""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}.png" for name in ("before", "after")]
        for picture, file in zip((before, after), files):
            picture.save(file)
        return float(ssimulacra2.compute_ssimulacra2(*files))


# --- gains ---


@cache
def clean(network, part):
    """(embeddings, labels) of an unprotected split."""
    rows = grocery.split("table")[part]
    spec = {"network": network, "part": part, "split": "table", "classes": len(rows)}
    x = store.cached("photo-clean", spec, lambda: photo_nets.embed(network, [open_rgb(file) for file, _ in rows]))
    return x, torch.tensor([label for _, label in rows])


def gains_of(pictures):
    """
    Gains of uploads, as {treatment: {network: {learner: [one gain for each draw]}}}; pictures are PIL images in the
    order of grocery.split.
    """
    labels = clean(NETWORKS[0], "U")[1]
    found = {treatment: {network: {} for network in NETWORKS} for treatment in TREATMENTS}
    for network in NETWORKS:
        x = [photo_nets.embed(network, [treat(p) for p in pictures]) for treat in TREATMENTS.values()]
        for learner in probes.LEARNERS:
            each = probes.gains(learner, clean(network, "C"), (x, labels), clean(network, "test"))
            for treatment, values in zip(TREATMENTS, each.tolist()):
                found[treatment][network][learner] = [round(v, 2) for v in values]
    return found


def measure_gains(row, seed, kind):
    originals = uploads(kind)
    if row is None:
        return {"gains": gains_of([open_rgb(file) for file in originals])}
    files, reports, kept = protected(originals, f"grocery {kind}", row, seed)
    assert len(kept) == len(originals), "a picture was not protected"
    similarities = [similarity(open_rgb(a), open_rgb(b)) for a, b in zip(originals, files)]
    return {
        "gains": gains_of([open_rgb(file) for file in files]),
        "ssimulacra2": [round(v, 1) for v in similarities],
        "seconds": round(mean(r["seconds"]["total"] for r in reports), 2),
        "bytes": round(mean(r["bytesOut"] / r["bytesIn"] for r in reports), 3),
    }


def kept_share(gains, clean_gains):
    """
    The kept share of the clean gain and its 95 % interval, by bootstrap over draws (with their clean gain) and,
    within them, seeds.
    gains: one list for each seed with one number for each draw; clean_gains: one number for each draw
    """
    rng, draws = random.Random(0), len(clean_gains)
    share = lambda chosen: sum(gains[s][d] for s, d in chosen) / sum(clean_gains[d] for _, d in chosen)
    some = lambda: [(rng.randrange(len(gains)), rng.randrange(draws)) for _ in range(len(gains) * draws)]
    many = sorted(share(some()) for _ in range(2000))
    return share([(s, d) for s in range(len(gains)) for d in range(draws)]), many[50], many[1949]


def table():
    lines = store.lines("photographs")
    newest = {}
    for line in lines:
        key = (line["spec"]["row"], line["spec"]["kind"])
        if key not in newest or newest[key][0]["spec"]["engine"] != line["spec"]["engine"]:
            newest[key] = []
        newest[key].append(line)
    baseline = newest[("clean", "jpeg")][0]["figures"]["gains"]
    for learner in probes.LEARNERS:
        print(f"\n| {learner}: gain, points (kept share of the clean gain, 95 % interval) | files | " + " | ".join(NETWORKS) + " | SSIMULACRA2 |")
        print("| --- | --- |" + " ---: |" * (len(NETWORKS) + 1))
        for (row, kind), found in sorted(newest.items(), key=lambda item: (ORDER.index(item[0][0]), item[0][1])):
            for treatment in TREATMENTS:
                cells = []
                for network in NETWORKS:
                    values = [line["figures"]["gains"][treatment][network][learner] for line in found]
                    share, low, high = kept_share(values, baseline["as it is"][network][learner])
                    gain = mean(v for one in values for v in one)
                    cells.append(f"{gain:+.1f}" + ("" if (row, treatment) == ("clean", "as it is") else f" ({share:.0%}, {low:.0%} to {high:.0%})"))
                similarities = [v for line in found for v in line["figures"].get("ssimulacra2", [])]
                looks = f"{mean(similarities):.1f}" if similarities and treatment == "as it is" else ""
                seeds = "" if row == "clean" else f", {len(found)} seed{'s' * (len(found) > 1)}"
                print(f"| {row}{seeds} | {kind.upper()}, {treatment} | " + " | ".join(cells) + f" | {looks} |")


# --- photographs of many ImageNet classes ---


def photographs():
    return sorted((photo_nets.SHARED / "photos").glob("n*.jpg"))


def held_out_logits(name, pictures):
    features, head = {"mobilenet-v2": photo_nets.mobilenet_v2, "mobilenet-v1": photo_nets.mobilenet_v1}[name]()
    with torch.no_grad():
        views = torch.stack([photo_nets.centre(p, 224, 256) for p in pictures])
        return torch.cat([head(features(part)) for part in views.split(20)])


def measure_photos(row, seed):
    files, reports, kept = protected(photographs(), "photos", row, seed)
    wnids = json.loads((ROOT / "test" / "unit" / "core" / "models" / "imagenet-wnids.json").read_text())
    truth = torch.tensor([wnids.index(file.name.split("_")[0]) for file in kept])
    before, after = [[open_rgb(file) for file in some] for some in (kept, files)]
    figures = {"pictures": len(kept)}
    for name in photo_nets.HELD_OUT:
        p = [held_out_logits(name, some).softmax(1) for some in (before, after, [jpeg75(half(x)) for x in after])]
        y0 = p[0].argmax(1, keepdim=True)
        figures[name] = {
            "labelError": [round(float((1 - each.gather(1, y0)).mean()), 4) for each in p],
            "top1": [round(float((each.argmax(1) == truth).float().mean()), 4) for each in p],
        }
    similarities = {file.stem: round(similarity(a, b), 1) for file, a, b in zip(kept, before, after)}
    figures["ssimulacra2"] = round(mean(similarities.values()), 1)
    figures["eyes"] = {kind: {name: similarities[name] for name in names} for kind, names in VISIBILITY_SET.items()}
    figures["seconds"] = round(mean(r["seconds"]["total"] for r in reports), 2)
    figures["bytes"] = round(mean(r["bytesOut"] / r["bytesIn"] for r in reports), 3)
    return figures


def photos_table():
    newest = {line["spec"]["row"]: line["figures"] for line in store.lines("photographs-judged")}
    print("| | " + " | ".join(newest) + " |\n| --- |" + " ---: |" * len(newest))
    line = lambda title, of: print(f"| {title} | " + " | ".join(of(f) for f in newest.values()) + " |")
    for network in photo_nets.HELD_OUT:
        line(f"{network}: label error before, after, halved and JPEG 75", lambda f: ", ".join(f"{v:.3f}" for v in f[network]["labelError"]))
        line(f"{network}: top-1 before, after, halved and JPEG 75", lambda f: ", ".join(f"{v:.0%}" for v in f[network]["top1"]))
    line("SSIMULACRA2, mean", lambda f: f"{f['ssimulacra2']:.1f}")
    for kind, names in VISIBILITY_SET.items():
        for name in names:
            line(f"{kind}: {name.split('_', 1)[1]}", lambda f: f"{f['eyes'][kind][name]:.1f}")
    line("seconds a picture", lambda f: f"{f['seconds']:.2f}")
    line("bytes after / before", lambda f: f"{f['bytes']:.2f}")


def main(what, *arguments):
    if what in ("table", "photos-table"):
        return {"table": table, "photos-table": photos_table}[what]()
    kind = "png" if "png" in arguments else "jpeg"
    for argument in arguments:
        if argument == "png":
            continue
        name, _, seeds = argument.partition(":")
        row = ROWS.get(name)
        assert row or name == "clean", f"there is no row {name}; there are clean, {', '.join(ROWS)}"
        for seed in [int(s) for s in seeds.split(",")] if row else [0]:
            spec = {"row": name, "engine": engine_of(row) if row else "", "seed": seed}
            if what == "gains":
                store.logged("photographs", {**spec, "kind": kind}, lambda: measure_gains(row, seed, kind))
            else:
                store.logged("photographs-judged", spec, lambda: measure_photos(row, seed))


if __name__ == "__main__":
    torch.set_num_threads(2)
    main(*sys.argv[1:])
