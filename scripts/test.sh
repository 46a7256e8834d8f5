#!/bin/sh
# Everything that must hold, on a fresh Debian machine with Rust: installs what the tests need,
# then checks format, lints and the law, runs every test, and has a register verified by a program
# that others wrote.
#
#   scripts/test.sh
set -eu
cd "$(dirname "$0")/.."

step() {
    printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - start))"
}
start=$(date +%s)

# Debian's packages, only those that are not there yet.
missing=
need() {
    [ -e "$1" ] || missing="$missing $2"
}
need /usr/bin/cc build-essential
need /usr/bin/strace strace
need /usr/bin/go golang-go
need /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog golang-golang-x-mod-dev
if [ -n "$missing" ]; then
    step "installing$missing"
    as=
    [ "$(id -u)" = 0 ] || as=sudo
    $as apt-get update -q
    # The list of packages is several words on purpose.
    # shellcheck disable=SC2086
    $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi
rustup component add rustfmt clippy 2>/dev/null || true

step "building the program"
cargo build --release --locked

step "checking the law"
cargo run --release --locked --quiet -- check law

step "tests"
cargo test --release --locked --workspace

step "lints"
cargo clippy --release --locked --workspace --all-targets -- -D warnings

step "bench, fuzz and proofs build"
for aside in bench fuzz proofs; do
    cargo clippy --release --locked --manifest-path "$aside/Cargo.toml" --target-dir target/aside \
        --all-targets -- -D warnings
done

step "documents"
RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps --quiet

step "the main job, then verified by others"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cargo run --release --locked --quiet -- demo --data "$scratch/register"
cargo run --release --locked --quiet -- receipt --data "$scratch/register" 17 \
    --out "$scratch/receipt"
scripts/third-party.sh "$scratch/register" "$scratch/receipt"

step "all of it holds"
