"""What an audit counts, asked of DuckDB."""

import duckdb

import reasons as published

VERSION = duckdb.__version__

COLUMNS = [
    "account", "agency", "networks", "devices", "frame", "plate", "reason", "case_number",
    "filters", "time", "kind", "prompt", "moderation",
]
FORM = "%m/%d/%Y, %I:%M:%S %p UTC"


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def log(path, numbered=False):
    """The file, by its columns and their types; `numbered` has the row of each, as a spreadsheet
    counts."""
    if path.endswith(".parquet"):
        names = ", ".join(COLUMNS + (["before"] if numbered else []))
        row = ", before + 2 AS row" if numbered else ""
        option = ", file_row_number = true" if numbered else ""
        return (
            f"(SELECT * REPLACE (make_timestamp(epoch_us(time)) AS time){row} "
            f"FROM read_parquet({quoted(path)}{option}) AS it({names}))"
        )
    types = {name: "VARCHAR" for name in COLUMNS} | {"networks": "UINTEGER", "time": "TIMESTAMP"}
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
    table = (
        f"read_csv({quoted(path)}, header = true, auto_detect = false, delim = ',', "
        f"quote = '\"', escape = '\"', new_line = '\\r\\n', timestampformat = '{FORM}', "
        f"nullstr = '\\x01', columns = {{{columns}}})"
    )
    return f"(SELECT *, row_number() OVER () + 1 AS row FROM {table})" if numbered else table


def connected(known, ordered=False):
    connection = duckdb.connect()
    connection.execute(f"SET threads = {known.threads}")
    connection.execute(f"SET preserve_insertion_order = {ordered}")
    connection.execute(f"SET temp_directory = {quoted(known.file('spilled'))}")
    return connection


def normal(text):
    return rf"trim(regexp_replace(replace(lower({text}), '_', ' '), '\s+', ' ', 'g'))"


def found(text, patterns):
    return "(" + " OR ".join(f"regexp_matches({text}, {quoted(it)})" for it in patterns) + ")"


def classified(known, table, join):
    """A query for the texts of `table` with their class, and whether a case's number is there."""
    rules = published.Rules(known.folder)
    cases = []
    for name, groups, unless in rules.rules:
        held = [found("detail", join(group)) for group in groups]
        if unless:
            held.append("NOT " + found("detail", join(unless)))
        cases.append(f"WHEN {' AND '.join(held) or 'true'} THEN '{name}'")
    detail = f"regexp_replace(text, {quoted(rules.says_nothing)}, '')"
    numbered = found("text", join(rules.case_number))
    return f"""
        SELECT *, CASE {' '.join(cases)} END AS class, {numbered} AS numbered FROM (
            SELECT *, {detail} AS detail FROM (
                SELECT *, {normal('reason')} AS text FROM {table}))"""


JOINS = {"each pattern alone": published.alone, "patterns joined": published.joined}


def reasons(known):
    def form(join, distinct):
        def ask(path):
            connection = connected(known)
            if distinct:
                query = f"""
                    WITH grouped AS (
                        SELECT agency, reason, count(*) AS rows FROM {log(path)} GROUP BY ALL),
                    texts AS (SELECT DISTINCT reason FROM grouped),
                    classes AS ({classified(known, 'texts', join)})
                    SELECT agency, class, sum(rows) FROM grouped JOIN classes USING (reason)
                    GROUP BY ALL"""
            else:
                query = f"""
                    SELECT agency, class, count(*)
                    FROM ({classified(known, log(path), join)}) GROUP BY ALL"""
            counted = connection.execute(query).fetchall()
            return {f"{agency}, {name}": int(rows) for agency, name, rows in counted}

        return ask

    return {
        f"{how}, {'distinct reasons' if distinct else 'every row'}": form(join, distinct)
        for how, join in JOINS.items()
        for distinct in (True, False)
    }


# A state is two capital letters of these; the last such word of a name counts.
STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR GU"
).split()


def audit(known):
    def form(join, copies):
        def ask(path):
            # Rows of a CSV file are numbered as they come; Parquet knows their numbers.
            ordered = known.whole and path.endswith(".csv")
            return audited(known, connected(known, ordered), path, join, copies)

        return ask

    return {
        f"{how}, {name}": form(join, copies)
        for how, join in JOINS.items()
        for name, copies in COPIES.items()
    }


REST = ", ".join(name for name in COLUMNS if name != "time")
KEPT = ["account", "agency", "frame", "reason", "case_number"]


