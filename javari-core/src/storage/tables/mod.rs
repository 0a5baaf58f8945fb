//! What the tables of Javari look like, and the statements about all of them alike.
//!
//! The statements are put together by a macro when the library is compiled: no input becomes SQL.

/// How a table is written in SQL: quoted, for `text` and `timestamp` are names of columns.
macro_rules! quoted {
    ($name:ident) => {
        concat!("\"", stringify!($name), "\"")
    };
}

/// A column as PostgreSQL is to give it: JSON as its text, exact to the last digit, and so arrays.
macro_rules! selected {
    ($name:ident Json) => {
        concat!("\"", stringify!($name), "\"::text AS \"", stringify!($name), "\"")
    };
    ($name:ident SealedJson) => {
        selected!($name Json)
    };
    ($name:ident Ids) => {
        concat!("to_json(\"", stringify!($name), "\")::text AS \"", stringify!($name), "\"")
    };
    ($name:ident Texts) => {
        selected!($name Ids)
    };
    ($name:ident $form:ident) => {
        quoted!($name)
    };
}

/// A column of the JSON object `row` as PostgreSQL keeps it.
macro_rules! inserted {
    ($name:ident Bytes) => {
        concat!("decode(row ->> '", stringify!($name), "', 'base64')")
    };
    ($name:ident Ids) => {
        concat!(
            "ARRAY(SELECT json_array_elements_text((row ->> '",
            stringify!($name),
            "')::json))::uuid[]"
        )
    };
    ($name:ident Texts) => {
        concat!("ARRAY(SELECT json_array_elements_text((row ->> '", stringify!($name), "')::json))")
    };
    ($name:ident $form:ident) => {
        concat!("(row ->> '", stringify!($name), "')::", inserted!($form))
    };
    (Id) => {
        "uuid"
    };
    (Text) => {
        "text"
    };
    (Sealed) => {
        "text"
    };
    (Int) => {
        "bigint"
    };
    (Serial) => {
        "bigint"
    };
    (Real) => {
        "double precision"
    };
    (Bool) => {
        "boolean"
    };
    (Time) => {
        "timestamptz"
    };
    (Money) => {
        "numeric"
    };
    (Json) => {
        "jsonb"
    };
    (SealedJson) => {
        "jsonb"
    };
}

macro_rules! owner {
    ($table:ident id) => { owner!(@ $table id, Owner::Id) };
    ($table:ident user_id) => { owner!(@ $table user_id, Owner::Id) };
    ($table:ident chain) => { owner!(@ $table chain, Owner::Chain) };
    (@ $table:ident $column:ident, $kind:expr) => {
        Some((
            $kind,
            concat!("SELECT count(*) AS count FROM ", quoted!($table), " WHERE ", quoted!($column),
                " = $1"),
        ))
    };
    ($table:ident) => { None };
}

macro_rules! where_owned {
    ($column:ident) => {
        concat!(" WHERE ", quoted!($column), " = $1")
    };
    () => {
        ""
    };
}

/// Goes on counting behind the highest number that stands in the table. PostgreSQL's; SQLite does
/// by itself.
macro_rules! sequence {
    ($table:ident $column:ident Serial) => {
        Some(concat!(
            "SELECT setval(pg_get_serial_sequence('",
            stringify!($table),
            "', '",
            stringify!($column),
            "'), max(",
            quoted!($column),
            ")) FROM ",
            quoted!($table)
        ))
    };
    ($table:ident $column:ident $form:ident) => {
        None
    };
}

macro_rules! default_of {
    () => {
        None
    };
    ($default:literal) => {
        Some($default)
    };
}

