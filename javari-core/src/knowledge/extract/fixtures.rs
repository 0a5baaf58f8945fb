//! Reads the project's own documents in `tests/fixtures/documents`.

use std::path::Path;

use super::{BlockKind, ExtractLimits, Extracted, Extractors, Source};
use crate::error::{ErrorKind, Result};

fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/documents");
    std::fs::read(folder.join(name)).unwrap()
}

fn try_read(name: &str) -> Result<Extracted> {
    Extractors::default().extract(&Source::new(name, bytes(name)), &ExtractLimits::default())
}

fn read(name: &str) -> Extracted {
    try_read(name).unwrap()
}

/// The headings above the first block that contains `words`, and its page.
fn place(read: &Extracted, words: &str) -> (String, Option<u32>) {
    let found = read.blocks.iter().find(|block| read.text_of(block).contains(words)).unwrap();
    (found.headings.join(" > "), found.page)
}

#[test]
fn a_pdf_gives_its_title_pages_and_headings() {
    let read = read("handbook.pdf");
    assert_eq!(read.title.as_deref(), Some("Night Shift Handbook"));
    assert_eq!(read.media_type, "application/pdf");
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
    let at = |words| place(&read, words);
    assert_eq!(at("hangs\nbeside the copper door"), ("Taking over the pager".into(), Some(1)));
    assert_eq!(
        at("Restart one worker"),
        ("Taking over the pager > When the queue stalls".into(), Some(1))
    );
    assert_eq!(
        at("Harbor Mail 24 Tomas"),
        ("Rotating credentials > Grace periods by provider".into(), Some(2))
    );
    assert_eq!(at("waters the fern"), ("Closing the shift".into(), Some(3)));
}

#[test]
fn an_encrypted_pdf_is_unreadable_and_says_so() {
    let error = try_read("encrypted.pdf").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert!(error.message().contains("encrypted"));
}

#[test]
fn a_pdf_that_only_restricts_printing_is_read_without_a_password() {
    assert_eq!(read("restricted.pdf").text, read("handbook.pdf").text);
}

#[test]
fn a_truncated_pdf_is_unreadable() {
    let error = try_read("truncated.pdf").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert!(error.message().contains("damaged"));
}

#[test]
fn a_scanned_pdf_has_no_text_and_a_warning() {
    let read = read("scanned.pdf");
    assert_eq!(read.text, "");
    assert_eq!(read.warnings, ["no text, perhaps scanned: page 1"]);
}

#[test]
fn pages_beyond_the_limit_are_left_out_with_a_warning() {
    let source = Source::new("handbook.pdf", bytes("handbook.pdf"));
    let limits = ExtractLimits { max_pages: 1, ..ExtractLimits::default() };
    let read = Extractors::default().extract(&source, &limits).unwrap();
    assert!(read.blocks.iter().all(|block| block.page == Some(1)));
    assert_eq!(read.warnings, ["not read, beyond the limit: pages 2-3"]);
}

#[test]
fn any_cut_of_a_pdf_or_a_word_document_gives_text_or_an_error_but_no_panic() {
    for name in ["handbook.pdf", "suppliers.docx"] {
        let whole = bytes(name);
        for part in 1..24 {
            let cut = whole[..whole.len() * part / 24].to_vec();
            let outcome =
                Extractors::default().extract(&Source::new(name, cut), &ExtractLimits::default());
            if let Err(error) = outcome {
                assert_eq!(error.kind(), ErrorKind::Unreadable);
            }
        }
    }
}

#[test]
fn a_word_document_gives_headings_lists_and_tables_without_hidden_text() {
    let read = read("suppliers.docx");
    assert_eq!(read.title.as_deref(), Some("Supplier Onboarding"));
    assert_eq!(
        place(&read, "Silver | 15,000 EUR | head of purchasing").0,
        "Before the first order > Spending limits"
    );
    assert!(read.text.contains("- Ask for the trade register number\n- Ask for the bank"));
    assert!(read.text.contains("Return the turquoise badges & close the account."));
    assert!(read.text.contains("Visible words.") && !read.text.contains("wire the money"));
    let kinds: Vec<BlockKind> = read.blocks.iter().map(|block| block.kind).collect();
    assert!(kinds.contains(&BlockKind::List) && kinds.contains(&BlockKind::Table));
}

#[test]
fn a_web_page_gives_its_article_without_menus_scripts_and_hidden_text() {
    let read = read("deploys.html");
    assert_eq!(read.title.as_deref(), Some("Deploying on Fridays – Willow Team"));
    assert_eq!(place(&read, "Full fleet | 25").0, "Deploying on Fridays > Rolling back > Timings");
    for unwanted in
        ["menu", "script", "previous instructions", "Ghost", "Hidden", "newsletter", "Imprint"]
    {
        assert!(!read.text.contains(unwanted), "{unwanted} in {}", read.text);
    }
}

#[test]
fn markdown_and_code_are_their_files_to_the_byte() {
    for name in ["frost.md", "breaker.rs", "lease.py", "plain.txt"] {
        assert_eq!(read(name).text.as_bytes(), bytes(name));
    }
    assert_eq!(
        place(&read("frost.md"), "silicone grease").0,
        "Frost and the Data Centre > Dampers > Lubrication"
    );
    assert_eq!(
        place(&read("breaker.rs"), "self.open = true").0,
        "impl Breaker > pub fn record_fault(&mut self)"
    );
}

#[test]
fn tables_and_records_name_every_value() {
    assert!(read("stock.csv").text.contains("Article: Gasket; round, 40 mm\nWarehouse: Porto"));
    assert!(read("services.json").text.contains("services[1].note: retries every 90 seconds"));
    assert!(read("incidents.jsonl").text.contains("cause: expired certificate\nminutes: 42"));
}

#[test]
fn latin_1_text_is_read_with_a_warning() {
    let read = read("kaffee-latin1.txt");
    assert!(read.text.contains("Für Störungen ist Frau Müller zuständig"));
    assert_eq!(read.warnings.len(), 1);
}
