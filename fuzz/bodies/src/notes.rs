//! Signed notes, keys, checkpoints and proof files: what a stranger hands to `verify`.

use std::sync::LazyLock;

use ledger::SeededEntropy;
use ledger::note::{self, Checkpoint, SignerKey, Vkey};
use ledger::proof::TlogProof;

/// The key of the fictional log; the kept inputs hold notes it signed.
static KEY: LazyLock<SignerKey> = LazyLock::new(|| {
    // The name is fixed and fits.
    SignerKey::generate(&mut SeededEntropy::new(1), "example.org/log").expect("a name of a log")
});

/// Any text as note, key, checkpoint and proof.
pub fn notes(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let vkey = KEY.vkey();
    if let Ok(verified) = note::open(text, std::slice::from_ref(vkey)) {
        assert!(text.starts_with(&verified.text), "what is believed is what was signed");
        assert_eq!(verified.signers, [vkey.name()]);
    }
    if let Ok(key) = Vkey::parse(text) {
        assert_eq!(Vkey::parse(&key.to_string()).as_ref(), Ok(&key));
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert!(text.starts_with(&checkpoint.to_text()), "a checkpoint has one spelling");
        let signed = checkpoint.sign(&KEY);
        let opened = Checkpoint::open(&signed, vkey);
        assert!(opened.is_err() || opened.as_ref() == Ok(&checkpoint));
    }
    if let Ok(proof) = TlogProof::parse(text) {
        assert_eq!(TlogProof::parse(&proof.to_text()).as_ref(), Ok(&proof));
        if let Ok(checkpoint) = proof.verify(b"an entry", vkey) {
            assert!(proof.index < checkpoint.size, "nothing lies beyond the end of a log");
        }
    }
}
