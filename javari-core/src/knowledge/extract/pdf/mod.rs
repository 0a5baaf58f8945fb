//! PDF documents (ISO 32000): the text of each page, with the page on every block.
//!
//! Headings are the lines set in larger type than the body. The library underneath may never
//! return on some damaged files (pdf_oxide issue 1398), so it runs on a thread of its own with a
//! time limit; `deadline` says what becomes of a thread that does not answer. Pictures are not
//! read: a scanned page has no text.

mod lines;

use pdf_oxide::document::PdfDocument;

use self::lines::{Page, Sizes};
use super::{
    ExtractLimits, Extracted, Extractor, Source, deadline::within, detect::PDF, draft::Draft,
    unreadable,
};
use crate::error::Result;

/// Reads `application/pdf`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PdfExtractor;

impl Extractor for PdfExtractor {
    fn accepts(&self, media_type: &str) -> bool {
        media_type == PDF
    }

    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        let bytes = source.bytes.to_vec();
        let limits = limits.clone();
        within(limits.max_seconds, &source.bytes, move || read(bytes, &limits))
    }
}

fn read(bytes: Vec<u8>, limits: &ExtractLimits) -> Result<Extracted> {
    let tail = bytes.len().saturating_sub(1024);
    let is_whole = memchr::memmem::find(bytes.get(tail..).unwrap_or_default(), b"%%EOF").is_some();
    let damaged = |fault| unreadable("the PDF is damaged").with_source(fault);
    let pdf = PdfDocument::from_bytes(bytes).map_err(damaged)?;
    if pdf.is_encrypted() && !pdf.is_authenticated() {
        return Err(unreadable("the PDF is encrypted and needs a password"));
    }
    let count = pdf.page_count().map_err(damaged)?;
    let wanted = count.min(limits.max_pages);
    let mut report = Report { total: count, wanted, ..Report::default() };
    let mut pages = Vec::new();
    let mut length = 0;
    for index in 0..wanted {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let text = if has_content(&pdf, index) { pdf.extract_text(index).ok() } else { None };
        match text {
            None => report.damaged.push(number),
            Some(text) if text.trim().is_empty() => report.empty.push(number),
            Some(text) => {
                length += text.len();
                let spans = pdf.extract_spans(index).unwrap_or_default();
                pages.push(Page::new(number, text, &spans));
            }
        }
        if length > limits.max_text_bytes {
            break;
        }
    }
    if report.damaged.len() == wanted {
        return Err(unreadable("the PDF is damaged: no page could be read"));
    }
    let sizes = Sizes::of(&pages);
    let mut draft = Draft::new(limits);
    for page in &pages {
        page.write(&sizes, &mut draft);
    }
    Ok(draft.finish(PDF, title(&pdf), report.warnings(is_whole)))
}

/// Whether the page's drawing instructions are there; a page that was cut off names them only.
fn has_content(pdf: &PdfDocument, index: usize) -> bool {
    let Ok(page) = pdf.get_page(index) else { return false };
    let is_named = page.as_dict().is_some_and(|page| page.get("Contents").is_some());
    !is_named || pdf.get_page_content_data(index).is_ok_and(|content| !content.is_empty())
}

/// The title in the document's information dictionary.
fn title(pdf: &PdfDocument) -> Option<String> {
    let info = pdf.resolve_object(pdf.trailer().as_dict()?.get("Info")?).ok()?;
    let title = pdf.resolve_object(info.as_dict()?.get("Title")?).ok()?;
    Some(match title.as_string()? {
        [0xFE, 0xFF, rest @ ..] => encoding_rs::UTF_16BE.decode(rest).0.into_owned(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // PDFDocEncoding agrees with windows-1252 in all letters.
        other => encoding_rs::WINDOWS_1252.decode(other).0.into_owned(),
    })
}

/// What was not read.
#[derive(Default)]
struct Report {
    total: usize,
    wanted: usize,
    empty: Vec<u32>,
    damaged: Vec<u32>,
}

impl Report {
    fn warnings(&self, is_whole: bool) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.total > self.wanted {
            let first = self.wanted + 1;
            warnings.push(format!("not read, beyond the limit: pages {first}-{}", self.total));
        }
        if !self.empty.is_empty() {
            warnings.push(format!("no text, perhaps scanned: {}", ranges(&self.empty)));
        }
        if !self.damaged.is_empty() {
            warnings.push(format!("damaged and not read: {}", ranges(&self.damaged)));
        }
        if !is_whole {
            warnings.push("the file has no end mark; text may be missing".to_owned());
        }
        warnings
    }
}

/// Page numbers as a person writes them: `pages 1-3, 7`.
fn ranges(pages: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for page in pages {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *page => *last = *page,
            _ => parts.push((*page, *page)),
        }
    }
    let written = parts.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    let word = if pages.len() == 1 { "page" } else { "pages" };
    format!("{word} {}", written.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_numbers_are_written_as_ranges() {
        assert_eq!(ranges(&[4]), "page 4");
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "pages 1-3, 7, 9-10");
    }
}
