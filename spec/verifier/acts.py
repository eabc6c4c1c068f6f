"""Acts of authorities: which key counted where, and what was signed with it (spec/wire.md, 6)."""

import base64
import hashlib
import re

from cryptography.exceptions import InvalidSignature

from primitives import Key, Malformed, base64url_bytes, canonical, inclusion_holds

ITEM = b"goodstanding/item/v1\n"
ACCOUNT = re.compile(r"(officer|decider)-[1-9][0-9]{0,5}")
REVIEWER = re.compile(r"(officer|reviewer|registrar)-[1-9][0-9]{0,5}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
SIG = {"at", "index", "items", "key", "nonce", "path", "root", "signature"}


class NoKey(Malformed):
    """Signed with a key that is not known, or one is revoked that is not."""


def item_hash(nonce, body):
    return hashlib.sha256(ITEM + nonce + canonical(body).encode()).digest()


def manifest_text(origin, authority, items, at, root):
    root = base64.b64encode(root).decode()
    return f"goodstanding/manifest/v1\n{origin}\n{authority}\n{items}\n{at}\n{root}\n"


def exact(text, length):
    data = base64url_bytes(text)
    if len(data) != length:
        raise Malformed("`sig` holds something of another length")
    return data


class Signed:
    """The member `sig` of a payload that an authority signed."""

    def __init__(self, sig):
        if not isinstance(sig, dict) or set(sig) != SIG or not isinstance(sig["path"], list):
            raise Malformed("`sig` is not of the form the specification says")
        if not all(isinstance(sig[member], str) for member in ("at", "key", "nonce", "root", "signature")):
            raise Malformed("`sig` is not of the form the specification says")
        numbers = (sig["index"], sig["items"])
        if any(isinstance(n, bool) or not isinstance(n, int) for n in numbers) or not 0 <= numbers[0] < numbers[1]:
            raise Malformed("`sig` names no item of its manifest")
        if not TIME.fullmatch(sig["at"]) or not re.fullmatch("[0-9a-f]{8}", sig["key"]) or len(sig["path"]) > 64:
            raise Malformed("`sig` is not of the form the specification says")
        self.at, self.key, (self.index, self.items) = sig["at"], bytes.fromhex(sig["key"]), numbers
        self.nonce, self.root = exact(sig["nonce"], 32), exact(sig["root"], 32)
        self.signature = exact(sig["signature"], 64)
        self.path = [exact(node, 32) for node in sig["path"] if isinstance(node, str)]
        if len(self.path) != len(sig["path"]):
            raise Malformed("`sig` is not of the form the specification says")

    def covers(self, body):
        return inclusion_holds(item_hash(self.nonce, body), self.index, self.items, self.path, self.root)


class Replay:
    """The keys that count after the events so far."""

    def __init__(self, origins):
        self.origins, self.keys, self.revoked = origins, {}, set()
        self.entered, self.elsewhere = set(), set()

    def apply(self, members):
        """Takes the next payload; raises Malformed when it does not count."""
        kind, body = members.get("type"), members.get("body")
        if kind == "AuthorityKeyRegistered/1":
            self.register(members, body)
        elif kind == "AuthorityKeyRevoked/1":
            self.revoke(members, body)
        elif isinstance(body, dict) and "actor" in body:
            self.act(kind, members, body)

    def register(self, members, body):
        if not isinstance(body, dict) or set(body) != {"account", "by", "vkey"}:
            raise Malformed("a key is registered in another form than the specification says")
        by, authority = body["by"], members.get("authority")
        pair = isinstance(by, list) and len(by) == 2 and by[0] != by[1]
        if not pair or not all(isinstance(one, str) and REVIEWER.fullmatch(one) for one in by):
            raise Malformed("a key is not registered by two people")
        key = Key(str(body["vkey"]))
        if not ACCOUNT.fullmatch(str(body["account"])) or key.name != f"{authority}/{body['account']}":
            raise Malformed("a key has not the name of its account")
        known = self.keys.setdefault(authority, {})
        if key.id in known:
            raise Malformed("a key is registered that cannot be told from another")
        known[key.id] = (body["account"], key)

    def revoke(self, members, body):
        if not isinstance(body, dict) or set(body) != {"by", "vkey"} or not REVIEWER.fullmatch(str(body["by"])):
            raise Malformed("a key is revoked in another form than the specification says")
        known = self.keys.get(members.get("authority"), {}).values()
        text = body["vkey"]
        if not any(key.text == text for _, key in known) or text in self.revoked:
            raise NoKey("a key is revoked that is not registered")
        self.revoked.add(text)

    def act(self, kind, members, body):
        named = (body.get("event"), body.get("record"), body.get("subject"))
        if named != (kind, members.get("record"), members.get("subject")):
            raise Malformed("its body is about something else than its payload")
        actor, sig = body["actor"], members.get("sig")
        if not isinstance(actor, dict):
            raise Malformed("nobody is said to have acted")
        if sig == {"job": "registry"}:
            if actor.get("role") == "authority":
                raise Malformed("an act of an authority without its signature")
            return
        signed = Signed(sig)
        if actor.get("role") != "authority":
            raise Malformed("it is signed, though no authority acted")
        account, key = self.keys.get(members.get("authority"), {}).get(signed.key, (None, None))
        if key is None or account != actor.get("account"):
            raise NoKey("it is signed with a key that is not registered for this account")
        if key.text in self.revoked:
            raise Malformed("it is signed with a key that was revoked before")
        if signed.at > members["at"]:
            raise Malformed("its manifest is dated later than the entry")
        if not signed.covers(body):
            raise Malformed("its body is not among the items of its manifest")
        self.check_signature(key, members["authority"], signed)
        item = item_hash(signed.nonce, body)
        if item in self.entered:
            raise Malformed("its item was entered before")
        self.entered.add(item)

    def check_signature(self, key, authority, signed):
        for origin in self.origins:
            text = manifest_text(origin, authority, signed.items, signed.at, signed.root)
            try:
                key.public.verify(signed.signature, text.encode())
            except InvalidSignature:
                continue
            if origin != self.origins[0]:
                self.elsewhere.add(origin)
            return
        raise Malformed("the signature over its manifest does not hold")
