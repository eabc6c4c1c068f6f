//! Entries of the log: salted commitments, and what is announced in the clear (spec/wire.md 2).

use serde_json::{Value, json};

use super::json::canonical;
use super::parse::{Json, Members, parse_canonical};
use super::statement::Statement;
use super::{WireError, from_base64url, to_base64url};

/// Inclusive ranges of positions.
pub type Ranges = Vec<(u64, u64)>;

/// Ascending positions as inclusive ranges.
///
/// ```
/// assert_eq!(goodstanding_ledger::wire::ranges([1, 2, 3, 7]), [(1, 3), (7, 7)]);
/// ```
pub fn ranges(positions: impl IntoIterator<Item = u64>) -> Ranges {
    let mut ranges: Ranges = Vec::new();
    for position in positions {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(position) => *last = position,
            _ => ranges.push((position, position)),
        }
    }
    ranges
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// A salted commitment to an event and nothing else (I-44).
    Event {
        /// SHA-256 over prefix, salt and payload.
        commitment: [u8; 32],
    },
    /// The openings of these events are published.
    Open {
        /// Which.
        ranges: Ranges,
    },
    /// They are not served any more, or single fields of them.
    Withhold {
        /// Which events.
        ranges: Ranges,
        /// Which fields: position and field key.
        fields: Vec<(u64, String)>,
    },
    /// They are destroyed, or single fields of them.
    Erasure {
        /// Which events.
        ranges: Ranges,
        /// Which fields: position and field key.
        fields: Vec<(u64, String)>,
    },
    /// A key came into use.
    Key {
        /// What it signs: `log` or `report`.
        purpose: String,
        /// C2SP verifier key.
        vkey: String,
    },
    /// A policy pack came into force.
    Policy {
        /// Name of the pack.
        pack: String,
        /// Its hash, 64 hex digits (design 9.5).
        hash: String,
    },
    /// This log goes on where another one, which was lost in part, ended.
    Predecessor {
        /// The last checkpoint of that log that is known: a signed note.
        checkpoint: String,
    },
    /// What authorities did and missed in a month that is over; it outlives what it was counted
    /// from.
    Statistics(Box<Statement>),
}

/// The one basis code of an erasure: nothing tells repair from expiry (design 3).
const ERASURE_BASIS: &str = "lawful";

impl Leaf {
    /// The `k` member.
    pub const fn kind(&self) -> &'static str {
        match self {
            Leaf::Event { .. } => "event",
            Leaf::Open { .. } => "open",
            Leaf::Withhold { .. } => "withhold",
            Leaf::Erasure { .. } => "erasure",
            Leaf::Key { .. } => "key",
            Leaf::Policy { .. } => "policy",
            Leaf::Predecessor { .. } => "predecessor",
            Leaf::Statistics(_) => "statistics",
        }
    }

    /// The bytes that are hashed and stored.
    ///
    /// ```
    /// use goodstanding_ledger::wire::Leaf;
    /// let leaf = Leaf::Open { ranges: vec![(3, 5)] };
    /// assert_eq!(leaf.to_bytes(), br#"{"k":"open","opens":[[3,5]],"v":1}"#);
    /// assert_eq!(Leaf::parse(&leaf.to_bytes()), Ok(leaf));
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        let value = match self {
            // Written out: this is the entry of every event, and always these 69 bytes.
            Leaf::Event { commitment } => {
                let c = to_base64url(commitment);
                return format!(r#"{{"c":"{c}","k":"event","v":1}}"#).into_bytes();
            }
            Leaf::Open { ranges } => json!({"k": "open", "opens": ranges, "v": 1}),
            Leaf::Withhold { ranges, fields } => {
                with_fields(json!({"k": "withhold", "v": 1, "withholds": ranges}), fields)
            }
            Leaf::Erasure { ranges, fields } => {
                let basis = ERASURE_BASIS;
                let leaf = json!({"basis": basis, "erases": ranges, "k": "erasure", "v": 1});
                with_fields(leaf, fields)
            }
            Leaf::Key { purpose, vkey } => {
                json!({"k": "key", "purpose": purpose, "v": 1, "vkey": vkey})
            }
            Leaf::Policy { pack, hash } => {
                json!({"hash": hash, "k": "policy", "pack": pack, "v": 1})
            }
            Leaf::Predecessor { checkpoint } => {
                json!({"checkpoint": checkpoint, "k": "predecessor", "v": 1})
            }
            Leaf::Statistics(statement) => statement.to_json(),
        };
        // Keys are ASCII and positions far below 2^53, so there always is a canonical form.
        canonical(&value).unwrap_or_default().into_bytes()
    }

    /// The leaf of these bytes; they have to be exactly what [`Leaf::to_bytes`] writes.
    pub fn parse(bytes: &[u8]) -> Result<Leaf, WireError> {
        if let Some(commitment) = parse_event(bytes) {
            return Ok(Leaf::Event { commitment });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| WireError::Canonical)?;
        let value = parse_canonical(text)?;
        let members = value.as_object().ok_or(WireError::Member("k"))?;
        let leaf = match text_of(members, "k")? {
            "open" => Leaf::Open { ranges: ranges_of(members, "opens")? },
            "withhold" => Leaf::Withhold {
                ranges: ranges_of(members, "withholds")?,
                fields: fields_of(members)?,
            },
            "erasure" => {
                Leaf::Erasure { ranges: ranges_of(members, "erases")?, fields: fields_of(members)? }
            }
            "key" => Leaf::Key {
                purpose: text_of(members, "purpose")?.to_owned(),
                vkey: text_of(members, "vkey")?.to_owned(),
            },
            "policy" => Leaf::Policy {
                pack: text_of(members, "pack")?.to_owned(),
                hash: text_of(members, "hash")?.to_owned(),
            },
            "predecessor" => {
                Leaf::Predecessor { checkpoint: text_of(members, "checkpoint")?.to_owned() }
            }
            "statistics" => Leaf::Statistics(Box::new(Statement::of(members)?)),
            other => return Err(WireError::UnknownType { kind: other.to_owned(), record: None }),
        };
        // Unknown members would be content in the clear: refuse what we would not write.
        if leaf.to_bytes() == bytes { Ok(leaf) } else { Err(WireError::Canonical) }
    }
}

