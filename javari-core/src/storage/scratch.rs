//! A place for the database of one test, on whichever engine the run is for.

#![allow(clippy::expect_used)]

use std::{env, path::Path};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// Names a server whose databases tests may make, for example `postgres://postgres@127.0.0.1:5432`.
const SERVER: &str = "JAVARI_TEST_POSTGRES";
/// Names a pooler in transaction mode before that server, in the same form.
const POOLER: &str = "JAVARI_TEST_POOLER";
/// Names a folder for SQLite files.
const FOLDER: &str = "JAVARI_TEST_SQLITE";

/// The address of an empty database: in memory, a new file in the folder that `JAVARI_TEST_SQLITE`
/// names, or a new one on the server that `JAVARI_TEST_POSTGRES` names, reached through the pooler
/// that `JAVARI_TEST_POOLER` names if any. Who owns them throws them away afterwards.
///
/// # Panics
/// When the server is named and cannot be used: a test that cannot run has failed.
pub async fn scratch() -> String {
    let name = format!("javari_{}", Uuid::now_v7().simple());
    let Ok(server) = env::var(SERVER) else {
        return match env::var(FOLDER) {
            Ok(folder) => Path::new(&folder).join(name).with_extension("db").display().to_string(),
            Err(_) => ":memory:".to_owned(),
        };
    };
    let server = server.trim_end_matches('/');
    let mut connection =
        PgConnection::connect(&format!("{server}/postgres")).await.expect("the server answers");
    // The name is made of our own hexadecimal digits.
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .expect("a database can be made");
    connection.close().await.expect("the connection closes");
    match env::var(POOLER) {
        Ok(pooler) => format!("{}/{name}?pgbouncer=true", pooler.trim_end_matches('/')),
        Err(_) => format!("{server}/{name}"),
    }
}
