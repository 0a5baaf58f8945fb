//! Reads the `NAME=value` lines of a `.env` text.
//!
//! The form is what the common readers share (Node's dotenv, docker compose). `$NAME` is kept as it
//! stands: filling it in would read the host's environment into a user's credentials, which is why
//! the crates that do so are not used here.

use super::{Candidate, Found, Refusal};
use crate::{secret::Secret, vault::credential::is_name};

/// Every line that holds a name or should.
pub(super) fn parse(text: &str) -> Vec<Candidate> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut line, mut candidates) = (1_u32, Vec::new());
    while !rest.is_empty() {
        let (found, length, is_end) = entry(rest);
        if let Some(found) = found {
            candidates.push(Candidate { place: line, found });
        }
        if is_end {
            break;
        }
        let (read, unread) = rest.split_at(length);
        let lines = read.bytes().filter(|byte| *byte == b'\n').count();
        line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        rest = unread;
    }
    candidates
}

type Entry = Option<Result<Found, Refusal>>;

/// The entry that `rest` begins with, how long it is with the end of its line, and whether nothing
/// behind it can be read.
fn entry(rest: &str) -> (Entry, usize, bool) {
    let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let whole = &rest[..end];
    let bare = whole.trim();
    if bare.is_empty() || bare.starts_with('#') {
        return (None, end, false);
    }
    let refused = |name, reason| (Some(Err(Refusal::new(name, reason))), end, false);
    let Some(equals) = whole.find('=') else {
        return refused("", "has no `=`: a line is `NAME=value`");
    };
    let name = unexported(whole[..equals].trim());
    if !is_name(name) {
        return refused(name, "does not begin with a name that a credential can have");
    }
    let value = rest[equals + 1..].trim_start_matches([' ', '\t']);
    let start = rest.len() - value.len();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\'' | '`'));
    let Some(quote) = quote else {
        // The blanks before a value may have been the whole line.
        let value = without_comment(rest.get(start..end).unwrap_or_default());
        return (Some(Ok(Found::plain(name, Secret::new(value)))), end, false);
    };
    let Some((inside, length)) = quoted(&value[1..], quote) else {
        let reason = "begins with a quote that does not end: nothing behind it was read";
        return (Some(Err(Refusal::new(name, reason))), end, true);
    };
    let behind = start + 1 + length;
    let tail = &rest[behind..];
    let tail_end = tail.find('\n').map_or(tail.len(), |at| at + 1);
    let remark = tail[..tail_end].trim();
    let found = match remark.is_empty() || remark.starts_with('#') {
        true => Ok(Found::plain(name, inside)),
        false => Err(Refusal::new(name, "has something behind its closing quote")),
    };
    (Some(found), behind + tail_end, false)
}

fn unexported(name: &str) -> &str {
    name.strip_prefix("export")
        .filter(|rest| rest.starts_with([' ', '\t']))
        .map_or(name, str::trim_start)
}

/// A value without quotes: a comment begins with a `#` behind a blank.
fn without_comment(value: &str) -> &str {
    let comment = value
        .char_indices()
        .find(|(at, letter)| *letter == '#' && (*at == 0 || value[..*at].ends_with([' ', '\t'])));
    comment.map_or(value, |(at, _)| &value[..at]).trim()
}

