//! Bytes in any encoding as UTF-8, streaming.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};

/// Bytes decoded at a time.
const CHUNK: usize = 16 * 1024;

/// A reader of UTF-8 over bytes in another encoding. What cannot be decoded becomes U+FFFD. A byte
/// order mark decides over the encoding given, as it does in browsers and spreadsheets.
pub(crate) struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// What was handed out of `text`.
    given: usize,
    is_end: bool,
}

impl<R: Read> Decoded<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Decoded<R> {
        Decoded {
            inner,
            decoder: encoding.new_decoder(),
            raw: Vec::new(),
            text: Vec::new(),
            given: 0,
            is_end: false,
        }
    }

    /// Decodes the next piece into `text`, which is used up.
    fn refill(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK];
        let count = self.inner.read(&mut chunk)?;
        self.is_end = count == 0;
        self.raw.extend(chunk.iter().take(count));
        self.given = 0;
        // Three bytes for each byte, and room for what the decoder holds back.
        self.text.resize(3 * self.raw.len() + 16, 0);
        let (result, read, written, _) =
            self.decoder.decode_to_utf8(&self.raw, &mut self.text, self.is_end);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        // Index safety: the decoder read that much of it.
        self.raw.drain(..read);
        self.text.truncate(written);
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.text.len() && !self.is_end {
            self.refill()?;
        }
        let rest = self.text.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            // Index safety: both were cut to one length.
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, SHIFT_JIS, UTF_8, UTF_16LE, WINDOWS_1251};

    use super::*;

    /// Hands out one byte at a time: every letter is cut.
    struct Drop<'a>(&'a [u8]);

    impl Read for Drop<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1).min(buffer.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> String {
        let mut text = String::new();
        Decoded::new(Drop(bytes), encoding).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn letters_cut_anywhere_come_out_whole() {
        let text = "Общество «Ромашка», 威海市, café";
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(UTF_16LE, &wide), text);
        assert_eq!(decoded(UTF_8, text.as_bytes()), text);
        assert_eq!(decoded(WINDOWS_1251, b"\xce\xce\xce"), "ООО");
        assert_eq!(decoded(SHIFT_JIS, b"\x8a\x94\x8e\xae"), "株式");
        assert_eq!(decoded(BIG5, b"\xa4\xbd\xa5\x71"), "公司");
    }

    #[test]
    fn a_byte_order_mark_decides_and_broken_bytes_are_marked() {
        assert_eq!(decoded(UTF_8, b"\xff\xfea\0b\0"), "ab");
        assert_eq!(decoded(UTF_8, b"a\xffb"), "a\u{fffd}b");
        assert_eq!(decoded(UTF_16LE, b"a\0b"), "a\u{fffd}");
    }
}
