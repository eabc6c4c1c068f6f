#!/usr/bin/env python3
"""Checks a Goodstanding log, or one receipt, without sharing a line with the program that wrote it.

    verify.py DIRECTORY | URL   [--vkey KEY] [--since CHECKPOINT] [--earlier REPORT] [--json]
    verify.py FILE.tlog-proof   --vkey KEY [--entry FILE] [--opening FILE] [--json]
    verify.py ANSWER            --vkey KEY

DIRECTORY is an export (it holds log/checkpoint) or its log folder; URL is the address of a registry
or of its /log/. KEY is a C2SP verifier key (or a file that holds one), CHECKPOINT a file with a
checkpoint seen earlier, REPORT what an earlier run printed with --json.

Exit: 0 true, 1 false, 2 could not tell. The rules are those of spec/wire.md; it needs Python 3.9 and
the package `cryptography` (for Ed25519), nothing else.
"""

import argparse
import datetime
import hashlib
import json
import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import acts
import answer
import figures
from primitives import (
    Checkpoint,
    Key,
    Malformed,
    Tree,
    Unsigned,
    base64_bytes,
    base64url,
    base64url_bytes,
    canonical,
    complete_root,
    consistency_holds,
    decimal,
    hash_bytes,
    inclusion_holds,
    leaf_hash,
    open_note,
    parse_canonical,
    tree_root,
)

PREFIX = b"goodstanding/leaf/v1\n"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
DAY = datetime.timedelta(hours=24)
LISTED = 20


class Unreachable(Exception):
    """A file that could not be had for another reason than not being there."""


# --- tiles, bundles (C2SP tlog-tiles) ------------------------------------------------------------


def index_path(index, width):
    path = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        path = f"x{index % 1000:03}/{path}"
    return path if width == 256 else f"{path}.p/{width}"


