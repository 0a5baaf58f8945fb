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
    error::{Error, ErrorKind, Result, is_plainly_a_name},
    types::ScopeKey,
};

/// Runs an operation that answers once.
///
/// `blobs` are the bytes that the request speaks of, in order; they are never JSON.
///
/// # Errors
/// `INVALID_INPUT` for an unknown name, a request that does not fit or a scope that lacks a part;
/// `NOT_FOUND` for a scope whose user, project, subproject and member do not belong together;
/// `FORBIDDEN` when the member's role does not cover the operation; else those of the operation.
pub async fn call(
    javari: &Javari,
    name: &str,
    scope: ScopeKey,
    request: Json,
    blobs: Vec<Bytes>,
) -> Result<Json> {
    let operation = checked(name, &scope, &request)?;
    admit(javari, operation, &scope).await?;
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
    admit(javari, operation, &scope).await?;
    let context = Context { scope: javari.scope_of(scope), blobs };
    match &operation.run {
        Run::Stream(run) => run(context, request).await,
        Run::Unary(_) => {
            Err(Error::invalid(operation.name, "this operation answers once: use `call`"))
        }
    }
}

/// Refuses who has no place in this scope, and a member whose role is too small.
async fn admit(javari: &Javari, operation: &Operation, scope: &ScopeKey) -> Result<()> {
    if scope.member.is_some() && operation.access == Access::Host {
        let message = "only the host itself calls this operation";
        return Err(Error::new(ErrorKind::Forbidden, operation.name, message));
    }
    let role = javari.rooms().accounts.check(scope).await?;
    role.require(operation.name, operation.least_role)
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
