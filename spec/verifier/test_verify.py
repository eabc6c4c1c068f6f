"""Tests of verify.py: `python3 -m unittest discover spec/verifier`. Vectors come from the Rust code."""

import base64
import contextlib
import functools
import http.server
import io
import json
import pathlib
import tempfile
import threading
import unittest

import acts
import answer
import figures
import verify

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"


def load(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def run(*arguments):
    """Exit code and what was printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = verify.main([str(argument) for argument in arguments])
    return code, out.getvalue()


class Answers(unittest.TestCase):
    def test_each_comes_to_what_the_vectors_say(self):
        vectors = load("answers.json")
        key = verify.Key(vectors["vkey"])
        codes = {"true": 0, "false": 1, "could_not_tell": 2}
        for case in vectors["answers"]:
            now = verify.parse_time(case["now"])
            code, reason = answer.check(case["note"], key, now)
            self.assertEqual(code, codes[case["outcome"]], f"{case['name']}: {reason}")
            self.assertEqual(answer.check(case["note"], None, now)[0], 2)
        self.assertGreater(len(vectors["answers"]), 20)


class Merkle(unittest.TestCase):
    def setUp(self):
        self.vectors = load("merkle.json")
        self.leaves = [verify.leaf_hash(f"entry {n}".encode()) for n in range(20)]
        self.roots = [bytes.fromhex(root) for root in self.vectors["roots"]]

    def test_roots(self):
        for size, root in enumerate(self.roots):
            self.assertEqual(verify.tree_root(self.leaves[:size]), root)

    def test_inclusion(self):
        for case in self.vectors["inclusion"]:
            proof = [bytes.fromhex(node) for node in case["proof"]]
            index, size = case["index"], case["size"]
            holds = lambda leaf, path: verify.inclusion_holds(leaf, index, size, path, self.roots[size])
            self.assertTrue(holds(self.leaves[index], proof))
            self.assertFalse(holds(b"\0" * 32, proof))
            self.assertFalse(holds(self.leaves[index], proof + [b"\0" * 32]))
            self.assertFalse(proof and holds(self.leaves[index], proof[:-1]))

    def test_consistency(self):
        for case in self.vectors["consistency"]:
            proof = [bytes.fromhex(node) for node in case["proof"]]
            old, new = case["old"], case["new"]
            holds = lambda before, path: verify.consistency_holds(old, before, new, self.roots[new], path)
            self.assertTrue(holds(self.roots[old], proof))
            self.assertFalse(holds(b"\0" * 32, proof))
            self.assertFalse(holds(self.roots[old], proof + [b"\0" * 32]))

    def test_paths(self):
        for case in self.vectors["paths"]:
            path = verify.index_path(case["index"], case["width"])
            self.assertEqual(case["tile"], f"tile/{case['level']}/{path}")
            self.assertEqual(case["entries"], f"tile/entries/{path}")
            self.assertEqual(case["payload"], f"payload/{path}")


class Notes(unittest.TestCase):
    def test_notes(self):
        for case in load("notes.json")["notes"]:
            keys = [verify.Key(key) for key in case["vkeys"]]
            try:
                verify.open_note(case["note"], keys)
                holds = True
            except verify.Malformed:
                holds = False
            self.assertEqual(holds, case["holds"], case["why"])

    def test_checkpoint(self):
        vectors = load("notes.json")
        key = verify.Key(vectors["key"]["vkey"])
        self.assertEqual(key.id.hex(), vectors["key"]["id"])
        checkpoint = verify.Checkpoint(vectors["checkpoint"]["note"], key)
        self.assertEqual(checkpoint.root.hex(), vectors["checkpoint"]["root"])

    def test_keys_that_are_none(self):
        good = load("notes.json")["key"]["vkey"]
        for key in ("", "a", "a+b", good + "\n", good + "=", "x" + good, good.replace("+", "+0", 1)):
            with self.assertRaises(verify.Malformed):
                verify.Key(key)


class Openings(unittest.TestCase):
    def setUp(self):
        self.vectors = load("openings.json")

    def test_commitment_and_entry(self):
        vectors = self.vectors
        salt, payload = bytes.fromhex(vectors["salt"]), vectors["payload"].encode()
        commitment = verify.hashlib.sha256(verify.PREFIX + salt + payload).hexdigest()
        self.assertEqual(commitment, vectors["commitment"])
        entry = vectors["entry"].encode()
        self.assertEqual(len(entry), 69)
        self.assertEqual(verify.parse_entry(entry)["c"], verify.base64url(bytes.fromhex(commitment)))
        self.assertEqual(verify.leaf_hash(entry).hex(), vectors["leaf_hash"])

    def test_lines(self):
        for case in self.vectors["lines"]:
            try:
                verify.check_line(self.vectors["position"], self.vectors["entry"].encode(), case["line"], [])
                holds = True
            except verify.Malformed:
                holds = False
            self.assertEqual(holds, case["holds"], case["why"])

    def test_entries(self):
        for entry in self.vectors["clear_entries"]:
            verify.parse_entry(entry.encode())
        for entry in self.vectors["malformed_entries"]:
            with self.assertRaises(verify.Malformed, msg=entry):
                verify.parse_entry(entry.encode())


class Acts(unittest.TestCase):
    def test_one_opening_of_each_step(self):
        steps = load("cases.json")["steps"]
        self.assertEqual(len({step["type"] for step in steps}), 52)
        for step in steps:
            line = lambda disclosures: "\t".join([f"{step['salt']} {step['payload']}", *disclosures])
            commitment = bytes.fromhex(step["commitment"])
            for name in ("disclosures", "public"):
                members, missing, private = verify.check_opening(commitment, line(step[name]))
                self.assertEqual((members["type"], missing), (step["type"], []))
                self.assertEqual(private, step[name] != step["public"], step["type"])
            self.assertEqual(members["body"]["event"], step["type"])
            with self.assertRaises(verify.Malformed):
                verify.check_opening(commitment, line(step["disclosures"]).replace("subject", "Subject"))

    def test_manifest(self):
        vectors = load("manifests.json")
        hashes = []
        for item in vectors["items"]:
            body = verify.parse_canonical(item["body"])
            hashes.append(acts.item_hash(verify.base64url_bytes(item["nonce"]), body))
            self.assertEqual(verify.base64url(hashes[-1]), item["item"])
        root = verify.tree_root(hashes)
        self.assertEqual(verify.base64url(root), vectors["sig"]["root"])
        origin, authority, items, at = vectors["text"].split("\n")[1:5]
        text = acts.manifest_text(origin, authority, items, at, root)
        self.assertEqual(text, vectors["text"])
        signature = verify.base64url_bytes(vectors["sig"]["signature"])
        verify.Key(vectors["vkey"]).public.verify(signature, text.encode())

    def test_which_acts_count(self):
        for case in load("manifests.json")["cases"]:
            replay, holds = acts.Replay([case["origin"]]), True
            for event in case["events"]:
                try:
                    replay.apply(verify.parse_canonical(event["payload"]))
                    holds = True
                except verify.Malformed:
                    holds = False
            self.assertEqual(holds, case["holds"], case["why"])


class Proofs(unittest.TestCase):
    def test_vectors(self):
        vectors = load("proofs.json")
        key = verify.Key(vectors["vkey"])
        for case in vectors["proofs"]:
            report = verify.check_proof(case["proof"], key, case["entry"].encode())
            self.assertEqual(report["outcome"] == "true", case["holds"], case["why"])

    def test_what_is_not_given(self):
        vectors = load("proofs.json")
        key, proofs = verify.Key(vectors["vkey"]), vectors["proofs"]
        ask = lambda *given: verify.check_proof(*given)["outcome"]
        self.assertEqual(ask(proofs[0]["proof"], key), "could_not_tell")
        self.assertEqual(ask(proofs[0]["proof"], None, b"entry 5"), "could_not_tell")
        self.assertEqual(ask(proofs[2]["proof"], key), "true", "the extra data is the entry")


class Logs(unittest.TestCase):
    def setUp(self):
        vectors = load("logs.json")
        self.now = verify.parse_time(vectors["now"])
        self.vectors = vectors

    @staticmethod
    def files(log, changes):
        named = {**log["files"], **changes}
        return {path: base64.b64decode(data) for path, data in named.items() if data is not None}

    def check(self, files, **given):
        return verify.LogCheck(verify.Files(files), now=self.now, **given).run().report()

    def test_same_answers_as_the_rust_code(self):
        exits = {"true": 0, "false": 1, "could_not_tell": 2}
        for log in (self.vectors["small"], self.vectors["large"], self.vectors["acts"]):
            for case in log["cases"]:
                report = self.check(self.files(log, case["changes"]))
                told = f"{case['why']}: {list(case['changes'])} {report['reasons']}"
                self.assertEqual(exits[report["outcome"]], case["exit"], told)

    def test_counts(self):
        counts = self.check(self.files(self.vectors["small"], {}))["counts"]
        expected = {"leaves": 11, "events": 6, "open": 3, "withheld": 1, "sealed": 1, "erased": 1}
        expected.update({"clear": 5, "opened": 3, "checked_tiles": 1})
        self.assertEqual(counts, expected)

    def test_since(self):
        files = self.files(self.vectors["large"], {})
        note = files["checkpoint"].decode()
        self.assertEqual(self.check(files, since=note)["outcome"], "true")
        other = self.files(self.vectors["small"], {})["checkpoint"].decode()
        self.assertEqual(self.check(files, since=other)["outcome"], "false")

    def test_an_old_gap_is_false(self):
        log = self.vectors["small"]
        case = next(c for c in log["cases"] if c["why"] == "an opened event withheld without an entry")
        files = self.files(log, case["changes"])
        report = self.check(files)
        self.assertEqual((report["outcome"], report["gaps"]), ("could_not_tell", [[6, 6]]))
        earlier = lambda hours: (self.now - verify.datetime.timedelta(hours=hours), report["gaps"])
        self.assertEqual(self.check(files, earlier=earlier(24))["outcome"], "could_not_tell")
        self.assertEqual(self.check(files, earlier=earlier(25))["outcome"], "false")

    def write(self, folder):
        for path, data in self.files(self.vectors["small"], {}).items():
            target = folder / "log" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def test_over_http(self):
        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        with tempfile.TemporaryDirectory() as folder:
            self.write(pathlib.Path(folder))
            handler = functools.partial(Quiet, directory=folder)
            with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                address = f"http://127.0.0.1:{server.server_port}"
                self.assertEqual(run(address)[0], 0)
                self.assertEqual(run(address + "/log/")[0], 0)
                (pathlib.Path(folder) / "log" / "payload/000.p/11").unlink()
                self.assertEqual(run(address)[0], 2)
                server.shutdown()
            self.assertEqual(run(address)[0], 2, "nobody answers")

    def test_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            self.write(folder)
            code, printed = run(folder, "--json", "--vkey", folder / "log" / "vkey")
            report = json.loads(printed)
            self.assertEqual((code, report["key"]), (0, "given"), printed)
            (folder / "report.json").write_text(printed)
            checkpoint = folder / "log" / "checkpoint"
            self.assertEqual(run(folder / "log", "--since", checkpoint, "--earlier", folder / "report.json")[0], 0)
            (folder / "log" / "tile/0/000.p/11").unlink()
            code, printed = run(folder)
            self.assertEqual(code, 2, printed)
            self.assertIn("tile/0/000.p/11", printed)
            checkpoint.write_bytes(b"x")
            self.assertEqual(run(folder)[0], 1)
            self.assertEqual(run(folder / "nowhere")[0], 2)
            self.assertEqual(run(folder, "--vkey", "nonsense")[0], 2)


class Statements(unittest.TestCase):
    """Months stated, and what of them can be counted again."""

    def leaf(self, month="2026-10", told=(), part=1, parts=1):
        told = [{"authority": key, "figures": cells, "hidden": "under_3", "sealed": "under_3"} for key, cells in told]
        return {"k": "statistics", "month": month, "part": part, "parts": parts, "told": told, "v": 1}

    def payload(self, kind, at="2026-10-05T00:00:00.000000Z", record="r", actor="authority"):
        body = {"actor": {"role": actor}}
        return {"type": kind, "at": at, "authority": "demo.port", "record": record, "body": body}

    def judge(self, leaves, payloads, events):
        statements = figures.Statements()
        for position, leaf in leaves:
            self.assertTrue(figures.statement_good(leaf), leaf)
            statements.take(position, leaf)
        return statements.judge(payloads, events)

    def test_entries(self):
        for case in load("openings.json")["statements"]:
            try:
                verify.parse_entry(case["entry"].encode())
                holds = True
            except verify.Malformed:
                holds = False
            self.assertEqual(holds, case["holds"], case["why"])

    def test_months_follow_one_another(self):
        months = lambda *leaves: self.judge(list(enumerate(leaves)), [], {})[0]
        self.assertEqual(months(self.leaf("2026-12"), self.leaf("2027-01")), [])
        self.assertEqual(months(self.leaf(part=1, parts=2), self.leaf(part=2, parts=2)), [])
        self.assertEqual(len(months(self.leaf("2026-10"), self.leaf("2026-12"))), 1)
        self.assertEqual(len(months(self.leaf("2026-10"), self.leaf("2026-10"))), 1)
        self.assertEqual(len(months(self.leaf(part=2, parts=2))), 1)
        self.assertEqual(len(months(self.leaf(part=1, parts=2), self.leaf("2026-11"))), 1)

    def test_nothing_happens_in_a_month_that_was_stated(self):
        late = self.payload("CaseValidated/1", at="2026-10-31T23:59:59.999999Z")
        self.assertEqual(len(self.judge([(5, self.leaf())], [(7, late)], {7: True})[0]), 1)
        next_day = self.payload("CaseValidated/1", at="2026-11-01T00:00:00.000000Z")
        self.assertEqual(self.judge([(5, self.leaf())], [(7, next_day)], {7: True})[0], [])

    def test_what_is_opened_is_counted_again(self):
        steps = ["CaseSubmitted/1", "DecisionUpheld/1", "ObjectionFiled/1", "RecordWithdrawn/1"]
        payloads = [(position, self.payload(kind)) for position, kind in enumerate(steps)]
        cells = {"submitted": 1, "upheld": 1, "objected": 1, "objection_upheld": 1}
        events = {position: True for position in range(4)}
        stated = lambda cells, events=events: self.judge([(9, self.leaf(told=[("demo.port", cells)]))], payloads, events)
        self.assertEqual(stated(cells), ([], 0))
        for figure in cells:
            # One less than the log shows, whatever else is gone.
            less = {key: value for key, value in cells.items() if key != figure}
            for seen in (events, {**events, 8: True}):
                problems, _ = stated(less, seen)
                self.assertEqual(len(problems), 1, (figure, problems))
            # One more is only seen while everything is open.
            more = {**cells, figure: 2}
            self.assertEqual(len(stated(more)[0]), 1)
            self.assertEqual(stated(more, {**events, 8: True}), ([], 1), "it cannot be recomputed any more")
        self.assertEqual(stated({**cells, "objected": "few"})[0], [])
        self.assertEqual(len(stated({**cells, "objected": "several"})[0]), 1)
        nothing = self.judge([(9, self.leaf())], payloads, events)[0]
        self.assertEqual(len(nothing), 4, "an authority that is left out did nothing")

    def test_a_mirror_and_an_entry_by_the_registry_count_for_nobody(self):
        payloads = [(0, self.payload("CaseSubmitted/1", actor="registry"))]
        payloads += [(1, self.payload("RecordRecognised/1")), (2, self.payload("ObjectionFiled/1"))]
        self.assertEqual(self.judge([(9, self.leaf())], payloads, {0: True, 1: True, 2: True}), ([], 0))


if __name__ == "__main__":
    unittest.main()
