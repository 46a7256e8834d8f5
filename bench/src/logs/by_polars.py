"""What an audit counts, asked of Polars."""

from functools import reduce

import polars as pl

import reasons as published

VERSION = pl.__version__

COLUMNS = [
    "account", "agency", "networks", "devices", "frame", "plate", "reason", "case_number",
    "filters", "time", "kind", "prompt", "moderation",
]
FORM = "%m/%d/%Y, %I:%M:%S %p UTC"
HEADLESS = {"has_header": False, "skip_lines": 1, "empty_string_is_null": False}
KEPT = ["account", "agency", "frame", "reason", "case_number"]


def log(path, numbered=False):
    """The file, by its columns and their types; `numbered` has the row of each, as a spreadsheet
    counts."""
    counted = {"row_index_name": "row", "row_index_offset": 2} if numbered else {}
    if path.endswith(".parquet"):
        headings = pl.scan_parquet(path).collect_schema().names()
        return pl.scan_parquet(path, **counted).rename(dict(zip(headings, COLUMNS)))
    types = {name: pl.String for name in COLUMNS} | {"networks": pl.UInt32}
    return pl.scan_csv(path, schema=types, **HEADLESS, **counted)


def either(conditions):
    return reduce(lambda a, b: a | b, conditions)


def found(text, patterns):
    return either([text.str.contains(it) for it in patterns])


def normal(text):
    return (
        text.str.to_lowercase()
        .str.replace_all("_", " ", literal=True)
        .str.replace_all(r"[ \t\r\n]+", " ")
        .str.strip_chars(" ")
    )


def rules_of(known):
    return published.Rules(known.folder, boundary=r"(?-u:\b)")


def classified(rules, lazy, join):
    """`lazy` with the class of each reason, and whether a case's number is there."""
    text = pl.col("text")
    lazy = lazy.with_columns(text=normal(pl.col("reason")))
    lazy = lazy.with_columns(detail=text.str.replace(rules.says_nothing, ""))
    case = None
    for name, groups, unless in rules.rules:
        if not groups:
            case = case.otherwise(pl.lit(name))
            break
        held = [found(pl.col("detail"), join(group)) for group in groups]
        if unless:
            held.append(~found(pl.col("detail"), join(unless)))
        held = reduce(lambda a, b: a & b, held)
        case = (case if case is not None else pl).when(held).then(pl.lit(name))
    numbered = found(text, join(rules.case_number))
    return lazy.with_columns(case.alias("class"), numbered.alias("numbered"))


JOINS = {"each pattern alone": published.alone, "patterns joined": published.joined}
WAYS = {"in memory": "in-memory", "streaming": "streaming"}


def reasons(known):
    rules = rules_of(known)

    def form(join, distinct, way):
        def ask(path):
            if distinct:
                grouped = log(path).group_by("agency", "reason").agg(rows=pl.len())
                grouped = grouped.collect(engine=way).lazy()
                texts = grouped.select(pl.col("reason").unique())
                classes = classified(rules, texts, join).select("reason", "class")
                counted = grouped.join(classes, on="reason")
                counted = counted.group_by("agency", "class").agg(pl.col("rows").sum())
            else:
                counted = classified(rules, log(path), join)
                counted = counted.group_by("agency", "class").agg(rows=pl.len())
            counted = counted.collect(engine=way).rows()
            return {f"{agency}, {name}": rows for agency, name, rows in counted}

        return ask

    return {
        f"{how}, {'distinct reasons' if distinct else 'every row'}, {name}": form(
            join, distinct, way
        )
        for how, join in JOINS.items()
        for distinct in (True, False)
        for name, way in WAYS.items()
    }


# A state is two capital letters of these; the last such word of a name counts.
STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR GU"
).split()


def of_copies(whole):
    return {"shown": pl.len()} | ({"row": pl.col("row").min()} if whole else {})


def by_hash(path, whole):
    rest = pl.struct(name for name in COLUMNS if name != "time").hash()
    kept = [pl.col(name).first() for name in KEPT]
    rows = log(path, whole).group_by("time", rest.alias("rest"))
    return rows.agg(*kept, **of_copies(whole))


def by_columns(path, whole):
    rows = log(path, whole).group_by(COLUMNS).agg(**of_copies(whole))
    return rows.select("time", *KEPT, *of_copies(whole))