def widths(count):
    """The bundles (or tiles of one level) that hold `count` entries: (index, width)."""
    return [(i, min(256, count - 256 * i)) for i in range((count + 255) // 256)]


def decode_bundle(data):
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        if at + 2 + length > len(data) or at + 1 >= len(data):
            raise Malformed("the bundle is cut short")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return entries


def decode_tile(data):
    if len(data) % 32:
        raise Malformed("the tile is not a number of hashes")
    return [data[i : i + 32] for i in range(0, len(data), 32)]


# --- entries and openings ------------------------------------------------------------------------

CLEAR = {
    "open": {"opens"},
    "withhold": {"withholds"},
    "erasure": {"basis", "erases"},
    "key": {"purpose", "vkey"},
    "policy": {"hash", "pack"},
    "predecessor": {"checkpoint"},
    "statistics": {"month", "part", "parts", "told"},
}
RANGES = {"open": "opens", "withhold": "withholds", "erasure": "erases"}


class UnknownKind(Exception):
    """An entry of a kind this verifier does not know."""


def is_position(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def parse_entry(data):
    """The members of an entry, checked; an entry has exactly one spelling."""
    try:
        leaf = parse_canonical(data.decode())
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    if not isinstance(leaf, dict) or not isinstance(leaf.get("k"), str):
        raise Malformed("not an entry")
    kind, members = leaf["k"], set(leaf) - {"k", "v"}
    if kind == "event":
        good = members == {"c"} and isinstance(leaf["c"], str) and len(base64url_bytes(leaf["c"])) == 32
    elif kind not in CLEAR:
        raise UnknownKind(kind)
    else:
        good = members - {"fields"} == CLEAR[kind]
        good = good and ("fields" not in leaf or (kind in ("withhold", "erasure") and fields_good(leaf["fields"])))
        if kind in RANGES:
            good = good and ranges_good(leaf[RANGES[kind]])
            good = good and leaf.get("basis", "lawful") == "lawful"
        elif kind == "statistics":
            good = good and figures.statement_good(leaf)
        else:
            good = good and all(isinstance(leaf[member], str) for member in CLEAR[kind])
    if not good or leaf.get("v") != 1 or leaf.get("v") is True:
        raise Malformed("not an entry of version 1")
    return leaf


def ranges_good(ranges):
    return isinstance(ranges, list) and all(
        isinstance(r, list) and len(r) == 2 and all(map(is_position, r)) and r[0] <= r[1] for r in ranges
    )


def fields_good(fields):
    return isinstance(fields, list) and bool(fields) and all(
        isinstance(f, list) and len(f) == 2 and is_position(f[0]) and isinstance(f[1], str) for f in fields
    )


def digests_of(value):
    """Every element of every `_sd` in a payload."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "_sd":
                if not isinstance(member, list) or not member:
                    raise Malformed("`_sd` is not a list of digests")
                for element in member:
                    if not isinstance(element, dict) or set(element) != {"c", "d", "f"}:
                        raise Malformed("`_sd` is not a list of digests")
                    yield element
            else:
                yield from digests_of(member)
    elif isinstance(value, list):
        for member in value:
            yield from digests_of(member)


def check_opening(commitment, text):
    """Checks `<salt> <payload>[TAB<disclosure>]...`; gives its payload, the public fields not shown
    and whether a field is shown that is not for the public."""
    salt, _, rest = text.partition(" ")
    payload, *disclosures = rest.split("\t")
    salt = base64url_bytes(salt)
    if len(salt) != 32:
        raise Malformed("the line is not an opening")
    if hashlib.sha256(PREFIX + salt + payload.encode()).digest() != commitment:
        raise Malformed("its opening does not match the commitment in the log")
    members = parse_canonical(payload)
    if not isinstance(members, dict) or not TIME.fullmatch(str(members.get("at"))):
        raise Malformed("its payload is not of the form the specification says")
    known = {element["d"]: element for element in digests_of(members)}
    private = False
    for disclosure in disclosures:
        element = known.pop(base64url(hashlib.sha256(disclosure.encode()).digest()), None)
        if element is None:
            raise Malformed("a disclosure does not match any digest in its payload")
        try:
            shown = json.loads(base64url_bytes(disclosure))
        except ValueError:
            raise Malformed("a disclosure is not JSON") from None
        if not isinstance(shown, list) or len(shown) != 3 or shown[1] != element["f"] or not isinstance(shown[2], str):
            raise Malformed("a disclosure is of another field than its digest")
        private = private or element["c"] != "public"
    return members, [e["f"] for e in known.values() if e["c"] == "public"], private


# --- where files come from -----------------------------------------------------------------------


class Folder:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def fetch(self, path):
        try:
            return (self.path / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreachable(error.strerror) from None


class Web:
    def __init__(self, url):
        base = url.rstrip("/")
        self.base = base + "/" if base.endswith("/log") else base + "/log/"

    def fetch(self, path):
        try:
            with urllib.request.urlopen(self.base + path, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                return None
            raise Unreachable(f"the server answered {error.code}") from None
        except (OSError, ValueError) as error:
            raise Unreachable(str(getattr(error, "reason", error))) from None


class Files:
    """Files in memory, for tests."""

    def __init__(self, files):
        self.files = files

    def fetch(self, path):
        return self.files.get(path)


# --- a whole log -----------------------------------------------------------------------------------


class LogCheck:
    def __init__(self, source, vkey=None, since=None, earlier=None, now=None):
        self.source, self.given, self.since_note = source, vkey, since
        self.earlier, self.now = earlier, now or datetime.datetime.now(datetime.timezone.utc)
        self.false, self.unknown, self.warnings, self.gaps = [], [], [], []
        self.events, self.announced, self.by, self.seen = {}, {}, {}, {}
        self.fields, self.erasures, self.log_keys = set(), set(), []
        self.missing, self.erased, self.times = [], [], {}
        self.clear = self.hashed = self.opened = self.tiles = 0
        self.checkpoint, self.last_time = None, ""
        self.acts, self.predecessors, self.unread = [], [], None
        self.statements, self.uncounted = figures.Statements(), 0

    # Every file that is missing or unreadable is a reason for "could not tell".
    def fetch(self, path, quiet=False):
        try:
            data = self.source.fetch(path)
        except Unreachable as error:
            data = None
            if not quiet:
                self.unknown.append(f"`{path}` could not be read: {error}")
                return None
        if data is None and not quiet:
            self.unknown.append(f"`{path}` is missing")
        return data

    def fetch_wide(self, prefix, index, width):
        """A partial file, or the full one cut to the width: (bytes, what it holds)."""
        for stored in sorted({width, 256}):
            data = self.fetch(f"{prefix}/{index_path(index, stored)}", quiet=True)
            if data is not None:
                return data, stored
        data = self.fetch(f"{prefix}/{index_path(index, width)}")
        return None if data is None else (data, width)

    def read_head(self):
        key = self.given
        data = self.fetch("vkey", quiet=key is not None)
        if data is not None:
            try:
                if not data.endswith(b"\n"):
                    raise Malformed("it does not end in a line end")
                own = Key(data[:-1].decode())
            except (Malformed, UnicodeDecodeError) as error:
                self.false.append(f"`vkey`: {error}")
                if key is None:
                    return
            else:
                if key is not None and own.text != key.text:
                    self.false.append("`vkey` of the log is not the key that was given")
                key = key or own
        note = self.fetch("checkpoint")
        if key is None or note is None:
            return
        try:
            self.checkpoint = Checkpoint(note.decode(), key)
        except (Malformed, UnicodeDecodeError) as error:
            self.false.append(f"`checkpoint`: {error}")
            return
        self.key = key

    def read_since(self):
        if self.since_note is None:
            return None
        try:
            since = Checkpoint(self.since_note, self.key)
        except Malformed as error:
            self.false.append(f"the earlier checkpoint: {error}")
            return None
        if since.size > self.checkpoint.size:
            self.false.append(
                f"the log has {self.checkpoint.size} entries now; the earlier checkpoint signed {since.size}"
            )
            return None
        return since

    def run(self):
        self.read_head()
        if self.checkpoint is not None:
            since = self.read_since()
            self.check_tree(since)
            self.judge_acts()
            problems, self.uncounted = self.statements.judge(self.acts, self.events)
            self.false.extend(problems)
            self.judge()
        return self

    def check_tree(self, since):
        size, tree, roots, old_root = self.checkpoint.size, Tree(), [], None
        for index, width in widths(size):
            leaves = self.check_bundle(index, width)
            if leaves is None or tree is None:
                tree = None
                continue
            if since is not None and 256 * index < since.size <= 256 * index + width:
                older = Tree()
                older.peaks = list(tree.peaks)
                for leaf in leaves[: since.size - 256 * index]:
                    older.push(leaf)
                old_root = older.root()
            if width == 256:
                roots.append(complete_root(leaves))
                tree.push(roots[-1], 8)
            else:
                for leaf in leaves:
                    tree.push(leaf)
        if tree is None:
            self.unknown.append("the root could not be computed, for entries are missing")
        else:
            if tree.root() != self.checkpoint.root:
                self.false.append("the entries do not lead to the root in `checkpoint`")
            self.check_higher_tiles(roots)
        if since is not None:
            old_root = Tree().root() if since.size == 0 else old_root
            if old_root is None:
                self.unknown.append("the earlier checkpoint could not be compared")
            elif old_root != since.root:
                self.false.append("the log does not continue the earlier checkpoint")

    def check_higher_tiles(self, row):
        level = 1
        while row:
            for index, width in widths(len(row)):
                found = self.fetch_wide(f"tile/{level}", index, width)
                if found is None:
                    continue
                data, stored = found
                expected = b"".join(row[256 * index : 256 * index + width])
                self.tiles += 1
                if len(data) != 32 * stored or data[: 32 * width] != expected:
                    self.false.append(f"`tile/{level}/{index_path(index, width)}` does not hold the hashes of the tree")
            full = len(row) // 256
            row = [complete_root(row[256 * i : 256 * i + 256]) for i in range(full)]
            level += 1

    def check_bundle(self, index, width):
        """Checks 256 positions; gives their leaf hashes, from the tile where the entries are missing."""
        path, tile = index_path(index, width), None
        found = self.fetch_wide("tile/0", index, width)
        if found is not None:
            data, stored = found
            if len(data) == 32 * stored:
                tile = decode_tile(data)[:width]
            else:
                self.false.append(f"`tile/0/{path}` does not have the length its path says")
        found = self.fetch_wide("tile/entries", index, width)
        if found is None:
            return tile
        try:
            entries = decode_bundle(found[0])
            if len(entries) != found[1]:
                raise Malformed("it has the wrong number of entries")
        except Malformed as error:
            self.false.append(f"`tile/entries/{path}`: {error}")
            return tile
        entries = entries[:width]
        leaves = [leaf_hash(entry) for entry in entries]
        self.hashed += len(leaves)
        if tile is not None:
            self.tiles += 1
            if tile != leaves:
                self.false.append(f"`tile/0/{path}` does not hold the hashes of `tile/entries/{path}`")
        kinds = [self.read_entry(256 * index + at, entry) for at, entry in enumerate(entries)]
        self.check_openings(index, width, kinds)
        return leaves

    def read_entry(self, position, entry):
        """The commitment of an event, True for an entry in the clear, None for neither."""
        try:
            leaf = parse_entry(entry)
        except UnknownKind as kind:
            self.unknown.append(f"entry {position} is of the kind `{kind}`, which this verifier does not know")
            self.clear += 1
            return True
        except Malformed as error:
            self.false.append(f"entry {position} is not an entry: {error}")
            return None
        if leaf["k"] == "event":
            self.events[position] = True
            return base64url_bytes(leaf["c"])
        self.clear += 1
        if leaf["k"] == "key" and leaf["purpose"] == "log":
            self.log_keys.append(leaf["vkey"])
        if leaf["k"] == "predecessor":
            self.predecessors.append((position, leaf["checkpoint"].split("\n")[0]))
        if leaf["k"] == "statistics":
            self.statements.take(position, leaf)
        if leaf["k"] == "erasure":
            self.erasures.add(position)
        for first, last in leaf.get(RANGES.get(leaf["k"]), []):
            if last >= position:
                self.false.append(f"entry {position} names entries that follow it")
                continue
            for named in range(first, last + 1):
                if self.announced.get(named) == "erasure" and leaf["k"] != "erasure":
                    self.false.append(f"entry {position} names position {named}, which was erased before")
                else:
                    self.announced[named], self.by[named] = leaf["k"], position
        self.fields.update((position, field) for position, field in leaf.get("fields", []))
        return True

    def check_openings(self, index, width, kinds):
        path = f"payload/{index_path(index, width)}"
        found = self.fetch_wide("payload", index, width)
        if found is None:
            self.unread = 256 * index if self.unread is None else self.unread
            return
        try:
            lines = found[0].decode().split("\n")
        except UnicodeDecodeError:
            self.false.append(f"`{path}` is not text")
            return
        if lines[-1] != "" or len(lines) != found[1] + 1:
            self.false.append(f"`{path}` does not hold {width} lines in order")
            return
        for position, (line, kind) in enumerate(zip(lines, kinds), start=256 * index):
            number, _, said = line.partition(" ")
            if number != str(position):
                self.false.append(f"`{path}` does not hold {width} lines in order")
                return
            if kind is not None:
                self.read_line(position, said, kind)
        self.times[index] = self.last_time

    def read_line(self, position, said, kind):
        if (said == "- clear") != (kind is True):
            self.false.append(f"position {position}: the line does not fit the entry")
        elif said in ("- clear", "- sealed", "- withheld"):
            self.seen[position] = said[2:]
        elif said.startswith("- "):
            match = re.fullmatch(r"- erased (0|[1-9][0-9]*)", said)
            if not match:
                self.false.append(f"position {position}: the line is malformed")
                return
            self.seen[position] = "erased"
            self.erased.append((position, int(match[1])))
        else:
            try:
                members, missing, private = check_opening(kind, said)
                time = members["at"]
            except Malformed as error:
                self.false.append(f"position {position}: {error}")
                return
            self.seen[position] = "opened"
            self.opened += 1
            if private:
                self.warnings.append(f"position {position}: a field that is not for the public is served")
            self.acts.append((position, members))
            self.missing.extend((position, field) for field in missing)
            if time < self.last_time:
                self.false.append(f"position {position}: its time lies before that of an earlier position")
            self.last_time = time

    def young(self, position):
        """Whether what the log last said about a position is less than 24 hours old."""
        told = max(self.by.get(position, 0), position)
        time = self.times.get(told // 256) or self.last_time
        return not time or self.now <= parse_time(time) + DAY

    def judge_acts(self):
        """Acts of authorities are signed with a key that counts where they stand."""
        replay = acts.Replay([self.checkpoint.origin])
        for position, members in self.acts:
            while self.predecessors and self.predecessors[0][0] < position:
                replay.origins.append(self.predecessors.pop(0)[1])
            try:
                replay.apply(members)
            except acts.NoKey as error:
                # The key may be in a file that could not be had; that is reported on its own.
                hidden = self.unread is not None and self.unread < position
                (self.unknown if hidden else self.false).append(f"position {position}: {error}")
            except Malformed as error:
                self.false.append(f"position {position}: {error}")
        for origin in sorted(replay.elsewhere):
            self.warnings.append(f"something was signed for `{origin}`, from which this log says it goes on")

    def judge(self):
        for position, by in self.erased:
            if self.announced.get(position) != "erasure" or self.by.get(position) != by or by not in self.erasures:
                self.false.append(f"position {position} is said to be erased, but entry {by} does not name it")
        for position, field in self.missing:
            if (position, field) not in self.fields:
                reasons = self.unknown if self.young(position) else self.false
                reasons.append(f"position {position}: the field `{field}` is missing and no entry names it")
        if self.log_keys and self.key.text not in self.log_keys:
            self.false.append("no `key` entry of the log names the key that signed the checkpoint")
        for position in sorted(self.seen):
            said, announced = self.seen[position], self.announced.get(position)
            if said == "sealed" and announced == "open":
                self.false.append(f"position {position} is said to be sealed, but an entry has opened it")
            elif said == "withheld" and announced == "open":
                self.judge_gap(position)
            elif said == "opened" and announced == "erasure":
                self.warnings.append(f"position {position} was erased, but its opening is still there")

    def judge_gap(self, position):
        if self.gaps and self.gaps[-1][1] == position - 1:
            self.gaps[-1][1] = position
        else:
            self.gaps.append([position, position])
        at, gaps = self.earlier or (self.now, [])
        if at + DAY < self.now and any(first <= position <= last for first, last in gaps):
            self.false.append(
                f"position {position}: its opening has been missing for more than 24 hours and no entry names it"
            )
        else:
            self.unknown.append(
                f"position {position}: its opening is missing and no entry names it yet; one must follow within 24 hours"
            )

    def report(self):
        states = [self.announced.get(position) for position in self.events]
        return {
            "at": self.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            **outcome(self.false, self.unknown),
            "origin": self.checkpoint and self.checkpoint.origin,
            "size": self.checkpoint.size if self.checkpoint else 0,
            "root": self.checkpoint and self.checkpoint.root.hex(),
            "key": "given" if self.given else "taken from the log itself",
            "counts": {
                "leaves": self.hashed,
                "events": len(self.events),
                "open": states.count("open"),
                "withheld": states.count("withhold"),
                "sealed": states.count(None),
                "erased": states.count("erasure"),
                "clear": self.clear,
                "opened": self.opened,
                "checked_tiles": self.tiles,
            },
            "statements": {
                "months": len({leaf["month"] for _, leaf in self.statements.entries}),
                "cannot_be_recomputed_any_more": self.uncounted,
            },
            "gaps": self.gaps,
            "warnings": self.warnings[:LISTED],
        }


def parse_time(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Malformed("not a time") from None


def outcome(false, unknown):
    answer, reasons = ("false", false) if false else ("could_not_tell", unknown) if unknown else ("true", [])
    listed = reasons[:LISTED]
    if len(reasons) > LISTED:
        listed.append(f"and {len(reasons) - LISTED} more of this kind")
    return {"outcome": answer, "reasons": listed}


# --- one receipt (C2SP tlog-proof) -----------------------------------------------------------------


def parse_proof(text):
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Malformed("not a proof of the form c2sp.org/tlog-proof@v1")
    extra = base64_bytes(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise Malformed("the proof has no index")
    index, hashes = decimal(lines[0][6:]), [hash_bytes(line) for line in lines[1:]]
    if len(hashes) > 64:
        raise Malformed("the proof has more hashes than any tree is high")
    return index, hashes, checkpoint, extra


def check_proof(text, key, entry=None, opening=None):
    """The report about one receipt; without `entry` the extra data of the proof is taken for it."""
    false, unknown, checkpoint = [], [], None
    try:
        index, hashes, note, extra = parse_proof(text)
        entry = extra if entry is None else entry
        if entry is None:
            unknown.append("the receipt does not carry its entry; give it with --entry")
        elif key is None:
            unknown.append("a receipt says nothing without the log's key; give it with --vkey")
        else:
            checkpoint = Checkpoint(note, key)
            if not inclusion_holds(leaf_hash(entry), index, checkpoint.size, hashes, checkpoint.root):
                checkpoint = None
                raise Malformed("the proof does not lead from the entry to the root in the checkpoint")
            if opening is not None:
                check_line(index, entry, opening, unknown)
    except Unsigned as error:
        unknown.append(str(error))
    except UnknownKind as kind:
        unknown.append(f"the entry is of the kind `{kind}`, which this verifier does not know")
    except Malformed as error:
        false.append(str(error))
    return {
        **outcome(false, unknown),
        "origin": checkpoint and checkpoint.origin,
        "size": checkpoint and checkpoint.size,
        "opening_checked": opening is not None,
    }


def check_line(position, entry, line, unknown):
    leaf = parse_entry(entry)
    if leaf["k"] != "event":
        raise Malformed("the entry is in the clear and has no opening")
    line = line[:-1] if line.endswith("\n") else line
    number, _, said = line.partition(" ")
    if number != str(position):
        raise Malformed(f"the line does not open position {position}")
    if re.fullmatch(r"- (sealed|withheld|clear|erased (0|[1-9][0-9]*))", said):
        unknown.append("the line holds no opening")
    else:
        check_opening(base64url_bytes(leaf["c"]), said)


# --- command line ------------------------------------------------------------------------------------


def read_key(text):
    path = pathlib.Path(text)
    if "+" not in text or path.is_file():
        text = path.read_text(encoding="utf-8").strip()
    return Key(text)


def read_earlier(path):
    report = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return parse_time(report["at"]), report["gaps"]


def source_of(target):
    if urllib.parse.urlsplit(target).scheme in ("http", "https"):
        return Web(target)
    folder = pathlib.Path(target)
    return Folder(folder / "log" if (folder / "log").is_dir() else folder)


def show(report, target):
    words = {"true": "True", "false": "False", "could_not_tell": "Could not tell"}
    print(f"{target}: {words[report['outcome']]}")
    for reason in report["reasons"]:
        print(f"- {reason}")
    for warning in report.get("warnings", []):
        print(f"note: {warning}")
    if "counts" in report and report["origin"]:
        counts = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in report["counts"].items())
        print(f"log {report['origin']}, {report['size']} entries ({counts})")
        stated = report["statements"]
        if stated["months"]:
            partly = stated["cannot_be_recomputed_any_more"]
            print(f"{stated['months']} months stated; of {partly} not everything can be recomputed any more")
        if report["key"] != "given":
            print("key taken from the log itself; give the one you trust with --vkey")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target")
    for option in ("--vkey", "--since", "--earlier", "--entry", "--opening", "--now"):
        parser.add_argument(option)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    try:
        key = read_key(given.vkey) if given.vkey else None
        text = lambda path: pathlib.Path(path).read_bytes().decode() if path else None
        if pathlib.Path(given.target).is_file():
            entry = pathlib.Path(given.entry).read_bytes() if given.entry else None
            proof = pathlib.Path(given.target).read_bytes().decode()
            if proof.startswith(answer.FIRST):
                now = parse_time(given.now) if given.now else datetime.datetime.now(datetime.timezone.utc)
                code, reason = answer.check(proof, key, now)
                print(reason)
                return code
            report = check_proof(proof, key, entry, text(given.opening))
        else:
            earlier = read_earlier(given.earlier) if given.earlier else None
            now = parse_time(given.now) if given.now else None
            report = LogCheck(source_of(given.target), key, text(given.since), earlier, now).run().report()
    except (OSError, ValueError, KeyError, TypeError, Malformed) as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        show(report, given.target)
    return {"true": 0, "false": 1, "could_not_tell": 2}[report["outcome"]]


if __name__ == "__main__":
    sys.exit(main())
