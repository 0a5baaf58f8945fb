//! A place for the database of one test, on whichever engine the run is for.

#![allow(clippy::expect_used)]

use std::env;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// Names a server whose databases tests may make, for example `postgres://postgres@127.0.0.1:5432`.
const SERVER: &str = "JAVARI_TEST_POSTGRES";

/// The address of an empty database: in memory, or a new one on the server that
/// `JAVARI_TEST_POSTGRES` names. Who owns that server throws it away afterwards.
///
/// # Panics
/// When the server is named and cannot be used: a test that cannot run has failed.
pub async fn scratch() -> String {
    let Ok(server) = env::var(SERVER) else { return ":memory:".to_owned() };
    let server = server.trim_end_matches('/');
    let name = format!("javari_{}", Uuid::now_v7().simple());
    let mut connection =
        PgConnection::connect(&format!("{server}/postgres")).await.expect("the server answers");
    // The name is made of our own hexadecimal digits.
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .expect("a database can be made");
    connection.close().await.expect("the connection closes");
    format!("{server}/{name}")
}
