//! Reads a build log for the faults that a recipe may mend.
//!
//! A log is what strangers' programs print: it is cleaned, capped and never obeyed. Every finding
//! quotes the lines that prove it.

mod node;
mod npm;
mod python;
mod rust;

use super::{Evidence, Finding, FindingKind};
use crate::monitor::{redact, strip_controls};

/// How much of a log is read.
const LOG_LIMIT: usize = 1024 * 1024;
const LINE_LIMIT: usize = 2_000;
const LINES_LIMIT: usize = 20_000;
const FINDINGS_LIMIT: usize = 50;

/// The log without control codes and secrets, at most 1 MiB of it: its beginning and its end.
///
/// ```
/// use javari_core::healer::clean_log;
/// assert_eq!(clean_log("\u{1b}[31merror\u{1b}[0m\n"), "error\n");
/// ```
pub fn clean_log(log: &str) -> String {
    let kept = if log.len() <= LOG_LIMIT {
        std::borrow::Cow::Borrowed(log)
    } else {
        let half = LOG_LIMIT / 2;
        let head = (0..=half).rev().find_map(|at| log.get(..at)).unwrap_or_default();
        let tail = (log.len() - half..log.len()).find_map(|at| log.get(at..)).unwrap_or_default();
        format!("{head}\n[{} bytes left out]\n{tail}", log.len() - head.len() - tail.len()).into()
    };
    let text = redact(&strip_controls(&kept));
    let count = text.split_inclusive('\n').count();
    let mut clean = String::with_capacity(text.len());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if count > LINES_LIMIT && number > LINES_LIMIT / 2 && number < count - LINES_LIMIT / 2 {
            continue;
        }
        match line.char_indices().nth(LINE_LIMIT) {
            Some((at, _)) => {
                clean.push_str(line.get(..at).unwrap_or_default());
                clean.push('\n');
            }
            None => clean.push_str(line),
        }
    }
    clean
}

/// The findings of a cleaned log, in its order, each fault once.
pub(super) fn parse(log: &str) -> Vec<Finding> {
    let lines = Lines(log.lines().collect());
    let mut findings: Vec<Finding> = Vec::new();
    for at in 0..lines.0.len() {
        let found = rust::read(&lines, at)
            .or_else(|| python::read(&lines, at))
            .or_else(|| npm::read(&lines, at))
            .or_else(|| node::read(&lines, at));
        let Some(found) = found else { continue };
        let known = findings.iter().any(|known| {
            known.kind == found.kind
                && known.subject == found.subject
                && known.name == found.name
                && (known.file == found.file || found.file.is_none())
        });
        if !known {
            findings.push(found);
        }
        if findings.len() == FINDINGS_LIMIT {
            break;
        }
    }
    findings
}

/// The lines of a log, by number.
struct Lines<'a>(Vec<&'a str>);

impl<'a> Lines<'a> {
    fn get(&self, at: usize) -> &'a str {
        self.0.get(at).copied().unwrap_or_default()
    }

    fn evidence(&self, at: usize) -> Evidence {
        Evidence { line: u32::try_from(at + 1).unwrap_or(u32::MAX), text: self.get(at).to_owned() }
    }

    /// The places before `at`, nearest first, at most `count` of them.
    fn before(&self, at: usize, count: usize) -> impl Iterator<Item = usize> {
        (at.saturating_sub(count)..at).rev()
    }

    /// The places after `at`, nearest first, at most `count` of them.
    fn after(&self, at: usize, count: usize) -> impl Iterator<Item = usize> {
        at + 1..(at + 1 + count).min(self.0.len())
    }

    /// A finding whose subject is a name somebody could have written.
    fn finding(&self, kind: FindingKind, subject: &str, at: usize) -> Option<Finding> {
        let fits = !subject.is_empty()
            && subject.len() <= 500
            // `${name}` is a line of a program that prints such words, not the words.
            && !subject.contains("${")
            && !subject.chars().any(|c| c.is_control() || c.is_whitespace());
        fits.then(|| Finding {
            kind,
            subject: subject.to_owned(),
            name: None,
            file: None,
            line: None,
            evidence: vec![self.evidence(at)],
        })
    }
}

/// What stands in `line` between `before` and the next `after`.
fn between<'a>(line: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(before)?;
    rest.split_once(after).map(|(inside, _)| inside)
}

/// `path:12:5` or `path:12` in its parts.
fn place(text: &str) -> Option<(&str, u32)> {
    let text = text.trim();
    let (rest, last) = text.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match rest.rsplit_once(':').map(|(path, line)| (path, line.parse::<u32>())) {
        Some((path, Ok(line))) => Some((path, line)),
        _ => Some((rest, last)),
    }
}

#[cfg(test)]
mod tests;
