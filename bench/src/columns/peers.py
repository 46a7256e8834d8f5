"""A program for tables, decided by the same rules: answers one line for each line it is given.

    peers.py duckdb|polars THREADS FOLDER

FOLDER has `table.json` (rows, columns, queries) and a file of bytes for each column, a stretch of
it that is repeated until there are rows enough. The table is in memory before the first line is
written. `rows` evaluates the rules over the whole table to a code for each row, in memory, and
`count` to how many rows have which; the answer is the seconds it took.
"""

import json
import os
import sys
import time

engine, threads, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
# Polars reads this once, when it is loaded.
os.environ["POLARS_MAX_THREADS"] = str(threads)

import numpy  # noqa: E402

FEW = 20_000_000

with open(os.path.join(folder, "table.json"), encoding="utf-8") as file:
    table = json.load(file)


def column(name, yes_no, rows):
    stretch = numpy.fromfile(os.path.join(folder, name), dtype=numpy.uint8)
    whole = numpy.resize(stretch, rows)
    return whole.view(numpy.bool_) if yes_no else whole


def duckdb_queries():
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    for name, rows in (("facts", table["rows"]), ("few", min(FEW, table["rows"]))):
        columns = {it["name"]: column(it["name"], it["yes_no"], rows) for it in table["columns"]}
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM columns")
        del columns

    def ask(query, name, rows):
        query = query.replace("{table}", name)
        if rows:
            query = "CREATE OR REPLACE TABLE decided AS " + query
        return lambda: connection.execute(query).fetchall()

    return duckdb.__version__, {"": ask}


def polars_queries():
    import polars

    frames = {}
    for name, rows in (("facts", table["rows"]), ("few", min(FEW, table["rows"]))):
        columns = [
            polars.Series(it["name"], column(it["name"], it["yes_no"], rows))
            for it in table["columns"]
        ]
        frames[name] = polars.DataFrame(columns).lazy()
    context = polars.SQLContext(frames)

    def by(way):
        def ask(query, name, rows):
            lazy = context.execute(query.replace("{table}", name), eager=False)
            if rows:
                return lambda: lazy.collect(engine=way).shape
            return lambda: lazy.collect(engine=way).rows()

        return ask

    return polars.__version__, {", in memory": by("in-memory"), ", streaming": by("streaming")}


def seconds(work):
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def main():
    version, ways = {"duckdb": duckdb_queries, "polars": polars_queries}[engine]()
    fastest = {}
    for rows in (True, False):
        # The form and the way it is fastest with, of three tries each on fewer rows.
        tried = []
        for form in (it for it in table["forms"] if it["rows"] == rows):
            for way, ask in ways.items():
                work = ask(form["query"], "few", rows)
                took = min(seconds(work)[0] for _ in range(3))
                tried.append((took, form["name"] + way, ask(form["query"], "facts", rows)))
        fastest["rows" if rows else "count"] = min(tried, key=lambda one: one[0])[1:]
    counts = next(iter(ways.values()))(table["counts"], "facts", False)()
    print(json.dumps([version, [form for form, _ in fastest.values()], counts]), flush=True)
    before = {}
    for line in sys.stdin:
        job = line.strip()
        if job not in fastest:
            sys.exit(f"`{job}` is nothing to do; write `rows` or `count`")
        took, answer = seconds(fastest[job][1])
        if before.setdefault(job, answer) != answer:
            sys.exit(f"{answer} after {before[job]}")
        print(took, flush=True)


main()
