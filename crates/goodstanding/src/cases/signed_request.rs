//! Requests that say who asks: HTTP message signatures (RFC 9421) with the key of an account, over
//! method, path, query and the digest of the body. The signature names the log, so that it counts
//! at no other registry, and a nonce, so that it counts once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::refusal::Refusal;
use ledger::Entropy;
use ledger::note::{SignerKey, Vkey};
use ledger::wire::to_base64url;
use sha2::{Digest as _, Sha256};

/// What is covered, in this order and no other.
const COVERED: &str = r#"("@method" "@path" "@query" "content-digest")"#;
/// How far the clock of who asks may be off. Not law: clocks of machines differ.
const SECONDS_OFF_MAX: i64 = 300;
/// Signatures remembered: at most this many requests of authorities within the time above.
const REMEMBERED_MAX: usize = 200_000;

/// What is signed of a request.
#[derive(Debug, Clone, Copy)]
pub struct Signable<'a> {
    /// `GET`, `POST`.
    pub method: &'a str,
    /// The path, from `/`.
    pub path: &'a str,
    /// The query without its question mark.
    pub query: Option<&'a str>,
}

/// The three headers of a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// `Content-Digest` (RFC 9530).
    pub digest: String,
    /// `Signature-Input`.
    pub input: String,
    /// `Signature`.
    pub signature: String,
}

/// The value of `Content-Digest` for `body`.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

fn parameters(created: i64, key: &str, nonce: &str, origin: &str) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "{COVERED};created={created};keyid=\"{}\";nonce=\"{}\";tag=\"goodstanding/{}\"",
        quoted(key),
        quoted(nonce),
        quoted(origin)
    )
}

fn base(request: &Signable<'_>, digest: &str, parameters: &str) -> String {
    let Signable { method, path, query } = request;
    let query = query.unwrap_or_default();
    format!(
        "\"@method\": {method}\n\"@path\": {path}\n\"@query\": ?{query}\n\
         \"content-digest\": {digest}\n\"@signature-params\": {parameters}"
    )
}

/// Signs a request for the log `origin` at `created`, in seconds since 1970.
pub fn sign(
    request: &Signable<'_>,
    body: &[u8],
    origin: &str,
    created: i64,
    key: &SignerKey,
    entropy: &mut dyn Entropy,
) -> Headers {
    let mut nonce = [0; 16];
    entropy.fill(&mut nonce);
    let digest = content_digest(body);
    let vkey = key.vkey().to_string();
    let parameters = parameters(created, &vkey, &to_base64url(&nonce), origin);
    let signature = key.sign_bytes(base(request, &digest, &parameters).as_bytes());
    Headers {
        digest,
        input: format!("sig={parameters}"),
        signature: format!("sig=:{}:", STANDARD.encode(signature)),
    }
}

/// What a request claims, before anything of it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The key it says it is signed with.
    pub vkey: Vkey,
    created: i64,
    signature: [u8; 64],
    parameters: String,
}

impl Claimed {
    /// Reads the headers of a request for the log `origin`; `None` when they are not as documented.
    pub fn read(headers: &Headers, origin: &str) -> Option<Claimed> {
        let given = headers.input.strip_prefix("sig=")?;
        let rest = given.strip_prefix(COVERED)?.strip_prefix(";created=")?;
        let (created, rest) = rest.split_once(";keyid=\"")?;
        let (key, rest) = rest.split_once("\";nonce=\"")?;
        let (nonce, _) = rest.split_once("\";tag=\"")?;
        let created: i64 = created.parse().ok()?;
        let is_nonce = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !(16..=64).contains(&nonce.len()) || !nonce.chars().all(is_nonce) {
            return None;
        }
        // One spelling of everything, and the tag of this log.
        if parameters(created, key, nonce, origin) != given {
            return None;
        }
        let signature = headers.signature.strip_prefix("sig=:")?.strip_suffix(':')?;
        Some(Claimed {
            vkey: Vkey::parse(key).ok()?,
            created,
            signature: STANDARD.decode(signature).ok()?.try_into().ok()?,
            parameters: given.to_owned(),
        })
    }

    /// Whether it is signed with the key it names, over `request` and a body of this digest.
    pub fn holds(&self, request: &Signable<'_>, digest: &str) -> bool {
        let base = base(request, digest, &self.parameters);
        self.vkey.holds(base.as_bytes(), &self.signature)
    }
}

