"""Writes the logs of a folder as Parquet, as an agency with a table program would.

    parquet.py FOLDER

Texts are texts, in dictionaries where they repeat; the number of networks is a number, and the
time of a search an instant of UTC. Polars writes it, whatever it does where nothing is said.
"""

import os
import sys

sys.path.insert(0, sys.argv[1])

import polars as pl  # noqa: E402

from by_polars import COLUMNS, FORM, log  # noqa: E402

HEADINGS = [
    "Name", "Org Name", "Total Networks Searched", "Total Devices Searched", "Time Frame",
    "License Plate", "Reason", "Case #", "Filters", "Search Time", "Search Type", "Text Prompt",
    "Moderation",
]

for name in ("log", "few"):
    table = log(os.path.join(sys.argv[1], f"{name}.csv")).with_columns(
        time=pl.col("time").str.to_datetime(FORM, time_unit="us").dt.replace_time_zone("UTC")
    )
    table = table.rename(dict(zip(COLUMNS, HEADINGS)))
    table.sink_parquet(os.path.join(sys.argv[1], f"{name}.parquet"))
