//! Word documents (Office Open XML, ECMA-376): headings, paragraphs, lists, tables.
//!
//! Read are the body's visible words. Deleted and hidden text, field codes, pictures, comments,
//! notes, headers and footers are not; a warning says which of them the document has.

mod body;
mod styles;

use std::io::{Cursor, Read};

use quick_xml::{Reader, events::Event};
use zip::ZipArchive;

use super::{
    ExtractLimits, Extracted, Extractor, OPERATION, Source, detect::DOCX, draft::Draft, unreadable,
};
use crate::error::{Error, ErrorKind, Result};

/// Reads `application/vnd.openxmlformats-officedocument.wordprocessingml.document`.
#[derive(Debug, Clone, Copy, Default)]
pub struct DocxExtractor;

impl Extractor for DocxExtractor {
    fn accepts(&self, media_type: &str) -> bool {
        media_type == DOCX
    }

    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        if source.bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(unreadable("the document is encrypted or in the old binary Word format"));
        }
        let mut package = Package::open(source, limits)?;
        let document = package
            .part("word/document.xml")?
            .ok_or_else(|| unreadable("the document has no body; it is no Word document"))?;
        let styles = match package.part("word/styles.xml")? {
            Some(xml) => styles::read(&xml)?,
            None => styles::Styles::default(),
        };
        let title = match package.part("docProps/core.xml")? {
            Some(xml) => title(&xml)?,
            None => None,
        };
        let mut draft = Draft::new(limits);
        let pictures = body::read(&document, &styles, &mut draft)?;
        Ok(draft.finish(DOCX, title, package.warnings(pictures)))
    }
}

/// The ZIP file around the parts, with a budget for unpacking.
struct Package {
    archive: ZipArchive<Cursor<bytes::Bytes>>,
    budget: u64,
    limit: usize,
}

impl Package {
    fn open(source: &Source, limits: &ExtractLimits) -> Result<Self> {
        let archive = ZipArchive::new(Cursor::new(source.bytes.clone()))
            .map_err(|fault| unreadable("the document is damaged").with_source(fault))?;
        let limit = limits.max_expanded_bytes;
        Ok(Self { archive, budget: limit as u64, limit })
    }

    /// The text of one part, unpacked within what is left of the budget.
    fn part(&mut self, name: &str) -> Result<Option<String>> {
        let Some(index) = self.archive.index_for_name(name) else { return Ok(None) };
        let damaged = |fault| unreadable("the document is damaged").with_source(fault);
        let file = self.archive.by_index(index).map_err(damaged)?;
        let mut bytes = Vec::new();
        // The size in the directory may lie, so the bytes themselves are counted.
        file.take(self.budget + 1)
            .read_to_end(&mut bytes)
            .map_err(|fault| unreadable("the document is damaged").with_source(fault))?;
        let length = bytes.len() as u64;
        if length > self.budget {
            return Err(Error::new(
                ErrorKind::TooLarge,
                OPERATION,
                "the document unpacks to more than is allowed",
            )
            .with("limit", self.limit));
        }
        self.budget -= length;
        let (text, _, _) = encoding_rs::UTF_8.decode(&bytes);
        Ok(Some(text.into_owned()))
    }

    fn warnings(&self, pictures: usize) -> Vec<String> {
        let holds =
            |part: &str| self.archive.file_names().flatten().any(|name| name.starts_with(part));
        let mut warnings = Vec::new();
        for (part, what) in [
            ("word/footnotes.xml", "footnotes"),
            ("word/endnotes.xml", "endnotes"),
            ("word/comments.xml", "comments"),
            ("word/header", "page headers"),
            ("word/footer", "page footers"),
        ] {
            if holds(part) {
                warnings.push(format!("{what} were not read"));
            }
        }
        if pictures > 0 {
            warnings.push(format!("{pictures} pictures were not read"));
        }
        warnings
    }
}

/// The title in the document's properties (Dublin Core).
fn title(xml: &str) -> Result<Option<String>> {
    let mut reader = Reader::from_str(xml);
    let mut inside = false;
    let mut title = String::new();
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(tag) => inside = tag.local_name().as_ref() == "title",
            Event::End(_) => inside = false,
            Event::Text(words) if inside => title.push_str(&words.xml10_content()),
            Event::GeneralRef(name) if inside => title.push_str(&resolve(&name)),
            Event::Eof => break,
            _ => {}
        }
    }
    let title = title.trim();
    Ok((!title.is_empty()).then(|| title.to_owned()))
}