/// What stands before the closing quote, and how long it is with that quote.
fn quoted(text: &str, quote: char) -> Option<(Secret, usize)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            _ if letter == quote => return Some((Secret::new(value), at + 1)),
            // Only double quotes have escapes.
            '\\' if quote == '"' => match letters.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                escaped @ ('"' | '\\' | '$' | '\'' | '`') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            // A text from Windows means the same lines.
            '\r' if text[at + 1..].starts_with('\n') => {}
            _ => value.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The line, the name and the value or the reason of each entry.
    fn read(text: &str) -> Vec<(u32, String, String)> {
        let told = |candidate: Candidate| match candidate.found {
            Ok(found) => {
                let value = found.request.value.expose().to_owned();
                (candidate.place, found.request.name, value)
            }
            Err(refusal) => {
                let name = refusal.name.unwrap_or_default();
                (candidate.place, name, format!("REFUSED {}", refusal.reason))
            }
        };
        parse(text).into_iter().map(told).collect()
    }

    #[test]
    fn every_form_of_a_line_is_read_as_the_common_readers_do() {
        for (text, value) in [
            ("A=1", "1"),
            ("A = 1 ", "1"),
            ("  export A=1", "1"),
            ("export\tA=1", "1"),
            ("A=a#b", "a#b"),
            ("A=a #b", "a"),
            ("A=#b", ""),
            ("A=", ""),
            ("A=   ", ""),
            ("A=a=b==", "a=b=="),
            ("A=it's", "it's"),
            ("A=${HOME}/$X", "${HOME}/$X"),
            ("A=a\\nb", "a\\nb"),
            ("A='a\\nb #c'", "a\\nb #c"),
            ("A=`a'b\"c`", "a'b\"c"),
            ("A=\"a\\nb\\t\\\"\\\\\\$\\x\"", "a\nb\t\"\\$\\x"),
            ("A=\"a\nb\" # two", "a\nb"),
            ("A='a\r\nb'\r\n", "a\nb"),
            ("A=1\r\n", "1"),
            ("A=''", ""),
            ("A=é漢😀", "é漢😀"),
            ("\u{feff}A=1", "1"),
            ("A=\n", ""),
        ] {
            assert_eq!(read(text), [(1, "A".to_owned(), value.to_owned())], "{text:?}");
        }
        assert_eq!(read("export=1")[0].1, "export");
        assert_eq!(read("# A=1\n\n \t\n"), []);
        // A value that is missing does not take the next line.
        assert_eq!(read("A=\nB=2").len(), 2);
    }

    #[test]
    fn places_are_lines_also_behind_a_value_of_several() {
        let found = read("# one\nA=\"x\ny\nz\"\n\nB=2\nno\nC='3'");
        let lines: Vec<u32> = found.iter().map(|(line, ..)| *line).collect();
        assert_eq!(lines, [2, 6, 7, 8]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_its_line_without_being_repeated() {
        for (text, name) in [
            ("sk-canary-4711", ""),
            ("9A=1", ""),
            ("sk-canary 4711=x", ""),
            ("=x", ""),
            ("A='x' y", "A"),
            ("A=\"x\\", "A"),
            ("A='x", "A"),
        ] {
            let found = read(text);
            assert!(found[0].2.starts_with("REFUSED"), "{text}: {found:?}");
            assert_eq!((found[0].0, found[0].1.as_str(), found.len()), (1, name, 1), "{text}");
            assert!(!format!("{:?}", parse(text)).contains("canary"));
        }
        // Who forgets a quote would have the rest of the text taken for a value, or for names.
        assert_eq!(read("A='x\nB=2\nC=3").len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[A-C=\"'`\\\\#\\n\\r \\t$é😀export]{0,80}") {
            let lines = text.matches('\n').count() + 1;
            let found = parse(&text);
            prop_assert!(found.len() <= lines);
            prop_assert!(found.iter().all(|one| (1..=lines).contains(&(one.place as usize))));
        }

        #[test]
        fn every_value_in_double_quotes_comes_back(value in "(?s).{0,60}", next in "[a-z]{1,9}") {
            let mut written = String::new();
            for letter in value.chars() {
                match letter {
                    '\n' => written.push_str("\\n"),
                    '\r' => written.push_str("\\r"),
                    '"' | '\\' => written.extend(['\\', letter]),
                    _ => written.push(letter),
                }
            }
            let found = read(&format!("A=\"{written}\" # x\nB={next}"));
            prop_assert_eq!(&found[0].2, &value);
            prop_assert_eq!(&found[1].2, &next);
        }

        #[test]
        fn every_value_in_single_quotes_comes_back(value in "(?s)[^'\r]{0,60}") {
            let found = read(&format!("A='{value}'"));
            prop_assert_eq!(&found[0].2, &value);
        }
    }
}
