//! `spec/vectors` holds what this code computes, so that other implementations can check
//! themselves. `UPDATE_VECTORS=1 cargo test -p goodstanding-ledger` writes them anew; a change in
//! a published vector is a change of the wire format and needs a decision record.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use goodstanding_ledger::SeededEntropy;
use goodstanding_ledger::entropy::Entropy as _;
use goodstanding_ledger::merkle::{
    Hash, MemoryTree, consistency_proof, inclusion_proof, leaf_hash, root,
};
use goodstanding_ledger::note::{Checkpoint, SignerKey, Vkey, open, sign};
use goodstanding_ledger::proof::TlogProof;
use goodstanding_ledger::tiles::{entries_path, payload_path, tile_path};
use goodstanding_ledger::wire::{Leaf, Opening, canonical, commitment, payload_line, to_base64url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const ORIGIN: &str = "registry.example/log";

fn check(name: &str, value: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors").join(name);
    let text = format!("{}\n", serde_json::to_string_pretty(value).unwrap());
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert!(stored == text, "{name} differs from what the code computes");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash)).collect()
}

/// The entries of the trees: `entry 0`, `entry 1`, ...
fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|number| leaf_hash(format!("entry {number}").as_bytes())).collect()
}

fn signer(seed: u64, name: &str) -> SignerKey {
    SignerKey::generate(&mut SeededEntropy::new(seed), name).unwrap()
}

/// A key with `+` in its base64.
fn signer_with_plus() -> SignerKey {
    (0..)
        .map(|seed| signer(seed, ORIGIN))
        .find(|key| key.vkey().to_string().matches('+').count() > 3)
        .unwrap()
}

#[test]
fn merkle() {
    let roots: Vec<String> = (0..=20).map(|size| hex(&root(&leaves(size)))).collect();
    let tree = MemoryTree::new(leaves(20));
    let mut inclusion = Vec::new();
    let mut consistency = Vec::new();
    for size in [1, 2, 3, 5, 7, 8, 13, 20] {
        for index in 0..size {
            let proof = hexes(&inclusion_proof(index, size, &tree).unwrap());
            inclusion.push(json!({"index": index, "size": size, "proof": proof}));
        }
        for old in 0..=size {
            let proof = hexes(&consistency_proof(old, size, &tree).unwrap());
            consistency.push(json!({"old": old, "new": size, "proof": proof}));
        }
    }
    let paths: Vec<Value> =
        [(0, 0, 256), (0, 5, 256), (1, 1, 17), (0, 273, 112), (0, 1_234_067, 256)]
            .into_iter()
            .map(|(level, index, width)| {
                json!({
                    "level": level, "index": index, "width": width,
                    "tile": tile_path(level, index, width),
                    "entries": entries_path(index, width),
                    "payload": payload_path(index, width),
                })
            })
            .collect();
    check(
        "merkle.json",
        &json!({
            "about": "entry n of the trees is the text `entry n`; roots[n] is the root of the first n; all hashes in hex",
            "roots": roots, "inclusion": inclusion, "consistency": consistency, "paths": paths,
        }),
    );
}

#[test]
fn notes() {
    let (log, witness, plus) =
        (signer(1, ORIGIN), signer(2, "witness.example"), signer_with_plus());
    let text = "a text\n\nwith an empty line\n";
    let note = sign(text, &log);
    let lines = |note: &str| note[note.rfind("\n\n").unwrap() + 2..].to_owned();
    let others: String = (10..26)
        .map(|seed| lines(&sign(text, &signer(seed, &format!("w{seed}.example")))))
        .collect();
    let case = |why: &str, note: String, keys: &[&SignerKey]| {
        let keys: Vec<Vkey> = keys.iter().map(|key| key.vkey().clone()).collect();
        let holds = open(&note, &keys).is_ok();
        let keys: Vec<String> = keys.iter().map(Vkey::to_string).collect();
        json!({"why": why, "note": note, "vkeys": keys, "holds": holds})
    };
    let wrong_witness = format!("{note}{}", lines(&sign("another text\n", &witness)));
    let cases = json!([
        case("signed by the known key", note.clone(), &[&log]),
        case("the key's base64 contains `+`", sign(text, &plus), &[&plus]),
        case(
            "unknown keys are ignored, seventeen signatures",
            format!("{}\n{others}{}", text, lines(&note)),
            &[&log]
        ),
        case("no known key", note.clone(), &[&witness]),
        case("a wrong signature by an unknown key is ignored", wrong_witness.clone(), &[&log]),
        case("a wrong signature by a known key rejects the note", wrong_witness, &[&log, &witness]),
        case("another text", note.replace("a text", "A text"), &[&log]),
        case("no line end at the end", note.trim_end().to_owned(), &[&log]),
        case("a control character", note.replace("a text", "a\ttext"), &[&log]),
        case("a hyphen for the em dash", note.replace('\u{2014}', "-"), &[&log]),
    ]);
    let root = root(&leaves(5));
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 5, root };
    check(
        "notes.json",
        &json!({
            "key": {"vkey": log.vkey().to_string(), "id": hex(&log.vkey().id()), "private": *log.to_text()},
            "notes": cases,
            "checkpoint": {"size": 5, "root": hex(&root), "note": checkpoint.sign(&log)},
        }),
    );
}