macro_rules! tables {
    ($($table:ident $(by $owner:ident)? {
        $first:ident: $first_form:ident
        $(, $column:ident: $form:ident $(= $default:literal)?)* $(,)?
    })+) => {
        /// Every table, those that others name first.
        pub(in crate::storage) static TABLES: &[Table] = &[$(Table {
            name: stringify!($table),
            columns: &[
                Column { name: stringify!($first), form: Form::$first_form, default: None },
                $(Column {
                    name: stringify!($column),
                    form: Form::$form,
                    default: default_of!($($default)?),
                }),*
            ],
            any: concat!("SELECT 1 AS found FROM ", quoted!($table), " LIMIT 1"),
            select: [
                concat!("SELECT ", quoted!($first), $(", ", quoted!($column),)* " FROM ",
                    quoted!($table), " ORDER BY 1, 2"),
                concat!("SELECT ", selected!($first $first_form),
                    $(", ", selected!($column $form),)* " FROM ", quoted!($table),
                    " ORDER BY 1, 2"),
            ],
            select_owned: [
                concat!("SELECT ", quoted!($first), $(", ", quoted!($column),)* " FROM ",
                    quoted!($table), where_owned!($($owner)?), " ORDER BY 1, 2"),
                concat!("SELECT ", selected!($first $first_form),
                    $(", ", selected!($column $form),)* " FROM ", quoted!($table),
                    where_owned!($($owner)?), " ORDER BY 1, 2"),
            ],
            insert: [
                concat!("INSERT INTO ", quoted!($table), " (", quoted!($first),
                    $(", ", quoted!($column),)* ") VALUES (?", $(", ?", skip!($column),)* ")"),
                concat!("INSERT INTO ", quoted!($table), " (", quoted!($first),
                    $(", ", quoted!($column),)* ") OVERRIDING SYSTEM VALUE SELECT ",
                    inserted!($first $first_form), $(", ", inserted!($column $form),)*
                    " FROM json_array_elements(($1)::json) AS rows (row)"),
            ],
            sequence: sequence!($table $first $first_form),
            owner: owner!($table $($owner)?),
            count_within: [
                concat!("SELECT count(*) AS count FROM ", quoted!($table),
                    " WHERE user_id = $1 AND project_id = $2"),
                concat!("SELECT count(*) AS count FROM ", quoted!($table),
                    " WHERE user_id = $1 AND project_id = $2 AND subproject_id = $3"),
            ],
        }),+];

        /// Frees what rows that are gone left behind, in each table. PostgreSQL's.
        pub(in crate::storage) const VACUUM: &str =
            concat!("VACUUM (ANALYZE) javari_schema", $(", ", quoted!($table)),+);
    };
}

/// Nothing, once for each column.
macro_rules! skip {
    ($column:ident) => {
        ""
    };
}

mod list;
#[cfg(test)]
mod tests;

pub(in crate::storage) use list::{SQLITE_VACUUM, TABLES, VACUUM};

use futures::TryStreamExt;
use serde_json::{Map, Value as Json};
use tokio::sync::mpsc;

use super::{Database, Dialect, Row, Value, backup};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{ScopeKey, UserId},
};

