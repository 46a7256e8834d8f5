#!/bin/sh
# Verifies a register with a program that others wrote, and requires that it notices tampering.
#
#   scripts/third-party.sh DIR RECEIPT
#
# DIR is the register's folder (or only its published one, with `vkey`), RECEIPT a receipt of it.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 DIR RECEIPT" >&2
    exit 2
fi
if ! command -v go >/dev/null; then
    echo "go is missing: install the Debian package golang-go" >&2
    exit 1
fi
if [ ! -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ]; then
    echo "golang.org/x/mod is missing: install the Debian package golang-golang-x-mod-dev" >&2
    exit 1
fi

here=$(dirname "$0")
public=$1
[ -d "$1/public" ] && public=$1/public
receipt=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Debian's packages are found through GOPATH; nothing is downloaded.
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$scratch/cache"
go build -o "$scratch/verify" "$here/third-party/verify.go"
vkey=$(cat "$public/vkey")

"$scratch/verify" "$vkey" "$public" "$receipt"

# Replaces one byte of a file, at two thirds of its length, by another letter.
alter() {
    at=$(($(wc -c <"$1") * 2 / 3))
    old=$(dd if="$1" bs=1 skip="$at" count=1 2>/dev/null)
    new=A
    [ "$old" = A ] && new=B
    printf %s "$new" | dd of="$1" bs=1 seek="$at" count=1 conv=notrunc 2>/dev/null
}

# refuses WHAT FILE: alters FILE in the copy and requires that the verifier says no.
refuses() {
    alter "$2"
    if "$scratch/verify" "$vkey" "$scratch/public" "$scratch/receipt" 2>"$scratch/said"; then
        echo "an altered $1 was accepted" >&2
        exit 1
    fi
    echo "an altered $1 is refused: $(cat "$scratch/said")"
}

# A fresh copy for each alteration, checked to be good, so that only the alteration is refused.
fresh() {
    rm -rf "$scratch/public"
    cp -r "$public" "$scratch/public"
    cp "$receipt" "$scratch/receipt"
    "$scratch/verify" "$vkey" "$scratch/public" "$scratch/receipt" >/dev/null
}

# The first bundle: full, or as wide as the register is long. Others may be left from before.
size=$(sed -n 2p "$public/checkpoint")
bundle=tile/entries/000
[ "$size" -ge 256 ] || bundle=$bundle.p/$size

fresh
refuses "bundle of entries" "$scratch/public/$bundle"
fresh
refuses "checkpoint" "$scratch/public/checkpoint"
fresh
refuses "receipt" "$scratch/receipt"
