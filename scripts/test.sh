#!/bin/sh
# Everything that must hold, on a fresh Debian machine with Rust: installs what the tests need,
# then checks format, lints and the law, runs every test, has a register verified by a program
# that others wrote, and compares a browser's answers with the program's.
#
#   scripts/test.sh
set -eu
cd "$(dirname "$0")/.."

step() {
    printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - start))"
}
start=$(date +%s)

step "packages"
. scripts/packages.sh
need /usr/bin/cc build-essential
need /usr/bin/strace strace
need /usr/bin/systemd-analyze systemd
need /usr/bin/openssl openssl
need /usr/bin/go golang-go
need /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog golang-golang-x-mod-dev
install_needed
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

step "the law in a browser"
scripts/wasm.sh

step "the service"
systemd-analyze security --offline=yes --threshold=20 docs/bailiwick.service >"$scratch/service" ||
    { cat "$scratch/service"; exit 1; }

step "the desk in a browser"
scripts/browser.sh

step "all of it holds"
