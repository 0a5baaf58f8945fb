//! Reads the `Cookie` header (RFC 6265 §4.2) as servers of JavaScript read it.

use std::collections::BTreeMap;

use percent_encoding::percent_decode;

use super::super::refusal::Refusal;

/// The most bytes of cookies that are looked at; servers accept less.
const MOST_BYTES: usize = 64 * 1024;
/// The most parts that a session is cut into: each holds 3180 bytes.
const MOST_PARTS: usize = 16;

/// The cookies of a session.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SessionCookies {
    /// The one without a number.
    pub(super) whole: Option<Vec<u8>>,
    /// Parts 0, 1, … joined, up to the first that is missing.
    pub(super) joined: Option<Vec<u8>>,
    /// Whether there is a part behind one that is missing.
    pub(super) has_gap: bool,
}

/// The cookies called `name` and `name.0`, `name.1`, … in the `Cookie` headers of one request: HTTP/2
/// may send several (RFC 9113 §8.2.3).
///
/// # Errors
/// `TooLarge`, or `Ambiguous` when one cookie is there with two values: somebody may have planted one
/// from a neighbouring host.
pub(super) fn read(headers: &[&[u8]], name: &str) -> Result<SessionCookies, Refusal> {
    if headers.iter().map(|header| header.len()).sum::<usize>() > MOST_BYTES {
        return Err(Refusal::TooLarge);
    }
    let mut whole: Option<Vec<u8>> = None;
    let mut parts: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    for pair in headers.iter().flat_map(|header| header.split(|byte| *byte == b';')) {
        let pair = pair.trim_ascii();
        let Some(equals) = pair.iter().position(|byte| *byte == b'=') else { continue };
        let (key, value) = (pair[..equals].trim_ascii_end(), pair[equals + 1..].trim_ascii_start());
        let Some(rest) = key.strip_prefix(name.as_bytes()) else { continue };
        let value = decoded(value);
        let kept = match (rest, part_number(rest)) {
            ([], _) => whole.replace(value.clone()),
            (_, Some(number)) => parts.insert(number, value.clone()),
            _ => continue,
        };
        if kept.is_some_and(|kept| kept != value) {
            return Err(Refusal::Ambiguous);
        }
    }
    // An empty cookie is how one is removed.
    let whole = whole.filter(|value| !value.is_empty());
    parts.retain(|_, value| !value.is_empty());
    let contiguous =
        parts.keys().enumerate().take_while(|(place, number)| place == *number).count();
    let joined: Vec<u8> = parts.values().take(contiguous).flatten().copied().collect();
    Ok(SessionCookies {
        whole,
        joined: (contiguous > 0).then_some(joined),
        has_gap: contiguous < parts.len(),
    })
}

/// The number of `.3`; numbers have no leading zeros.
fn part_number(rest: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(rest.strip_prefix(b".")?).ok()?;
    let number: usize = digits.parse().ok()?;
    (number < MOST_PARTS && number.to_string() == digits).then_some(number)
}

/// Without quotes, and without percent-encoding; what is no escape stays as it is.
fn decoded(value: &[u8]) -> Vec<u8> {
    let value = match value {
        [b'"', inside @ .., b'"'] => inside,
        value => value,
    };
    percent_decode(value).collect()
}
