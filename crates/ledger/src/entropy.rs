//! Randomness, injected: salts, keys and ids never ask the system themselves.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A source of unpredictable bytes.
pub trait Entropy: Send {
    /// Fills all of `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// The operating system's generator.
///
/// It has no error to handle: every supported system can give random bytes once it has booted. If
/// the call fails all the same, the process aborts. To go on would mean a predictable salt or key,
/// which no later step could detect or repair, and nothing has been promised to anybody yet: a
/// batch is acknowledged only after it was committed.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            eprintln!("error: the system's random generator failed ({error}); stopping");
            std::process::abort();
        }
    }
}

/// Another source, asked for 4 KiB at a time: a system call for each salt is a third of sealing
/// one.
pub(crate) struct Buffered {
    source: Box<dyn Entropy>,
    buffer: Zeroizing<Vec<u8>>,
    used: usize,
}

/// Bytes asked for at a time.
const BUFFER_BYTES: usize = 4096;

impl Buffered {
    /// Over `source`.
    pub fn new(source: Box<dyn Entropy>) -> Buffered {
        Buffered { source, buffer: Zeroizing::new(vec![0; BUFFER_BYTES]), used: BUFFER_BYTES }
    }
}

impl Entropy for Buffered {
    fn fill(&mut self, bytes: &mut [u8]) {
        if bytes.len() > BUFFER_BYTES - self.used {
            self.source.fill(&mut self.buffer);
            self.used = 0;
        }
        match self.buffer.get_mut(self.used..self.used + bytes.len()) {
            Some(fresh) => {
                // Index safety: as long as what it was taken for.
                bytes.copy_from_slice(fresh);
                // What was handed out is not kept.
                fresh.fill(0);
                self.used += bytes.len();
            }
            None => self.source.fill(bytes),
        }
    }
}

/// Bytes that follow from a seed, for tests and reproducible demos only: block `n` is
/// `SHA-256(seed || n)`, both as eight bytes, big end first.
#[derive(Debug, Clone)]
pub struct SeededEntropy {
    seed: u64,
    block: u64,
    left: Vec<u8>,
}

impl SeededEntropy {
    /// The sequence of this seed, from its beginning.
    pub fn new(seed: u64) -> SeededEntropy {
        SeededEntropy { seed, block: 0, left: Vec::new() }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.left.is_empty() {
                let mut hasher = Sha256::new();
                hasher.update(self.seed.to_be_bytes());
                hasher.update(self.block.to_be_bytes());
                self.block += 1;
                self.left = hasher.finalize().iter().rev().copied().collect();
            }
            *byte = self.left.pop().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_sequence_however_it_is_cut() {
        let mut whole = [0; 100];
        SeededEntropy::new(7).fill(&mut whole);
        let mut parts = [0; 100];
        let mut source = SeededEntropy::new(7);
        parts.chunks_mut(7).for_each(|part| source.fill(part));
        assert_eq!(whole, parts);
        let mut other = [0; 100];
        SeededEntropy::new(8).fill(&mut other);
        assert_ne!(whole, other);
    }

    #[test]
    fn the_first_block_is_the_hash_of_seed_and_counter() {
        let mut bytes = [0; 32];
        SeededEntropy::new(1).fill(&mut bytes);
        let mut input = [0; 16];
        input[7] = 1;
        assert_eq!(bytes, <[u8; 32]>::from(Sha256::digest(input)));
    }

    #[test]
    fn the_system_gives_different_bytes_each_time() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        SystemEntropy.fill(&mut one);
        SystemEntropy.fill(&mut two);
        assert_ne!(one, two);
    }
}
