"""Prints the tables of docs/lab.md from the logs in lab/results."""

import sys
from collections import defaultdict
from statistics import mean, stdev

import recipes
import store

NAMES = {store.key(spec): name for name, spec in recipes.RECIPES.items()}


def row_of(spec):
    """A victim's row: what its uploads were and how it was trained, apart from family and seed."""
    uploads = spec["uploads"]
    name = "C alone" if uploads is None else NAMES.get(store.key(uploads), "unnamed")
    extra = {k: v for k, v in spec.items() if k not in ("family", "seed", "uploads", "data", "count")}
    return " ".join([name, *(f"{k} {v}" for k, v in sorted(extra.items()))])


def cell(values):
    return f"{mean(values):.1f} ± {stdev(values):.1f}" if len(values) > 1 else f"{values[0]:.1f}"


def victims(table):
    rows = defaultdict(lambda: defaultdict(list))
    for line in store.lines(table):
        rows[row_of(line["spec"])][line["spec"]["family"]].append(line["figures"]["accuracy"])
    families = sorted({family for row in rows.values() for family in row})
    print(f"| {table} | " + " | ".join(families) + " |\n| --- |" + " ---: |" * len(families))
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(f"{cell(row[f])} ({len(row[f])})" if f in row else "" for f in families) + " |")


def transfer():
    lines = store.lines("transfer")
    columns = list(lines[-1]["figures"])
    print("| recipe | " + " | ".join(columns) + " |\n| --- |" + " ---: |" * len(columns))
    for line in lines:
        print(f"| {line['spec']['recipe']} | " + " | ".join(str(line["figures"].get(c)) for c in columns) + " |")


if __name__ == "__main__":
    for table in sys.argv[1:]:
        transfer() if table == "transfer" else victims(table)