fn parse_event(bytes: &[u8]) -> Option<[u8; 32]> {
    let c = bytes.strip_prefix(br#"{"c":""#)?.strip_suffix(br#"","k":"event","v":1}"#)?;
    from_base64url(std::str::from_utf8(c).ok()?)?.try_into().ok()
}

fn with_fields(mut value: Value, fields: &[(u64, String)]) -> Value {
    if let (false, Some(members)) = (fields.is_empty(), value.as_object_mut()) {
        members.insert("fields".to_owned(), json!(fields));
    }
    value
}

fn text_of<'a>(members: &'a Members<'_>, key: &'static str) -> Result<&'a str, WireError> {
    members.get(key).and_then(Json::as_str).ok_or(WireError::Member(key))
}

fn ranges_of(members: &Members<'_>, key: &'static str) -> Result<Ranges, WireError> {
    let items = members.get(key).and_then(Json::as_array).ok_or(WireError::Member(key))?;
    items
        .iter()
        .map(|item| match item.as_array() {
            Some([first, last]) => first
                .as_u64()
                .zip(last.as_u64())
                .filter(|(first, last)| first <= last)
                .ok_or(WireError::Member(key)),
            _ => Err(WireError::Member(key)),
        })
        .collect()
}

fn fields_of(members: &Members<'_>) -> Result<Vec<(u64, String)>, WireError> {
    let Some(value) = members.get("fields") else { return Ok(Vec::new()) };
    let items = value.as_array().ok_or(WireError::Member("fields"))?;
    items
        .iter()
        .map(|item| match item.as_array() {
            Some([position, field]) => position
                .as_u64()
                .zip(field.as_str().map(str::to_owned))
                .ok_or(WireError::Member("fields")),
            _ => Err(WireError::Member("fields")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_round_trips() {
        let fields = vec![(7, "name_as_written".to_owned())];
        for leaf in [
            Leaf::Event { commitment: [9; 32] },
            Leaf::Open { ranges: vec![(0, 0), (2, 9)] },
            Leaf::Withhold { ranges: vec![(1, 1)], fields: fields.clone() },
            Leaf::Withhold { ranges: vec![(1, 1)], fields: vec![] },
            Leaf::Erasure { ranges: vec![], fields },
            Leaf::Key { purpose: "log".into(), vkey: "o+00000000+AQ==".into() },
            Leaf::Policy { pack: "mdb".into(), hash: "0".repeat(64) },
            Leaf::Predecessor { checkpoint: "o/log\n3\nAA==\n\n— o/log AA==\n".into() },
        ] {
            assert_eq!(Leaf::parse(&leaf.to_bytes()), Ok(leaf));
        }
    }

    #[test]
    fn i44_an_event_entry_is_69_bytes_of_commitment() {
        assert_eq!(Leaf::Event { commitment: [0xff; 32] }.to_bytes().len(), 69);
    }

    #[test]
    fn what_we_would_not_write_does_not_parse() {
        for text in [
            r#"{"c":"AA","k":"event","v":1}"#,
            r#"{"k":"open","opens":[[5,3]],"v":1}"#,
            r#"{"k":"open","opens":[[3,5]],"subject":"x","v":1}"#,
            r#"{"k":"open","opens":[[3,5]]}"#,
            r#"{"k":"shame","v":1}"#,
            "",
        ] {
            assert!(Leaf::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
