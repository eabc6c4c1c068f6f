"""Statements about months: their form, their order, and what can be counted again (spec/wire.md, 2.1)."""

import re

from primitives import Malformed

FIGURES = set(
    """submitted submitted_in_time submitted_late notice_in_time notice_missed notice_late notice_further represented
    hearing_requested hearing_in_time hearing_missed upheld not_upheld decision_missed flagged flag_cleared flag_upheld
    flag_missed objected objection_rejected objection_rejected_late objection_upheld objection_upheld_late
    objection_missed corrected withdrawn order_in_time order_missed repair_applied repair_granted repair_granted_late
    repair_refused repair_refused_late repair_missed hidden interim_lapsed overridden entry_in_time entry_missed
    forward_in_time forward_missed appealed appeal_rejected appeal_rejected_late appeal_upheld appeal_upheld_late
    appeal_missed review_in_time review_missed""".split()
)
SIZES = ("under_3", "3_to_9", "10_to_29", "30_to_99", "100_to_299", "300_to_999", "1000_or_more")
KEY = re.compile(r"[a-z0-9._-]+")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

# What can be counted from steps that were ever public, as groups of figures that together count them: whether a
# step was in time depends on others that are not opened.
SUBMITTED = ("submitted", "submitted_in_time", "submitted_late")
GROUPS = {
    "DecisionUpheld/1": ("upheld",),
    "DecisionUpheld/2": ("upheld",),
    "TermExtended/1": ("upheld",),
    "TermExtended/2": ("upheld",),
    "ObjectionFiled/1": ("objected",),
    "ObjectionEscalated/1": ("appealed",),
    "ObjectionRejected/1": (
        "objection_rejected",
        "objection_rejected_late",
        "appeal_rejected",
        "appeal_rejected_late",
    ),
    "MeasureOverridden/1": ("overridden",),
}
ENDED = (
    "corrected",
    "withdrawn",
    "order_in_time",
    "order_missed",
    "objection_upheld",
    "objection_upheld_late",
    "appeal_upheld",
    "appeal_upheld_late",
)
GROUPS["RecordCorrected/1"] = GROUPS["RecordWithdrawn/1"] = ENDED


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 53


def statement_good(leaf):
    """Whether an entry of this kind has the form that section 2.1 says."""
    if set(leaf) - {"k", "v"} != {"month", "part", "parts", "told"}:
        return False
    good = isinstance(leaf["month"], str) and MONTH.fullmatch(leaf["month"]) is not None
    good = good and is_count(leaf["part"]) and is_count(leaf["parts"]) and leaf["part"] <= leaf["parts"]
    told = leaf["told"]
    if not good or not isinstance(told, list) or not all(map(told_good, told)):
        return False
    keys = [one["authority"] for one in told]
    return all(before < after for before, after in zip(keys, keys[1:]))


def told_good(told):
    if not isinstance(told, dict) or set(told) != {"authority", "figures", "hidden", "sealed"}:
        return False
    figures = told["figures"]
    good = isinstance(told["authority"], str) and KEY.fullmatch(told["authority"]) and isinstance(figures, dict)
    good = good and told["hidden"] in SIZES and told["sealed"] in (*SIZES, "withheld")
    return bool(good) and all(
        figure in FIGURES and (is_count(cell) or cell in ("few", "several", "withheld"))
        for figure, cell in figures.items()
    )


def next_month(month):
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1:04}-01" if number == 12 else f"{year:04}-{number + 1:02}"


def follows(before, leaf):
    """Whether a statement follows the one before it: months without a gap, all parts in a row."""
    here = (leaf["month"], leaf["part"], leaf["parts"])
    if before is None:
        return leaf["part"] == 1
    month, part, parts = before
    if part < parts:
        return here == (month, part + 1, parts)
    return here[0] == next_month(month) and here[1] == 1


def count(payloads):
    """How often each group of figures occurs in opened payloads: {(authority, month): {group: times}}."""
    mirrors = {members.get("record") for _, members in payloads if members.get("type") == "RecordRecognised/1"}
    counted = {}
    for _, members in payloads:
        group = group_of(members)
        if group is None or members.get("record") in mirrors:
            continue
        cell = counted.setdefault((members.get("authority"), members["at"][:7]), {})
        cell[group] = cell.get(group, 0) + 1
    return counted


def group_of(members):
    kind, body = members.get("type"), members.get("body")
    if kind == "CaseSubmitted/1" and isinstance(body, dict):
        by_authority = isinstance(body.get("actor"), dict) and body["actor"].get("role") == "authority"
        return SUBMITTED if by_authority else None
    return GROUPS.get(kind)


def compare(told, counted, is_whole):
    """Reasons why what is stated of an authority in a month is not what was counted."""
    reasons = []
    groups = {SUBMITTED, *GROUPS.values()}
    for group in sorted(groups):
        cells = [told.get(figure, 0) for figure in group]
        least = sum({"few": 1, "several": 3, "withheld": 0}.get(cell, cell) for cell in cells)
        exact = all(isinstance(cell, int) for cell in cells)
        times = counted.get(group, 0)
        if exact and times > least:
            reasons.append(f"{times} times {' or '.join(group)} are on the log, {least} are stated")
        elif is_whole and times < least:
            reasons.append(f"{times} times {' or '.join(group)} are on the log, at least {least} are stated")
    return reasons


class Statements:
    """The statements of a log, in order, and what can be said about them."""

    def __init__(self):
        self.last, self.entries, self.problems = None, [], []

    def take(self, position, leaf):
        if not follows(self.last, leaf):
            self.problems.append(
                f"entry {position} states part {leaf['part']} of {leaf['month']}, which does not follow what was "
                "stated before"
            )
        self.last = (leaf["month"], leaf["part"], leaf["parts"])
        self.entries.append((position, leaf))

    def judge(self, payloads, events):
        """Compares with the opened `payloads`, of `events` positions of events; gives problems and how many months
        cannot be counted again in full."""
        problems = list(self.problems)
        opened = {position for position, _ in payloads}
        counted, told, at = count(payloads), {}, {}
        for position, leaf in self.entries:
            at[leaf["month"]] = position
            for one in leaf["told"]:
                told[(one["authority"], leaf["month"])] = one["figures"]
            late = [p for p, members in payloads if p > position and members["at"] < next_month(leaf["month"])]
            problems.extend(f"position {p} is of {leaf['month']}, which was stated before it" for p in late[:1])
        partly = set()
        for authority, month in sorted(set(told) | {key for key in counted if key[1] in at}):
            is_whole = all(position in opened for position in events if position < at[month])
            if not is_whole:
                partly.add(month)
            stated = told.get((authority, month), {})
            reasons = compare(stated, counted.get((authority, month), {}), is_whole)
            problems.extend(f"{authority}, {month}: {reason}" for reason in reasons)
        return problems, len(partly)


def check(leaf):
    if not statement_good(leaf):
        raise Malformed("not an entry of version 1")
