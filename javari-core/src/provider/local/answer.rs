//! Chooses the sentences that answer a question and writes them down as quotes.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use super::{
    sentence::{Piece, Sentence, cut},
    words::{is_function_word, words},
};
use crate::provider::Passage;

/// The most quotes of one answer.
const QUOTES: usize = 4;
/// How much of the question's weight a sentence must meet to be relevant at all.
const RELEVANT: f64 = 0.3;
/// How good a further quote must be beside the best.
const BESIDE_BEST: f64 = 0.6;
/// What a word is worth that stands only in the heading above a sentence.
const IN_HEADING: f64 = 0.5;
/// The most characters of one quote.
const QUOTE_LENGTH: usize = 600;

const OPENING: &str = "From your documents (quoted, no model was asked):\n";
const NO_ANSWER: &str =
    "Your documents do not answer this question. (They were searched; no model was asked.)";
const NO_DOCUMENTS: &str = "No documents were found for this question, so there is nothing to quote. (No model was asked.)";

/// A sentence that may be quoted.
struct Candidate<'a> {
    passage: &'a Passage,
    sentence: Sentence,
    stems: HashSet<String>,
    /// Stems of the headings above it.
    around: HashSet<String>,
}

/// The answer to `question` out of `passages`.
pub(super) fn write(question: &str, passages: &[Passage]) -> String {
    if passages.is_empty() {
        return NO_DOCUMENTS.to_owned();
    }
    let asked = content_stems(question);
    let candidates = candidates(passages);
    let chosen = choose(&asked, &candidates);
    if chosen.is_empty() {
        return NO_ANSWER.to_owned();
    }
    let mut text = OPENING.to_owned();
    for candidate in &chosen {
        let quote = shorten(&candidate.sentence.text);
        let number = candidate.passage.number;
        // Writing into a string cannot fail.
        let _ = if candidate.sentence.is_code {
            write!(text, "\n```\n{quote}\n```\n[{number}]")
        } else {
            write!(text, "\n\"{quote}\" [{number}]")
        };
    }
    text.push_str("\n\nSources:");
    let mut named = HashSet::new();
    for Candidate { passage, .. } in chosen {
        if !named.insert(passage.number) {
            continue;
        }
        let _ = write!(text, "\n[{}] {}", passage.number, one_line(&passage.source));
        if let Some(heading) = &passage.heading {
            let _ = write!(text, ", {}", one_line(heading));
        }
    }
    text
}

fn candidates(passages: &[Passage]) -> Vec<Candidate<'_>> {
    let mut candidates = Vec::new();
    for passage in passages {
        let mut around = passage.heading.as_deref().map(content_stems).unwrap_or_default();
        for piece in cut(&passage.text) {
            match piece {
                Piece::Heading(heading) => around = content_stems(&heading),
                Piece::Sentence(sentence) => {
                    let stems = content_stems(&sentence.text);
                    let around = around.clone();
                    candidates.push(Candidate { passage, sentence, stems, around });
                }
            }
        }
    }
    candidates
}

