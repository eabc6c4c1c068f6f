//! Receipts: what was committed for somebody, with proofs that anybody can check offline.

use domain::civil::Instant;
use domain::ids::{OrganisationId, RecordId};
use ledger::note::{Checkpoint, Vkey};
use ledger::proof::TlogProof;
use ledger::verify::{Outcome, ReceiptCheck, verify_receipt};
use ledger::{LedgerError, LedgerReader};
use serde_json::{Value, json};

use super::desk::Committed;

/// First member of a receipt.
pub const FORMAT: &str = "goodstanding/receipt/v1";

/// What was committed, provable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The record.
    pub record: RecordId,
    /// Whom it is about.
    pub organisation: OrganisationId,
    /// When it was committed.
    pub at: Instant,
    /// Name of the log.
    pub origin: String,
    /// First position.
    pub from: u64,
    /// Position after the last.
    pub to: u64,
    /// Names of the steps.
    pub steps: Vec<&'static str>,
    /// The signed checkpoint the proofs lead to.
    pub checkpoint: String,
    /// One proof for each position.
    pub proofs: Vec<TlogProof>,
}

impl Receipt {
    /// The receipt for `committed`. A proof that does not hold is an error, never handed out.
    pub fn of(committed: &Committed, reader: &LedgerReader) -> Result<Receipt, LedgerError> {
        let positions: Vec<u64> = (committed.from..committed.to).collect();
        Ok(Receipt {
            record: committed.record,
            organisation: committed.organisation,
            at: committed.at,
            origin: reader.origin().to_owned(),
            from: committed.from,
            to: committed.to,
            steps: committed.steps.iter().map(|step| step.step.name()).collect(),
            checkpoint: committed.checkpoint.clone(),
            proofs: reader.proofs(&positions, &committed.checkpoint)?,
        })
    }

    /// As it is handed out.
    pub fn to_json(&self) -> Value {
        let entries: Vec<Value> = self
            .proofs
            .iter()
            .map(|proof| json!({ "position": proof.index, "proof": proof.to_text() }))
            .collect();
        json!({
            "format": FORMAT,
            "record": self.record.to_string(),
            "organisation": self.organisation.to_string(),
            "at": self.at.to_string(),
            "steps": self.steps,
            "log": {
                "origin": self.origin,
                "from": self.from,
                "to": self.to,
                "checkpoint": self.checkpoint,
            },
            "entries": entries,
        })
    }
}

/// Whether `value` is a receipt, or what came back for a batch.
pub fn is_receipt(value: &Value) -> bool {
    receipts(value).next().is_some()
}

fn receipts(value: &Value) -> impl Iterator<Item = &Value> {
    let items = value.get("items").and_then(Value::as_array).into_iter().flatten();
    let of_batch = items.filter_map(|item| item.get("receipt"));
    let is_one = |value: &&Value| value.get("format").and_then(Value::as_str) == Some(FORMAT);
    std::iter::once(value).chain(of_batch).filter(is_one)
}

/// Checks every receipt in `value` offline, with the key one trusts: each position it claims has a
/// proof, and every proof leads to the checkpoint it names.
pub fn verify(value: &Value, vkey: Option<&Vkey>) -> (Outcome, Option<Checkpoint>) {
    let mut found = None;
    for receipt in receipts(value) {
        let (outcome, checkpoint) = verify_one(receipt, vkey);
        if outcome != Outcome::True {
            return (outcome, checkpoint);
        }
        found = checkpoint.or(found);
    }
    match found {
        Some(checkpoint) => (Outcome::True, Some(checkpoint)),
        None => (Outcome::CouldNotTell(vec!["there is no receipt in it".to_owned()]), None),
    }
}

fn verify_one(receipt: &Value, vkey: Option<&Vkey>) -> (Outcome, Option<Checkpoint>) {
    let no = |reason: &str| (Outcome::False(vec![reason.to_owned()]), None);
    let number = |pointer: &str| receipt.pointer(pointer).and_then(Value::as_u64);
    let (Some(from), Some(to)) = (number("/log/from"), number("/log/to")) else {
        return no("it does not say which positions it is for");
    };
    let named = receipt.pointer("/log/checkpoint").and_then(Value::as_str).unwrap_or_default();
    let entries = receipt.get("entries").and_then(Value::as_array);
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    if from >= to || to - from != entries.len() as u64 {
        return no("it has not one proof for each position it is for");
    }
    let mut found = None;
    for (position, entry) in (from..to).zip(entries) {
        let proof = entry.get("proof").and_then(Value::as_str).unwrap_or_default();
        let check = ReceiptCheck { proof, entry: None, opening: None, vkey };
        let (outcome, checkpoint) = verify_receipt(&check);
        if outcome != Outcome::True {
            return (outcome, checkpoint);
        }
        let fits = TlogProof::parse(proof)
            .is_ok_and(|proof| proof.index == position && proof.checkpoint == named);
        if !fits {
            return no("a proof is for another position or checkpoint than the receipt says");
        }
        found = checkpoint;
    }
    (Outcome::True, found)
}
