//! Manifests: one signature of an authority over a batch of steps (spec/wire.md 6).
//!
//! The submitter builds the body of each step with its salts. Their hashes, each under a nonce of
//! its own, are the leaves of a tree, and what is signed is a text that names the registry, the
//! authority, the number of items, the instant and the root. Everything of it lies inside the
//! opening and dies with it: a deterministic signature over guessable content, kept outside, would
//! undo the salt (design 3).

mod replay;

pub use replay::{ManifestError, Replay};

use domain::authority::AuthorityKey;
use domain::civil::Instant;
use sha2::{Digest as _, Sha256};

use crate::entropy::Entropy;
use crate::merkle::{Hash, MAX_PROOF_HASHES, MemoryTree, inclusion_proof, inclusion_root};
use crate::note::{SignerKey, hash_text};
use crate::wire::json::Node;
use crate::wire::parse::{Json, Members, parse_canonical};
use crate::wire::{WireError, from_base64url, to_base64url};

/// Domain separation of items.
const ITEM_PREFIX: &[u8] = b"goodstanding/item/v1\n";
/// First line of what is signed.
const MANIFEST_LINE: &str = "goodstanding/manifest/v1";

/// The body of one step as its submitter builds it, and what it discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Canonical JSON, with `_sd`.
    pub body: String,
    /// Disclosures, each `base64url(JCS [salt, field, value])`.
    pub disclosures: Vec<String>,
}

/// What is signed, once for a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Name of the log it is for: it counts at no other registry.
    pub origin: String,
    /// Who submits.
    pub authority: AuthorityKey,
    /// Number of items.
    pub items: u64,
    /// When it was signed.
    pub at: Instant,
    /// Root over the items.
    pub root: Hash,
}

impl Manifest {
    /// The bytes that are signed: six lines, each with its line end.
    ///
    /// ```
    /// use domain::authority::AuthorityKey;
    /// use goodstanding_ledger::manifest::Manifest;
    /// let manifest = Manifest {
    ///     origin: "registry.example/log".into(),
    ///     authority: AuthorityKey::new("zz.office").unwrap(),
    ///     items: 2,
    ///     at: "2026-11-22T08:00:00Z".parse().unwrap(),
    ///     root: [0; 32],
    /// };
    /// assert_eq!(
    ///     manifest.text(),
    ///     "goodstanding/manifest/v1\nregistry.example/log\nzz.office\n2\n\
    ///      2026-11-22T08:00:00.000000Z\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    /// );
    /// ```
    pub fn text(&self) -> String {
        let Manifest { origin, authority, items, at, root } = self;
        let root = hash_text(root);
        format!("{MANIFEST_LINE}\n{origin}\n{authority}\n{items}\n{at}\n{root}\n")
    }
}

/// What a payload says of the manifest its body is part of: the member `sig`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// When the manifest was signed.
    pub at: Instant,
    /// Which of the items, from 0.
    pub index: u64,
    /// Number of items.
    pub items: u64,
    /// Id of the key (C2SP).
    pub key: [u8; 4],
    /// Of this item alone, so that equal bodies have different hashes.
    pub nonce: [u8; 32],
    /// From the item to the root.
    pub path: Vec<Hash>,
    /// Root over the items.
    pub root: Hash,
    /// Ed25519 over the text of the manifest.
    pub signature: [u8; 64],
}

/// One step as an authority hands it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// What it says.
    pub item: Item,
    /// Who says so.
    pub signed: Signed,
}

/// `SHA-256("goodstanding/item/v1\n" || nonce || body)`.
pub fn item_hash(nonce: &[u8; 32], body: &str) -> Hash {
    let mut hash = Sha256::new();
    hash.update(ITEM_PREFIX);
    hash.update(nonce);
    hash.update(body.as_bytes());
    hash.finalize().into()
}

