#!/bin/sh
# Holds the engine of the law against Cedar's symbolic compiler, over every case at once: installs
# the solver, then builds and runs `proofs/`. Slower than the tests and no part of them.
#
#   scripts/proofs.sh [NAME]
#
# With NAME only the proofs whose name has it.
set -eu
cd "$(dirname "$0")/.."

step() {
    printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - start))"
}
start=$(date +%s)

# Another solver may be named in `CVC5`; else Debian's, if there is none yet.
if [ -z "${CVC5:-}" ] && ! command -v cvc5 >/dev/null; then
    step "installing cvc5"
    as=
    [ "$(id -u)" = 0 ] || as=sudo
    $as apt-get update -q
    $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends cvc5
fi

aside="--release --locked --manifest-path proofs/Cargo.toml --target-dir target/aside"

step "building"
# The options are several words on purpose.
# shellcheck disable=SC2086
cargo test $aside --no-run

step "proofs"
# shellcheck disable=SC2086
cargo test $aside -- ${1:+"$1"}

step "all of it is proved"