/// Signatures that were taken, for as long as they could be sent again. After a restart everything
/// signed before it is refused, so that nothing need be kept.
#[derive(Debug)]
pub struct Remembered {
    since: i64,
    taken: Mutex<HashMap<[u8; 32], i64>>,
}

impl Remembered {
    /// Nothing signed before `now`, in seconds since 1970, will be taken.
    pub fn new(now: i64) -> Remembered {
        Remembered { since: now, taken: Mutex::default() }
    }

    /// Takes a request whose signature holds, once.
    ///
    /// # Errors
    /// 772 when it was taken before, is too old, or comes from the future.
    pub fn take(&self, claimed: &Claimed, now: i64) -> Result<(), Refusal> {
        let is_in_time = (now - SECONDS_OFF_MAX..=now + SECONDS_OFF_MAX).contains(&claimed.created);
        if !is_in_time || claimed.created < self.since {
            return Err(Refusal::RequestStale);
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() >= REMEMBERED_MAX {
            taken.retain(|_, created| *created >= now - SECONDS_OFF_MAX);
        }
        // What is signed, not the signature: one of Ed25519 could be written in a second way.
        let hash: [u8; 32] = Sha256::digest(claimed.parameters.as_bytes()).into();
        if taken.len() >= REMEMBERED_MAX || taken.insert(hash, claimed.created).is_some() {
            return Err(Refusal::RequestStale);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ledger::SeededEntropy;

    use super::*;

    const REQUEST: Signable<'static> =
        Signable { method: "POST", path: "/api/v1/cases/prepare", query: None };

    fn signed() -> Headers {
        let key = SignerKey::generate(&mut SeededEntropy::new(1), "zz.office/officer-1").unwrap();
        sign(&REQUEST, b"{}", "a.example/log", 1_800_000_000, &key, &mut SeededEntropy::new(2))
    }

    #[test]
    fn what_is_signed_is_what_the_standard_says() {
        let base = base(&REQUEST, "sha-256=:x:", "(...)");
        assert_eq!(
            base,
            "\"@method\": POST\n\"@path\": /api/v1/cases/prepare\n\"@query\": ?\n\
             \"content-digest\": sha-256=:x:\n\"@signature-params\": (...)"
        );
    }

    #[test]
    fn a_signature_fits_one_request_of_one_registry() {
        let headers = signed();
        let claimed = Claimed::read(&headers, "a.example/log").unwrap();
        assert!(claimed.holds(&REQUEST, &headers.digest));
        assert!(!claimed.holds(&Signable { method: "GET", ..REQUEST }, &headers.digest));
        assert!(!claimed.holds(&Signable { path: "/api/v1/cases", ..REQUEST }, &headers.digest));
        assert!(!claimed.holds(&Signable { query: Some("on=x"), ..REQUEST }, &headers.digest));
        assert!(!claimed.holds(&REQUEST, &content_digest(b"[]")));
        assert_eq!(Claimed::read(&headers, "b.example/log"), None);
        for (from, to) in
            [("created=18", "created=19"), ("nonce=\"", "nonce=\"x"), ("@query", "@q")]
        {
            let input = headers.input.replacen(from, to, 1);
            let changed = Headers { input, ..headers.clone() };
            let holds = Claimed::read(&changed, "a.example/log")
                .is_some_and(|claimed| claimed.holds(&REQUEST, &headers.digest));
            assert!(!holds, "{from}");
        }
    }

    #[test]
    fn a_request_counts_once_and_for_some_minutes() {
        let claimed = Claimed::read(&signed(), "a.example/log").unwrap();
        let now = 1_800_000_000;
        let remembered = Remembered::new(now - 10_000);
        assert_eq!(remembered.take(&claimed, now + 301), Err(Refusal::RequestStale));
        assert_eq!(remembered.take(&claimed, now - 301), Err(Refusal::RequestStale));
        assert_eq!(remembered.take(&claimed, now + 300), Ok(()));
        assert_eq!(remembered.take(&claimed, now), Err(Refusal::RequestStale));
        // A server that has just started remembers nothing, and takes nothing older than itself.
        assert_eq!(Remembered::new(now + 1).take(&claimed, now + 2), Err(Refusal::RequestStale));
    }
}
