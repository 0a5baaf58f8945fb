//! Puts the rows of a backup into a database that has none.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    BackupFile, BackupSummary,
    format::{damaged, value},
    read::{Batch, Part, require_counts},
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{
        Database, Dialect, Kind, Transaction, Value,
        tables::{TABLES, Table},
        values,
    },
};

const OPERATION: &str = "system.restore";
/// The one table that has a row in a database that was only opened.
const REGISTRY: &str = "javari_key_registry";

impl BackupFile {
    /// Puts everything into `database`, which is migrated and holds nothing but the name of its
    /// vault, and takes on the name of the vault in the backup. The caller commits: until then
    /// nothing was written.
    ///
    /// What an engine derives by itself, such as the index of full text, it derives anew.
    ///
    /// # Errors
    /// `CONFLICT` when the database holds anything; `STORAGE_CORRUPT` when the file changed since
    /// it was opened; `UNSUPPORTED` when it has columns that this library does not know.
    pub async fn restore(self, database: &Database) -> Result<(Transaction, BackupSummary)> {
        // The sequences belong to the owner of the tables.
        let mut transaction = database.begin_as_owner_for_host().await?;
        if transaction.dialect() == Dialect::Postgres {
            let lock = "LOCK TABLE users, javari_work_log, javari_key_registry
                            IN SHARE ROW EXCLUSIVE MODE";
            transaction.execute(lock, values![]).await?;
        }
        require_empty(&mut transaction).await?;
        transaction.execute("DELETE FROM javari_key_registry", values![]).await?;
        let mut found = BTreeMap::<String, u64>::new();
        let mut reading = self.read();
        let stated = loop {
            match reading.next().await? {
                Part::Rows(batch) => {
                    let (name, count) = (batch.table.name, batch.rows.len() as u64);
                    insert(&mut transaction, batch)
                        .await
                        .map_err(|error| error.with("table", name))?;
                    *found.entry(name.to_owned()).or_default() += count;
                }
                Part::End(stated) => break stated,
            }
        };
        require_counts(&found, &stated)?;
        if found.get(REGISTRY) != Some(&1) {
            return Err(damaged("the backup says nowhere which vault it holds"));
        }
        if transaction.dialect() == Dialect::Postgres {
            for statement in TABLES.iter().filter_map(|table| table.sequence) {
                transaction.query(statement, values![]).await?;
            }
        }
        Ok((transaction, reading.summary(stated)))
    }
}

async fn require_empty(transaction: &mut Transaction) -> Result<()> {
    for table in TABLES.iter().filter(|table| table.name != REGISTRY) {
        if transaction.query_one(table.any, values![]).await?.is_some() {
            return Err(Error::new(
                ErrorKind::Conflict,
                OPERATION,
                "this database is in use; nothing was written: restore into a new one",
            )
            .with_retry(crate::error::Retry::Never)
            .with("table", table.name));
        }
    }
    Ok(())
}

async fn insert(transaction: &mut Transaction, batch: Batch) -> Result<()> {
    let Batch { table, mut rows } = batch;
    for row in &mut rows {
        for column in table.columns {
            if let Some(default) = column.default
                && !row.contains_key(column.name)
            {
                row.insert(column.name.to_owned(), default.into());
            }
        }
    }
    let dialect = transaction.dialect();
    let statement = table.insert(dialect);
    match dialect {
        Dialect::Sqlite => {
            for row in &rows {
                transaction.execute(statement, bound(table, row)?).await?;
            }
        }
        Dialect::Postgres => {
            let rows: Vec<Json> = rows.into_iter().map(Json::Object).collect();
            transaction.execute(statement, values![Json::Array(rows).to_string()]).await?;
        }
    }
    Ok(())
}

fn bound(table: &Table, row: &super::format::Record) -> Result<Vec<Value>> {
    let cell = |column: &crate::storage::tables::Column| match row.get(column.name) {
        None => Ok(Value::Null(Kind::Text)),
        Some(cell) => value(column.form, cell).ok_or_else(|| {
            damaged("a row of the backup holds a value of another form").with("column", column.name)
        }),
    };
    table.columns.iter().map(cell).collect()
}
