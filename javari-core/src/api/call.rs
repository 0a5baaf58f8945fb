//! Runs an operation by name.

use bytes::Bytes;
use serde_json::Value as Json;

use super::{
    Events, Operation,
    catalog::find,
    operation::{Access, Context, Run},
};
use crate::{
    client::Javari,
    error::{Error, Result, is_plainly_a_name},
    types::ScopeKey,
};

/// Runs an operation that answers once.
///
/// `blobs` are the bytes that the request speaks of, in order; they are never JSON.
///
/// # Errors
/// `INVALID_INPUT` for an unknown name, a request that does not fit or a scope that lacks a part;
/// `NOT_FOUND` for a scope whose user, project and subproject do not belong together; else those of
/// the operation.
pub async fn call(
    javari: &Javari,
    name: &str,
    scope: ScopeKey,
    request: Json,
    blobs: Vec<Bytes>,
) -> Result<Json> {
    let operation = checked(name, &scope, &request)?;
    javari.rooms().accounts.check(&scope).await?;
    let context = Context { scope: javari.scope_of(scope), blobs };
    match &operation.run {
        Run::Unary(run) => run(context, request).await,
        Run::Stream(_) => Err(Error::invalid(
            operation.name,
            "this operation answers with a stream of events: use `stream`",
        )),
    }
}

/// Runs an operation that answers with events.
///
/// # Errors
/// As [`call`]; later faults come as items of the stream.
pub async fn stream(
    javari: &Javari,
    name: &str,
    scope: ScopeKey,
    request: Json,
    blobs: Vec<Bytes>,
) -> Result<Events> {
    let operation = checked(name, &scope, &request)?;
    javari.rooms().accounts.check(&scope).await?;
    let context = Context { scope: javari.scope_of(scope), blobs };
    match &operation.run {
        Run::Stream(run) => run(context, request).await,
        Run::Unary(_) => {
            Err(Error::invalid(operation.name, "this operation answers once: use `call`"))
        }
    }
}

fn checked(name: &str, scope: &ScopeKey, request: &Json) -> Result<&'static Operation> {
    let operation = find(name).ok_or_else(|| {
        let error = Error::invalid("api.call", "there is no operation of that name");
        if is_plainly_a_name(name) { error.with("name", name) } else { error }
    })?;
    match operation.access {
        Access::Host => {}
        Access::User => drop(scope.require_user(operation.name)?),
        Access::Project => {
            scope.require_user(operation.name)?;
            scope.require_project(operation.name)?;
        }
    }
    operation.validator.check(operation.name, request)?;
    Ok(operation)
}
