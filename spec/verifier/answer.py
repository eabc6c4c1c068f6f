"""Signed answers (spec/answer.md), read without sharing a line with the program that wrote them."""

import datetime
import re

from primitives import Malformed, Unsigned, decimal, hash_bytes, open_note

FIRST = "goodstanding/answer/v1"
LAST = "This is a basis for a decision by whoever asked, for a time. It is no certificate."
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
KEY = r"[a-z0-9._-]+"
DAY = r"(?:-|\d{4}-\d\d-\d\d)"
FORMS = [
    re.compile(rf"pack \S+ [0-9a-f]{{64}} .+"),
    re.compile(rf"follows {KEY} \d{{1,5}} [A-Z_]+ (?:mandatory|discretionary) {UUID7} {DAY} {DAY} \S+"),
    re.compile(rf"not {KEY} \d{{1,5}} {UUID7} [a-z_]+"),
]
PURPOSES = "public_procurement public_funding licensing inspection procedure award development_finance".split()
ROLES = (
    "procuring_entity granting_body licensing_authority inspection_authority awarding_body development_bank"
).split()


def instant(text):
    if not INSTANT.fullmatch(text):
        raise Malformed("an instant is none")
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)


def after(line, prefix):
    if not line.startswith(prefix):
        raise Malformed("a line is not where it has to be")
    return line[len(prefix) :]


def read(text):
    """What an answer says; raises Malformed."""
    lines = text.split("\n")
    if len(lines) < 11 or lines[-1] != "" or lines[0] != FIRST:
        raise Malformed("it is no answer of this version, or cut short")
    origin = lines[1]
    organisation = after(lines[2], "organisation ")
    if not re.fullmatch(UUID7, organisation):
        raise Malformed("its organisation is no id")
    as_of = instant(after(lines[3], "as_of "))
    until = instant(after(lines[4], "usable_until "))
    size, _, root = after(lines[5], "log ").partition(" ")
    hash_bytes(root)
    if decimal(after(lines[6], "known_below ")) > decimal(size):
        raise Malformed("it knows more of the log than there was")
    question = after(lines[7], "question ").split(" ")
    if len(question) != 5 or question[0] not in PURPOSES or question[1] not in ROLES:
        raise Malformed("its question is none")
    datetime.date.fromisoformat(question[3])
    after(lines[8], "program ")
    body, verdict, last = lines[9:-3], lines[-3], lines[-2]
    if last != LAST:
        raise Malformed("it does not say that it is no certificate")
    stage, follows = 0, []
    for line in body:
        found = next((at for at, form in enumerate(FORMS) if form.fullmatch(line)), None)
        if found is None or found < stage:
            raise Malformed("a line is not where it has to be")
        stage = found
        if found == 1:
            follows.append(line)
    if verdict != f"verdict {'follows' if follows else 'nothing_applies'}":
        raise Malformed("its verdict is not what its lines say")
    if not as_of < until <= as_of + datetime.timedelta(hours=24):
        raise Malformed("no answer is usable for longer than a day")
    return {"origin": origin, "as_of": as_of, "until": until, "follows": follows}


def check(note, key, now):
    """(code, reason): 0 true, 1 false, 2 could not tell."""
    if key is None:
        return 2, "an answer says nothing without the registry's key for answers; give it with --vkey"
    try:
        said = read(open_note(note, [key]))
    except Unsigned as error:
        return 2, str(error)
    except (Malformed, ValueError) as error:
        return 1, str(error)
    if key.name != f"{said['origin']}/answers":
        return 1, "it was signed by a key that is for something else"
    if now >= said["until"]:
        return 2, "it was true until the instant it names; ask again"
    if now < said["as_of"]:
        return 2, "it is dated later than the clock of this machine"
    return 0, "it holds"
