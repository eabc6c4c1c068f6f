//! One opening against its commitment, and each disclosure against the digests it must match.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::merkle::Hash;
use crate::note::parse_decimal;
use crate::wire::commitment_over;

/// What is behind one position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadItem<'a> {
    /// Which position.
    pub position: u64,
    /// The entry as the source of the openings keeps it, if it keeps one: compared with the log.
    pub entry: Option<&'a [u8]>,
    /// What it holds.
    pub content: Content<'a>,
}

/// The content behind one position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// An opening.
    Opening {
        /// 256 random bits.
        salt: [u8; 32],
        /// The committed bytes.
        payload: &'a str,
        /// Disclosures, separated by tabs; empty when there is none.
        disclosures: &'a str,
    },
    /// Not published yet.
    Sealed,
    /// Not served.
    Withheld,
    /// Destroyed, as the entry at this position says.
    Erased(u64),
    /// Nothing to open: an entry in the clear.
    Clear,
    /// Destroyed, in a source that knows nothing of announcements (a data directory).
    Destroyed,
    /// There and unreadable: sealed under another key, or changed.
    Broken,
}

impl<'a> Content<'a> {
    /// Reads a line of a payload bundle without its line end and position.
    fn parse(text: &'a str) -> Option<Content<'a>> {
        if let Some(word) = text.strip_prefix("- ") {
            return match word {
                "sealed" => Some(Content::Sealed),
                "withheld" => Some(Content::Withheld),
                "clear" => Some(Content::Clear),
                _ => word.strip_prefix("erased ").and_then(parse_decimal).map(Content::Erased),
            };
        }
        let (salt, rest) = text.split_once(' ')?;
        let salt = decode_hash(salt)?;
        let (payload, disclosures) = rest.split_once('\t').unwrap_or((rest, ""));
        // A tab without a disclosure behind it would be a second spelling of the same line.
        let stray_tab = disclosures.is_empty() && rest.len() != payload.len();
        (!stray_tab).then_some(Content::Opening { salt, payload, disclosures })
    }
}

/// The lines of a payload bundle, one for each position from `first` on.
#[derive(Debug)]
pub struct BundleLines<'a> {
    rest: &'a str,
    position: u64,
}

impl<'a> BundleLines<'a> {
    /// Reads `text`, whose first line is about position `first`.
    pub fn new(text: &'a str, first: u64) -> BundleLines<'a> {
        BundleLines { rest: text, position: first }
    }
}

impl<'a> Iterator for BundleLines<'a> {
    /// `None` for a line that is not of the form it must have.
    type Item = Option<PayloadItem<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((line, rest)) = self.rest.split_once('\n') else {
            self.rest = "";
            return Some(None);
        };
        self.rest = rest;
        let position = self.position;
        self.position += 1;
        let content = line
            .split_once(' ')
            .filter(|(number, _)| parse_decimal(number) == Some(position))
            .and_then(|(_, content)| Content::parse(content));
        Some(content.map(|content| PayloadItem { position, entry: None, content }))
    }
}

/// Why an opening is not what was committed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mismatch {
    Commitment,
    Shape,
    Disclosure,
}

impl Mismatch {
    pub fn text(self) -> &'static str {
        match self {
            Mismatch::Commitment => "its opening does not match the commitment in the log",
            Mismatch::Shape => "its payload is not of the form the specification says",
            Mismatch::Disclosure => "a disclosure does not match any digest in its payload",
        }
    }
}

/// Instants on the wire are text of one length, so their order is the order of their bytes.
pub(super) type At = [u8; 27];

/// What an opening that fits says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Checked {
    pub at: At,
    /// Public fields whose disclosure is not there.
    pub missing: Vec<String>,
    /// A disclosure is there that is not for the public.
    pub is_private_shown: bool,
}

/// Hashes an opening and its disclosures.
pub(super) fn check(
    commitment: &Hash,
    salt: &[u8; 32],
    payload: &str,
    disclosures: &str,
) -> Result<Checked, Mismatch> {
    if commitment_over(salt, payload) != *commitment {
        return Err(Mismatch::Commitment);
    }
    let at = find_at(payload).ok_or(Mismatch::Shape)?;
    let mut digests = find_digests(payload).ok_or(Mismatch::Shape)?;
    let mut scratch = Vec::new();
    for disclosure in disclosures.split('\t').filter(|_| !disclosures.is_empty()) {
        let digest: Hash = Sha256::digest(disclosure.as_bytes()).into();
        let known = digests.iter_mut().find(|known| known.digest == digest && !known.shown);
        let known = known.ok_or(Mismatch::Disclosure)?;
        if field_of(disclosure, &mut scratch) != Some(known.field) {
            return Err(Mismatch::Disclosure);
        }
        known.shown = true;
    }
    let missing = digests
        .iter()
        .filter(|known| !known.shown && known.class == "public")
        .map(|known| known.field.to_owned())
        .collect();
    let is_private_shown = digests.iter().any(|known| known.shown && known.class != "public");
    Ok(Checked { at, missing, is_private_shown })
}