#[test]
fn proofs() {
    let log = signer(1, ORIGIN);
    let make = |index: u64, size: u64, extra: Option<Vec<u8>>| {
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: root(&leaves(size)) };
        let hashes = inclusion_proof(index, size, &MemoryTree::new(leaves(size))).unwrap();
        TlogProof { index, hashes, checkpoint: checkpoint.sign(&log), extra }.to_text()
    };
    let vkey = log.vkey().to_string();
    let case = |why: &str, proof: String, entry: &str| {
        let parsed = TlogProof::parse(&proof);
        let holds = parsed.is_ok_and(|proof| proof.verify(entry.as_bytes(), log.vkey()).is_ok());
        json!({"why": why, "proof": proof, "entry": entry, "holds": holds})
    };
    let good = make(5, 9, None);
    check(
        "proofs.json",
        &json!({
            "vkey": vkey,
            "proofs": [
                case("the third from the end of nine", good.clone(), "entry 5"),
                case("a tree of one entry has no hashes", make(0, 1, None), "entry 0"),
                case("with extra data", make(8, 9, Some(b"entry 8".to_vec())), "entry 8"),
                case("another entry", good.clone(), "entry 6"),
                case("another index", good.replace("index 5", "index 4"), "entry 5"),
                case("a leading zero", good.replace("index 5", "index 05"), "entry 5"),
                case("another version", good.replace("@v1", "@v2"), "entry 5"),
                case("another size", good.replace("\n9\n", "\n10\n"), "entry 5"),
                case("a hash too few", good.replacen(&good[good.find("index 5\n").unwrap() + 8..][..45], "", 1), "entry 5"),
            ],
        }),
    );
}

