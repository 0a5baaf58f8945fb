//! Markdown (CommonMark with tables, footnotes and front matter): the text is the file.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{
    BlockKind, ExtractLimits, Extracted, Extractor, Source, draft::cut, encoding::decode,
    outline::Outline, ranges::trimmed,
};
use crate::error::Result;

/// Reads `text/markdown`; blocks are the top-level blocks of the document.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarkdownExtractor;

impl Extractor for MarkdownExtractor {
    fn accepts(&self, media_type: &str) -> bool {
        media_type == "text/markdown"
    }

    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        let mut decoded = decode(source, None)?;
        cut(&mut decoded.text, limits, &mut decoded.warnings);
        let (outline, title) = outline_of(&decoded.text);
        Ok(Extracted {
            title: title.or_else(|| outline.first_heading()),
            media_type: "text/markdown".to_owned(),
            text: decoded.text,
            blocks: outline.into_blocks(),
            warnings: decoded.warnings,
        })
    }
}

fn outline_of(text: &str) -> (Outline, Option<String>) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut outline = Outline::new();
    let mut title = None;
    let mut depth = 0_usize;
    let mut kind = BlockKind::Paragraph;
    let mut heading = String::new();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    kind = kind_of(&tag);
                    heading.clear();
                }
                depth += 1;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                if depth > 0 {
                    continue;
                }
                let range = trimmed(text, range);
                if matches!(tag, TagEnd::MetadataBlock(_)) {
                    title = title_of(text.get(range.clone()).unwrap_or_default());
                }
                match kind {
                    BlockKind::Heading { level } => outline.heading(level, &heading, range),
                    other => outline.push(other, range),
                }
            }
            Event::Text(words) | Event::Code(words) => {
                if matches!(kind, BlockKind::Heading { .. }) {
                    heading.push_str(&words);
                }
            }
            Event::SoftBreak | Event::HardBreak => heading.push(' '),
            _ => {}
        }
    }
    (outline, title)
}

fn kind_of(tag: &Tag<'_>) -> BlockKind {
    match tag {
        Tag::Heading { level, .. } => BlockKind::Heading { level: number(*level) },
        Tag::List(_) => BlockKind::List,
        Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented)
        | Tag::MetadataBlock(_) => BlockKind::Code,
        Tag::Table(_) => BlockKind::Table,
        Tag::BlockQuote(_) => BlockKind::Quote,
        _ => BlockKind::Paragraph,
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// The `title` of front matter in YAML (`title: …`) or TOML (`title = …`).
fn title_of(front_matter: &str) -> Option<String> {
    front_matter.lines().find_map(|line| {
        let value = line.strip_prefix("title")?.trim_start().strip_prefix([':', '='])?;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        (!value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(file: &str) -> Extracted {
        MarkdownExtractor
            .extract(&Source::new("a.md", file.to_owned()), &ExtractLimits::default())
            .unwrap()
    }

    #[test]
    fn blocks_carry_their_kind_and_the_headings_above_them() {
        let file = "---\ntitle: \"Frost\"\n---\n\n# One *bold* `code`\n\ntext\n\nSub\n---\n\n- a\n  - b\n\n```sh\n# no heading\n```\n\n| a |\n|---|\n| b |\n\n> said\n";
        let read = read(file);
        assert_eq!(read.text, file);
        assert_eq!(read.title.as_deref(), Some("Frost"));
        let seen: Vec<(BlockKind, &str, String)> = read
            .blocks
            .iter()
            .map(|block| (block.kind, read.text_of(block), block.headings.join(" > ")))
            .collect();
        let one = "One bold code".to_owned();
        let sub = "One bold code > Sub".to_owned();
        assert_eq!(
            seen,
            [
                (BlockKind::Code, "---\ntitle: \"Frost\"\n---", String::new()),
                (BlockKind::Heading { level: 1 }, "# One *bold* `code`", one.clone()),
                (BlockKind::Paragraph, "text", one),
                (BlockKind::Heading { level: 2 }, "Sub\n---", sub.clone()),
                (BlockKind::List, "- a\n  - b", sub.clone()),
                (BlockKind::Code, "```sh\n# no heading\n```", sub.clone()),
                (BlockKind::Table, "| a |\n|---|\n| b |", sub.clone()),
                (BlockKind::Quote, "> said", sub),
            ]
        );
    }

    #[test]
    fn without_front_matter_the_first_heading_is_the_title() {
        assert_eq!(read("intro\n\n# Title\n").title.as_deref(), Some("Title"));
        assert_eq!(read("only text").title, None);
    }

    proptest! {
        #[test]
        fn blocks_never_overlap_and_stand_on_characters(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "# ", "\n", "\n\n", "- ", "> ", "```", "| a | b |\n|---|---|\n", "é", "🌍", "    ",
                    "text ", "---\n", "[^1]: ", "<div>", "***", "\t", "1. ", "\r\n", "===\n", "+++\n",
                ]), 0..60)
        ) {
            let read = read(&parts.concat());
            prop_assert!(read.check().is_ok());
        }
    }
}
