//! Tables of comma, semicolon, tab or bar separated values: each row with its column names.
//!
//! A row alone means little to a search (`9;25`), so every value is written as `Column: value`.

use csv::{ReaderBuilder, StringRecord};

use super::{
    BlockKind, ExtractLimits, Extracted, Extractor, Source, draft::Draft, encoding::decode,
    unreadable,
};
use crate::error::Result;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const TABBED: &str = "text/tab-separated-values";
const MAX_COLUMNS: usize = 4_096;

/// Reads `text/csv` and `text/tab-separated-values`; each row is a table block of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct CsvExtractor;

impl Extractor for CsvExtractor {
    fn accepts(&self, media_type: &str) -> bool {
        matches!(media_type, "text/csv" | TABBED)
    }

    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        let decoded = decode(source, None)?;
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter(&decoded.text))
            .has_headers(false)
            .flexible(true)
            .from_reader(decoded.text.as_bytes());
        let mut draft = Draft::new(limits);
        let mut columns: Option<Vec<String>> = None;
        let mut record = StringRecord::new();
        loop {
            let more = reader
                .read_record(&mut record)
                .map_err(|fault| unreadable("the table is malformed").with_source(fault))?;
            if !more || draft.is_full() {
                break;
            }
            if record.len() > MAX_COLUMNS {
                return Err(unreadable("the table has too many columns").with("limit", MAX_COLUMNS));
            }
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            match &columns {
                None if is_header(&record) => {
                    columns = Some(record.iter().map(|name| name.trim().to_owned()).collect());
                }
                None => {
                    draft.block(BlockKind::Table, &row(&record, &[]));
                    columns = Some(Vec::new());
                }
                Some(names) => draft.block(BlockKind::Table, &row(&record, names)),
            }
        }
        let by_tab = source.media_type.as_deref().is_some_and(|stated| stated.starts_with(TABBED));
        Ok(draft.finish(if by_tab { TABBED } else { "text/csv" }, None, decoded.warnings))
    }
}

/// One line for each value that is not empty.
fn row(record: &StringRecord, names: &[String]) -> String {
    let mut text = String::new();
    for (index, cell) in record.iter().enumerate() {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        match names.get(index).filter(|name| !name.is_empty()) {
            Some(name) => text.push_str(name),
            None => text.push_str(&format!("Column {}", index + 1)),
        }
        text.push_str(": ");
        text.push_str(cell);
        text.push('\n');
    }
    text
}

/// Whether the first row names the columns: words, none twice, no number among them.
fn is_header(record: &StringRecord) -> bool {
    let mut seen = std::collections::HashSet::new();
    record.iter().map(str::trim).all(|name| {
        name.is_empty() || (seen.insert(name) && name.parse::<f64>().is_err() && name.len() <= 200)
    })
}

/// The delimiter that stands most evenly in the first lines, outside quotes.
fn delimiter(text: &str) -> u8 {
    let mut best = (0, b',');
    for candidate in DELIMITERS {
        let counts: Vec<usize> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(20)
            .map(|line| {
                let mut quoted = false;
                let line = line.as_bytes().iter().take(16 * 1024);
                line.filter(|byte| {
                    quoted ^= **byte == b'"';
                    !quoted && **byte == candidate
                })
                .count()
            })
            .collect();
        let first = counts.first().copied().unwrap_or_default();
        let even = counts.iter().filter(|count| **count == first).count();
        let score = if first == 0 { 0 } else { even * 1_000 + first.min(999) };
        if score > best.0 {
            best = (score, candidate);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str) -> Extracted {
        CsvExtractor
            .extract(&Source::new("a.csv", file.to_owned()), &ExtractLimits::default())
            .unwrap()
    }

    #[test]
    fn every_value_is_written_with_its_column() {
        let read = read("Article;Qty\n\"Gasket; round\";9\nWheel;\n\n");
        assert_eq!(read.text, "Article: Gasket; round\nQty: 9\n\nArticle: Wheel");
        assert_eq!(read.blocks.len(), 2);
    }

    #[test]
    fn commas_tabs_and_bars_are_recognised() {
        assert_eq!(read("a,b\n1,2\n").text, "a: 1\nb: 2");
        assert_eq!(read("a\tb\n1,5\t2\n").text, "a: 1,5\nb: 2");
        assert_eq!(read("a|b\n1|2\n").text, "a: 1\nb: 2");
    }

    #[test]
    fn a_table_without_names_counts_its_columns() {
        assert_eq!(read("1,x\n2,y\n").text, "Column 1: 1\nColumn 2: x\n\nColumn 1: 2\nColumn 2: y");
    }
}
