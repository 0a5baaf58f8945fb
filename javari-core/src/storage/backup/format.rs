//! The lines of a backup, and how each column is written in one.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde_json::{Map, Value as Json};
use sha2::Sha256;

use crate::{
    error::{Error, ErrorKind, Result},
    storage::{
        Kind, Row, Value,
        tables::{Column, Form, Table},
    },
    types::Usd,
};

/// What a backup begins with; the number changes with the form of the file.
pub(super) const MAGIC: &[u8] = b"JAVARI-BACKUP 1\n";
/// The bytes of the seal at the end.
pub(super) const SEAL_BYTES: usize = 32;
/// The longest a header may be.
pub(super) const MOST_HEADER_BYTES: u64 = 4 * 1024;
/// The longest one row may be.
pub(super) const MOST_LINE_BYTES: u64 = 1 << 30;

/// One row as it stands in a backup.
pub(super) type Record = Map<String, Json>;

/// One line of a backup.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    /// The rows that follow are of this table.
    Table(String),
    /// A row.
    Row(Record),
    /// Nothing follows; so many rows each table had.
    End(BTreeMap<String, u64>),
}

impl Line {
    /// Reads a line without its end.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        match serde_json::from_slice(line).ok()? {
            Json::Object(row) => Some(Self::Row(row)),
            Json::Array(mut parts) if parts.len() == 2 => {
                let (value, word) = (parts.pop()?, parts.pop()?);
                match (word.as_str()?, value) {
                    ("table", Json::String(name)) => Some(Self::Table(name)),
                    ("end", counts) => serde_json::from_value(counts).ok().map(Self::End),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Writes a line with its end.
    pub(super) fn write(self, to: &mut Vec<u8>) {
        let json = match self {
            Self::Table(name) => Json::from(vec!["table".to_owned(), name]),
            Self::Row(row) => Json::Object(row),
            Self::End(counts) => {
                let counts = counts.into_iter().map(|(name, count)| (name, count.into()));
                Json::Array(vec!["end".into(), Json::Object(counts.collect())])
            }
        };
        to.extend_from_slice(json.to_string().as_bytes());
        to.push(b'\n');
    }
}

/// A row of `table` as it stands in a backup: numbers and truth values as such, bytes as base64,
/// everything else as the text that says it exactly. What is NULL is left out.
pub(in crate::storage) fn record(table: &Table, row: &Row) -> Result<Record> {
    let mut record = Record::new();
    for column in table.columns {
        if let Some(value) = cell(column, row).map_err(|error| error.with("table", table.name))? {
            record.insert(column.name.to_owned(), value);
        }
    }
    Ok(record)
}

fn cell(column: &Column, row: &Row) -> Result<Option<Json>> {
    let name = column.name;
    Ok(match column.form {
        Form::Int | Form::Serial => row.get::<Option<i64>>(name)?.map(Json::from),
        Form::Bool => row.get::<Option<bool>>(name)?.map(Json::from),
        // As text: a JSON number may lose its last digit where it is read.
        Form::Real => row.get::<Option<f64>>(name)?.map(|real| real.to_string().into()),
        Form::Money => row.get::<Option<Usd>>(name)?.map(|amount| amount.to_string().into()),
        Form::Bytes => row.get::<Option<Vec<u8>>>(name)?.map(|it| STANDARD.encode(it).into()),
        _ => row.get::<Option<String>>(name)?.map(Json::from),
    })
}

/// A column of a record as SQLite takes it; nothing when it holds something else.
pub(super) fn value(form: Form, cell: &Json) -> Option<Value> {
    if cell.is_null() {
        return Some(Value::Null(Kind::Text));
    }
    Some(match form {
        Form::Int | Form::Serial => Value::Int(parsed(cell, Json::as_i64)?),
        Form::Bool => Value::Bool(parsed(cell, Json::as_bool)?),
        Form::Real => Value::Real(parsed(cell, Json::as_f64)?),
        Form::Money => Value::Money(cell.as_str()?.parse().ok()?),
        Form::Bytes => Value::Blob(STANDARD.decode(cell.as_str()?).ok()?),
        _ => Value::Text(cell.as_str()?.to_owned()),
    })
}

/// What stands there as JSON's own kind of value, or as its text.
fn parsed<T: std::str::FromStr>(cell: &Json, own: impl Fn(&Json) -> Option<T>) -> Option<T> {
    own(cell).or_else(|| cell.as_str()?.parse().ok())
}

/// Hashes what goes through it.
pub(super) struct Sealing<T> {
    inner: T,
    mac: Hmac<Sha256>,
    bytes: u64,
}

impl<T> Sealing<T> {
    pub(super) fn new(inner: T, mac: Hmac<Sha256>) -> Self {
        Self { inner, mac, bytes: 0 }
    }

    /// What is inside, the hash of what went through, and how many bytes it was.
    pub(super) fn finish(self) -> (T, Hmac<Sha256>, u64) {
        (self.inner, self.mac, self.bytes)
    }

    fn note(&mut self, bytes: &[u8]) {
        self.mac.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl<T: Write> Write for Sealing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.note(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Sealing<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.note(bytes.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// A file that is cut, altered, or no backup.
pub(super) fn damaged(reason: &'static str) -> Error {
    Error::new(ErrorKind::StorageCorrupt, "system.restore", reason)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_of_any_text_is_read_or_refused_and_never_panics(line in any::<Vec<u8>>()) {
            let _ = Line::parse(&line);
        }

        #[test]
        fn every_row_is_read_as_it_was_written(text in ".*", number in any::<i64>(), real in any::<f64>()) {
            let cells = [("a", Json::from(text)), ("b", number.into()), ("c", real.to_string().into())];
            let row: Record = cells.map(|(name, cell)| (name.to_owned(), cell)).into_iter().collect();
            let mut line = Vec::new();
            Line::Row(row.clone()).write(&mut line);
            prop_assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
            prop_assert_eq!(Line::parse(&line), Some(Line::Row(row.clone())));
            let Some(Value::Real(read)) = value(Form::Real, &row["c"]) else { panic!("no number") };
            prop_assert!(read.to_bits() == real.to_bits() || (read.is_nan() && real.is_nan()));
            prop_assert_eq!(value(Form::Int, &row["b"]), Some(Value::Int(number)));
        }

        #[test]
        fn every_byte_comes_back(bytes in any::<Vec<u8>>()) {
            let cell = Json::from(STANDARD.encode(&bytes));
            prop_assert_eq!(value(Form::Bytes, &cell), Some(Value::Blob(bytes)));
        }
    }

    #[test]
    fn the_other_lines_are_read_as_they_were_written() {
        let counts = BTreeMap::from([("users".to_owned(), 2)]);
        for line in [|| Line::Table("users".to_owned()), || Line::End(BTreeMap::new())] {
            let mut text = Vec::new();
            line().write(&mut text);
            assert_eq!(Line::parse(&text), Some(line()));
        }
        assert_eq!(Line::parse(br#"["end",{"users":2}]"#), Some(Line::End(counts)));
        assert_eq!(Line::parse(br#"["end",{"users":-2}]"#), None);
    }

    #[test]
    fn a_cell_of_another_form_is_refused() {
        for (form, cell) in [
            (Form::Text, Json::from(1)),
            (Form::Int, "one".into()),
            (Form::Bool, "perhaps".into()),
            (Form::Money, "0.0000000000001".into()),
            (Form::Bytes, "?".into()),
        ] {
            assert_eq!(value(form, &cell), None, "{form:?}");
        }
    }
}
