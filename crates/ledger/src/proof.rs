//! Receipts: C2SP `tlog-proof@v1`, a proof of inclusion that can be checked offline.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::format::FormatError;
use crate::merkle::{Hash, MAX_PROOF_HASHES, leaf_hash, verify_inclusion};
use crate::note::{Checkpoint, Vkey, hash_text, parse_decimal, parse_hash};

/// First line of a proof.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Proof that an entry is in a log, with the signed checkpoint it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Position of the entry.
    pub index: u64,
    /// The audit path, nearest sibling first.
    pub hashes: Vec<Hash>,
    /// The signed note, as the log published it.
    pub checkpoint: String,
    /// Bytes that travel along and are **not** authenticated by the proof.
    pub extra: Option<Vec<u8>>,
}

impl TlogProof {
    /// The text of a `.tlog-proof` file.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", STANDARD.encode(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&hash_text(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads a `.tlog-proof` file. Nothing is verified yet.
    pub fn parse(text: &str) -> Result<TlogProof, FormatError> {
        // The empty line after the hashes is the first one; the checkpoint holds another.
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(FormatError::Proof("it has no empty line before the checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(FormatError::Proof("it does not begin with c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra
            .and_then(|line| line.strip_prefix("extra "))
            .map(|encoded| STANDARD.decode(encoded))
            .transpose()
            .map_err(|_| FormatError::Proof("its extra data is not base64"))?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index =
            index.and_then(parse_decimal).ok_or(FormatError::Proof("its index is not a number"))?;
        let hashes = lines.map(parse_hash).collect::<Option<Vec<Hash>>>();
        let hashes = hashes.ok_or(FormatError::Proof("a line is not a hash in base64"))?;
        if hashes.len() > MAX_PROOF_HASHES {
            return Err(FormatError::Proof("it has more hashes than any tree is high"));
        }
        Ok(TlogProof { index, hashes, checkpoint: checkpoint.to_owned(), extra })
    }

    /// Checks that `entry` (the bytes in the log) is at [`TlogProof::index`] under a checkpoint
    /// signed by `key`, and gives that checkpoint.
    pub fn verify(&self, entry: &[u8], key: &Vkey) -> Result<Checkpoint, FormatError> {
        self.verify_leaf(&leaf_hash(entry), key)
    }

    /// The same for somebody who has only the leaf hash.
    pub fn verify_leaf(&self, leaf: &Hash, key: &Vkey) -> Result<Checkpoint, FormatError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let size = checkpoint.size;
        if verify_inclusion(leaf, self.index, size, &self.hashes, &checkpoint.root) {
            Ok(checkpoint)
        } else {
            Err(FormatError::ProofFails)
        }
    }
}