def by_hash(path, whole):
    kept = ", ".join(f"any_value({it}) AS {it}" for it in KEPT)
    row = ", min(row) AS row" if whole else ""
    return f"""
        SELECT time, {kept}, count(*) AS shown{row}
        FROM {log(path, whole)} GROUP BY time, hash({REST})"""


def by_columns(path, whole):
    row = ", min(row) AS row" if whole else ""
    return f"""
        SELECT time, {', '.join(KEPT)}, count(*) AS shown{row}
        FROM {log(path, whole)} GROUP BY time, {REST}"""


COPIES = {"copies by a hash of the row": by_hash, "copies by every column": by_columns}


def token(known, text):
    """A number that stands for a text, by the agency's key."""
    return f"md5_number_lower(concat('{known.key}', {text}))"


def case_key(known, text):
    """What a case is known by."""
    key = f"upper(translate({text}, '- #', ''))"
    return f"CASE WHEN {text} <> '' THEN {token(known, key)} END" if known.whole else key


def prepared(known, connection):
    """The register, the law and the clock, as tables."""
    rows = [(it["case"], it["day"], it["permitted"]) for it in known.requests]
    connection.execute("CREATE TABLE recorded (number VARCHAR, day INTEGER, permitted BOOLEAN)")
    connection.executemany("INSERT INTO recorded VALUES (?, ?, ?)", rows)
    key = case_key(known, "number")
    connection.execute(
        f"CREATE TABLE request AS SELECT {key} AS case_key, day, permitted FROM recorded"
    )
    connection.execute(
        "CREATE TABLE law (from_day INTEGER, until_day INTEGER, class VARCHAR, searcher VARCHAR, "
        "outcome VARCHAR, open BOOLEAN)"
    )
    names = ("from", "until", "class", "searcher", "outcome", "open")
    rows = [tuple(it[name] for name in names) for it in known.law]
    connection.executemany("INSERT INTO law VALUES (?, ?, ?, ?, ?, ?)", rows)


def searcher(known):
    words = {name: quoted(word) for name, word in known.words.items()}
    state = rf"regexp_extract(agency, '.*(?:^|\s)({'|'.join(STATES)})(?:\s|$)', 1)"
    return f"""CASE WHEN agency = {quoted(known.own)} THEN {words['own']}
        WHEN starts_with(agency, '[Federal]') THEN {words['federal']}
        WHEN {state} = 'IL' THEN {words['in_state']}
        WHEN {state} <> '' THEN {words['out_of_state']} ELSE {words['elsewhere']} END"""


def local_day(known):
    offset = " ".join(
        f"WHEN seconds >= {start} THEN {offset}" for start, offset in reversed(known.offsets)
    )
    return f"((seconds + CASE {offset} END) // 86400)::INTEGER"


def audited(known, connection, path, join, copies):
    prepared(known, connection)
    ask = connection.execute
    rules = published.Rules(known.folder)
    ask(f"CREATE TABLE kept AS {copies(path, known.whole)}")
    ask("CREATE TABLE text AS SELECT DISTINCT reason FROM kept")
    ask(f"CREATE TABLE reading AS {classified(known, 'text', join)}")
    ask(f"CREATE TABLE who AS SELECT agency, {searcher(known)} AS searcher, "
        "contains(lower(agency), '[inactive]') AS closed FROM (SELECT DISTINCT agency FROM kept)")
    account, row, join_person = "nullif(account, '***')", "", ""
    if known.whole:
        ask(f"CREATE TABLE person AS SELECT account, CASE WHEN account <> '***' THEN "
            f"{token(known, 'account')} END AS token FROM (SELECT DISTINCT account FROM kept)")
        account, row, join_person = "token", "row,", "JOIN person USING (account)"
    immigration = ", ".join(quoted(it) for it in known.of_immigration)
    covered = ", ".join(quoted(it) for it in known.covered)
    stopped = f"strptime(split_part(frame, chr(10), 1), '{FORM}')"
    in_case = found(normal("case_number"), join(rules.case_number))
    ask(f"""CREATE TABLE search AS
        SELECT agency, {account} AS account, {row} reason, class, searcher, seconds,
            {local_day(known)} AS day, closed OR contains(lower(account), '[inactive]') AS closed,
            {case_key(known, 'case_number')} AS case_key,
            class NOT IN ({covered}) AS told,
            CASE WHEN class IN ('blank', 'vague') THEN NOT (numbered OR {in_case}) ELSE false END
                AS undocumented,
            class IN ({immigration}) AS immigration,
            seconds - epoch({stopped})::BIGINT > {known.look_back} * 3600 AS far
        FROM (SELECT *, epoch(time)::BIGINT AS seconds FROM kept)
        JOIN reading USING (reason) JOIN who USING (agency) {join_person}""")
    # Requests near by are few; whatever else is asked of them is asked of these.
    ask(f"""CREATE TABLE near AS
        SELECT search.rowid AS search, bool_or(permitted) AS permitted
        FROM search JOIN request
            ON search.case_key = request.case_key AND abs(search.day - request.day) <= {known.near}
        GROUP BY search.rowid""")
    ask("""CREATE TABLE seen AS
        SELECT search.*, law.outcome, coalesce(law.open, false) AS open, near.permitted
        FROM search
        LEFT JOIN law ON search.class = law.class AND search.searcher = law.searcher
            AND search.day >= from_day AND search.day < until_day
        LEFT JOIN near ON search.rowid = near.search""")
    rows, searches = ask("SELECT sum(shown), count(*) FROM kept").fetchone()
    return {"rows": int(rows), "copies": int(rows) - searches} | told(known, ask)


