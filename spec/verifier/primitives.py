"""What verify.py and acts.py are made of: trees, text forms, keys and signed notes."""

import base64
import binascii
import hashlib
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_SIZE = (1 << 63) - 1


class Malformed(Exception):
    """Bytes that are not what the specification says."""


class Unsigned(Malformed):
    """A note that none of the known keys signed."""


# --- hashes and trees (RFC 6962) ---------------------------------------------------------------


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The right edge of a tree: (level, hash) of its complete subtrees, largest first."""

    def __init__(self):
        self.peaks = []

    def push(self, node, level=0):
        while self.peaks and self.peaks[-1][0] == level:
            node, level = node_hash(self.peaks.pop()[1], node), level + 1
        self.peaks.append((level, node))

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        node = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            node = node_hash(left, node)
        return node


def complete_root(hashes):
    """Root over hashes whose number is a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def tree_root(hashes):
    tree = Tree()
    for leaf in hashes:
        tree.push(leaf)
    return tree.root()


def inclusion_holds(leaf, index, size, proof, root):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size <= MAX_SIZE:
        return False
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and computed == root


def consistency_holds(old, old_root, new, new_root, proof):
    """RFC 9162, 2.1.4.2."""
    empty = hashlib.sha256(b"").digest()
    if not 0 <= old <= new <= MAX_SIZE:
        return False
    if old == 0:
        return not proof and old_root == empty and (new > 0 or new_root == empty)
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    from_old = from_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            from_old, from_new = node_hash(sibling, from_old), node_hash(sibling, from_new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            from_new = node_hash(from_new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and from_old == old_root and from_new == new_root


# --- text forms --------------------------------------------------------------------------------


def base64_bytes(text):
    """Standard base64 in its one spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise Malformed("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Malformed("not the one spelling of its base64")
    return data


def base64url_bytes(text):
    """Base64url without padding, in its one spelling."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Malformed("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(data) != text:
        raise Malformed("not the one spelling of its base64url")
    return data


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decimal(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text):
        raise Malformed(f"`{text[:24]}` is not a number")
    return int(text)


def hash_bytes(text):
    data = base64_bytes(text)
    if len(data) != 32:
        raise Malformed("not a SHA-256 hash")
    return data


def canonical(value):
    """RFC 8785 for the subset on the wire: ASCII keys, integers below 2^53, no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse_canonical(text):
    def refuse(_):
        raise Malformed("a number with a fraction")

    try:
        value = json.loads(text, parse_float=refuse, parse_constant=refuse)
        if canonical(value) != text:
            raise Malformed("not canonical JSON")
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    return value


# --- keys, notes, checkpoints (C2SP signed-note, tlog-checkpoint) --------------------------------


class Key:
    """A C2SP verifier key. Cut at the first two `+` only: base64 contains more of them."""

    def __init__(self, text):
        parts = text.split("+", 2)
        if len(parts) != 3 or not valid_name(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
            raise Malformed("not a key of the form <name>+<8 hex digits>+<base64>")
        data = base64_bytes(parts[2])
        if len(data) != 33 or data[0] != 1:
            raise Malformed("not an Ed25519 key")
        self.text, self.name = text, parts[0]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4]
        if self.id.hex() != parts[1]:
            raise Malformed("the key id does not belong to the key")
        self.public = Ed25519PublicKey.from_public_bytes(data[1:])


def valid_name(name):
    return bool(name) and "+" not in name and not any(c.isspace() or ord(c) < 32 for c in name)


def open_note(note, keys):
    """The text of a note that a known key signed and that no known key's signature contradicts."""
    if any(ord(c) < 32 and c != "\n" for c in note) or len(note.encode()) > 1 << 20:
        raise Malformed("the note holds control characters or is too long")
    gap = note.rfind("\n\n")
    if gap < 0 or not note.endswith("\n") or gap + 2 >= len(note):
        raise Malformed("the note has no signatures")
    text, lines = note[: gap + 1], note[gap + 2 : -1].split("\n")
    if len(lines) > 100:
        raise Malformed("the note has more than 100 signatures")
    signed = False
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not valid_name(parts[1]):
            raise Malformed("a signature line of the note is malformed")
        data = base64_bytes(parts[2])
        if len(data) < 5:
            raise Malformed("a signature of the note is too short")
        for key in keys:
            if (key.name, key.id) == (parts[1], data[:4]):
                try:
                    key.public.verify(data[4:], text.encode())
                except InvalidSignature:
                    raise Malformed(f"the signature of {key.name} does not fit") from None
                signed = True
    if not signed:
        raise Unsigned("no signature in it is by a known key")
    return text


class Checkpoint:
    def __init__(self, note, key):
        text = open_note(note, [key])
        lines = text[:-1].split("\n")
        if len(lines) < 3 or not all(lines):
            raise Malformed("not a checkpoint")
        self.origin, self.size, self.root = lines[0], decimal(lines[1]), hash_bytes(lines[2])
        if self.size > MAX_SIZE:
            raise Malformed("its tree size is not a number")
        if self.origin != key.name:
            raise Unsigned(f"it is of the log {self.origin}, not of {key.name}")
