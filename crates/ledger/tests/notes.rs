//! Notes, keys, checkpoints and receipts: the traps of the C2SP specifications.

use goodstanding_ledger::SeededEntropy;
use goodstanding_ledger::format::FormatError;
use goodstanding_ledger::merkle::{MemoryTree, inclusion_proof, leaf_hash, root};
use goodstanding_ledger::note::{Checkpoint, SignerKey, Vkey, open, sign};
use goodstanding_ledger::proof::TlogProof;
use proptest::prelude::*;

const ORIGIN: &str = "registry.example/log";

fn signer(seed: u64, name: &str) -> SignerKey {
    SignerKey::generate(&mut SeededEntropy::new(seed), name).unwrap()
}

/// A key whose base64 contains `+`, as Tessera's own test key does.
fn signer_with_plus() -> SignerKey {
    (0..)
        .map(|seed| signer(seed, ORIGIN))
        .find(|key| key.vkey().to_string().matches('+').count() > 3)
        .unwrap()
}

/// The signature lines of a note.
fn signatures(note: &str) -> &str {
    &note[note.rfind("\n\n").unwrap() + 2..]
}

#[test]
fn a_key_with_plus_signs_in_its_base64_is_cut_twice_only() {
    let key = signer_with_plus();
    let text = key.vkey().to_string();
    assert_eq!(Vkey::parse(&text).as_ref(), Ok(key.vkey()));
    assert_eq!(Vkey::parse(&text).unwrap().to_string(), text);
}

#[test]
fn the_example_of_the_go_package_verifies() {
    // golang.org/x/mod/sumdb/note, package documentation: key and note made by somebody else.
    let key =
        Vkey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    let note = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let verified = open(note, &[key]).unwrap();
    assert_eq!(verified.signers, ["PeterNeumann"]);
}

#[test]
fn keys_that_are_not_keys_are_refused() {
    let good = signer(1, ORIGIN).vkey().to_string();
    let (name, rest) = good.split_once('+').unwrap();
    let (id, key) = rest.split_once('+').unwrap();
    for text in [
        String::new(),
        name.to_owned(),
        format!("{name}+{id}"),
        format!("{name}+{}+{key}", id.to_uppercase() + "0"),
        format!("{name}+00000000+{key}"),
        format!("other+{id}+{key}"),
        format!("+{id}+{key}"),
        format!("a b+{id}+{key}"),
        format!("{good}\n"),
        format!("{good}="),
        format!(" {good}"),
    ] {
        assert!(Vkey::parse(&text).is_err(), "{text:?}");
    }
    assert_eq!(Vkey::parse("n+00000000+BAAA"), Err(FormatError::KeyType(4)));
    assert!(SignerKey::generate(&mut SeededEntropy::new(1), "a+b").is_err());
}

#[test]
fn a_private_key_survives_its_text() {
    let key = signer_with_plus();
    let text = key.to_text();
    let read = SignerKey::from_text(&text).unwrap();
    assert_eq!(read.vkey(), key.vkey());
    assert_eq!(sign("text\n", &read), sign("text\n", &key));
    assert!(!format!("{key:?}").contains(text.rsplit('+').next().unwrap().trim()));
    assert!(SignerKey::from_text(&text.replacen("PRIVATE", "PUBLIC", 1)).is_err());
    assert!(SignerKey::from_text(&key.vkey().to_string()).is_err());
}

#[test]
fn unknown_keys_are_ignored_and_a_known_key_must_fit() {
    let (log, witness) = (signer(1, ORIGIN), signer(2, "witness.example"));
    let note = sign("some text\n", &log);
    let cosigned = format!("{note}{}", signatures(&sign("some text\n", &witness)));
    assert_eq!(open(&cosigned, &[log.vkey().clone()]).unwrap().signers, [ORIGIN]);
    let both = [log.vkey().clone(), witness.vkey().clone()];
    assert_eq!(open(&cosigned, &both).unwrap().signers, [ORIGIN, "witness.example"]);
    // The witness signed something else: for those who know it, the whole note falls.
    let wrong = format!("{note}{}", signatures(&sign("other text\n", &witness)));
    assert!(open(&wrong, &[log.vkey().clone()]).is_ok());
    assert_eq!(open(&wrong, &both), Err(FormatError::Signature("witness.example".into())));
    // The same name with another key is another key.
    let namesake = signer(3, ORIGIN);
    let mixed = format!("{note}{}", signatures(&sign("other text\n", &namesake)));
    assert!(open(&mixed, &[log.vkey().clone()]).is_ok());
    assert_eq!(open(&note, &[namesake.vkey().clone()]), Err(FormatError::Unsigned(ORIGIN.into())));
    assert!(open(&note, &[]).is_err());
    // A second, wrong signature by a known key is not hidden by a first that fits.
    let twice = format!("{note}{}", signatures(&sign("other text\n", &log)));
    assert!(open(&twice, &[log.vkey().clone()]).is_err());
}

