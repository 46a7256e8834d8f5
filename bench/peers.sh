#!/bin/sh
# Installs the programs for tables that `columns` and `logs` are measured beside, for Python and
# apart from everything else, into bench/target/peers. Needs Debian's python3-venv, and downloads
# from the package index of Python.
#
#   bench/peers.sh
set -eu

peers=$(dirname "$0")/target/peers
python3 -m venv "$peers"
"$peers/bin/pip" install --quiet --only-binary :all: duckdb==2.0.0 numpy==2.4.6 polars==2.1.0 \
  polars-hash==0.9.3
"$peers/bin/python" -c 'import duckdb, numpy, polars, polars_hash'
echo "installed in $peers"
