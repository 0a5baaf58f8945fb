//! Walks the body of a Word document and writes its blocks.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    super::{BlockKind, draft::Draft},
    malformed, resolve,
    styles::{Styles, attribute, outline_level},
};
use crate::error::Result;

/// Writes the blocks of `document.xml` into `draft`; the number of pictures that were passed over.
pub(super) fn read(xml: &str, styles: &Styles, draft: &mut Draft) -> Result<usize> {
    let mut reader = Reader::from_str(xml);
    let mut body = Body {
        styles,
        draft,
        paragraph: Paragraph::default(),
        list: String::new(),
        table: None,
        table_depth: 0,
        skipped_depth: 0,
        in_text: false,
        is_hidden: false,
        pictures: 0,
    };
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(tag) => body.start(&tag),
            Event::Empty(tag) => {
                body.start(&tag);
                body.end(tag.local_name().as_ref());
            }
            Event::End(tag) => body.end(tag.local_name().as_ref()),
            Event::Text(words) => body.words(&words.xml10_content()),
            Event::CData(words) => body.words(&words),
            Event::GeneralRef(name) => body.words(&resolve(&name)),
            Event::Eof => break,
            _ => {}
        }
        if body.draft.is_full() {
            break;
        }
    }
    body.end_paragraph();
    body.end_list();
    Ok(body.pictures)
}

struct Body<'a> {
    styles: &'a Styles,
    draft: &'a mut Draft,
    paragraph: Paragraph,
    /// Items of the list that is being read.
    list: String,
    /// The outermost table that is being read; tables inside its cells are read as words.
    table: Option<Table>,
    table_depth: usize,
    /// Depth inside an element whose content is not read.
    skipped_depth: usize,
    in_text: bool,
    is_hidden: bool,
    pictures: usize,
}

#[derive(Default)]
struct Paragraph {
    text: String,
    style: Option<String>,
    outline: Option<u8>,
    numbered: Option<usize>,
}

#[derive(Default)]
struct Table {
    rows: String,
    cells: Vec<String>,
}

/// Elements whose words are not the document's: deletions, drawn fallbacks, tracked moves.
fn is_skipped(name: &str) -> bool {
    matches!(name, "del" | "moveFrom" | "Fallback" | "pPrChange" | "rPrChange")
}

impl Body<'_> {
    fn start(&mut self, tag: &BytesStart<'_>) {
        let local = tag.local_name();
        let name = local.as_ref();
        if self.skipped_depth > 0 || is_skipped(name) {
            self.skipped_depth += 1;
            return;
        }
        match name {
            "t" => self.in_text = true,
            "tab" if !self.is_hidden => self.paragraph.text.push('\t'),
            "br" | "cr" if !self.is_hidden => self.paragraph.text.push('\n'),
            "noBreakHyphen" => self.paragraph.text.push('-'),
            "r" => self.is_hidden = false,
            "vanish" | "webHidden" => {
                let off = attribute(tag, "val");
                self.is_hidden = !matches!(off.as_deref(), Some("0" | "false" | "off"));
            }
            "pStyle" => self.paragraph.style = attribute(tag, "val"),
            "outlineLvl" => self.paragraph.outline = outline_level(tag),
            "numPr" => self.paragraph.numbered = Some(0),
            "ilvl" => {
                let level = attribute(tag, "val").and_then(|level| level.parse().ok());
                self.paragraph.numbered = level.map(|level: usize| level.min(8));
            }
            "numId" if attribute(tag, "val").as_deref() == Some("0") => {
                self.paragraph.numbered = None;
            }
            "drawing" | "pict" => self.pictures += 1,
            "tbl" => {
                self.table_depth += 1;
                if self.table_depth == 1 {
                    self.end_list();
                    self.table = Some(Table::default());
                }
            }
            "tc" if self.table_depth == 1 => {
                if let Some(table) = &mut self.table {
                    table.cells.push(String::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.skipped_depth > 0 {
            self.skipped_depth -= 1;
            return;
        }
        match name {
            "t" => self.in_text = false,
            "r" => self.is_hidden = false,
            "p" => self.end_paragraph(),
            "tr" if self.table_depth == 1 => {
                if let Some(table) = &mut self.table {
                    table.rows.push_str(table.cells.join(" | ").trim_end());
                    table.rows.push('\n');
                    table.cells.clear();
                }
            }
            "tbl" => {
                self.table_depth = self.table_depth.saturating_sub(1);
                if self.table_depth == 0
                    && let Some(table) = self.table.take()
                {
                    self.draft.block(BlockKind::Table, &table.rows);
                }
            }
            _ => {}
        }
    }

    fn words(&mut self, words: &str) {
        if self.in_text && !self.is_hidden && self.skipped_depth == 0 {
            self.paragraph.text.push_str(words);
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let text = paragraph.text.trim();
        if text.is_empty() {
            return;
        }
        if let Some(table) = &mut self.table {
            if let Some(cell) = table.cells.last_mut() {
                if !cell.is_empty() {
                    cell.push(' ');
                }
                cell.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
            }
            return;
        }
        let style = paragraph.style.as_deref().unwrap_or_default();
        if let Some(level) = paragraph.outline.or_else(|| self.styles.level(style)) {
            self.end_list();
            self.draft.block(BlockKind::Heading { level }, &text.replace('\n', " "));
        } else if paragraph.numbered.is_some() || self.styles.is_list(style) {
            let indent = paragraph.numbered.unwrap_or_default() * 2;
            self.list.push_str(&format!("{:indent$}- {text}\n", ""));
        } else {
            self.end_list();
            let quotes = self.styles.is_quote(style);
            self.draft.block(if quotes { BlockKind::Quote } else { BlockKind::Paragraph }, text);
        }
    }

    fn end_list(&mut self) {
        let list = std::mem::take(&mut self.list);
        self.draft.block(BlockKind::List, &list);
    }
}
