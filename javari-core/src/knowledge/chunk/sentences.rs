//! Finds the ends of sentences by punctuation, in one pass and without a dictionary.

use std::ops::Range;

/// The sentences of `text`, trimmed; together they hold all of its visible characters.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..)?;
        let first = start + rest.find(|c: char| !c.is_whitespace())?;
        let end = first + sentence_length(text.get(first..)?);
        start = end;
        let length = text.get(first..end)?.trim_end().len();
        Some(first..first + length)
    })
}

/// The bytes up to and including the first end of a sentence, or all of them.
fn sentence_length(text: &str) -> usize {
    for (at, mark) in text.char_indices() {
        let after = at + mark.len_utf8();
        match mark {
            // These end a sentence without a space behind them.
            '。' | '！' | '？' | '｡' | '।' | '॥' => return closed(text, after),
            '.' | '!' | '?' | '…' | '؟' | '۔' => {
                let end = closed(text, after);
                let rest = text.get(end..).unwrap_or_default();
                let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
                if ends && !(mark == '.' && is_abbreviated(text, at, rest)) {
                    return end;
                }
            }
            // An empty line always ends a sentence.
            '\n' if text
                .get(after..)
                .is_some_and(|rest| rest.strip_prefix('\r').unwrap_or(rest).starts_with('\n')) =>
            {
                return after;
            }
            _ => {}
        }
    }
    text.len()
}

/// Past the closing brackets and quotes behind a mark; at most a few, so that a row of them does
/// not cost quadratic time.
fn closed(text: &str, from: usize) -> usize {
    let closing =
        |c: &char| matches!(c, ')' | ']' | '"' | '\'' | '”' | '’' | '»' | '」' | '』' | '）');
    let rest = text.get(from..).unwrap_or_default();
    from + rest.chars().take(4).take_while(closing).map(char::len_utf8).sum::<usize>()
}

/// Whether the dot at `at` belongs to a shortened word or an initial, or the text goes on in lower
/// case.
fn is_abbreviated(text: &str, at: usize, rest: &str) -> bool {
    const SHORT: [&str; 22] = [
        "mr", "mrs", "ms", "dr", "prof", "st", "no", "nr", "fig", "vol", "pp", "vs", "etc", "e.g",
        "i.e", "z.b", "d.h", "bzw", "ca", "approx", "inc", "jr",
    ];
    let before = text.get(..at).unwrap_or_default();
    let from =
        super::super::extract::ranges::floor_boundary(before, before.len().saturating_sub(12));
    let tail = before.get(from..).unwrap_or_default();
    let word = tail.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let goes_on = rest.chars().take(3).find(|c| !c.is_whitespace()).is_some_and(char::is_lowercase);
    is_initial || goes_on || SHORT.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn marks_followed_by_space_end_sentences() {
        assert_eq!(
            cut(" One. Two! (Three?) \"Four.\" Five "),
            ["One.", "Two!", "(Three?)", "\"Four.\"", "Five"]
        );
    }

    #[test]
    fn numbers_abbreviations_and_initials_do_not() {
        let text = "Dr. J. Smith paid 3.5 million, e.g. In cash, etc. and left.";
        assert_eq!(cut(text), [text]);
    }

    #[test]
    fn ideographic_full_stops_need_no_space() {
        assert_eq!(cut("今日は晴れ。明日は雨？"), ["今日は晴れ。", "明日は雨？"]);
    }

    proptest! {
        #[test]
        fn all_visible_characters_are_kept(text in "[a-zA-Z .!?。\n\"é)\u{2003}]{0,200}") {
            let kept: String = cut(&text).concat();
            let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(visible(&kept), visible(&text));
        }
    }
}
