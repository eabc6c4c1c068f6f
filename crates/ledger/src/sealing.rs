//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, section 2) over the ChaCha20-Poly1305 of `ring`:
//! the first 16 bytes of the nonce and the key make a key for once by HChaCha20, the other eight
//! are the nonce under it. Openings are unsealed by the million when a log is verified; how much
//! that saves is in `benches/RESULTS.md`.

use chacha20::{R20, hchacha};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// XChaCha20 nonces are 192 bits, so random ones do not collide.
pub const NONCE_BYTES: usize = 24;

/// Bytes that sealing adds behind the text: the tag of Poly1305.
const TAG_BYTES: usize = 16;

/// Seals `text`; `associated` is bound in and not kept. `None` when the text is longer than
/// ChaCha20 counts (256 GiB).
pub fn seal(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    associated: &[u8],
    text: &[u8],
) -> Option<Vec<u8>> {
    let (key, nonce) = once(key, nonce)?;
    let mut bytes = Vec::with_capacity(text.len() + TAG_BYTES);
    bytes.extend_from_slice(text);
    key.seal_in_place_append_tag(nonce, Aad::from(associated), &mut bytes).ok()?;
    Some(bytes)
}

/// The text of what [`seal`] made, unsealed within `sealed`; `None` when any bit of anything is
/// another.
pub fn unseal<'a>(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    associated: &[u8],
    sealed: &'a mut [u8],
) -> Option<&'a [u8]> {
    let (key, nonce) = once(key, nonce)?;
    key.open_in_place(nonce, Aad::from(associated), sealed).ok().map(|text| &*text)
}

/// The key that is used once, and the nonce under it.
fn once(key: &[u8; 32], nonce: &[u8; NONCE_BYTES]) -> Option<(LessSafeKey, Nonce)> {
    let (first, last) = nonce.split_first_chunk::<16>()?;
    let last: [u8; 8] = last.try_into().ok()?;
    let key = Zeroizing::new(<[u8; 32]>::from(hchacha::<R20>(key.into(), first.into())));
    let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_slice()).ok()?;
    let mut nonce = [0; 12];
    let (_, end) = nonce.split_at_mut(4);
    // Index safety: eight bytes behind four are the twelve.
    end.copy_from_slice(&last);
    Some((LessSafeKey::new(key), Nonce::assume_unique_for_key(nonce)))
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::aead::{Aead as _, Payload};
    use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn another_implementation_seals_the_same(
            key: [u8; 32],
            nonce: [u8; NONCE_BYTES],
            associated in proptest::collection::vec(any::<u8>(), 0..80),
            text in proptest::collection::vec(any::<u8>(), 0..2_000),
        ) {
            let oracle = XChaCha20Poly1305::new((&key).into());
            let payload = Payload { msg: &text, aad: &associated };
            let expected = oracle.encrypt(&XNonce::from(nonce), payload).unwrap();
            let mut sealed = seal(&key, &nonce, &associated, &text).unwrap();
            prop_assert_eq!(&sealed, &expected);
            prop_assert_eq!(unseal(&key, &nonce, &associated, &mut sealed), Some(text.as_slice()));
        }
    }

    /// Appendix A.3.1 of the draft.
    #[test]
    fn the_vector_of_the_draft() {
        let key: [u8; 32] = std::array::from_fn(|at| 0x80 + at as u8);
        let nonce: [u8; NONCE_BYTES] = std::array::from_fn(|at| 0x40 + at as u8);
        let associated = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip \
                     for the future, sunscreen would be it.";
        let sealed = seal(&key, &nonce, &associated, text).unwrap();
        let tag = [
            0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a,
            0xcf, 0x49,
        ];
        assert!(sealed.starts_with(&[0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b]));
        assert!(sealed.ends_with(&tag));
    }

    #[test]
    fn too_short_for_a_tag() {
        for length in 0..TAG_BYTES {
            assert_eq!(unseal(&[0; 32], &[0; NONCE_BYTES], &[], &mut vec![0; length]), None);
        }
    }
}
