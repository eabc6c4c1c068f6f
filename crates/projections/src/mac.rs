//! The keyed hash every leading row of `read.db` carries.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// First sixteen bytes of an HMAC-SHA256: enough against anybody who cannot ask us to sign.
pub(crate) type Tag = [u8; 16];

/// Makes and checks tags. The table's name and every column go in, so that a row can neither be
/// changed nor moved to another table or key.
#[derive(Clone)]
pub(crate) struct RowMac(Hmac<Sha256>);

/// One column of a row.
#[derive(Clone, Copy)]
pub(crate) enum Column<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Absent,
}

impl<'a> Column<'a> {
    pub(crate) fn optional(value: Option<i64>) -> Column<'a> {
        value.map_or(Column::Absent, Column::Integer)
    }
}

impl RowMac {
    pub(crate) fn new(key: &[u8; 32]) -> RowMac {
        // A key of 32 bytes is shorter than the block, and HMAC takes any length in any case; the
        // fallback cannot be reached and is as good a key as any.
        let mac = Hmac::<Sha256>::new_from_slice(key)
            .unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
        RowMac(mac)
    }

    pub(crate) fn tag(&self, table: &str, columns: &[Column<'_>]) -> Tag {
        let mut mac = self.0.clone();
        let mut text = Vec::with_capacity(192);
        put_bytes(&mut text, table.as_bytes());
        for column in columns {
            match column {
                Column::Integer(value) => {
                    text.push(b'i');
                    text.extend_from_slice(&value.to_le_bytes());
                }
                Column::Bytes(bytes) => put_bytes(&mut text, bytes),
                Column::Absent => text.push(b'n'),
            }
        }
        mac.update(&text);
        let full = mac.finalize().into_bytes();
        let mut tag = [0; 16];
        tag.iter_mut().zip(full.iter()).for_each(|(to, from)| *to = *from);
        tag
    }
}

fn put_bytes(text: &mut Vec<u8>, bytes: &[u8]) {
    text.push(b'b');
    text.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    text.extend_from_slice(bytes);
}

/// A name as a number: equal names have equal numbers, and what a number leads to is compared
/// letter by letter afterwards.
pub(crate) fn name_key(kind: NameKind, text: &str) -> i64 {
    let mut hash = Sha256::new();
    hash.update([kind as u8]);
    hash.update(text.as_bytes());
    let mut first = [0; 8];
    first.iter_mut().zip(hash.finalize().iter()).for_each(|(to, from)| *to = *from);
    i64::from_le_bytes(first)
}

/// What of a name a number stands for.
#[derive(Clone, Copy)]
pub(crate) enum NameKind {
    /// `names::fold`.
    Full = 0,
    /// `names::without_legal_form`.
    Core = 1,
    /// `names::twin_key`.
    Twin = 2,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_bind_table_and_columns() {
        let mac = RowMac::new(&[7; 32]);
        let tag = mac.tag("a", &[Column::Integer(1), Column::Bytes(b"x"), Column::Absent]);
        assert_eq!(tag, mac.tag("a", &[Column::Integer(1), Column::Bytes(b"x"), Column::Absent]));
        for (table, columns) in [
            ("b", vec![Column::Integer(1), Column::Bytes(b"x"), Column::Absent]),
            ("a", vec![Column::Integer(2), Column::Bytes(b"x"), Column::Absent]),
            ("a", vec![Column::Integer(1), Column::Bytes(b"y"), Column::Absent]),
            ("a", vec![Column::Integer(1), Column::Bytes(b"x")]),
        ] {
            assert_ne!(tag, mac.tag(table, &columns));
        }
        assert_ne!(tag, RowMac::new(&[8; 32]).tag("a", &[Column::Integer(1)]));
    }
}
