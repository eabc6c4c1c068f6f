//! The log's bytes: entries, openings, bundles, addresses of tiles.

use ledger::SeededEntropy;
use ledger::tiles::{bundle_entries, decode_tile, encode_bundle, index_path, parse_index_path};
use ledger::wire::{Leaf, Opening, WireError, canonical, commitment, seal, unseal};

/// Any bytes as entry, opening, bundle, tile and path.
pub fn wire(data: &[u8]) {
    if let Ok(leaf) = Leaf::parse(data) {
        assert_eq!(leaf.to_bytes(), data, "an entry has one spelling");
    }
    if let Ok(entries) = bundle_entries(data) {
        let again = encode_bundle(&entries);
        assert_eq!(again.as_deref(), Ok(data), "a bundle has one spelling");
        for entry in entries {
            if let Ok(leaf) = Leaf::parse(entry) {
                assert_eq!(leaf.to_bytes(), entry);
            }
        }
    }
    let whole = u16::try_from(data.len() / 32).unwrap_or(u16::MAX);
    assert_eq!(decode_tile(data, whole).is_ok(), usize::from(whole) * 32 == data.len());
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some((index, width)) = parse_index_path(text) {
        assert_eq!(index_path(index, width), text, "a tile has one address");
    }
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(text)
        && let Some(written) = canonical(&value)
    {
        let read: Option<serde_json::Value> = serde_json::from_str(&written).ok();
        assert_eq!(read.as_ref().and_then(canonical), Some(written), "canonical stays canonical");
    }
    opening(text);
}

/// A payload, and after each tab a disclosure.
fn opening(text: &str) {
    let mut parts = text.split('\t');
    let payload = parts.next().unwrap_or_default().to_owned();
    let opening =
        Opening { salt: [7; 32], payload, disclosures: parts.map(str::to_owned).collect() };
    commitment(&opening);
    let Ok(event) = unseal(&opening) else { return };
    // An event that was read can be written again and is the same.
    match seal(&event, &mut SeededEntropy::new(2)) {
        Ok(again) => assert_eq!(unseal(&again).as_ref(), Ok(&event)),
        Err(error) => assert_eq!(error, WireError::TooLarge),
    }
}
