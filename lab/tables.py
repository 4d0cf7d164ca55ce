"""Prints the tables of docs/lab.md from the logs in lab/results.

    lab/.venv/bin/python lab/tables.py gains victims transfer bayes
"""

import sys
from collections import defaultdict
from statistics import mean, stdev

import experiment
import recipes
import store

NAMES = {store.key(spec): name for name, spec in recipes.RECIPES.items()}


def row_of(spec):
    """The row of a victim: its uploads and everything in its description except family and seed."""
    uploads = spec["uploads"]
    name = "C alone" if uploads is None else NAMES.get(store.key(uploads), "unnamed")
    extra = {k: v for k, v in spec.items() if k not in ("family", "seed", "uploads")}
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


def gains(_):
    """Prints learning gains: each mix against C alone with the same seed, at equal updates and at equal epochs."""
    found = {store.key(line["spec"]): line["figures"]["accuracy"] for line in store.lines("victims")}
    rows = defaultdict(lambda: defaultdict(lambda: ([], [])))
    for line in store.lines("victims"):
        spec = line["spec"]
        count = spec.get("count", experiment.COUNT[spec.get("data", "cifar10")])
        if spec["uploads"] is None:
            continue
        # Uploads alone are compared with as many clean pictures.
        few = spec.get("clean", count) or count
        pictures = spec.get("clean", count) + spec.get("protected", count)
        alone = {k: v for k, v in spec.items() if k not in ("site", "clean", "protected")} | {"uploads": None}
        if few != count:
            alone["count"] = few
        updates = spec["epochs"] * pictures // few
        for values, epochs in zip(rows[row_of(spec)][spec["family"]], (updates, spec["epochs"])):
            baseline = found.get(store.key({**alone, "epochs": epochs}))
            if baseline is not None:
                values.append(line["figures"]["accuracy"] - baseline)
    families = sorted({family for row in rows.values() for family in row})
    print("| gain, equal updates / equal epochs (seeds) | " + " | ".join(families) + " |\n| --- |" + " ---: |" * len(families))
    for name, row in rows.items():
        both = lambda f: " / ".join(f"{cell(v)} ({len(v)})" if v else "?" for v in row[f]) if f in row else ""
        print(f"| {name} | " + " | ".join(both(f) for f in families) + " |")


def by_recipe(table):
    lines = store.lines(table)
    columns = list(lines[-1]["figures"])
    print("| recipe | " + " | ".join(columns) + " |\n| --- |" + " ---: |" * len(columns))
    for line in lines:
        print(f"| {line['spec']['recipe']} | " + " | ".join(str(line["figures"].get(c)) for c in columns) + " |")


TABLES = {"gains": gains, "victims": victims, "transfer": by_recipe, "bayes": by_recipe}

if __name__ == "__main__":
    for table in sys.argv[1:]:
        TABLES[table](table)
