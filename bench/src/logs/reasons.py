"""The published rules that read reasons, as patterns for programs that have no rules.

Patterns are what RE2 and the crate `regex` both know. Classes of signs are written out, because
in Polars `\\w`, `\\d` and `\\b` are those of Unicode, which is slower and here the same: the texts
of the log that is measured are ASCII.
"""

import os
import re
import tomllib


def normal(text):
    """The normal form of an ASCII text; the queries make the same."""
    return re.sub(r"\s+", " ", text.lower().replace("_", " ")).strip()


class Rules:
    """In `folder` lies the file of the rules; `boundary` is how `\\b` is written."""

    def __init__(self, folder, boundary=r"\b"):
        with open(os.path.join(folder, "reasons.toml"), "rb") as file:
            read = tomllib.load(file)
        self.boundary = boundary
        labels = {f"labels.{kind}": it for kind, it in read["labels"].items()}
        labels["labels"] = [label for it in read["labels"].values() for label in it]
        # Longer labels first: some begin as a shorter one does.
        escaped = {
            name: [re.sub(r"([.+*?()|\[\]{}^$\\])", r"\\\1", normal(label)) for label in it]
            for name, it in labels.items()
        }
        words = read["words"] | {k: sorted(v, key=len, reverse=True) for k, v in escaped.items()}
        self.words = {name: "(?:" + "|".join(it) + ")" for name, it in words.items()}
        self.case_number = [self.spelled(it) for it in read["case_number"]["patterns"]]
        # Each rule: its class, lists of which one must be found each, what must not be found.
        self.rules = []
        for rule in read["rule"]:
            groups = [rule["patterns"]] if rule.get("patterns") else []
            groups = [[self.spelled(it) for it in group] for group in groups + rule.get("and", [])]
            unless = [self.spelled(it) for it in rule.get("unless", [])]
            self.rules.append((rule["class"], groups, unless))
        # A text whose labels all say nothing of the purpose: the rest is read alone.
        self.says_nothing = self.spelled("^{labels.vague}(?:, ?{labels.vague})* - ")

    def spelled(self, pattern):
        def word(found):
            return self.words[found[1]]

        pattern = re.sub(r"\{([a-z][a-z_.]*)\}", word, pattern)
        # Inside a class of signs only the signs are written, not another class.
        parts = re.split(r"(\[(?:\\.|[^\]\\])+\])", pattern)
        for at, part in enumerate(parts):
            inside = at % 2 == 1
            part = part.replace(r"\w", "0-9a-z_" if inside else "[0-9a-z_]")
            part = part.replace(r"\d", "0-9" if inside else "[0-9]")
            parts[at] = part if inside else part.replace(r"\b", self.boundary)
        return "".join(parts)


def alone(patterns):
    """Each pattern by itself."""
    return patterns


def joined(patterns):
    """All patterns of a list as one."""
    return ["|".join(f"(?:{it})" for it in patterns)]
