#!/bin/sh
# Runs one fuzz target, or all of them one after another, on a stable toolchain.
#
#   fuzz/run.sh [TARGET|all] [SECONDS] [OPTION…]
#
# SECONDS 0 reads the corpus once and ends. Options go to libFuzzer; a file among them is read
# instead of the corpus: `fuzz/run.sh entry 0 artifacts/entry/crash-…`.
set -eu
cd "$(dirname "$0")"

all="entry history note receipt tiles requests_csv detainers_csv access_log"
all="$all law_vocabulary law_rule law_edition pdf_form"
targets=${1:-all}
seconds=${2:-60}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] && shift
[ "$targets" = all ] && targets=$all
limit=-max_total_time=$seconds
[ "$seconds" = 0 ] && limit=-runs=0

# Coverage is counted by plain code-generation flags, so that no nightly is needed; `--target`
# keeps them out of build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares" cargo build --release --target "$host" --bins
binaries=$CARGO_TARGET_DIR/$host/release
"$binaries/seeds" 2>/dev/null

for target in $targets; do
    echo "== $target"
    mkdir -p "artifacts/$target"
    words=$target
    [ "$words" = history ] && words=entry
    input=corpus/$target
    [ -f "${1:-}" ] && input=
    "$binaries/$target" -dict="dict/$words.dict" -artifact_prefix="artifacts/$target/" \
        -timeout=30 -max_len=20000 -print_final_stats=1 "$limit" ${input:+"$input"} "$@"
done