/// The best sentences, best first: scored by the question's words they hold, a rare word counting
/// more than a common one; at equal score the earlier passage and the earlier sentence win.
fn choose<'a, 'b>(
    asked: &HashSet<String>,
    candidates: &'b [Candidate<'a>],
) -> Vec<&'b Candidate<'a>> {
    let weights = weights(asked, candidates);
    // A set has no order, and sums of floats depend on it: summed in order, equal runs are equal.
    let mut words: Vec<(&str, f64)> = weights.into_iter().collect();
    words.sort_by(|one, other| one.0.cmp(other.0));
    let all: f64 = words.iter().map(|(_, weight)| weight).sum();
    if all <= 0.0 {
        return Vec::new();
    }
    let mut scored: Vec<(f64, &Candidate<'_>)> = candidates
        .iter()
        .filter_map(|candidate| {
            let own = |word: &str| candidate.stems.contains(word);
            let mut met = 0.0;
            let mut by_itself = false;
            for (word, weight) in &words {
                if own(word) {
                    met += weight;
                    by_itself = true;
                } else if candidate.around.contains(*word) {
                    met += weight * IN_HEADING;
                }
            }
            // A heading alone makes no sentence an answer, and a long sentence meets words by
            // chance.
            let length = candidate.stems.len() as f64;
            let score = met / all / (1.0 + (length - 30.0).max(0.0) / 60.0);
            (by_itself && score >= RELEVANT).then_some((score, candidate))
        })
        .collect();
    // A stable sort keeps the order of passages and sentences among equals.
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    let mut chosen: Vec<&Candidate<'_>> = Vec::new();
    for (score, candidate) in scored {
        if chosen.len() == QUOTES || score < best * BESIDE_BEST {
            break;
        }
        let is_new = !chosen.iter().any(|other| alike(&other.stems, &candidate.stems));
        // Code is quoted only where nothing answers better.
        if is_new && (!candidate.sentence.is_code || chosen.is_empty()) {
            chosen.push(candidate);
        }
    }
    chosen
}

/// The weight of each word asked: the rarer among the sentences, the heavier.
fn weights<'a>(asked: &'a HashSet<String>, candidates: &[Candidate<'_>]) -> HashMap<&'a str, f64> {
    let total = candidates.len() as f64;
    let weigh = |word: &'a String| {
        let holding = candidates.iter().filter(|candidate| candidate.stems.contains(word)).count();
        (word.as_str(), (1.0 + (total + 1.0) / (holding as f64 + 1.0)).ln())
    };
    asked.iter().map(weigh).collect()
}

/// Whether two sentences say the same in the same words.
fn alike(one: &HashSet<String>, other: &HashSet<String>) -> bool {
    let shared = one.intersection(other).count();
    let united = one.len() + other.len() - shared;
    shared * 5 >= united * 4
}

fn content_stems(text: &str) -> HashSet<String> {
    words(text)
        .filter(|word| !is_function_word(&word.lower))
        .map(|word| word.stem().into_owned())
        .collect()
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(QUOTE_LENGTH) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or(text).trim_end()),
        None => text.to_owned(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide() -> Vec<Passage> {
        vec![
            Passage::new(
                1,
                "shipping.md",
                "# Shipping\n\nOrders ship within two days. We ship to \
                Canada and Mexico. Tracking numbers are sent by email.",
            ),
            Passage::new(
                2,
                "refunds.md",
                "Refunds are paid within 30 days of the return. \
                The customer pays the postage of a return. Refunds go to the card that paid.",
            )
            .with_heading("Refunds"),
            Passage::new(
                7,
                "cli.md",
                "Install it:\n\n```sh\njavari init --path ./data\n```\n\n\
                | Flag | Meaning |\n|---|---|\n| --path | folder of the database |",
            ),
        ]
    }

    #[test]
    fn the_sentences_that_hold_the_asked_words_are_quoted_best_first_with_their_sources() {
        let text = write("How many days until a refund is paid?", &guide());
        assert!(text.starts_with(OPENING));
        assert!(
            text.contains("\n\"Refunds are paid within 30 days of the return.\" [2]"),
            "{text}"
        );
        let first = text.lines().nth(2).unwrap();
        assert!(first.starts_with("\"Refunds are paid"), "{text}");
        assert!(text.ends_with("Sources:\n[2] refunds.md, Refunds"), "{text}");
        let text = write("Do you ship to Mexico?", &guide());
        assert!(text.contains("\"We ship to Canada and Mexico.\" [1]"), "{text}");
    }

    #[test]
    fn code_is_quoted_as_it_stands_when_it_is_the_best() {
        let text = write("javari init", &guide());
        assert!(text.contains("```\njavari init --path ./data\n```\n[7]"), "{text}");
    }

    #[test]
    fn what_the_documents_do_not_say_is_not_answered() {
        for question in ["Who won the world cup in 1998?", "What is it?", "", "???"] {
            assert_eq!(write(question, &guide()), NO_ANSWER, "{question:?}");
        }
        assert_eq!(write("How long do refunds take?", &[]), NO_DOCUMENTS);
    }

    #[test]
    fn the_same_sentence_in_two_documents_is_quoted_once_from_the_first() {
        let twice = [
            Passage::new(1, "a.md", "The office opens at nine."),
            Passage::new(2, "b.md", "The office opens at nine."),
        ];
        let text = write("When does the office open?", &twice);
        assert_eq!(text.matches("\"The office").count(), 1);
        assert!(text.contains("[1]") && !text.contains("[2]"));
    }

    #[test]
    fn equal_requests_get_equal_answers() {
        let ask = || write("refund days return ship card customer postage paid", &guide());
        assert!((0..50).all(|_| ask() == ask()));
    }
}
