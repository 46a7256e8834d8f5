"""A program for tables, asked for what an audit of a log counts: does one job once.

    peers.py duckdb|polars THREADS FOLDER [parquet-]reasons|audit|counts FORM|choose

FOLDER has `log.csv`, `few.csv` (a shorter log of the same kind), the two as Parquet, `audit.json`
(the register, the clock, what the law makes of a search) and `reasons.toml` (the published rules).
With `choose` the forms are tried on the shorter log, and the version and the quickest form are
told. Otherwise the program says `ready`, waits for a line, and answers with its seconds, the memory
that it had at most, and what it found. `counts` is of an audit only what it counts.
"""

import hashlib
import json
import os
import sys
import threading
import time

engine, threads, folder, job, form = sys.argv[1:6]
kind = "parquet" if job.startswith("parquet-") else "csv"
job = job.removeprefix("parquet-")
# Polars reads this once, when it is loaded.
os.environ["POLARS_MAX_THREADS"] = threads

from importlib import import_module  # noqa: E402


class Known:
    """What is known beside the log."""

    of_immigration = (
        "immigration_civil",
        "immigration_criminal",
        "immigration_unclear",
        "mixed_criminal_and_immigration",
    )
    unclear = "federal_agency_unclear"
    covered = ("masked", "exemption_citation")
    words = {
        "own": "this agency",
        "in_state": "an agency of this state",
        "out_of_state": "an agency of another state",
        "federal": "a federal agency",
        "elsewhere": "an agency that is not known here",
    }

    # Rows that are told of a lead.
    shown = 20

    def __init__(self, whole):
        # Whether what is asked is all that an audit has to find out, or only what it counts.
        self.whole = whole
        with open(os.path.join(folder, "audit.json"), encoding="utf-8") as file:
            described = json.load(file)
        self.folder = folder
        self.threads = int(threads)
        self.own = described["own"]
        self.law = described["law"]
        self.offsets = described["offsets"]
        self.requests = described["made"]["requests"]
        self.key = "0707070707070707"
        # The agency's own rule, as our thresholds have it where nothing is said.
        self.share, self.searches, self.look_back = 0.5, 20, 30 * 24
        self.an_hour, self.near = 120, 14

    def file(self, name):
        return os.path.join(self.folder, name)


def seconds(work):
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def hashed(path, told):
    """The SHA-256 of a file, as far as it can be told as a number."""
    digest, piece = hashlib.sha256(), bytearray(1 << 20)
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(piece):
            digest.update(memoryview(piece)[:count])
    told["SHA-256 of the file"] = int.from_bytes(digest.digest()[:8], "big")


def answered(known, ask, path):
    """What is found, with the hash of the file where that is asked for; both at the same time."""
    if not known.whole:
        return ask(path)
    told = {}
    aside = threading.Thread(target=hashed, args=(path, told))
    aside.start()
    found = ask(path)
    aside.join()
    return found | told


def processor():
    """The seconds of processor that this process took for its own code."""
    return os.times().user


def main():
    known = Known(whole=job == "audit")
    asked = import_module(f"by_{engine}")
    forms = (asked.reasons if job == "reasons" else asked.audit)(known)
    if form == "choose":
        tried, found = [], []
        for name, ask in forms.items():
            few = known.file(f"few.{kind}")
            took, counted = seconds(lambda: answered(known, ask, few))
            print(f"{engine}, {job}, {name}: {took:.2f} s", file=sys.stderr)
            tried.append((min(took, seconds(lambda: answered(known, ask, few))[0]), name))
            found.append(counted)
        if any(counted != found[0] for counted in found):
            sys.exit(f"{engine} counts otherwise in another form")
        print(json.dumps([asked.VERSION, min(tried)[1]]))
        return
    print("ready", flush=True)
    if not sys.stdin.readline():
        sys.exit("nobody waits for an answer")
    before = processor()
    took, found = seconds(lambda: answered(known, forms[form], known.file(f"log.{kind}")))
    busy = processor() - before
    with open("/proc/self/status", encoding="utf-8") as status:
        memory = next(int(it.split()[1]) * 1024 for it in status if it.startswith("VmHWM:"))
    found = {name: count for name, count in found.items() if count}
    answer = {"seconds": took, "busy": busy, "memory": memory, "found": found}
    print(json.dumps(answer), flush=True)


main()