/// Signs `items` as one batch of `authority` for the log `origin`, in their order.
pub fn build(
    origin: &str,
    authority: &AuthorityKey,
    items: Vec<Item>,
    at: Instant,
    key: &SignerKey,
    entropy: &mut dyn Entropy,
) -> Vec<Submission> {
    let nonces: Vec<[u8; 32]> = items
        .iter()
        .map(|_| {
            let mut nonce = [0; 32];
            entropy.fill(&mut nonce);
            nonce
        })
        .collect();
    let hashes: Vec<Hash> =
        items.iter().zip(&nonces).map(|(item, nonce)| item_hash(nonce, &item.body)).collect();
    let count = hashes.len() as u64;
    let root = crate::merkle::root(&hashes);
    let tree = MemoryTree::new(hashes);
    let (origin, authority) = (origin.to_owned(), authority.clone());
    let manifest = Manifest { origin, authority, items: count, at, root };
    let signature = key.sign_bytes(manifest.text().as_bytes());
    let signed = (0..).zip(items).zip(nonces).map(|((index, item), nonce)| {
        // The tree holds every node that is asked for.
        let path = inclusion_proof(index, count, &tree).unwrap_or_default();
        let key = key.vkey().id();
        Submission {
            item,
            signed: Signed { at, index, items: count, key, nonce, path, root, signature },
        }
    });
    signed.collect()
}

impl Signed {
    /// Whether the path leads from `body` to the root.
    pub fn covers(&self, body: &str) -> bool {
        let item = item_hash(&self.nonce, body);
        inclusion_root(&item, self.index, self.items, &self.path) == Some(self.root)
    }

    /// The manifest, as `authority` signed it for the log `origin`.
    pub fn manifest(&self, origin: &str, authority: &AuthorityKey) -> Manifest {
        let (origin, authority) = (origin.to_owned(), authority.clone());
        Manifest { origin, authority, items: self.items, at: self.at, root: self.root }
    }

    /// The member `sig` as canonical JSON: how a submitter hands it in.
    ///
    /// # Errors
    /// When a number is larger than JSON can hold.
    pub fn to_text(&self) -> Result<String, WireError> {
        let mut text = String::with_capacity(512);
        self.node().write(&mut text).ok_or(WireError::Canonical)?;
        Ok(text)
    }

    /// Reads what [`Signed::to_text`] writes.
    ///
    /// # Errors
    /// When it is not canonical JSON, lacks a member or has one too many.
    pub fn from_text(text: &str) -> Result<Signed, WireError> {
        let value = parse_canonical(text)?;
        let sig = value.as_object().ok_or(WireError::Member("sig"))?;
        Signed::of(sig).ok_or(WireError::Member("sig"))
    }

    pub(crate) fn node(&self) -> Node<'static> {
        let path = self.path.iter().map(|hash| Node::printed(to_base64url(hash))).collect();
        Node::Object(vec![
            ("at", Node::printed(self.at)),
            ("index", Node::Integer(self.index)),
            ("items", Node::Integer(self.items)),
            ("key", Node::printed(format!("{:08x}", u32::from_be_bytes(self.key)))),
            ("nonce", Node::printed(to_base64url(&self.nonce))),
            ("path", Node::Array(path)),
            ("root", Node::printed(to_base64url(&self.root))),
            ("signature", Node::printed(to_base64url(&self.signature))),
        ])
    }

    /// Reads `sig` of a payload; `None` for the job identity of the registry.
    pub(crate) fn parse(members: &Members<'_>) -> Result<Option<Signed>, WireError> {
        let malformed = || WireError::Member("sig");
        let sig = members.get("sig").and_then(Json::as_object).ok_or_else(malformed)?;
        let text = |key: &str| sig.get(key).and_then(Json::as_str);
        if text("job") == Some("registry") && sig.len() == 1 {
            return Ok(None);
        }
        Signed::of(sig).map(Some).ok_or_else(malformed)
    }

    fn of(sig: &Members<'_>) -> Option<Signed> {
        let text = |key: &str| sig.get(key).and_then(Json::as_str);
        let index = sig.get("index")?.as_u64()?;
        let items = sig.get("items")?.as_u64().filter(|items| index < *items)?;
        let path = sig.get("path")?.as_array().filter(|path| path.len() <= MAX_PROOF_HASHES)?;
        let signed = Signed {
            at: text("at")?.parse().ok()?,
            index,
            items,
            key: key_id(text("key")?)?,
            nonce: bytes(text("nonce")?)?,
            path: path.iter().map(|hash| bytes(hash.as_str()?)).collect::<Option<_>>()?,
            root: bytes(text("root")?)?,
            signature: bytes(text("signature")?)?,
        };
        (sig.len() == 8).then_some(signed)
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_base64url(text)?.try_into().ok()
}

fn key_id(text: &str) -> Option<[u8; 4]> {
    (text.len() == 8).then(|| u32::from_str_radix(text, 16).ok().map(u32::to_be_bytes)).flatten()
}

#[cfg(test)]
mod tests;
