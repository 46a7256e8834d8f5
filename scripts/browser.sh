#!/bin/sh
# Looks at the desk's pages with a browser: builds the program, starts it, and goes through its
# pages at a desktop and a phone, in light and dark, with and without JavaScript. On a fresh Debian
# machine with Rust: installs what that needs.
#
#   scripts/browser.sh [--shots] [NAME]
#
# With --shots a picture of each page is left in target/screenshots. With NAME only the tests whose
# name has it.
set -eu
cd "$(dirname "$0")/.."
tests=crates/bailiwick/tests/browser

if [ "${1-}" = --shots ]; then
    shift
    export SHOTS=1
    rm -rf target/screenshots
fi

. scripts/packages.sh
need /usr/bin/cc build-essential
need /usr/bin/node nodejs
need /usr/bin/npm npm
need /usr/bin/chromium chromium
install_needed

# A locked version, nothing of which is run while it is installed.
npm ci --prefix "$tests" --ignore-scripts --no-audit --no-fund --loglevel=error
cargo build --release --locked --bin bailiwick

# One file after the other: they share two processors with a browser. Node 18 has no option for
# that, so each has its own run.
for file in "$tests"/*.test.mjs; do
    echo "== ${file#"$tests"/}"
    node --test ${1:+"--test-name-pattern=$1"} "$file"
done