#[test]
fn sixteen_signatures_and_more_are_accepted() {
    let log = signer(0, ORIGIN);
    let mut note = String::from("text\n\n");
    for seed in 1..=40 {
        note.push_str(signatures(&sign("text\n", &signer(seed, &format!("w{seed}.example")))));
    }
    note.push_str(signatures(&sign("text\n", &log)));
    assert!(open(&note, &[log.vkey().clone()]).is_ok());
    let too_many = signatures(&sign("text\n", &log)).repeat(101);
    assert!(open(&format!("text\n\n{too_many}"), &[log.vkey().clone()]).is_err());
}

#[test]
fn texts_may_have_empty_lines_and_malformed_notes_are_refused() {
    let log = signer(1, ORIGIN);
    let key = [log.vkey().clone()];
    assert_eq!(open(&sign("a\n\nb\n", &log), &key).unwrap().text, "a\n\nb\n");
    let note = sign("text\n", &log);
    for broken in [
        "",
        "text\n",
        "\n\n",
        &note[..note.len() - 1],
        &format!("{note}\n"),
        &note.replace('\u{2014}', "-"),
        &note.replace("\u{2014} ", "\u{2014}"),
        &format!("{note}\u{2014} name\n"),
        &format!("{note}\u{2014} name AAAA\n"),
        &format!("{note}\u{2014}  AAAAAAAA\n"),
        &format!("{note}\u{2014} a+b AAAAAAAA\n"),
        &note.replace("text", "te\txt"),
        &note.replace("text", "text\r"),
        &note.replace("text", "test"),
    ] {
        assert!(open(broken, &key).is_err(), "{broken:?}");
    }
}

#[test]
fn checkpoints_have_one_spelling() {
    let root = leaf_hash(b"x");
    let good = Checkpoint { origin: ORIGIN.into(), size: 12, root }.to_text();
    assert!(Checkpoint::parse(&good).is_ok());
    assert!(Checkpoint::parse(&format!("{good}extension\n")).is_ok());
    for bad in [
        good.replace("12", "012"),
        good.replace("12", "+12"),
        good.replace("12", "-1"),
        good.replace("12", ""),
        good.replace("12", "9223372036854775808"),
        good.replace(ORIGIN, ""),
        good.replace('=', ""),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!("{good}\nextension\n"),
        "a\n1\n".to_owned(),
        String::new(),
    ] {
        assert!(Checkpoint::parse(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_checkpoint_of_another_log_is_refused() {
    let log = signer(1, ORIGIN);
    let other = Checkpoint { origin: "other.example".into(), size: 0, root: root(&[]) };
    assert!(matches!(
        Checkpoint::open(&other.sign(&log), log.vkey()),
        Err(FormatError::Origin { .. })
    ));
}

fn receipt(index: u64, size: u64, extra: Option<Vec<u8>>) -> (TlogProof, SignerKey) {
    let log = signer(1, ORIGIN);
    let leaves: Vec<_> = (0..size).map(|n| leaf_hash(format!("entry {n}").as_bytes())).collect();
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: root(&leaves) }.sign(&log);
    let hashes = inclusion_proof(index, size, &MemoryTree::new(leaves)).unwrap();
    (TlogProof { index, hashes, checkpoint, extra }, log)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn receipts_survive_their_text(size in 1_u64..2_000, at in 0.0..1.0, extra: Option<Vec<u8>>) {
        let index = ((size as f64) * at) as u64;
        let (proof, log) = receipt(index, size, extra);
        let read = TlogProof::parse(&proof.to_text()).unwrap();
        prop_assert_eq!(&read, &proof);
        let entry = format!("entry {index}");
        prop_assert_eq!(read.verify(entry.as_bytes(), log.vkey()).unwrap().size, size);
        prop_assert_eq!(read.verify(b"another", log.vkey()), Err(FormatError::ProofFails));
    }
}

#[test]
fn every_changed_byte_of_a_receipt_is_noticed() {
    let (proof, log) = receipt(5, 9, None);
    let text = proof.to_text().into_bytes();
    for at in 0..text.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = text.clone();
            changed[at] ^= bit;
            let holds = std::str::from_utf8(&changed)
                .ok()
                .and_then(|text| TlogProof::parse(text).ok())
                .is_some_and(|proof| proof.verify(b"entry 5", log.vkey()).is_ok());
            assert!(!holds, "byte {at}");
        }
    }
}

#[test]
fn malformed_receipts_are_refused() {
    let (proof, _) = receipt(5, 9, Some(b"extra".to_vec()));
    let good = proof.to_text();
    for bad in [
        String::new(),
        good.replace("@v1", "@v2"),
        good.replace("index 5", "index 05"),
        good.replace("index 5\n", ""),
        good.replace("extra ", "extra"),
        good.replace("extra ZXh0cmE=", "extra !"),
        good.replacen("\n\n", "\n", 1),
        good.replacen("\n\n", &format!("\n{}\n", "A".repeat(43)), 1),
        good.replace(
            "index 5\n",
            &format!("index 5\n{}", format!("{}=\n", "A".repeat(43)).repeat(65)),
        ),
    ] {
        assert!(TlogProof::parse(&bad).is_err(), "{bad:?}");
    }
}
