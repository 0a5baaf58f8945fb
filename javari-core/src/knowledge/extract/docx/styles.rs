//! Which paragraph styles are headings, and of which level.

use std::collections::HashMap;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::malformed;
use crate::error::Result;

/// Heading levels and list membership by style id.
#[derive(Debug, Default)]
pub(super) struct Styles {
    by_id: HashMap<String, Style>,
}

#[derive(Debug, Default, Clone)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    numbered: bool,
}

impl Styles {
    /// The heading level, 1 to 9, that a style gives its paragraphs.
    pub(super) fn level(&self, id: &str) -> Option<u8> {
        self.lineage(id)
            .find_map(|style| {
                style.outline.or_else(|| match style.name.to_ascii_lowercase().as_str() {
                    "title" => Some(1),
                    name => name.strip_prefix("heading ")?.trim().parse().ok(),
                })
            })
            .or_else(|| {
                // Without a styles part, the ids that Word writes still tell.
                let digits = id.strip_prefix("Heading")?;
                digits.parse().ok()
            })
            .filter(|level| (1..=9).contains(level))
    }

    /// Whether the style makes its paragraphs items of a list.
    pub(super) fn is_list(&self, id: &str) -> bool {
        self.lineage(id).any(|style| style.numbered || style.name.starts_with("List "))
    }

    /// Whether the style marks a quotation.
    pub(super) fn is_quote(&self, id: &str) -> bool {
        self.lineage(id).any(|style| matches!(style.name.as_str(), "Quote" | "Intense Quote"))
    }

    /// The style and those it is based on; bounded, because a damaged file may hold a circle.
    fn lineage<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Style> {
        let first = self.by_id.get(id);
        std::iter::successors(first, |style| {
            style.based_on.as_ref().and_then(|base| self.by_id.get(base))
        })
        .take(10)
    }
}

/// Reads `word/styles.xml`.
pub(super) fn read(xml: &str) -> Result<Styles> {
    let mut reader = Reader::from_str(xml);
    let mut styles = Styles::default();
    let mut open: Option<(String, Style)> = None;
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(tag) => note(&tag, &mut open),
            Event::Empty(tag) if tag.local_name().as_ref() != "style" => note(&tag, &mut open),
            Event::End(tag) if tag.local_name().as_ref() == "style" => {
                styles.by_id.extend(open.take());
            }
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

fn note(tag: &BytesStart<'_>, open: &mut Option<(String, Style)>) {
    if tag.local_name().as_ref() == "style" {
        *open = attribute(tag, "styleId").map(|id| (id, Style::default()));
        return;
    }
    let Some((_, style)) = open else { return };
    match tag.local_name().as_ref() {
        "name" => style.name = attribute(tag, "val").unwrap_or_default(),
        "basedOn" => style.based_on = attribute(tag, "val"),
        "outlineLvl" => style.outline = outline_level(tag),
        "numPr" => style.numbered = true,
        _ => {}
    }
}

/// The heading level of an `outlineLvl` element, which counts from 0; 9 means body text.
pub(super) fn outline_level(tag: &BytesStart<'_>) -> Option<u8> {
    let level: u8 = attribute(tag, "val")?.parse().ok()?;
    (level < 9).then_some(level + 1)
}

/// The value of an attribute, whatever its prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes().with_checks(false).flatten().find_map(|attribute| {
        (attribute.key.local_name().as_ref() == name).then(|| attribute.value.to_string())
    })
}
