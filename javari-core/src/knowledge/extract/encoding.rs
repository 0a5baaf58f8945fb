//! Turns bytes of any common character encoding into text, and refuses what is not text.
//!
//! Order: byte order mark, UTF-16 without one, strict UTF-8, the encoding that the sender named,
//! UTF-8 with damage, and last windows-1252, which reads anything (WHATWG Encoding Standard,
//! <https://encoding.spec.whatwg.org/>).

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{Source, unreadable};
use crate::error::Result;

/// Text and what was wrong with it.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) warnings: Vec<String>,
}

/// The text of `source`; `declared` is an encoding label that the document itself states.
///
/// NUL characters become spaces (PostgreSQL cannot store them), which keeps every offset.
pub(super) fn decode(source: &Source, declared: Option<&str>) -> Result<Decoded> {
    let label = source.media_type.as_deref().and_then(charset).or(declared);
    let mut decoded = decode_bytes(&source.bytes, label)?;
    if decoded.text.contains('\0') {
        decoded.text = decoded.text.replace('\0', " ");
        decoded.warnings.push("NUL characters were read as spaces".to_owned());
    }
    Ok(decoded)
}

fn decode_bytes(bytes: &[u8], label: Option<&str>) -> Result<Decoded> {
    if bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Err(unreadable("the text is encoded as UTF-32, which is not read"));
    }
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return Ok(decode_as(encoding, bytes.get(length..).unwrap_or_default(), Vec::new()));
    }
    if let Some(encoding) = utf16_by_zeros(bytes) {
        let warning = format!("read as {}, guessed from its content", encoding.name());
        return Ok(decode_as(encoding, bytes, vec![warning]));
    }
    refuse_binary(bytes)?;
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded { text: text.to_owned(), warnings: Vec::new() });
    }
    if let Some(encoding) = label.and_then(|label| Encoding::for_label(label.as_bytes())) {
        return Ok(decode_as(encoding, bytes, Vec::new()));
    }
    if is_damaged_utf8(bytes) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        return Ok(Decoded { text, warnings: vec![damage("UTF-8")] });
    }
    let warning = "not UTF-8; read as windows-1252, so some letters may be wrong".to_owned();
    Ok(decode_as(WINDOWS_1252, bytes, vec![warning]))
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8], mut warnings: Vec<String>) -> Decoded {
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    if damaged {
        warnings.push(damage(encoding.name()));
    }
    Decoded { text: text.into_owned(), warnings }
}

fn damage(encoding: &str) -> String {
    format!("some bytes are not {encoding} and were read as U+FFFD")
}

/// Latin text in UTF-16 has a zero in every second byte and hardly any in the others.
fn utf16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(4096))?;
    let pairs = head.chunks_exact(2);
    let total = pairs.len();
    if total < 4 {
        return None;
    }
    let (mut first, mut second) = (0, 0);
    for pair in pairs {
        first += usize::from(pair.first() == Some(&0));
        second += usize::from(pair.last() == Some(&0));
    }
    let (many, few) = (total * 2 / 5, total / 20);
    if second > many && first <= few {
        Some(UTF_16LE)
    } else if first > many && second <= few {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// More than one NUL in a thousand bytes, or one control character in ten, is no text.
fn refuse_binary(bytes: &[u8]) -> Result<()> {
    let zeros = memchr::memchr_iter(0, bytes).count();
    let head = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default();
    let is_control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t'..=b'\r' | 0x1B | 0);
    let controls = head.iter().filter(is_control).count();
    if zeros * 1000 > bytes.len().max(1000) || controls * 10 > head.len().max(50) {
        return Err(unreadable("the document is binary data, not text"));
    }
    Ok(())
}

/// Whether well-formed multi-byte characters outnumber the faults ten to one.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad * 10
}

/// The `charset` parameter of a media type.
fn charset(media_type: &str) -> Option<&str> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;

    fn read(bytes: &[u8]) -> Decoded {
        decode(&Source::new("a.txt", bytes.to_vec()), None).unwrap()
    }

    #[test]
    fn utf8_is_taken_as_it_is_without_a_warning() {
        let decoded = read("Grüße 🌍".as_bytes());
        assert_eq!(decoded.text, "Grüße 🌍");
        assert!(decoded.warnings.is_empty());
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_not_part_of_the_text() {
        assert_eq!(read(b"\xEF\xBB\xBFa").text, "a");
        assert_eq!(read(b"\xFF\xFEa\0\xE9\0").text, "aé");
        assert_eq!(read(b"\xFE\xFF\0a\0\xE9").text, "aé");
    }

    #[test]
    fn utf16_without_a_mark_is_recognised_by_its_zeros() {
        let bytes: Vec<u8> = "Hello there".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&bytes).text, "Hello there");
        let bytes: Vec<u8> = "Hello there".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&bytes).text, "Hello there");
    }

    #[test]
    fn the_stated_charset_is_used_when_the_bytes_are_not_utf8() {
        let source = Source::new("a.txt", &b"\x83e\x83X\x83g"[..])
            .with_media_type("text/plain; charset=\"shift_jis\"");
        assert_eq!(decode(&source, None).unwrap().text, "テスト");
    }

    #[test]
    fn other_bytes_are_windows_1252_with_a_warning() {
        let decoded = read(b"K\xFChlraum \x80 5");
        assert_eq!(decoded.text, "Kühlraum € 5");
        assert_eq!(decoded.warnings.len(), 1);
    }

    #[test]
    fn one_bad_byte_in_good_utf8_does_not_spoil_the_rest() {
        let mut bytes = "Größe ".repeat(30).into_bytes();
        bytes.push(0xFF);
        let decoded = read(&bytes);
        assert!(decoded.text.starts_with("Größe Größe"));
        assert_eq!(decoded.warnings.len(), 1);
    }

    #[test]
    fn binary_data_is_unreadable_but_a_stray_nul_is_a_space() {
        let binary: Vec<u8> = (0..4000_u32).map(|i| (i % 7) as u8).collect();
        let error = decode(&Source::new("a.txt", binary), None).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Unreadable);
        let mut text = "word ".repeat(500).into_bytes();
        text[4] = 0;
        assert!(read(&text).text.starts_with("word word "));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_no_nul_comes_through(
            bytes in prop::collection::vec(any::<u8>(), 0..300)
        ) {
            if let Ok(decoded) = decode(&Source::new("a.txt", bytes), None) {
                prop_assert!(!decoded.text.contains('\0'));
            }
        }
    }
}
