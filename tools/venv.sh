#!/bin/sh
# Make the virtual environment $1 with the first Python 3.11 or newer there is.
set -eu
venv=$1
[ -x "$venv/bin/python" ] && exit 0

for python in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    [ -n "$python" ] || continue
    # Asked to run, not only to exist: version managers leave names that run nothing.
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    echo "== creating $venv with $("$python" --version)"
    if "$python" -m venv "$venv"; then exit 0; fi
    rm -rf "$venv"
    echo "$python cannot create a virtual environment (Debian: apt install python3-venv)" >&2
    exit 1
done
echo "Python 3.11 or newer is needed and was not found; name one: make PYTHON=/path/to/python" >&2
exit 1
