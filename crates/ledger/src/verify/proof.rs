//! One receipt: a `.tlog-proof` file with its entry and, if there is one, its opening.

use super::opening::{BundleLines, Content, check};
use super::report::Outcome;
use crate::format::FormatError;
use crate::note::{Checkpoint, Vkey};
use crate::proof::TlogProof;
use crate::wire::Leaf;

/// What a receipt is checked with.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptCheck<'a> {
    /// Text of the `.tlog-proof` file.
    pub proof: &'a str,
    /// Bytes of the entry; without them the `extra` line of the proof is taken for the entry.
    pub entry: Option<&'a [u8]>,
    /// The line of a payload bundle that opens the entry.
    pub opening: Option<&'a str>,
    /// The key one trusts.
    pub vkey: Option<&'a Vkey>,
}

/// Checks a receipt offline. The checkpoint it leads to is returned when the proof holds, whatever
/// is then said about the opening.
pub fn verify_receipt(receipt: &ReceiptCheck<'_>) -> (Outcome, Option<Checkpoint>) {
    let proof = match TlogProof::parse(receipt.proof) {
        Ok(proof) => proof,
        Err(error) => return (refuted(error), None),
    };
    let Some(entry) = receipt.entry.or(proof.extra.as_deref()) else {
        return (doubted("the receipt does not carry its entry; give the entry too"), None);
    };
    let Some(key) = receipt.vkey else {
        return (
            doubted("a receipt says nothing without the log's key; give it with --vkey"),
            None,
        );
    };
    let checkpoint = match proof.verify(entry, key) {
        Ok(checkpoint) => checkpoint,
        // The receipt of another log or key: neither true nor false about this one.
        Err(error @ (FormatError::Unsigned(_) | FormatError::Origin { .. })) => {
            return (doubted(&error.to_string()), None);
        }
        Err(error) => return (refuted(error), None),
    };
    let outcome = match receipt.opening {
        Some(line) => verify_opening(proof.index, entry, line),
        None => Outcome::True,
    };
    (outcome, Some(checkpoint))
}

fn verify_opening(position: u64, entry: &[u8], line: &str) -> Outcome {
    let commitment = match Leaf::parse(entry) {
        Ok(Leaf::Event { commitment }) => commitment,
        Ok(_) => return refuted("the entry is in the clear and has no opening"),
        Err(error) => return refuted(format!("the entry is not an entry: {error}")),
    };
    let line = format!("{}\n", line.strip_suffix('\n').unwrap_or(line));
    let item = BundleLines::new(&line, position).next().flatten();
    match item.map(|item| item.content) {
        Some(Content::Opening { salt, payload, disclosures }) => {
            match check(&commitment, &salt, payload, disclosures) {
                Ok(_) => Outcome::True,
                Err(mismatch) => refuted(format!("position {position}: {}", mismatch.text())),
            }
        }
        Some(_) => doubted("the line holds no opening"),
        None => refuted(format!("the line does not open position {position}")),
    }
}

fn refuted(reason: impl ToString) -> Outcome {
    Outcome::False(vec![reason.to_string()])
}

fn doubted(reason: &str) -> Outcome {
    Outcome::CouldNotTell(vec![reason.to_owned()])
}
