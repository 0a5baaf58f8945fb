//! Cuts Markdown or plain text into sentences that can be quoted as they stand.

/// One thing that can be quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    /// What stands in the document, without the markers of lists, headings, quotes and tables.
    pub(super) text: String,
    /// Whether it is a block of code.
    pub(super) is_code: bool,
}

/// Headings and sentences of a text in order; a heading says what the sentences after it are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A heading.
    Heading(String),
    /// Something to quote.
    Sentence(Sentence),
}

/// Cuts a text into its pieces.
pub(super) fn cut(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut paragraph = String::new();
    let mut code: Option<(&str, String)> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some((fence, block)) = &mut code {
            if trimmed.starts_with(*fence) && trimmed.trim_start_matches(['`', '~']).is_empty() {
                push_code(&mut pieces, block);
                code = None;
            } else {
                block.push_str(line.trim_end());
                block.push('\n');
            }
            continue;
        }
        if let Some(fence) = ["```", "~~~"].into_iter().find(|fence| trimmed.starts_with(fence)) {
            flush(&mut pieces, &mut paragraph);
            code = Some((fence, String::new()));
            continue;
        }
        let unquoted = trimmed.trim_start_matches(['>', ' ']);
        if unquoted.is_empty() || is_rule(unquoted) {
            // A line of `=` or `-` under a paragraph makes it a heading (setext).
            let underlines = is_underline(unquoted) && !paragraph.is_empty();
            if underlines {
                pieces.push(Piece::Heading(std::mem::take(&mut paragraph)));
            }
            flush(&mut pieces, &mut paragraph);
        } else if let Some(heading) = heading(unquoted) {
            flush(&mut pieces, &mut paragraph);
            if !heading.is_empty() {
                pieces.push(Piece::Heading(heading.to_owned()));
            }
        } else if let Some(row) = unquoted.strip_prefix('|') {
            flush(&mut pieces, &mut paragraph);
            let row = row.trim_end().trim_end_matches('|').trim();
            if !row.is_empty() && !row.chars().all(|c| matches!(c, '-' | ':' | '|' | ' ')) {
                push(&mut pieces, row);
            }
        } else if let Some(item) = list_item(unquoted) {
            flush(&mut pieces, &mut paragraph);
            paragraph.push_str(item);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(unquoted);
        }
    }
    if let Some((_, block)) = &code {
        push_code(&mut pieces, block);
    }
    flush(&mut pieces, &mut paragraph);
    pieces
}

fn push_code(pieces: &mut Vec<Piece>, block: &str) {
    let text = block.trim_end();
    if !text.trim().is_empty() {
        pieces.push(Piece::Sentence(Sentence { text: text.to_owned(), is_code: true }));
    }
}

fn push(pieces: &mut Vec<Piece>, text: &str) {
    let text = text.trim();
    if text.chars().any(char::is_alphanumeric) {
        pieces.push(Piece::Sentence(Sentence { text: text.to_owned(), is_code: false }));
    }
}

fn flush(pieces: &mut Vec<Piece>, paragraph: &mut String) {
    let mut start = 0;
    for end in sentence_ends(paragraph) {
        push(pieces, paragraph.get(start..end).unwrap_or_default());
        start = end;
    }
    push(pieces, paragraph.get(start..).unwrap_or_default());
    paragraph.clear();
}

fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| *c != ' ');
    let Some(first) = marks.next() else { return false };
    matches!(first, '-' | '=' | '*' | '_') && line.len() >= 3 && marks.all(|c| c == first)
}

fn is_underline(line: &str) -> bool {
    line.len() >= 3 && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    let is_heading = (1..=6).contains(&level) && (text.is_empty() || text.starts_with(' '));
    is_heading.then(|| text.trim().trim_end_matches('#').trim_end())
}

fn list_item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*', '+', '•']).or_else(|| {
        let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if !(1..=9).contains(&digits) {
            return None;
        }
        line.get(digits..)?.strip_prefix(['.', ')'])
    })?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim_start();
    let unchecked = ["[ ] ", "[x] ", "[X] "].iter().find_map(|mark| rest.strip_prefix(mark));
    Some(unchecked.unwrap_or(rest))
}

