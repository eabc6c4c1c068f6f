//! Typed identifiers of our own things: UUIDv7, lower case (design 9.5).

use std::fmt;
use std::str::FromStr;

use crate::civil::Instant;

/// A text that is not an identifier of this registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this registry (a UUID, version 7, in lower case)")]
pub struct IdError;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new identifier made at `at` from ten random bytes; both come from outside.
            pub fn mint(at: Instant, random: [u8; 10]) -> $name {
                let millis = u64::try_from(at.millis()).unwrap_or(0);
                $name(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The sixteen bytes, as stored.
            pub fn bytes(self) -> [u8; 16] {
                *self.0.as_bytes()
            }

            /// From stored bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> $name {
                $name(uuid::Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<$name, IdError> {
                let id = uuid::Uuid::parse_str(text).map_err(|_| IdError)?;
                if id.get_version_num() != 7 || id.as_hyphenated().to_string() != text {
                    return Err(IdError);
                }
                Ok($name(id))
            }
        }
    };
}

typed_id! {
    /// An organisation of this registry. Never an official identifier: those change (domain.md
    /// 2.0).
    OrganisationId
}
typed_id! {
    /// A record; its revisions share it.
    RecordId
}

/// The keyed hash of a publisher's row key: the same row of the same list has the same key, and
/// nobody outside can guess the row from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey(pub [u8; 16]);

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for RowKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<RowKey, IdError> {
        if text.len() != 32
            || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        {
            return Err(IdError);
        }
        let mut bytes = [0; 16];
        for (byte, at) in bytes.iter_mut().zip((0..32).step_by(2)) {
            let pair = text.get(at..at + 2).ok_or(IdError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| IdError)?;
        }
        Ok(RowKey(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_seven_and_round_trip() {
        let id = OrganisationId::mint(Instant::from_micros(1_700_000_000_000_000), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(OrganisationId::from_bytes(id.bytes()), id);
        assert_eq!(id.to_string().to_uppercase().parse::<OrganisationId>(), Err(IdError));
        assert_eq!("00000000-0000-4000-8000-000000000000".parse::<RecordId>(), Err(IdError));
    }

    #[test]
    fn row_keys_round_trip() {
        let key = RowKey([0xab; 16]);
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!("AB".repeat(16).parse::<RowKey>(), Err(IdError));
    }
}
