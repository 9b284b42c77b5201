#!/usr/bin/env bash
# Writes requirements.txt and requirements-dev.txt anew from the bounds in pyproject.toml: exact versions of
# everything, direct and indirect, that install on every supported Python and system. Needs `pip install uv`.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    uv pip compile pyproject.toml "$@" --quiet --universal --python-version 3.11 --fork-strategy fewest \
        --no-annotate --no-header
}

# What is pinned for users must go together with all that developers test beside it.
all=$(mktemp)
trap 'rm -f "$all"' EXIT
compile --upgrade --extra dev > "$all"

runtime=$(compile --constraint "$all")
{
    echo "# What aejax needs to run, pinned by scripts/pin.sh. The bounds are in pyproject.toml."
    echo "$runtime"
} > requirements.txt

{
    echo "# What testing, linting and the documentation need besides, pinned by scripts/pin.sh."
    echo "-r requirements.txt"
    grep -vxF "$runtime" "$all"
} > requirements-dev.txt
