#!/usr/bin/env bash
# Writes requirements.txt and requirements-dev.txt anew from the bounds in pyproject.toml: exact versions of
# everything, direct and indirect, that install on every supported Python and system. Needs `pip install uv`.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    uv pip compile pyproject.toml "$@" --quiet --universal --python-version 3.11 --fork-strategy fewest \
        --no-annotate --no-header
}

runtime=$(compile --upgrade)
{
    echo "# What aejax needs to run, pinned by scripts/pin.sh. The bounds are in pyproject.toml."
    echo "$runtime"
} > requirements.txt

development=$(compile --upgrade --extra dev --constraint requirements.txt)
{
    echo "# What testing, linting and the documentation need besides, pinned by scripts/pin.sh."
    echo "-r requirements.txt"
    grep -vxF "$runtime" <<< "$development"
} > requirements-dev.txt
