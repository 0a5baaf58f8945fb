//! Source code and configuration: the text is the file, cut at empty lines and at definitions.
//!
//! No grammar is used: a line is a definition by its first words, and it encloses what is indented
//! deeper. That is right for formatted code in common languages and harmless elsewhere, because
//! only headings depend on it, never the text.

use super::{
    BlockKind, ExtractLimits, Extracted, Extractor, Source, draft::cut, encoding::decode,
    outline::Outline, ranges::trimmed, text::lines,
};
use crate::error::Result;

/// Reads `text/x-…` types, JavaScript, CSS and XML; headings are the enclosing definitions.
#[derive(Debug, Clone, Copy, Default)]
pub struct CodeExtractor;

impl Extractor for CodeExtractor {
    fn accepts(&self, media_type: &str) -> bool {
        media_type.starts_with("text/x-")
            || matches!(media_type, "text/javascript" | "text/css" | "text/xml")
    }

    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        let mut decoded = decode(source, None)?;
        cut(&mut decoded.text, limits, &mut decoded.warnings);
        let stated = source.media_type.as_deref().and_then(|stated| stated.split(';').next());
        let media_type = match stated.map(str::trim) {
            Some(stated) if self.accepts(stated) => stated,
            _ => super::media_type_of_name(&source.name).unwrap_or("text/x-source"),
        };
        let outline = outline_of(&decoded.text, Style::of(media_type));
        Ok(Extracted {
            title: None,
            media_type: media_type.to_owned(),
            text: decoded.text,
            blocks: outline.into_blocks(),
            warnings: decoded.warnings,
        })
    }
}

/// How definitions are recognised.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// By keyword, or by `name(…) {`.
    Program,
    /// `[section]` lines.
    Sections,
    /// `key:` lines with nothing behind.
    Keys,
    /// Not at all.
    Plain,
}

impl Style {
    fn of(media_type: &str) -> Self {
        match media_type {
            "text/x-toml" | "text/x-ini" => Self::Sections,
            "text/x-yaml" => Self::Keys,
            "text/css" | "text/xml" | "text/x-makefile" | "text/x-dockerfile" => Self::Plain,
            _ => Self::Program,
        }
    }

    fn is_definition(self, line: &str) -> bool {
        match self {
            Self::Plain => false,
            Self::Sections => line.starts_with('[') && line.ends_with(']'),
            Self::Keys => line.ends_with(':') && !line.starts_with(['-', '#']),
            Self::Program => is_program_definition(line),
        }
    }
}

fn outline_of(text: &str, style: Style) -> Outline {
    let mut outline = Outline::new();
    // The block being read: its start, whether its headings are settled, and whether its last
    // line belongs to the line below (a comment, an attribute, a decorator).
    let mut open: Option<Open> = None;
    for (at, line) in lines(text) {
        let words = line.trim();
        if words.is_empty() {
            close(text, &mut outline, open.take(), at);
            continue;
        }
        let indent = indent_of(line);
        let defines = style.is_definition(words);
        if defines && indent == 0 && open.as_ref().is_some_and(|open| !open.leads) {
            close(text, &mut outline, open.take(), at);
        }
        let block = open.get_or_insert_with(|| {
            // A closing bracket belongs to the definition that it ends.
            let closes = words.starts_with(['}', ')', ']']);
            outline.leave(level(indent + u8::from(closes)));
            Open { start: at, leads: true, definitions: Vec::new(), headed: false }
        });
        if defines {
            if block.leads {
                outline.enter(level(indent), signature(words));
                block.headed = true;
            } else {
                block.definitions.push((level(indent), signature(words)));
            }
        }
        block.leads = block.leads && is_lead(words);
    }
    close(text, &mut outline, open, text.len());
    outline
}

struct Open<'a> {
    start: usize,
    leads: bool,
    /// Definitions inside the block, which enclose only what follows it.
    definitions: Vec<(u8, &'a str)>,
    headed: bool,
}

fn close(text: &str, outline: &mut Outline, open: Option<Open<'_>>, end: usize) {
    if let Some(open) = open {
        outline.push(BlockKind::Code, trimmed_lines(text, open.start, end));
        for (level, signature) in open.definitions {
            outline.enter(level, signature);
        }
    }
}

/// Trims the end, and the start only by whole lines: indentation is part of code.
fn trimmed_lines(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    start..trimmed(text, start..end).end.max(start)
}

/// Columns of white space before the line; a tab counts four.
fn indent_of(line: &str) -> u8 {
    let mut columns = 0_u8;
    for byte in line.bytes() {
        match byte {
            b' ' => columns = columns.saturating_add(1),
            b'\t' => columns = columns.saturating_add(4),
            _ => break,
        }
    }
    columns
}

fn level(indent: u8) -> u8 {
    indent.saturating_add(1)
}

fn is_lead(line: &str) -> bool {
    ["//", "/*", "*", "#", "@", "--", ";;", "\"\"\"", "'''", "%"]
        .iter()
        .any(|mark| line.starts_with(mark))
}

fn signature(line: &str) -> &str {
    line.trim_end_matches(['{', ':', '(', ' ']).trim_end()
}

