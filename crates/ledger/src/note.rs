//! Signed notes, their keys, and checkpoints: C2SP `signed-note` and `tlog-checkpoint`.
//!
//! A note is a text, an empty line, and one line per signature. Only Ed25519 is made and checked
//! here; lines by keys one does not know (witnesses, other algorithms) are carried and ignored.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::format::FormatError;
use crate::merkle::{Hash, MAX_SIZE};

/// Signature type byte of Ed25519.
const ED25519: u8 = 0x01;

/// What a signature line begins with: em dash and space.
const SIGNATURE_MARK: &str = "\u{2014} ";

/// Notes with more signatures are refused. C2SP asks for at least 16.
const MAX_SIGNATURES: usize = 100;

/// Longer notes are refused before anything is decoded: 100 signatures of 5 kB (post-quantum) and
/// a text of a few lines stay below.
const MAX_NOTE_BYTES: usize = 1 << 20;

/// A key that checks signatures, with the name under which it signs.
///
/// In text: `<name>+<key id, 8 hex digits>+<base64(type || public key)>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vkey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl Vkey {
    /// Reads the text form. It is cut at the first two `+` only, for base64 contains more of them.
    pub fn parse(text: &str) -> Result<Vkey, FormatError> {
        let malformed = || FormatError::Key("<name>+<8 hex digits>+<base64>");
        let mut parts = text.splitn(3, '+');
        let name = parts.next().ok_or_else(malformed)?;
        let id = parts.next().and_then(parse_id).ok_or_else(malformed)?;
        let encoded = parts.next().ok_or_else(malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| malformed())?;
        check_name(name)?;
        let (kind, public) = bytes.split_first().ok_or_else(malformed)?;
        if *kind != ED25519 {
            return Err(FormatError::KeyType(*kind));
        }
        let public: &[u8; 32] = public.try_into().map_err(|_| malformed())?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| malformed())?;
        let vkey = Vkey::new(name, key);
        if vkey.id == id { Ok(vkey) } else { Err(malformed()) }
    }

    fn new(name: &str, key: VerifyingKey) -> Vkey {
        Vkey { name: name.to_owned(), id: key_id(name, &key), key }
    }

    /// Name under which the key signs; for the key of a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// First four bytes of the hash over name, type and key.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether `signature` is this key's over `bytes`.
    pub fn holds(&self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex_id(self.id), STANDARD.encode(bytes))
    }
}

/// A key that signs. It is wiped from memory when dropped and never shown by `Debug`.
pub struct SignerKey {
    vkey: Vkey,
    key: SigningKey,
}

impl SignerKey {
    /// A new key of this name.
    pub fn generate(entropy: &mut dyn Entropy, name: &str) -> Result<SignerKey, FormatError> {
        check_name(name)?;
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(seed.as_mut());
        Ok(SignerKey::from_seed(name, &seed))
    }

    fn from_seed(name: &str, seed: &[u8; 32]) -> SignerKey {
        let key = SigningKey::from_bytes(seed);
        SignerKey { vkey: Vkey::new(name, key.verifying_key()), key }
    }

    /// The secret in the form of the C2SP tools, one line:
    /// `PRIVATE+KEY+<name>+<key id>+<base64(type || seed)>`. The file that holds it must be
    /// readable by its owner only (mode 0600); the caller writes it.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(vec![ED25519]);
        bytes.extend_from_slice(&Zeroizing::new(self.key.to_bytes())[..]);
        let encoded = Zeroizing::new(STANDARD.encode(&*bytes));
        let id = hex_id(self.vkey.id);
        Zeroizing::new(format!("PRIVATE+KEY+{}+{id}+{}\n", self.vkey.name, *encoded))
    }

    /// Reads what [`SignerKey::to_text`] writes; the line end may be missing.
    pub fn from_text(text: &str) -> Result<SignerKey, FormatError> {
        let malformed = || FormatError::Key("PRIVATE+KEY+<name>+<8 hex digits>+<base64>");
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_prefix("PRIVATE+KEY+").ok_or_else(malformed)?;
        let mut parts = line.splitn(3, '+');
        let name = parts.next().ok_or_else(malformed)?;
        let id = parts.next().and_then(parse_id).ok_or_else(malformed)?;
        let encoded = parts.next().ok_or_else(malformed)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| malformed())?);
        check_name(name)?;
        let (kind, seed) = bytes.split_first().ok_or_else(malformed)?;
        if *kind != ED25519 {
            return Err(FormatError::KeyType(*kind));
        }
        let seed: &[u8; 32] = seed.try_into().map_err(|_| malformed())?;
        let key = SignerKey::from_seed(name, seed);
        if key.vkey.id == id { Ok(key) } else { Err(malformed()) }
    }

    /// The signature over bytes that are no note; they have to say what they are, so that no
    /// signature over a note can pass for one over them.
    pub fn sign_bytes(&self, bytes: &[u8]) -> [u8; 64] {
        self.key.sign(bytes).to_bytes()
    }

    /// The key that checks what this one signs.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}+{})", self.vkey.name, hex_id(self.vkey.id))
    }
}

fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', ED25519]);
    hasher.update(key.as_bytes());
    let [a, b, c, d, ..]: [u8; 32] = hasher.finalize().into();
    [a, b, c, d]
}

