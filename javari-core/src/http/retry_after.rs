//! Reads how long a server asks to wait (RFC 9110 §10.2.3, and OpenAI's `retry-after-ms`).

use std::time::Duration;

use time::{PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::types::Timestamp;

/// A server that asks for more is taken to ask for this: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The wait that a reply's headers ask for: `retry-after-ms` first, then `retry-after` as whole
/// or fractional seconds or as an HTTP date. A date in the past is no wait; nonsense is nothing.
///
/// ```
/// use std::time::Duration;
/// use javari_core::{http::parse_retry_after, types::Timestamp};
/// let header = |name: &str| (name == "retry-after").then_some("1.5");
/// let wait = parse_retry_after(header, Timestamp::default);
/// assert_eq!(wait, Some(Duration::from_millis(1500)));
/// ```
pub fn parse_retry_after<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    now: impl FnOnce() -> Timestamp,
) -> Option<Duration> {
    let exact = header("retry-after-ms").and_then(|text| seconds(text, 1_000.0));
    exact.or_else(|| {
        let text = header("retry-after")?;
        seconds(text, 1.0).or_else(|| date(text.trim()).map(|date| date.since(now()).min(LONGEST)))
    })
}

fn seconds(text: &str, per_second: f64) -> Option<Duration> {
    let text = text.trim();
    // `inf`, `nan` and signs parse as floats and are no wait.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let wait = text.parse::<f64>().ok()? / per_second;
    Some(Duration::try_from_secs_f64(wait).map_or(LONGEST, |wait| wait.min(LONGEST)))
}

/// The three forms of an HTTP date (RFC 9110 §5.6.7).
fn date(text: &str) -> Option<Timestamp> {
    const FIXED: &[BorrowedFormatItem<'_>] = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    const ASCTIME: &[BorrowedFormatItem<'_>] = format_description!(
        "[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]"
    );
    let instant = PrimitiveDateTime::parse(text, FIXED)
        .or_else(|_| PrimitiveDateTime::parse(text, ASCTIME))
        .or_else(|fault| {
            let modern = modernise(text).ok_or(fault)?;
            PrimitiveDateTime::parse(&modern, FIXED)
        })
        .ok()?
        .assume_utc();
    let micros = i64::try_from(instant.unix_timestamp_nanos() / 1_000).ok()?;
    Some(Timestamp::from_micros(micros))
}

/// `Sunday, 06-Nov-94 08:49:37 GMT` as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn modernise(text: &str) -> Option<String> {
    let (weekday, rest) = text.split_once(", ")?;
    let (date, clock) = rest.split_once(' ')?;
    let mut parts = date.splitn(3, '-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let century = if year.parse::<u8>().ok()? < 70 { "20" } else { "19" };
    Some(format!("{}, {day} {month} {century}{year} {clock}", weekday.get(..3)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_wait_is_read_and_nonsense_is_not() {
        let now: Timestamp = "1994-11-06T08:49:07Z".parse().unwrap();
        let read = |name: &'static str, text: &'static str| {
            parse_retry_after(move |asked| (asked == name).then_some(text), || now)
                .map(|wait| wait.as_millis())
        };
        for (text, millis) in [
            ("0", Some(0)),
            ("107", Some(107_000)),
            (" 2 ", Some(2_000)),
            ("1.25", Some(1_250)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30_000)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30_000)),
            ("Sun Nov  6 08:49:37 1994", Some(30_000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("999999999999999999999999", Some(86_400_000)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400_000)),
            ("", None),
            (".", None),
            ("-1", None),
            ("inf", None),
            ("NaN", None),
            ("1e9", None),
            ("soon", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("é, 06-Nov-94 08:49:37 GMT", None),
        ] {
            assert_eq!(read("retry-after", text), millis, "{text:?}");
        }
        assert_eq!(read("retry-after-ms", "1500"), Some(1_500));
        assert_eq!(read("retry-after-ms", "x"), None);
        let both = parse_retry_after(
            |name| Some(if name == "retry-after-ms" { "20" } else { "9" }),
            || now,
        );
        assert_eq!(both, Some(Duration::from_millis(20)));
    }
}
