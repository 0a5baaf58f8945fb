//! That the one list of tables is the schema, on whichever engine the run is for.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    storage::{Database, Dialect, scratch, values},
    types::{ScopeKey, SystemClock},
};

async fn open() -> Database {
    Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap()
}

async fn rows(database: &Database, sqlite: &'static str, postgres: &'static str) -> Vec<Row> {
    let statement = database.dialect().choose(sqlite, postgres);
    database.query(&ScopeKey::HOST, statement, values![]).await.unwrap()
}

/// Each column of the engine's own catalogue with its type: not what the engine derives by itself.
async fn columns_of_the_schema(database: &Database) -> BTreeMap<(String, String), String> {
    let found = rows(
        database,
        "SELECT tables.name AS \"table\", columns.name AS \"column\", columns.type AS kind
         FROM pragma_table_list AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.schema = 'main' AND tables.type = 'table'
             AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tables.name <> 'javari_schema'",
        "SELECT columns.table_name::text AS \"table\", columns.column_name::text AS \"column\",
                columns.data_type || CASE is_identity WHEN 'YES' THEN ' serial' ELSE '' END AS kind
         FROM information_schema.columns
         JOIN information_schema.tables USING (table_schema, table_name)
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
             AND is_generated = 'NEVER' AND table_name <> 'javari_schema'",
    )
    .await;
    let text = |row: &Row, name: &str| row.get::<String>(name).unwrap();
    found.iter().map(|row| ((text(row, "table"), text(row, "column")), text(row, "kind"))).collect()
}

fn kinds(form: Form, dialect: Dialect) -> &'static [&'static str] {
    let text: &[&str] = &["TEXT"];
    match form {
        Form::Id => dialect.choose(text, &["uuid"]),
        Form::Text | Form::Sealed => dialect.choose(text, &["text"]),
        Form::Time => dialect.choose(text, &["timestamp with time zone"]),
        Form::Json | Form::SealedJson => dialect.choose(text, &["jsonb"]),
        Form::Ids | Form::Texts => dialect.choose(text, &["ARRAY"]),
        Form::Int => dialect.choose(&["INTEGER"], &["bigint", "integer", "smallint"]),
        Form::Serial => dialect.choose(&["INTEGER"], &["bigint serial"]),
        Form::Bool => dialect.choose(&["INTEGER"], &["boolean"]),
        Form::Money => dialect.choose(&["INTEGER"], &["numeric"]),
        Form::Real => dialect.choose(&["REAL"], &["double precision"]),
        Form::Bytes => dialect.choose(&["BLOB"], &["bytea"]),
    }
}

#[tokio::test]
async fn every_table_and_column_that_a_migration_makes_is_listed_for_backups_with_its_form() {
    let database = open().await;
    let mut schema = columns_of_the_schema(&database).await;
    assert!(schema.len() > 100, "only {} columns were found", schema.len());
    let mut faults = Vec::new();
    for table in TABLES {
        for column in table.columns {
            let name = (table.name.to_owned(), column.name.to_owned());
            match schema.remove(&name) {
                None => faults.push(format!("{name:?} is listed and not in the schema")),
                Some(kind) if !kinds(column.form, database.dialect()).contains(&kind.as_str()) => {
                    faults.push(format!("{name:?} is listed as {:?} and is {kind}", column.form));
                }
                Some(_) => {}
            }
        }
    }
    faults.extend(schema.keys().map(|name| format!("{name:?} is not in storage/tables/list.rs")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn every_table_stands_behind_those_that_its_rows_name() {
    let database = open().await;
    let found = rows(
        &database,
        "SELECT tables.name AS \"table\", keys.\"table\" AS target
         FROM pragma_table_list AS tables, pragma_foreign_key_list(tables.name) AS keys",
        "SELECT conrelid::regclass::text AS \"table\", confrelid::regclass::text AS target
         FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace",
    )
    .await;
    assert!(found.len() > 20);
    let place = |name: &str| TABLES.iter().position(|table| table.name == name).unwrap();
    for row in &found {
        let (table, target): (String, String) =
            (row.get("table").unwrap(), row.get("target").unwrap());
        assert!(place(&target) <= place(&table), "{table} names {target}, which is listed later");
    }
}

#[tokio::test]
async fn every_table_with_a_column_for_a_user_says_whose_its_rows_are() {
    let database = open().await;
    let schema = columns_of_the_schema(&database).await;
    let owned: BTreeSet<&String> = schema
        .keys()
        .filter(|(_, column)| ["user_id", "chain"].contains(&column.as_str()))
        .map(|(table, _)| table)
        .collect();
    for table in TABLES {
        let expected = table.name == "users" || owned.contains(&table.name.to_owned());
        assert_eq!(table.owner.is_some(), expected, "{}", table.name);
    }
}

#[tokio::test]
async fn every_statement_of_the_list_is_taken_by_the_engine() {
    let database = open().await;
    let user = UserId(uuid::Uuid::nil());
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    for table in TABLES {
        let dialect = transaction.dialect();
        transaction.query(table.any, values![]).await.unwrap();
        transaction.query(table.select(dialect), values![]).await.unwrap();
        if let Some((statement, values)) = table.select_owned(dialect, user) {
            transaction.query(statement, values).await.unwrap();
        }
    }
    assert_eq!(count_owned(&mut transaction, user).await.unwrap(), []);
}