#[test]
fn openings() {
    let mut entropy = SeededEntropy::new(7);
    let mut disclosures = Vec::new();
    let mut digests = Vec::new();
    for (field, text) in [("name", "Examplia Werke GmbH"), ("place", "Musterstadt")] {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let array = canonical(&json!([to_base64url(&salt), field, text])).unwrap();
        let disclosure = to_base64url(array.as_bytes());
        let digest = to_base64url(&Sha256::digest(disclosure.as_bytes()));
        digests.push(json!({"c": "public", "d": digest, "f": field}));
        disclosures.push(disclosure);
    }
    let payload = canonical(&json!({
        "at": "2026-11-22T08:00:00.000000Z",
        "authority": "demo.publisher",
        "body": {
            "_sd": digests, "country": "DE", "kind": "enterprise", "name_language": "de",
            "name_role": "main", "name_script": "Latn",
        },
        "sig": {"job": "registry"},
        "subject": "019aa0d0-5400-7000-8000-000000000001",
        "type": "OrganisationRegistered/1",
    }))
    .unwrap();
    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    let opening = Opening { salt, payload, disclosures };
    let leaf = Leaf::Event { commitment: commitment(&opening) };
    let entry = String::from_utf8(leaf.to_bytes()).unwrap();
    let line = payload_line(2, &opening);
    let case =
        |why: &str, line: String, holds: bool| json!({"why": why, "line": line, "holds": holds});
    let cut = line.rsplit_once('\t').unwrap().0.to_owned();
    let clear = |leaf: Leaf| String::from_utf8(leaf.to_bytes()).unwrap();
    check(
        "openings.json",
        &json!({
            "position": 2,
            "salt": hex(&opening.salt),
            "payload": opening.payload,
            "disclosures": opening.disclosures,
            "commitment": hex(&commitment(&opening)),
            "entry": entry,
            "leaf_hash": hex(&leaf_hash(entry.as_bytes())),
            "lines": [
                case("opens the entry", line.clone(), true),
                case("a disclosure that is left out leaves the opening true", cut, true),
                case("the order of disclosures is free",
                    format!("2 {} {}\t{}\t{}", to_base64url(&salt), opening.payload,
                        opening.disclosures[1], opening.disclosures[0]), true),
                case("another position", line.replacen("2 ", "3 ", 1), false),
                case("another payload", line.replace("enterprise", "foundation"), false),
                case("another disclosure", format!("{line}\t{}", STANDARD.encode(b"[]")), false),
                case("a disclosure twice", format!("{line}\t{}", opening.disclosures[0]), false),
                case("a stray tab", format!("{line}\t"), false),
            ],
            "clear_entries": [
                clear(Leaf::Key { purpose: "log".into(), vkey: signer(1, ORIGIN).vkey().to_string() }),
                clear(Leaf::Policy { pack: "generic".into(), hash: "0".repeat(64) }),
                clear(Leaf::Open { ranges: vec![(2, 4), (7, 7)] }),
                clear(Leaf::Withhold { ranges: vec![(3, 3)], fields: vec![(2, "place".into())] }),
                clear(Leaf::Erasure { ranges: vec![(4, 4)], fields: vec![] }),
            ],
            "malformed_entries": [
                "{\"c\":\"AA\",\"k\":\"event\",\"v\":1}",
                "{\"k\":\"open\",\"opens\":[[5,3]],\"v\":1}",
                "{\"k\":\"open\",\"opens\":[[3,5]],\"subject\":\"x\",\"v\":1}",
                "{\"k\":\"open\", \"opens\":[[3,5]],\"v\":1}",
                "{\"opens\":[[3,5]],\"k\":\"open\",\"v\":1}",
                "",
            ],
            "statements": statements(),
        }),
    );
}

/// Entries that state a month, and what is none.
fn statements() -> Vec<Value> {
    const SAID: &str = concat!(
        r#"{"k":"statistics","month":"2026-10","part":1,"parts":1,"told":[{"authority":"demo.port","#,
        r#""figures":{"decision_missed":"few","objected":7},"hidden":"under_3","sealed":"3_to_9"}],"v":1}"#
    );
    [
        ("figures of one authority", "", ""),
        ("nothing happened", r#"{"authority":"demo.port","figures":{"decision_missed":"few","objected":7},"hidden":"under_3","sealed":"3_to_9"}"#, ""),
        ("withheld", r#""sealed":"3_to_9""#, r#""sealed":"withheld""#),
        ("a nought", ":7}", ":0}"),
        ("a figure that is none", "objected", "shame"),
        ("a month that is none", "2026-10", "2026-00"),
        ("more parts than there are", r#""part":1"#, r#""part":2"#),
        ("a class that is none", "3_to_9", "5"),
        ("something about an organisation", r#""hidden""#, r#""d":"x","hidden""#),
        ("figures out of order", r#""decision_missed":"few","objected":7"#, r#""objected":7,"decision_missed":"few""#),
    ]
    .into_iter()
    .map(|(why, part, instead)| {
        let entry = SAID.replacen(part, instead, 1);
        let holds = Leaf::parse(entry.as_bytes()).is_ok();
        json!({"why": why, "entry": entry, "holds": holds})
    })
    .collect()
}

#[test]
fn the_specification_shows_the_vectors() {
    let spec = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec");
    let wire = std::fs::read_to_string(spec.join("wire.md")).unwrap();
    let vector = |name: &str| -> Value {
        let text = std::fs::read_to_string(spec.join("vectors").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let (openings, notes, proofs) =
        (vector("openings.json"), vector("notes.json"), vector("proofs.json"));
    for shown in [
        &openings["salt"],
        &openings["payload"],
        &openings["commitment"],
        &openings["entry"],
        &openings["leaf_hash"],
        &openings["disclosures"][0],
        &openings["lines"][0]["line"],
        &notes["key"]["vkey"],
        &notes["checkpoint"]["note"],
        &proofs["proofs"][0]["proof"],
    ] {
        let shown = shown.as_str().unwrap();
        assert!(wire.contains(shown), "spec/wire.md does not show {shown}");
    }
}
