//! The ordered list of extractors, and the guard around each of them.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    CodeExtractor, CsvExtractor, DocxExtractor, ExtractLimits, Extracted, Extractor, HtmlExtractor,
    JsonExtractor, MarkdownExtractor, OPERATION, PdfExtractor, Source, TextExtractor,
    deadline::panicked, detect,
};
use crate::error::{Error, ErrorKind, Result};

/// The extractors of a knowledge store, asked in order: the host's own first, then the built-in.
///
/// ```
/// use javari_core::knowledge::extract::{ExtractLimits, Extractors, Source};
/// let read = Extractors::default()
///     .extract(&Source::new("guide.md", "# Guide\n\nWords."), &ExtractLimits::default())?;
/// assert_eq!(read.title.as_deref(), Some("Guide"));
/// assert_eq!(read.text_of(&read.blocks[1]), "Words.");
/// # Ok::<(), javari_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Extractors {
    list: Vec<Arc<dyn Extractor>>,
}

impl Extractors {
    /// No extractors at all.
    pub fn none() -> Self {
        Self { list: Vec::new() }
    }

    /// The same list with another extractor asked before all others.
    #[must_use]
    pub fn with(mut self, extractor: Arc<dyn Extractor>) -> Self {
        self.list.insert(0, extractor);
        self
    }

    /// The media type that the document would be read as.
    ///
    /// The stated type counts where an extractor reads it; `text/plain` and
    /// `application/octet-stream`, which servers send for anything, count only when nothing better
    /// is found.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] when no extractor reads the document.
    pub fn media_type(&self, source: &Source) -> Result<String> {
        self.choose(source).map(|(media_type, _)| media_type)
    }

    /// Reads a document with the first extractor that accepts its type.
    ///
    /// Never panics and never returns blocks that break their promises, whoever wrote the
    /// extractor. NUL characters in the text become spaces.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] above a limit, [`ErrorKind::Unsupported`] when no extractor reads
    /// the type, [`ErrorKind::Unreadable`] when the document is damaged or encrypted or took too
    /// long, [`ErrorKind::RateLimited`] while too many overlong documents are still being read,
    /// [`ErrorKind::HostFailed`] when a host's extractor returned impossible blocks.
    pub fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        if source.bytes.len() > limits.max_bytes {
            return Err(Error::new(ErrorKind::TooLarge, OPERATION, "the document is too large")
                .with("name", &source.name)
                .with("bytes", source.bytes.len())
                .with("limit", limits.max_bytes));
        }
        let (media_type, extractor) = self.choose(source)?;
        // The sender's charset still matters to the reader, so parameters are kept.
        let parameters = source.media_type.as_deref().and_then(|stated| stated.split_once(';'));
        let stated = match parameters {
            Some((_, parameters)) => format!("{media_type};{parameters}"),
            None => media_type,
        };
        let source = source.clone().with_media_type(stated);
        let outcome = catch_unwind(AssertUnwindSafe(|| extractor.extract(&source, limits)));
        let mut extracted = outcome
            .unwrap_or_else(|_| Err(panicked()))
            .map_err(|error| error.with("name", &source.name))?;
        extracted.check().map_err(|error| error.with("name", &source.name))?;
        if extracted.text.contains('\0') {
            extracted.text = extracted.text.replace('\0', " ");
        }
        Ok(extracted)
    }

    fn choose(&self, source: &Source) -> Result<(String, &dyn Extractor)> {
        let stated = source.media_type.as_deref().and_then(essence);
        let is_vague = |media_type: &str| {
            matches!(media_type, "text/plain" | "application/octet-stream" | "binary/octet-stream")
        };
        if let Some(media_type) = stated.as_deref().filter(|media_type| !is_vague(media_type))
            && let Some(extractor) = self.accepting(media_type)
        {
            return Ok((media_type.to_owned(), extractor));
        }
        let found = match detect(&source.name, &source.bytes) {
            Ok(media_type) => media_type,
            Err(_) if stated.as_deref() == Some("text/plain") => "text/plain",
            Err(error) => return Err(error),
        };
        let extractor = self.accepting(found).ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                OPERATION,
                "no extractor reads documents of this type",
            )
            .with("name", &source.name)
            .with("media_type", found)
        })?;
        Ok((found.to_owned(), extractor))
    }

    fn accepting(&self, media_type: &str) -> Option<&dyn Extractor> {
        self.list.iter().map(AsRef::as_ref).find(|extractor| extractor.accepts(media_type))
    }
}