COPIES = {"copies by a hash of the row": by_hash, "copies by every column": by_columns}


def audit(known):
    def form(join, copies, way):
        return lambda path: audited(known, path, join, copies, way)

    return {
        f"{how}, {name}, {engine}": form(join, copies, way)
        for how, join in JOINS.items()
        for name, copies in COPIES.items()
        for engine, way in WAYS.items()
    }


def searcher(known):
    agency = pl.col("agency")
    state = agency.str.extract(rf".*(?:^|\s)({'|'.join(STATES)})(?:\s|$)")
    words = {name: pl.lit(word) for name, word in known.words.items()}
    return (
        pl.when(agency == known.own)
        .then(words["own"])
        .when(agency.str.starts_with("[Federal]"))
        .then(words["federal"])
        .when(state == "IL")
        .then(words["in_state"])
        .when(state.is_not_null())
        .then(words["out_of_state"])
        .otherwise(words["elsewhere"])
    )


def local_day(known):
    seconds = pl.col("seconds")
    offset = pl.lit(known.offsets[0][1])
    for start, after in known.offsets[1:]:
        offset = pl.when(seconds >= start).then(after).otherwise(offset)
    return ((seconds + offset) // 86_400).cast(pl.Int32)


def token(known, text):
    """What stands for a text, by the agency's key."""
    import polars_hash  # noqa: F401

    return (pl.lit(known.key) + text).chash.sha2_256()


def case_key(known, text):
    """What a case is known by."""
    key = text.str.replace_many(["-", " ", "#"], ["", "", ""]).str.to_uppercase()
    return pl.when(text != "").then(token(known, key)) if known.whole else key


def seconds_of(text):
    return text.str.to_datetime(FORM, time_unit="ms").dt.epoch("s")


def audited(known, path, join, copies, way):
    rules = rules_of(known)
    kept = copies(path, known.whole).collect(engine=way).lazy()
    rows = kept.select(pl.col("shown").sum(), searches=pl.len()).collect().row(0)
    texts = kept.select(pl.col("reason").unique())
    reading = classified(rules, texts, join).select("reason", "class", "numbered")
    reading = reading.with_columns(
        told=~pl.col("class").is_in(known.covered),
        immigration=pl.col("class").is_in(known.of_immigration),
    ).collect(engine=way)
    closed = pl.col("agency").str.to_lowercase().str.contains("[inactive]", literal=True)
    who = kept.select(pl.col("agency").unique())
    who = who.with_columns(searcher=searcher(known), agency_closed=closed).collect(engine=way)
    search = kept.join(reading.lazy(), on="reason").join(who.lazy(), on="agency")
    if known.whole:
        person = kept.select(pl.col("account").unique())
        person = person.with_columns(token=token(known, pl.col("account"))).collect(engine=way)
        search = search.join(person.lazy(), on="account")
    time = pl.col("time")
    seconds = time.dt.epoch("s") if path.endswith(".parquet") else seconds_of(time)
    search = search.with_columns(seconds=seconds)
    vague = pl.col("class").is_in(("blank", "vague"))
    # Whether a number is in the cell is looked up only where it matters.
    cell = pl.when(vague).then(pl.col("case_number")).otherwise(pl.lit(""))
    in_case = found(normal(cell), join(rules.case_number))
    account = pl.col("account")
    from_time = seconds_of(pl.col("frame").str.split("\n").list.first())
    search = search.select(
        "agency", "reason", "class", "searcher", "seconds", "told", "immigration",
        *(["row"] if known.whole else []),
        account=pl.when(account != "***").then("token" if known.whole else account),
        day=local_day(known),
        closed=pl.col("agency_closed")
        | account.str.to_lowercase().str.contains("[inactive]", literal=True),
        case_key=case_key(known, pl.col("case_number")),
        undocumented=vague & ~(pl.col("numbered") | in_case),
        far=pl.col("seconds") - from_time > known.look_back * 3600,
    )
    requests = pl.LazyFrame(
        {
            "case_key": [it["case"] for it in known.requests],
            "of": [it["day"] for it in known.requests],
            "permitted": [it["permitted"] for it in known.requests],
        }
    ).with_columns(case_key=case_key(known, pl.col("case_key")))
    search = search.with_row_index().collect(engine=way).lazy()
    near = search.join(requests, on="case_key")
    near = near.filter((pl.col("day") - pl.col("of")).abs() <= known.near)
    near = near.group_by("index").agg(pl.col("permitted").any())
    law = pl.LazyFrame(known.law)
    of_law = search.select("index", "class", "searcher", "day")
    of_law = of_law.join(law, on=["class", "searcher"])
    of_law = of_law.filter(pl.col("day").is_between("from", "until", closed="left"))
    of_law = of_law.select("index", "outcome", "open")
    seen = search.join(of_law, on="index", how="left").join(near, on="index", how="left")
    seen = seen.with_columns(pl.col("open").fill_null(False)).collect(engine=way).lazy()
    counted = {"rows": rows[0], "copies": rows[0] - rows[1], "searches": rows[1]}
    return counted | told(known, seen, way)


def token_of_few(known):
    """The same, made by Python: quick enough where only the accounts of leads want one."""
    from hashlib import md5

    def of(account):
        return md5(f"{known.key}{account or ''}".encode()).hexdigest()

    return pl.col("account").map_elements(of, return_dtype=pl.String, skip_nulls=False)


def told(known, seen, way):
    """What is counted, and the leads."""
    speaks = pl.col("immigration") | (pl.col("class") == known.unclear)
    permitted = pl.col("permitted").fill_null(False)
    explained = (speaks & permitted).sum()
    lazy = [seen.select(explained=explained)]
    kinds = (("class", "class"), ("by", "searcher"), ("law", "outcome"))
    for _, column in kinds:
        lazy.append(seen.drop_nulls(column).group_by(column).agg(rows=pl.len()))
    leads = leads_of(known, seen)
    answers = pl.collect_all(lazy + list(leads.values()), engine=way)
    counted = {"explained": answers[0].item()}
    for (what, _), answer in zip(kinds, answers[1:4]):
        counted |= {f"{what}: {word}": rows for word, rows in answer.rows()}
    for name, answer in zip(leads, answers[4:]):
        counted[f"leads: {name}"] = len(answer)
        counted[f"searches in leads: {name}"] = answer["hits"].sum()
        if known.whole:
            rows = answer.sort("first")["first"].list.explode().struct.field("row")
            counted[f"rows of leads: {name}"] = rows.cast(pl.UInt64).sum()
        elif "account" in answer.columns:
            answer.with_columns(account=token_of_few(known))
    return counted


def leads_of(known, seen):
    """The leads of each test, with their hits and, where that is asked for, the first rows."""
    place = pl.struct("seconds", "row")

    def first(hits=place):
        return {"first": hits.bottom_k(known.shown).sort()} if known.whole else {}

    opened = pl.col("open") & ~pl.col("permitted").fill_null(False)
    outside = ~pl.col("searcher").is_in([known.words["own"], known.words["in_state"]])
    hour = (pl.col("seconds") // 3600).alias("hour")
    hits, rows = pl.col("undocumented").sum(), pl.len()
    by_account = ("agency", "account")
    each = [*by_account, "seconds", "reason", pl.lit(1).alias("hits")]
    each += [pl.concat_list(place).alias("first")] if known.whole else []
    by_hour = seen.filter(pl.col("account").is_not_null()).group_by(*by_account, hour)
    bulk = by_hour.agg(hits=rows).filter(pl.col("hits") >= known.an_hour)
    if known.whole:
        bulk = bulk.join(seen.with_columns(hour), on=[*by_account, "hour"])
        bulk = bulk.group_by(*by_account, "hour", "hits").agg(**first())
    undocumented = seen.filter("told").group_by(by_account)
    undocumented = undocumented.agg(
        hits=hits, rows=rows, **first(place.filter(pl.col("undocumented")))
    )
    return {
        "purpose": seen.filter(pl.col("immigration") & opened).select(each),
        "federal_agency": seen.filter((pl.col("class") == known.unclear) & opened).select(each),
        "after_declined": seen.filter(~pl.col("permitted")).select(each),
        "other_state": seen.filter(outside & pl.col("open"))
        .group_by("agency")
        .agg(hits=rows, **first()),
        "inactive": seen.filter("closed").group_by(by_account).agg(hits=rows, **first()),
        "undocumented": undocumented.filter(
            (pl.col("rows") >= known.searches) & (pl.col("hits") >= known.share * pl.col("rows"))
        ),
        "look_back": seen.filter("far").group_by(by_account).agg(hits=rows, **first()),
        "bulk": bulk,
    }