def told(known, ask):
    """What is counted, and the leads."""
    counted = {}
    for what, column in (("class", "class"), ("by", "searcher"), ("law", "outcome")):
        query = f"SELECT {column}, count(*) FROM seen WHERE {column} IS NOT NULL GROUP BY 1"
        counted |= {f"{what}: {word}": rows for word, rows in ask(query).fetchall()}
    speaks = f"(immigration OR class = '{known.unclear}')"
    query = f"SELECT count(*), count(*) FILTER (WHERE {speaks} AND permitted) FROM seen"
    counted["searches"], counted["explained"] = ask(query).fetchone()
    for name, query in leads_of(known).items():
        found = ask(query).fetchall()
        counted[f"leads: {name}"] = len(found)
        counted[f"searches in leads: {name}"] = sum(it[0] for it in found)
        if known.whole:
            rows = sum(place["row"] for it in found for place in it[1])
            counted[f"rows of leads: {name}"] = rows
    return counted


def leads_of(known):
    """A query for the leads of each test: hits, the first rows of them, whose they are."""
    place = "{'seconds': seconds, 'row': row}"

    def first(hit="true"):
        return f"min({place}, {known.shown}) FILTER ({hit})" if known.whole else "NULL"

    alone = f"[{place}]" if known.whole else "NULL"
    account = "account" if known.whole else f"md5(concat('{known.key}', account))"
    unexplained = "permitted IS NOT TRUE"
    each = f"SELECT 1, {alone} AS first, agency, {account}, seconds, reason FROM seen WHERE "
    of_one = f"SELECT count(*), {first()} AS first, agency, {account} FROM seen WHERE "
    many = f"""SELECT count(*) AS hits, agency, account, seconds // 3600 AS hour FROM seen
        WHERE account IS NOT NULL GROUP BY ALL HAVING hits >= {known.an_hour}"""
    bulk = f"SELECT hits, NULL AS first, agency, {account}, hour FROM ({many})"
    if known.whole:
        bulk = f"""SELECT count(*), {first()} AS first, agency, account, hour FROM ({many})
            JOIN (SELECT agency, account, seconds // 3600 AS hour, seconds, row FROM seen)
            USING (agency, account, hour) GROUP BY agency, account, hour"""
    leads = {
        "purpose": f"{each} immigration AND open AND {unexplained}",
        "federal_agency": f"{each} class = '{known.unclear}' AND open AND {unexplained}",
        "after_declined": f"{each} permitted = false",
        "other_state": f"""SELECT count(*) FILTER (open) AS hits, {first('open')} AS first, agency
            FROM seen WHERE searcher NOT IN ('{known.words['own']}', '{known.words['in_state']}')
            GROUP BY agency HAVING hits > 0""",
        "inactive": f"{of_one} closed GROUP BY agency, account",
        "undocumented": f"""SELECT hits, first, agency, {account}, rows FROM (
            SELECT count(*) FILTER (undocumented) AS hits, {first('undocumented')} AS first,
                count(*) AS rows, agency, account
            FROM seen WHERE told GROUP BY agency, account
            HAVING rows >= {known.searches} AND hits >= {known.share} * rows)""",
        "look_back": f"{of_one} far GROUP BY agency, account",
        "bulk": bulk,
    }
    return {name: f"{it} ORDER BY first" if known.whole else it for name, it in leads.items()}