fn hex_id(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

fn parse_id(text: &str) -> Option<[u8; 4]> {
    let id = u32::from_str_radix(text, 16).ok()?.to_be_bytes();
    (hex_id(id) == text).then_some(id)
}

/// Whether `name` can be that of a key, and so of a log.
pub fn is_key_name(name: &str) -> bool {
    check_name(name).is_ok()
}

fn check_name(name: &str) -> Result<(), FormatError> {
    let allowed = |c: char| c != '+' && !c.is_whitespace() && !c.is_control();
    if !name.is_empty() && name.chars().all(allowed) { Ok(()) } else { Err(FormatError::KeyName) }
}

/// Signs `text`, which must end in a line end and hold no other control character, as every
/// [`Checkpoint::to_text`] does: a note over any other text is one that nobody can open.
pub fn sign(text: &str, key: &SignerKey) -> String {
    let mut bytes = key.vkey.id.to_vec();
    bytes.extend_from_slice(&key.key.sign(text.as_bytes()).to_bytes());
    format!("{text}\n{SIGNATURE_MARK}{} {}\n", key.vkey.name, STANDARD.encode(bytes))
}

fn check_text(text: &str) -> Result<(), FormatError> {
    if text.len() > MAX_NOTE_BYTES {
        return Err(FormatError::Note("it is longer than a mebibyte"));
    }
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(FormatError::Note("it holds control characters"));
    }
    Ok(())
}

/// A note some of whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The text that was signed, with its last line end.
    pub text: String,
    /// Names of the known keys that signed it, each once, in the order of the note.
    pub signers: Vec<String>,
}

/// Checks a note against the keys one knows: at least one of them signed it, and none of them
/// signed something else. Signatures by other keys are ignored.
pub fn open(note: &str, known: &[Vkey]) -> Result<Verified, FormatError> {
    let (text, signatures) = split(note)?;
    let mut signers: Vec<String> = Vec::new();
    for (name, id, signature) in signatures {
        let Some(key) = known.iter().find(|key| key.name == name && key.id == id) else {
            continue;
        };
        let signature = Signature::from_slice(&signature)
            .map_err(|_| FormatError::Signature(name.to_owned()))?;
        key.key
            .verify_strict(text.as_bytes(), &signature)
            .map_err(|_| FormatError::Signature(name.to_owned()))?;
        if !signers.iter().any(|signer| signer == name) {
            signers.push(name.to_owned());
        }
    }
    if signers.is_empty() {
        let names: Vec<&str> = known.iter().map(Vkey::name).collect();
        return Err(FormatError::Unsigned(names.join(", ")));
    }
    Ok(Verified { text: text.to_owned(), signers })
}

type SignatureLine<'a> = (&'a str, [u8; 4], Vec<u8>);

/// Takes a note apart into its text and its signature lines, without checking one.
fn split(note: &str) -> Result<(&str, Vec<SignatureLine<'_>>), FormatError> {
    check_text(note)?;
    let gap = note.rfind("\n\n").ok_or(FormatError::Note("it has no empty line"))?;
    let (text, rest) =
        note.split_at_checked(gap + 1).ok_or(FormatError::Note("it has no empty line"))?;
    let lines = rest
        .strip_prefix('\n')
        .and_then(|lines| lines.strip_suffix('\n'))
        .ok_or(FormatError::Note("its signatures do not end in a line end"))?;
    let mut signatures = Vec::new();
    for line in lines.split('\n') {
        if signatures.len() == MAX_SIGNATURES {
            return Err(FormatError::Note("it has more than 100 signatures"));
        }
        let signature = parse_signature_line(line);
        signatures.push(signature.ok_or(FormatError::Note("a signature line is malformed"))?);
    }
    Ok((text, signatures))
}

fn parse_signature_line(line: &str) -> Option<SignatureLine<'_>> {
    let (name, encoded) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
    check_name(name).ok()?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (!signature.is_empty()).then(|| (name, *id, signature.to_vec()))
}

/// The head of a log's tree, as signed in a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text of the note.
    ///
    /// ```
    /// use goodstanding_ledger::{merkle::empty_root, note::Checkpoint};
    /// let checkpoint = Checkpoint { origin: "example.org/log".into(), size: 0, root: empty_root() };
    /// let text = "example.org/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    /// assert_eq!(checkpoint.to_text(), text);
    /// assert_eq!(Checkpoint::parse(text), Ok(checkpoint));
    /// ```
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads the text of a note. Extension lines are allowed and ignored.
    pub fn parse(text: &str) -> Result<Checkpoint, FormatError> {
        let text = text.strip_suffix('\n').ok_or(FormatError::Checkpoint("it is cut short"))?;
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty());
        let origin = origin.ok_or(FormatError::Checkpoint("it names no origin"))?.to_owned();
        let size = lines.next().and_then(parse_decimal).filter(|size| *size <= MAX_SIZE);
        let size = size.ok_or(FormatError::Checkpoint("its tree size is not a number"))?;
        let root = lines.next().and_then(parse_hash);
        let root = root.ok_or(FormatError::Checkpoint("its root is not a hash in base64"))?;
        if lines.any(str::is_empty) {
            return Err(FormatError::Checkpoint("an extension line is empty"));
        }
        Ok(Checkpoint { origin, size, root })
    }

    /// Checks a signed checkpoint: well formed, of the log that `key` names, and signed by it.
    pub fn open(note: &str, key: &Vkey) -> Result<Checkpoint, FormatError> {
        let verified = open(note, std::slice::from_ref(key))?;
        let checkpoint = Checkpoint::parse(&verified.text)?;
        if checkpoint.origin != key.name {
            let expected = key.name.clone();
            return Err(FormatError::Origin { found: checkpoint.origin, expected });
        }
        Ok(checkpoint)
    }

    /// The signed note.
    pub fn sign(&self, key: &SignerKey) -> String {
        sign(&self.to_text(), key)
    }
}

/// A decimal number without sign or leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let one_spelling = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| one_spelling)
}

/// A hash in standard base64, in its one spelling.
pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// A hash in standard base64.
pub(crate) fn hash_text(hash: &Hash) -> String {
    STANDARD.encode(hash)
}