/// A hash in base64url, in its one spelling.
fn decode_hash(text: &str) -> Option<Hash> {
    // Room for what the decoder estimates, one byte more than a hash.
    let mut bytes = [0; 33];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    bytes.get(..length)?.try_into().ok()
}

/// The `at` member: the first one of a payload in canonical form.
fn find_at(payload: &str) -> Option<At> {
    let (at, after) = payload.strip_prefix("{\"at\":\"")?.as_bytes().split_first_chunk::<27>()?;
    let shape = b"0000-00-00T00:00:00.000000Z";
    let fits = |(byte, model): (&u8, &u8)| match model {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    };
    (after.starts_with(b"\",") && at.iter().zip(shape).all(fits)).then_some(*at)
}

/// One element of `_sd`.
struct KnownDigest<'a> {
    class: &'a str,
    digest: Hash,
    field: &'a str,
    /// Its disclosure was there.
    shown: bool,
}

/// All digests of a payload. In canonical JSON a quotation mark inside a string is escaped, so
/// these bytes can only be the member itself, and its elements have one spelling.
fn find_digests(payload: &str) -> Option<Vec<KnownDigest<'_>>> {
    let mut digests = Vec::new();
    let mut rest = payload;
    while let Some(at) = rest.find("\"_sd\":[") {
        rest = rest.get(at + 7..)?;
        loop {
            let (element, after) = digest_element(rest)?;
            digests.push(element);
            match after.split_at_checked(1)? {
                (",", next) => rest = next,
                ("]", next) => {
                    rest = next;
                    break;
                }
                _ => return None,
            }
        }
    }
    Some(digests)
}

/// `{"c":"...","d":"...","f":"..."}` at the beginning of `text`, and what follows.
fn digest_element(text: &str) -> Option<(KnownDigest<'_>, &str)> {
    let (class, rest) = text.strip_prefix("{\"c\":\"")?.split_once('"')?;
    let (digest, rest) = rest.strip_prefix(",\"d\":\"")?.split_once('"')?;
    let (field, rest) = rest.strip_prefix(",\"f\":\"")?.split_once('"')?;
    let plain = |text: &str| !text.contains('\\');
    let rest = rest.strip_prefix('}').filter(|_| plain(class) && plain(field))?;
    Some((KnownDigest { class, digest: decode_hash(digest)?, field, shown: false }, rest))
}

/// The field key inside a disclosure, `base64url(["<salt>","<field>","<value>"])`.
fn field_of<'a>(disclosure: &str, scratch: &'a mut Vec<u8>) -> Option<&'a str> {
    scratch.clear();
    URL_SAFE_NO_PAD.decode_vec(disclosure, scratch).ok()?;
    let text = std::str::from_utf8(scratch).ok()?;
    let (salt, rest) = text.strip_prefix("[\"")?.split_once("\",\"")?;
    let (field, value) = rest.split_once("\",\"")?;
    let value = value.strip_suffix("\"]")?;
    let plain = salt.len() == 22 && !field.contains(['\\', '"']);
    (plain && is_string_content(value)).then_some(field)
}

/// Whether `text` can stand between the quotation marks of a JSON string.
fn is_string_content(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' | 0..0x20 => return false,
            b'\\' => match bytes.next() {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                Some(b'u') if bytes.by_ref().take(4).filter(u8::is_ascii_hexdigit).count() == 4 => {
                }
                _ => return false,
            },
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inside_of_strings() {
        for good in ["", "Examplia", "a \\\"b\\\"", "\\u000f", "\\\\", "\u{10ffff}"] {
            assert!(is_string_content(good), "{good}");
        }
        for bad in ["\"", "a\nb", "\\", "\\x", "\\u00f", "\\\\\""] {
            assert!(!is_string_content(bad), "{bad}");
        }
    }

    #[test]
    fn fields_are_read_from_disclosures_only_in_their_form() {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let salt = "A".repeat(22);
        let mut scratch = Vec::new();
        let mut field = |text: &str| field_of(&encode(text), &mut scratch).map(str::to_owned);
        assert_eq!(field(&format!("[\"{salt}\",\"name\",\"a \\\"b\\\"\"]")), Some("name".into()));
        for bad in [
            "[]".to_owned(),
            format!("[\"{salt}\",\"name\"]"),
            format!("[\"{salt}\",\"name\",\"a\",\"b\"]"),
            format!("[\"{salt}\",\"na\\\"me\",\"a\"]"),
            "[\"short\",\"name\",\"a\"]".to_owned(),
            format!("[\"{salt}\",\"name\",7]"),
        ] {
            assert_eq!(field(&bad), None, "{bad}");
        }
    }
}