/// Where sentences end: after `.`, `!` or `?` and what closes them, where a space and no lower-case
/// letter follows; an abbreviation, an initial and a number do not end one. East Asian full stops
/// end one always.
fn sentence_ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        if matches!(character, '。' | '！' | '？') {
            ends.push(end);
            continue;
        }
        if !matches!(character, '.' | '!' | '?' | '…') {
            continue;
        }
        let mut end = end;
        while let Some((at, closing)) = characters.next_if(|(_, c)| {
            matches!(c, '.' | '!' | '?' | '"' | '\'' | ')' | ']' | '”' | '’' | '*' | '_' | '»')
        }) {
            end = at + closing.len_utf8();
        }
        let rest = text.get(end..).unwrap_or_default();
        let next = rest.trim_start();
        let spaced = next.len() < rest.len();
        let begins = next.chars().next().is_none_or(|c| !c.is_lowercase());
        let before = text.get(..at).unwrap_or_default();
        if spaced && begins && !(character == '.' && is_abbreviated(before, next)) {
            ends.push(end);
        }
    }
    ends
}

/// Whether the word before a full stop is usually shortened so.
fn is_abbreviated(before: &str, next: &str) -> bool {
    const ALWAYS: &[&str] = &[
        "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "cf", "fig", "eq", "approx",
        "gen", "rev", "hon", "sr", "jr", "z.b", "ca",
    ];
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or(before);
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    // "No. 5" is shortened; "No. It is" is a sentence.
    let is_number_sign = matches!(word, "No" | "no" | "p" | "pp" | "Art" | "Sec")
        && next.starts_with(|c: char| c.is_ascii_digit());
    is_initial || is_number_sign || ALWAYS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quotes(text: &str) -> Vec<String> {
        let pieces = cut(text).into_iter();
        pieces
            .filter_map(|piece| match piece {
                Piece::Sentence(sentence) => Some(sentence.text),
                Piece::Heading(_) => None,
            })
            .collect()
    }

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        for (text, expected) in [
            ("One. Two! Three? Four", &["One.", "Two!", "Three?", "Four"][..]),
            (
                "Dr. Smith paid $3.50 to J. Doe, e.g. in May. He left.",
                &["Dr. Smith paid $3.50 to J. Doe, e.g. in May.", "He left."],
            ),
            (
                "See No. 5 for more. No. It is closed.",
                &["See No. 5 for more.", "No.", "It is closed."],
            ),
            (
                "He said \"Go.\" Then he left (at once.) Done",
                &["He said \"Go.\"", "Then he left (at once.)", "Done"],
            ),
            ("wrapped over\ntwo lines. Next\none.", &["wrapped over two lines.", "Next one."]),
            ("これは文です。次の文！", &["これは文です。", "次の文！"]),
            ("Use v1.2.3 of example.com. ok then", &["Use v1.2.3 of example.com. ok then"]),
            ("... !!! —", &[]),
        ] {
            assert_eq!(quotes(text), expected, "{text:?}");
        }
    }

    #[test]
    fn markdown_markers_go_and_blocks_stay_apart() {
        let text = "# Title #\nIntro line\ngoes on.\n\n- First item\n- [x] Second. Third\n  goes on\n\
                    12) Twelfth\n> quoted text\n\n| Plan | Price |\n|:--|--:|\n| Pro | 20 USD |\n\n\
                    Setext\n======\n***\n```sh\nrun --fast\n\nstop\n```\nEnd **bold**.\n~~~\nopen";
        assert_eq!(
            quotes(text),
            [
                "Intro line goes on.",
                "First item",
                "Second.",
                "Third goes on",
                "Twelfth quoted text",
                "Plan | Price",
                "Pro | 20 USD",
                "run --fast\n\nstop",
                "End **bold**.",
                "open",
            ]
        );
        let headings: Vec<_> = cut(text)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Heading(heading) => Some(heading),
                Piece::Sentence(_) => None,
            })
            .collect();
        assert_eq!(headings, ["Title", "Setext"]);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_without_panic_and_quotes_hold_only_its_words(text in "[\\PC\n#|`>.\\- ]{0,200}") {
            for quote in quotes(&text) {
                for word in quote.split_whitespace() {
                    prop_assert!(text.contains(word));
                }
            }
        }
    }
}