fn malformed(fault: quick_xml::Error) -> Error {
    unreadable("the document's XML is malformed").with_source(fault)
}

/// The character that a reference stands for; the document's own entities stand for nothing, so
/// that they cannot expand without end.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    quick_xml::escape::resolve_predefined_entity(reference).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::knowledge::extract::BlockKind;

    const NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    fn package(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn read_body(body: &str) -> Result<Extracted> {
        let document =
            format!("<w:document xmlns:w=\"{NAMESPACE}\"><w:body>{body}</w:body></w:document>");
        let bytes = package(&[("word/document.xml", &document)]);
        DocxExtractor.extract(&Source::new("a.docx", bytes), &ExtractLimits::default())
    }

    fn run(words: &str) -> String {
        format!("<w:r><w:t>{words}</w:t></w:r>")
    }

    #[test]
    fn runs_join_references_resolve_and_deleted_or_hidden_words_are_left_out() {
        let body = format!(
            "<w:p>{}{}<w:r><w:tab/><w:t>c</w:t><w:br/><w:t>d</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>",
            run("a &amp; "),
            run("b&#33;")
        );
        assert_eq!(read_body(&body).unwrap().text, "a & b!\tc\nd");
    }

    #[test]
    fn an_outline_level_makes_a_heading_and_numbering_a_list() {
        let body = format!(
            "<w:p><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr>{}</w:p><w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr>{}</w:p><w:p><w:pPr><w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr>{}</w:p>",
            run("Head"),
            run("one"),
            run("two")
        );
        let read = read_body(&body).unwrap();
        assert_eq!(read.text, "Head\n\n- one\n  - two");
        let kinds: Vec<BlockKind> = read.blocks.iter().map(|block| block.kind).collect();
        assert_eq!(kinds, [BlockKind::Heading { level: 2 }, BlockKind::List]);
    }

    #[test]
    fn a_picture_is_reported_and_the_fallback_of_alternate_content_is_not_read_twice() {
        let body = format!(
            "<w:p><mc:AlternateContent xmlns:mc=\"x\"><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent><w:r><w:drawing/></w:r></w:p>",
            run("once"),
            run("once")
        );
        let read = read_body(&body).unwrap();
        assert_eq!(read.text, "once");
        assert_eq!(read.warnings, ["1 pictures were not read"]);
    }

    #[test]
    fn a_zip_bomb_is_refused_by_what_it_unpacks_to() {
        let bytes = package(&[("word/document.xml", &" ".repeat(2_000_000))]);
        assert!(bytes.len() < 20_000);
        let limits = ExtractLimits { max_expanded_bytes: 1_000_000, ..ExtractLimits::default() };
        let error = DocxExtractor.extract(&Source::new("a.docx", bytes), &limits).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn damaged_archives_and_malformed_xml_are_unreadable() {
        let body = format!("<w:p>{}</w:p>", run("words"));
        let document =
            format!("<w:document xmlns:w=\"{NAMESPACE}\"><w:body>{body}</w:body></w:document>");
        let whole = package(&[("word/document.xml", &document)]);
        let half = whole[..whole.len() / 2].to_vec();
        let malformed = package(&[("word/document.xml", "<w:a><w:b></w:a>")]);
        let empty = package(&[("other.xml", "<a/>")]);
        for bytes in [half, malformed, empty] {
            let error = DocxExtractor
                .extract(&Source::new("a.docx", bytes), &ExtractLimits::default())
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreadable);
        }
    }

    #[test]
    fn entities_of_the_document_itself_are_not_expanded() {
        let document = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><w:document><w:body><w:p><w:r><w:t>x&b;y</w:t></w:r></w:p></w:body></w:document>";
        let bytes = package(&[("word/document.xml", document)]);
        let read = DocxExtractor.extract(&Source::new("a.docx", bytes), &ExtractLimits::default());
        assert_eq!(read.unwrap().text, "xy");
    }
}
