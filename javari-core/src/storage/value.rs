//! What can stand for `$1` in a statement.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::types::{
    AlertId, ApiKeyId, ChunkId, CostId, CredentialId, DocumentId, EntryId, HealingId, IdentityId,
    MonitorId, ObservationId, ProjectId, SnapshotId, SubprojectId, Timestamp, Usd, UserId,
};

/// One parameter of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL where a value of that kind could stand: PostgreSQL wants to know.
    Null(Kind),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// An id: text in SQLite, UUID in PostgreSQL.
    Id(Uuid),
    /// An instant: RFC 3339 text in SQLite, TIMESTAMPTZ in PostgreSQL.
    Time(Timestamp),
    /// Money: a checked INTEGER of pico-dollars in SQLite, NUMERIC in PostgreSQL.
    Money(Usd),
    /// JSON: text in SQLite, JSONB in PostgreSQL.
    Json(Json),
}

/// What kind of value a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// A floating-point number.
    Real,
    /// Text.
    Text,
    /// Bytes.
    Blob,
    /// An id.
    Id,
    /// An instant.
    Time,
    /// Money.
    Money,
    /// JSON.
    Json,
}

/// A type that can stand for `$1`, and as which kind.
pub trait Parameter: Into<Value> {
    /// The kind of its values.
    const KIND: Kind;
}

macro_rules! from {
    ($($type:ty => $variant:ident;)+) => {$(
        impl Parameter for $type {
            const KIND: Kind = Kind::$variant;
        }
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

from! {
    bool => Bool; i64 => Int; i32 => Int; u32 => Int; u16 => Int; u8 => Int; f64 => Real; f32 => Real;
    String => Text; &str => Text; &String => Text; Vec<u8> => Blob; &[u8] => Blob;
    Timestamp => Time; Usd => Money; Json => Json; Uuid => Id;
    UserId => Id; ProjectId => Id; SubprojectId => Id; CredentialId => Id; DocumentId => Id;
    ChunkId => Id; EntryId => Id; CostId => Id; MonitorId => Id; ObservationId => Id;
    AlertId => Id; HealingId => Id; ApiKeyId => Id; IdentityId => Id; SnapshotId => Id;
}

impl Parameter for usize {
    const KIND: Kind = Kind::Int;
}

impl Parameter for u64 {
    const KIND: Kind = Kind::Int;
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl<T: Parameter> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null(T::KIND), Into::into)
    }
}
