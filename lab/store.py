"""Caches results by the hash of their complete description, so that every table can be resumed.

Tensors and networks are in lab/cache. Figures are JSON lines in lab/results, which are committed.
"""

import hashlib
import json
import os
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
cache_locks = defaultdict(threading.Lock)
log_lock = threading.Lock()


def run_in_parallel(jobs):
    """
    Calls every job, two at a time, each on one thread of its own. With two threads for one job, small networks lose
    more by waiting for the slower thread than they gain by the second one, above all on a busy machine.
    """
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


def key(spec):
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:16]


def cached(kind, spec, make):
    """Returns the tensors that `make()` computes for `spec`, from the cache if they are there."""
    file = HERE / "cache" / f"{kind}-{key(spec)}.pt"
    with cache_locks[file.name]:
        if not file.exists():
            made = make()
            file.parent.mkdir(exist_ok=True)
            unfinished = file.with_suffix(f".{os.getpid()}")
            torch.save(made, unfinished)
            unfinished.rename(file)
    return torch.load(file)


def lines(table):
    file = HERE / "results" / f"{table}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def logged(table, spec, measure):
    """
    Returns the figures that `measure()` computes for `spec`: looked up, or measured and appended to the table's log.
    """
    for line in lines(table):
        if line["spec"] == spec:
            return line["figures"]
    start = time.time()
    figures = measure()
    line = {"spec": spec, "figures": figures, "seconds": round(time.time() - start)}
    with log_lock, open(HERE / "results" / f"{table}.jsonl", "a") as file:
        file.write(json.dumps(line) + "\n")
    print(table, json.dumps(spec)[:200], json.dumps(figures), f"{line['seconds']} s", flush=True)
    return figures
