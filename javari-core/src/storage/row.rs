//! One row of an answer, read by column name into the types of `types`.

use serde_json::Value as Json;
use sqlx::{Decode, Row as _, Sqlite, Type, sqlite::SqliteRow};
use uuid::Uuid;

use super::fault;
use crate::{
    error::{Error, ErrorKind, Result},
    types::{
        AlertId, ChunkId, CostId, CredentialId, DocumentId, EntryId, HealingId, MonitorId,
        ObservationId, ProjectId, SubprojectId, Timestamp, Usd, UserId,
    },
};

/// One row of an answer.
pub struct Row(pub(super) SqliteRow);

impl Row {
    /// The column `name` as `T`.
    ///
    /// # Errors
    /// `STORAGE` when there is no such column or it holds something else.
    pub fn get<T: Column>(&self, name: &str) -> Result<T> {
        T::read(self, name)
    }

    fn raw<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, name: &str) -> Result<T> {
        self.0.try_get(name).map_err(|error| fault::from_driver("storage.read", error))
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// Reads the column `name` of `row`.
    fn read(row: &Row, name: &str) -> Result<Self>;
}

macro_rules! plain {
    ($($type:ty),+) => {$(
        impl Column for $type {
            fn read(row: &Row, name: &str) -> Result<Self> {
                row.raw(name)
            }
        }
        impl Column for Option<$type> {
            fn read(row: &Row, name: &str) -> Result<Self> {
                row.raw(name)
            }
        }
    )+};
}
plain!(String, i64, bool, f64, Vec<u8>);

macro_rules! through {
    ($($raw:ty => $type:ty, $convert:expr;)+) => {$(
        impl Column for $type {
            fn read(row: &Row, name: &str) -> Result<Self> {
                let raw: $raw = row.raw(name)?;
                ($convert)(raw).ok_or_else(|| misread(name))
            }
        }
        impl Column for Option<$type> {
            fn read(row: &Row, name: &str) -> Result<Self> {
                let raw: Option<$raw> = row.raw(name)?;
                raw.map(|raw| ($convert)(raw).ok_or_else(|| misread(name))).transpose()
            }
        }
    )+};
}

through! {
    i64 => u64, |raw: i64| u64::try_from(raw).ok();
    i64 => u32, |raw: i64| u32::try_from(raw).ok();
    i64 => usize, |raw: i64| usize::try_from(raw).ok();
    i64 => Usd, |raw: i64| Some(Usd::from_picos(i128::from(raw)));
    String => Timestamp, |raw: String| raw.parse().ok();
    String => Uuid, |raw: String| raw.parse().ok();
    String => Json, |raw: String| serde_json::from_str(&raw).ok();
    String => UserId, |raw: String| raw.parse().ok();
    String => ProjectId, |raw: String| raw.parse().ok();
    String => SubprojectId, |raw: String| raw.parse().ok();
    String => CredentialId, |raw: String| raw.parse().ok();
    String => DocumentId, |raw: String| raw.parse().ok();
    String => ChunkId, |raw: String| raw.parse().ok();
    String => EntryId, |raw: String| raw.parse().ok();
    String => CostId, |raw: String| raw.parse().ok();
    String => MonitorId, |raw: String| raw.parse().ok();
    String => ObservationId, |raw: String| raw.parse().ok();
    String => AlertId, |raw: String| raw.parse().ok();
    String => HealingId, |raw: String| raw.parse().ok();
}

fn misread(column: &str) -> Error {
    Error::new(ErrorKind::Storage, "storage.read", "a column holds a value of another form")
        .with("column", column)
}