const MODIFIERS: [&str; 27] = [
    "pub",
    "export",
    "default",
    "async",
    "static",
    "public",
    "private",
    "protected",
    "internal",
    "final",
    "abstract",
    "unsafe",
    "extern",
    "override",
    "open",
    "sealed",
    "virtual",
    "inline",
    "suspend",
    "data",
    "partial",
    "readonly",
    "declare",
    "local",
    "constexpr",
    "create",
    "or",
];

const KEYWORDS: [&str; 34] = [
    "fn",
    "def",
    "class",
    "struct",
    "enum",
    "trait",
    "impl",
    "interface",
    "function",
    "func",
    "fun",
    "type",
    "module",
    "mod",
    "namespace",
    "object",
    "record",
    "extension",
    "protocol",
    "union",
    "macro_rules!",
    "defmodule",
    "defp",
    "table",
    "view",
    "procedure",
    "trigger",
    "index",
    "message",
    "service",
    "resource",
    "package",
    "sub",
    "actor",
];

/// Words that open a block without naming anything.
const CONTROL: [&str; 22] = [
    "if", "for", "while", "switch", "catch", "else", "do", "try", "return", "with", "match",
    "loop", "unless", "elif", "except", "foreach", "when", "case", "using", "lock", "guard", "}",
];

fn is_program_definition(line: &str) -> bool {
    if is_lead(line) {
        return false;
    }
    let mut words = line
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | '<' | '{' | ':' | '"'))
        .filter(|word| !word.is_empty());
    let first = words
        .by_ref()
        .take(8)
        .find(|word| !MODIFIERS.contains(&word.to_ascii_lowercase().as_str()) && *word != "crate)");
    let Some(first) = first else { return false };
    let lower = first.to_ascii_lowercase();
    if KEYWORDS.contains(&lower.as_str()) {
        // A declaration such as `mod name;` encloses nothing.
        return words.next().is_some() && (line.contains('{') || !line.ends_with(';'));
    }
    if CONTROL.contains(&lower.as_str()) || !line.ends_with('{') {
        return false;
    }
    let call = line.find('(');
    let assignment = line.find('=');
    if line.contains("=>") {
        return matches!(lower.as_str(), "const" | "let" | "var") && assignment < line.find("=>");
    }
    call.is_some_and(|call| assignment.is_none_or(|assignment| call < assignment))
        && !line.starts_with(['.', ')', '}'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(name: &str, file: &str) -> Vec<(String, String)> {
        let read = CodeExtractor
            .extract(&Source::new(name, file.to_owned()), &ExtractLimits::default())
            .unwrap();
        assert_eq!(read.text, file);
        let seen = |block| (read.text_of(block).to_owned(), block.headings.join(" > "));
        read.blocks.iter().map(seen).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn rust_blocks_stand_under_their_impl_and_function() {
        let file = "use a::b;\n\n/// Doc.\nimpl Door {\n    fn open(&self) {\n        one();\n\n        two();\n    }\n\n    pub(crate) fn shut() {}\n}\nfn free() {}\n";
        assert_eq!(
            read("a.rs", file),
            pairs(&[
                ("use a::b;", ""),
                ("/// Doc.\nimpl Door {\n    fn open(&self) {\n        one();", "impl Door"),
                ("        two();\n    }", "impl Door > fn open(&self)"),
                ("    pub(crate) fn shut() {}\n}", "impl Door > pub(crate) fn shut() {}"),
                ("fn free() {}", "fn free() {}"),
            ])
        );
    }

    #[test]
    fn python_blocks_stand_under_their_class() {
        let file = "import os\n\nclass Lease:\n    \"\"\"Doc.\"\"\"\n\n    def renew(self):\n        return 1\n\n\ndef free(): pass\n";
        assert_eq!(
            read("a.py", file),
            pairs(&[
                ("import os", ""),
                ("class Lease:\n    \"\"\"Doc.\"\"\"", "class Lease"),
                ("    def renew(self):\n        return 1", "class Lease > def renew(self)"),
                ("def free(): pass", "def free(): pass"),
            ])
        );
    }

    #[test]
    fn functions_without_a_keyword_and_arrow_functions_count() {
        assert!(is_program_definition("int main(int argc, char **argv) {"));
        assert!(is_program_definition("export const load = async (id) => {"));
        assert!(is_program_definition("CREATE TABLE users ("));
        assert!(!is_program_definition("if (ready) {"));
        assert!(!is_program_definition("mod name;"));
        assert!(!is_program_definition("// class of its own {"));
    }

    #[test]
    fn configuration_stands_under_its_section_or_key() {
        assert_eq!(
            read("a.toml", "[a]\nx = 1\n[b]\ny = 2\n"),
            pairs(&[("[a]\nx = 1", "[a]"), ("[b]\ny = 2", "[b]")])
        );
        assert_eq!(
            read("a.yaml", "web:\n  port: 1\n\n  env:\n    - A\n"),
            pairs(&[("web:\n  port: 1", "web"), ("  env:\n    - A", "web > env")])
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_sound_blocks(
            parts in prop::collection::vec(prop::sample::select(vec![
                "fn a() {", "\n", "\n\n", "    ", "\t", "}", "class é:", "// x", "\r\n", "🌍", "[a]", "=> {", "(",
            ]), 0..60)
        ) {
            let source = Source::new("a.rs", parts.concat());
            let read = CodeExtractor.extract(&source, &ExtractLimits::default()).unwrap();
            prop_assert!(read.check().is_ok());
        }
    }
}