/// One table of Javari.
pub(in crate::storage) struct Table {
    /// Its name.
    pub(in crate::storage) name: &'static str,
    /// What is kept of it: not what an engine derives by itself.
    pub(in crate::storage) columns: &'static [Column],
    /// Finds a row, if there is one.
    pub(in crate::storage) any: &'static str,
    select: [&'static str; 2],
    select_owned: [&'static str; 2],
    insert: [&'static str; 2],
    /// Moves the sequence of the first column behind its highest value.
    pub(in crate::storage) sequence: Option<&'static str>,
    /// How rows name their user, and counts the rows of one.
    owner: Option<(Owner, &'static str)>,
    /// Counts the rows of one project, and those of one subproject, where rows name one.
    count_within: [&'static str; 2],
}

/// One column of a table.
pub(in crate::storage) struct Column {
    pub(in crate::storage) name: &'static str,
    pub(in crate::storage) form: Form,
    /// What it is, as text, in rows that were written before it was added.
    pub(in crate::storage) default: Option<&'static str>,
}

/// What a column holds, whichever engine keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::storage) enum Form {
    Id,
    Text,
    /// Text that only the vault's keys make sense of; it is in backups and never in an export.
    Sealed,
    Int,
    /// A number that the engine gives, in the first column.
    Serial,
    Real,
    Bool,
    Time,
    Money,
    Json,
    /// JSON with values that only the vault's keys make sense of, as [`Sealed`](Self::Sealed).
    SealedJson,
    /// A JSON array of ids; an array on PostgreSQL.
    Ids,
    /// A JSON array of texts; an array on PostgreSQL.
    Texts,
    Bytes,
}

/// How a row names the user it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// By the id.
    Id,
    /// By the id as the name of a chain of the audit trail.
    Chain,
}

impl Owner {
    fn value(self, user: UserId) -> Value {
        match self {
            Self::Id => user.into(),
            Self::Chain => user.to_string().into(),
        }
    }
}

impl Table {
    /// The table of that name.
    pub(in crate::storage) fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// All rows, by the first column.
    pub(in crate::storage) fn select(&self, dialect: Dialect) -> &'static str {
        let [sqlite, postgres] = self.select;
        dialect.choose(sqlite, postgres)
    }

    /// The rows of one user; nothing where rows are nobody's.
    pub(in crate::storage) fn select_owned(
        &self,
        dialect: Dialect,
        user: UserId,
    ) -> Option<(&'static str, Vec<Value>)> {
        let [sqlite, postgres] = self.select_owned;
        let (owner, _) = self.owner?;
        Some((dialect.choose(sqlite, postgres), vec![owner.value(user)]))
    }

    /// Counts the rows of one user; nothing where rows are nobody's.
    pub(in crate::storage) fn count_owned(
        &self,
        user: UserId,
    ) -> Option<(&'static str, Vec<Value>)> {
        self.owner.map(|(owner, count)| (count, vec![owner.value(user)]))
    }

    /// Counts the rows that name the scope's project, or its subproject where it has one; nothing where
    /// rows name none. The trail does and goes on: it is no part of what it tells of.
    fn count_within(&self, scope: &ScopeKey) -> Option<(&'static str, Vec<Value>)> {
        let (Owner::Id, _) = self.owner? else { return None };
        let [of_project, of_subproject] = self.count_within;
        let mut values = vec![scope.user.into(), scope.project.into()];
        match scope.subproject {
            None => self.column("project_id").map(|_| (of_project, values)),
            Some(subproject) => {
                values.push(subproject.into());
                self.column("subproject_id").map(|_| (of_subproject, values))
            }
        }
    }

    /// One row on SQLite, a `?` for each column; on PostgreSQL a JSON array of rows as text.
    pub(in crate::storage) fn insert(&self, dialect: Dialect) -> &'static str {
        let [sqlite, postgres] = self.insert;
        dialect.choose(sqlite, postgres)
    }

    /// The column of that name.
    pub(in crate::storage) fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Counts the rows of one user in every table that has some.
pub(crate) async fn count_owned(
    transaction: &mut super::Transaction,
    user: UserId,
) -> Result<Vec<(&'static str, u64)>> {
    count(transaction, |table| table.count_owned(user)).await
}

/// Counts the rows that name the scope's project, or its subproject where it has one, in every table
/// that has some.
pub(crate) async fn count_within(
    transaction: &mut super::Transaction,
    scope: &ScopeKey,
) -> Result<Vec<(&'static str, u64)>> {
    count(transaction, |table| table.count_within(scope)).await
}

async fn count(
    transaction: &mut super::Transaction,
    statement: impl Fn(&Table) -> Option<(&'static str, Vec<Value>)>,
) -> Result<Vec<(&'static str, u64)>> {
    let mut counts = Vec::new();
    for table in TABLES {
        let Some((statement, values)) = statement(table) else { continue };
        let row = transaction.query_one(statement, values).await?;
        let count = row.as_ref().map(|row: &Row| row.get::<u64>("count")).transpose()?;
        if let Some(count) = count.filter(|count| *count > 0) {
            counts.push((table.name, count));
        }
    }
    Ok(counts)
}

/// A row of one user with the name of its table; nothing after the last one.
pub(crate) type OwnedRow = Option<(&'static str, Map<String, Json>)>;

/// Sends every row of one user, as one state of the database has them, and then that it was the
/// last. Bytes and what is sealed are left out; NULL is null, and JSON is JSON.
///
/// # Errors
/// `CANCELLED` when nobody receives any more; those of the database.
pub(crate) async fn export_owned(
    database: &Database,
    user: UserId,
    to: mpsc::Sender<OwnedRow>,
) -> Result<()> {
    let left = |_| Error::new(ErrorKind::Cancelled, "users.export", "nobody takes the rows");
    let mut snapshot = database.begin_snapshot(&ScopeKey::user(user)).await?;
    let dialect = snapshot.dialect();
    for table in TABLES {
        let Some((statement, values)) = table.select_owned(dialect, user) else { continue };
        let mut rows = snapshot.rows(statement, values)?;
        while let Some(row) = rows.try_next().await? {
            let row: Row = row;
            let row = readable(table, backup::record(table, &row)?);
            to.send(Some((table.name, row))).await.map_err(left)?;
        }
    }
    to.send(None).await.map_err(left)
}

fn readable(table: &Table, mut record: Map<String, Json>) -> Map<String, Json> {
    let shown =
        |column: &&Column| !matches!(column.form, Form::Sealed | Form::SealedJson | Form::Bytes);
    let cells = table.columns.iter().filter(shown).map(|column| {
        let cell = record.remove(column.name).unwrap_or_default();
        let parsed = match column.form {
            Form::Json | Form::Ids | Form::Texts | Form::Real => {
                cell.as_str().and_then(|it| serde_json::from_str(it).ok())
            }
            _ => None,
        };
        (column.name.to_owned(), parsed.unwrap_or(cell))
    });
    cells.collect()
}
