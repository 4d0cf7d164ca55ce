#!/usr/bin/env bash
# Makes lab/.venv with the exact versions that the scripts in this folder were run with.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m venv .venv
.venv/bin/pip install --disable-pip-version-check -r requirements.txt
.venv/bin/pip install --disable-pip-version-check --no-deps -r requirements-photographs.txt
