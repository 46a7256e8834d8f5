#!/bin/sh
# Builds the law for a browser, and requires that in Node and in Chromium it answers what the
# program answers. On a fresh Debian machine with Rust: installs what that needs.
#
#   scripts/wasm.sh
#
# What a page needs is then in target/wasm: bailiwick.js and bailiwick_bg.wasm.
set -eu
cd "$(dirname "$0")/.."
target=wasm32-unknown-unknown
out=target/wasm

. scripts/packages.sh
need /usr/bin/cc build-essential
need /usr/bin/node nodejs
need /usr/bin/npm npm
need /usr/bin/chromium chromium
install_needed
[ -d "$(rustc --print target-libdir --target $target)" ] || rustup target add $target

# The tool has to be of the library's version. It runs for seconds, so it is built without
# optimising; nothing of it is in the result.
version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' wasm/Cargo.lock)
tools=$PWD/target/tools
if [ "$("$tools/bin/wasm-bindgen" --version 2>/dev/null)" != "wasm-bindgen $version" ]; then
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --debug --root "$tools" \
        --no-default-features --bin wasm-bindgen --version "=$version" wasm-bindgen-cli
fi

# Where it was built is nobody's business: a panic's place is told without it.
remap="'--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/=', '--remap-path-prefix=$PWD/='"
in_wasm() {
    command=$1
    shift
    cargo "$command" --release --locked --manifest-path wasm/Cargo.toml --target $target \
        --target-dir target/aside --config "target.$target.rustflags=[$remap]" "$@"
}
cargo fmt --manifest-path wasm/Cargo.toml --check
in_wasm build
in_wasm clippy -- -D warnings
rm -rf "$out"
# `--debug` adds one check to the few lines of JavaScript: that what is given is a text.
"$tools/bin/wasm-bindgen" --debug --target web --out-dir "$out" \
    "target/aside/$target/release/bailiwick.wasm"
# Node 18 takes a file in `.js` for a module only where a package says so.
echo '{ "type": "module" }' >"$out/package.json"

if grep -aqF -e "$PWD/" -e "$HOME/" "$out/bailiwick_bg.wasm"; then
    echo "$out/bailiwick_bg.wasm names a folder of this machine" >&2
    exit 1
fi

cargo build --release --locked --bins --example questions
cases=$out/cases.json
target/release/examples/questions >"$cases.examples"
node wasm/test/cases.mjs target/release/bailiwick "$cases" <"$cases.examples"
node wasm/test/node.mjs "$out" "$cases" law
# A locked version, nothing of which is run while it is installed.
npm ci --prefix wasm/test --ignore-scripts --no-audit --no-fund --loglevel=error
node wasm/test/chromium.mjs "$out" "$cases"
rm "$cases" "$cases.examples"

echo "size: $(wc -c <"$out/bailiwick_bg.wasm") bytes," \
    "$(gzip -9 -c "$out/bailiwick_bg.wasm" | wc -c) compressed with gzip"