impl Default for Extractors {
    /// Every built-in extractor.
    fn default() -> Self {
        Self {
            list: vec![
                Arc::new(MarkdownExtractor),
                Arc::new(HtmlExtractor),
                Arc::new(PdfExtractor),
                Arc::new(DocxExtractor),
                Arc::new(CsvExtractor),
                Arc::new(JsonExtractor),
                Arc::new(CodeExtractor),
                Arc::new(TextExtractor),
            ],
        }
    }
}

impl fmt::Debug for Extractors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extractors").field("count", &self.list.len()).finish()
    }
}

/// The media type without parameters, in lower case and under its usual name.
fn essence(media_type: &str) -> Option<String> {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let usual = match essence.as_str() {
        "" => return None,
        "text/x-markdown" | "application/markdown" => "text/markdown",
        "application/xhtml+xml" => "text/html",
        "application/x-pdf" => "application/pdf",
        "text/json" => "application/json",
        "application/jsonl" | "application/ndjson" | "application/x-jsonlines" => {
            "application/x-ndjson"
        }
        "application/csv" => "text/csv",
        "application/javascript" | "application/x-javascript" => "text/javascript",
        "application/xml" => "text/xml",
        "application/yaml" | "application/x-yaml" | "text/yaml" => "text/x-yaml",
        "application/toml" => "text/x-toml",
        "application/sql" => "text/x-sql",
        other => other,
    };
    Some(usual.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::knowledge::extract::{Block, BlockKind};

    struct Host(&'static str);

    impl Extractor for Host {
        fn accepts(&self, media_type: &str) -> bool {
            media_type == "application/epub+zip" || media_type == "text/markdown"
        }

        fn extract(&self, _: &Source, _: &ExtractLimits) -> Result<Extracted> {
            assert!(self.0 != "panic", "on purpose");
            let range = if self.0 == "wild" { 1..99 } else { 0..2 };
            let block =
                Block { kind: BlockKind::Paragraph, range, headings: Arc::new([]), page: None };
            Ok(Extracted {
                title: None,
                media_type: "text/plain".to_owned(),
                text: "é\0".to_owned(),
                blocks: vec![block],
                warnings: Vec::new(),
            })
        }
    }

    fn read(host: &'static str, name: &str) -> Result<Extracted> {
        let list = Extractors::default().with(Arc::new(Host(host)));
        list.extract(&Source::new(name, "# words"), &ExtractLimits::default())
    }

    #[test]
    fn the_hosts_extractor_is_asked_first_and_adds_new_types() {
        assert_eq!(read("good", "a.md").unwrap().text, "é ");
        assert_eq!(read("good", "a.epub").unwrap().text, "é ");
    }

    #[test]
    fn a_panic_of_an_extractor_is_an_unreadable_document() {
        assert_eq!(read("panic", "a.md").unwrap_err().kind(), ErrorKind::Unreadable);
    }

    #[test]
    fn impossible_blocks_are_the_hosts_fault() {
        assert_eq!(read("wild", "a.md").unwrap_err().kind(), ErrorKind::HostFailed);
    }

    #[test]
    fn a_document_above_the_size_limit_is_refused() {
        let limits = ExtractLimits { max_bytes: 3, ..ExtractLimits::default() };
        let error = Extractors::default().extract(&Source::new("a.md", "four"), &limits);
        assert_eq!(error.unwrap_err().kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn a_type_that_nobody_reads_is_unsupported_by_name() {
        let error = Extractors::default()
            .extract(&Source::new("a.png", "x"), &ExtractLimits::default())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("image/png"));
    }

    #[test]
    fn a_stated_type_counts_unless_it_says_nothing() {
        let list = Extractors::default();
        let stated = |name: &str, media: &str| {
            list.media_type(&Source::new(name, "<p>x").with_media_type(media)).unwrap()
        };
        assert_eq!(stated("page.php", "text/HTML; charset=utf-8"), "text/html");
        assert_eq!(stated("raw/readme.md", "text/plain"), "text/markdown");
        assert_eq!(stated("x", "application/octet-stream"), "text/plain");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(crate::testkit::rounds(64)))]
        #[test]
        fn no_bytes_under_any_name_make_it_panic(
            extension in prop::sample::select(vec![
                "md", "txt", "html", "pdf", "docx", "csv", "tsv", "json", "jsonl", "rs", "py", "yaml", "",
            ]),
            bytes in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let source = Source::new(format!("a.{extension}"), bytes);
            if let Ok(read) = Extractors::default().extract(&source, &ExtractLimits::default()) {
                prop_assert!(read.check().is_ok());
                prop_assert!(!read.text.contains('\0'));
            }
        }
    }
}
