//! One row of an answer, read by column name into the types of `types`.

use serde_json::Value as Json;
use sqlx::{
    Row as _, TypeInfo, ValueRef,
    postgres::PgRow,
    sqlite::SqliteRow,
    types::{Decimal, Json as SqlJson, time::OffsetDateTime},
};
use uuid::Uuid;

use super::{fault, lookup::FoundRow, postgres::MONEY_SCALE};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{
        AlertId, ApiKeyId, ChunkId, CostId, CredentialId, DocumentId, EntryId, HealingId,
        IdentityId, MonitorId, ObservationId, ProjectId, SnapshotId, SubprojectId, Timestamp, Usd,
        UserId,
    },
};

/// One row of an answer.
pub struct Row(pub(super) Raw);

/// The row as its driver gives it.
pub(super) enum Raw {
    Sqlite(SqliteRow),
    Found(FoundRow),
    Postgres(PgRow),
}

impl Row {
    /// The column `name` as `T`.
    ///
    /// # Errors
    /// `STORAGE` when there is no such column or it holds something else.
    pub fn get<T: Column>(&self, name: &str) -> Result<T> {
        T::read(self, name)
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// Reads the column `name` of `row`.
    fn read(row: &Row, name: &str) -> Result<Self>;
}

/// Reads the raw value of each engine, then converts it; NULL is nothing.
macro_rules! columns {
    ($($type:ty: sqlite $sqlite:ty, $from_sqlite:expr; postgres $postgres:path;)+) => {$(
        impl Column for Option<$type> {
            fn read(row: &Row, name: &str) -> Result<Self> {
                match &row.0 {
                    Raw::Sqlite(row) => {
                        let raw: Option<$sqlite> = row.try_get(name).map_err(unread)?;
                        raw.map(|raw| ($from_sqlite)(raw).ok_or_else(|| misread(name))).transpose()
                    }
                    Raw::Found(row) => {
                        let raw: Option<$sqlite> = row.get(name)?;
                        raw.map(|raw| ($from_sqlite)(raw).ok_or_else(|| misread(name))).transpose()
                    }
                    Raw::Postgres(row) => {
                        let is_null = row.try_get_raw(name).map_err(unread)?.is_null();
                        if is_null {
                            return Ok(None);
                        }
                        $postgres(row, name).map(Some)
                    }
                }
            }
        }
        impl Column for $type {
            fn read(row: &Row, name: &str) -> Result<Self> {
                Option::<$type>::read(row, name)?.ok_or_else(|| misread(name))
            }
        }
    )+};
}

columns! {
    String: sqlite String, Some; postgres text;
    i64: sqlite i64, Some; postgres whole;
    bool: sqlite bool, Some; postgres plain;
    f64: sqlite f64, Some; postgres real;
    Vec<u8>: sqlite Vec<u8>, Some; postgres plain;
    u64: sqlite i64, |raw: i64| u64::try_from(raw).ok(); postgres count;
    u32: sqlite i64, |raw: i64| u32::try_from(raw).ok(); postgres count;
    usize: sqlite i64, |raw: i64| usize::try_from(raw).ok(); postgres count;
    Usd: sqlite i64, |raw: i64| Some(Usd::from_picos(i128::from(raw))); postgres money;
    Timestamp: sqlite String, |raw: String| raw.parse().ok(); postgres instant;
    Json: sqlite String, |raw: String| serde_json::from_str(&raw).ok(); postgres json;
    Uuid: sqlite String, |raw: String| raw.parse().ok(); postgres plain;
}

macro_rules! ids {
    ($($type:ty),+ $(,)?) => {
        columns! { $($type: sqlite String, |raw: String| raw.parse().ok(); postgres id;)+ }
    };
}

ids! {
    UserId, ProjectId, SubprojectId, CredentialId, DocumentId, ChunkId, EntryId, CostId, MonitorId, ObservationId, AlertId, HealingId, ApiKeyId, IdentityId, SnapshotId,
}

fn plain<'r, T>(row: &'r PgRow, name: &str) -> Result<T>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(name).map_err(unread)
}

/// Any column as text, ids and instants as SQLite keeps them.
fn text(row: &PgRow, name: &str) -> Result<String> {
    match kind(row, name)?.as_str() {
        "UUID" => Ok(plain::<Uuid>(row, name)?.to_string()),
        "TIMESTAMPTZ" => Ok(instant(row, name)?.to_string()),
        "JSONB" | "JSON" => Ok(json(row, name)?.to_string()),
        _ => plain(row, name),
    }
}

/// A whole number of two, four or eight bytes, or the sum of such.
fn whole(row: &PgRow, name: &str) -> Result<i64> {
    match kind(row, name)?.as_str() {
        "INT2" => plain::<i16>(row, name).map(i64::from),
        "INT4" => plain::<i32>(row, name).map(i64::from),
        "NUMERIC" => i64::try_from(plain::<Decimal>(row, name)?).map_err(|_| misread(name)),
        _ => plain(row, name),
    }
}

fn count<T: TryFrom<i64>>(row: &PgRow, name: &str) -> Result<T> {
    T::try_from(whole(row, name)?).map_err(|_| misread(name))
}

fn real(row: &PgRow, name: &str) -> Result<f64> {
    match kind(row, name)?.as_str() {
        "FLOAT4" => plain::<f32>(row, name).map(f64::from),
        "NUMERIC" => f64::try_from(plain::<Decimal>(row, name)?).map_err(|_| misread(name)),
        _ => plain(row, name),
    }
}

fn money(row: &PgRow, name: &str) -> Result<Usd> {
    let mut amount: Decimal = plain(row, name)?;
    amount.rescale(MONEY_SCALE);
    (amount.scale() == MONEY_SCALE)
        .then(|| Usd::from_picos(amount.mantissa()))
        .ok_or_else(|| misread(name))
}

fn instant(row: &PgRow, name: &str) -> Result<Timestamp> {
    let nanos = plain::<OffsetDateTime>(row, name)?.unix_timestamp_nanos();
    i64::try_from(nanos.div_euclid(1_000)).map(Timestamp::from_micros).map_err(|_| misread(name))
}

fn json(row: &PgRow, name: &str) -> Result<Json> {
    match kind(row, name)?.as_str() {
        "TEXT" => serde_json::from_str(&plain::<String>(row, name)?).map_err(|_| misread(name)),
        _ => plain::<SqlJson<Json>>(row, name).map(|SqlJson(json)| json),
    }
}

fn id<T: From<Uuid>>(row: &PgRow, name: &str) -> Result<T> {
    plain::<Uuid>(row, name).map(T::from)
}

/// The name of the column's type.
fn kind(row: &PgRow, name: &str) -> Result<String> {
    Ok(row.try_get_raw(name).map_err(unread)?.type_info().name().to_owned())
}

fn unread(error: sqlx::Error) -> Error {
    fault::from_driver("storage.read", error)
}

pub(super) fn misread(column: &str) -> Error {
    Error::new(ErrorKind::Storage, "storage.read", "a column holds a value of another form")
        .with("column", column)
}
