//! Items and signatures as JSON: what goes to an account to be signed, and what comes back.

use ledger::manifest::{Item, Signed, Submission};
use ledger::wire::canonical;
use serde_json::{Value, json};

/// A step to be signed: its name, its body and what it discloses.
pub fn item_json(step: &str, item: &Item) -> Value {
    json!({ "step": step, "body": item.body, "disclosures": item.disclosures })
}

/// Reads an item; `None` when it is none.
pub fn item_of(value: &Value) -> Option<Item> {
    let texts = value.get("disclosures")?.as_array()?;
    Some(Item {
        body: value.get("body")?.as_str()?.to_owned(),
        disclosures: texts
            .iter()
            .map(|text| text.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
    })
}

/// A signed step; `None` when a number in it is larger than JSON can hold.
pub fn submission_json(submission: &Submission) -> Option<Value> {
    let sig: Value = serde_json::from_str(&submission.signed.to_text().ok()?).ok()?;
    Some(json!({
        "body": submission.item.body, "disclosures": submission.item.disclosures, "sig": sig,
    }))
}

/// Reads signed steps; `None` when one is none, or there are more than a step ever has.
pub fn submissions_of(value: &Value) -> Option<Vec<Submission>> {
    /// Steps of one authority that follow from one request. Not law: it bounds what is read.
    const STEPS_MAX: usize = 8;
    let values = value.as_array().filter(|values| (1..=STEPS_MAX).contains(&values.len()))?;
    let read = |value: &Value| {
        let sig = canonical(value.get("sig")?)?;
        Some(Submission { item: item_of(value)?, signed: Signed::from_text(&sig).ok()? })
    };
    values.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_is_read_as_it_was_written() {
        let item = Item { body: "{}".to_owned(), disclosures: vec!["a".to_owned()] };
        let signed = Signed {
            at: domain::civil::Instant::from_micros(1_800_000_000_000_000),
            index: 1,
            items: 2,
            key: [1, 2, 3, 4],
            nonce: [5; 32],
            path: vec![[6; 32]],
            root: [7; 32],
            signature: [8; 64],
        };
        let submission = Submission { item, signed };
        let value = submission_json(&submission).unwrap();
        let again: Value = serde_json::from_str(&format!("[{value:#}]")).unwrap();
        assert_eq!(submissions_of(&again), Some(vec![submission]));
        let mut more = again.clone();
        more[0]["sig"]["more"] = 1.into();
        assert_eq!(submissions_of(&more), None);
        assert_eq!(submissions_of(&json!([])), None);
        assert_eq!(submissions_of(&json!(vec![again[0].clone(); 9])), None);
    }
}
