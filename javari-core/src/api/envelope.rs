//! The seed's envelope around a reply, for HTTP.

use serde_json::{Value as Json, json};

use super::call;
use crate::{
    client::Javari,
    error::{Error, ErrorKind, Result},
    types::ScopeKey,
};

/// Runs an operation and answers in the seed's envelope, with the HTTP status to send.
///
/// `meta` holds `timestamp`, `request_id` and, where money moved, `credits_used` as a decimal
/// string (1 credit is 1 USD). An error is an answer too: this function never fails.
///
/// It signs nobody in: `scope` is believed. A server that passes requests on finds out who asks with
/// [`Javari::authenticate`] and answers with [`Caller::respond`](super::Caller::respond); it must
/// never take the scope, or [`ScopeKey::HOST`], from what a client sent.
/// `name` may be any operation, those that build projects among them: let through only those that
/// clients should reach.
///
/// It is meant for requests of others than the host, so a request that names a `file` or `folder`
/// of the host is `FORBIDDEN` unless the host has named `document_roots`, and so is every operation
/// that writes or reads a file by the path it is given, such as `system.backup`.
pub async fn respond(javari: &Javari, name: &str, scope: ScopeKey, request: Json) -> (u16, Json) {
    let work = async {
        refuse_host_files(javari, name, &request)?;
        call(javari, name, scope, request, Vec::new()).await
    };
    enveloped(javari, work).await
}

/// What `work` answers, in the envelope.
pub(super) async fn enveloped(
    javari: &Javari,
    work: impl Future<Output = Result<Json>>,
) -> (u16, Json) {
    let clock = &javari.rooms().clock;
    let mut meta = json!({
        "timestamp": clock.now(),
        "request_id": clock.new_id(),
    });
    match work.await {
        Ok(data) => {
            if let Some(cost) = data.get("cost").filter(|cost| cost.is_string()) {
                meta["credits_used"] = cost.clone();
            }
            (200, json!({ "success": true, "data": data, "meta": meta }))
        }
        Err(error) => {
            let answer = json!({ "success": false, "error": error_body(&error), "meta": meta });
            (error.kind().http_status(), answer)
        }
    }
}

/// What works on the host's disk at a path of the caller, or on another database at an address.
const ON_THE_HOSTS_DISK: [&str; 8] = [
    "audit.export",
    "system.backup",
    "system.restore",
    "system.verify_backup",
    "system.adopt",
    "system.import_seed",
    "users.export",
    "vault.rotate_root_key",
];

/// Refuses a request of a stranger that names a file of the host which is not opened to documents.
pub(super) fn refuse_host_files(javari: &Javari, name: &str, request: &Json) -> Result<()> {
    if let Some(name) = ON_THE_HOSTS_DISK.into_iter().find(|own| *own == name) {
        return Err(Error::new(
            ErrorKind::Forbidden,
            name,
            "this works on the host's own disk or databases: the host calls it by itself",
        ));
    }
    const INGEST: &str = "knowledge.ingest";
    let names_one = ["file", "folder"]
        .into_iter()
        .find(|field| request.get(field).is_some_and(|value| !value.is_null()));
    let is_limited = javari.rooms().knowledge.document_roots().is_limited();
    match names_one.filter(|_| name == INGEST && !is_limited) {
        None => Ok(()),
        Some(field) => Err(Error::new(
            ErrorKind::Forbidden,
            INGEST,
            "this host has not opened any of its folders: send the text or the bytes",
        )
        .with_field(format!("/{field}"), "needs `document_roots` in the host's settings")),
    }
}

/// An error as JSON: the code, the sentence and bounded details; never the source's words.
pub(crate) fn error_body(error: &Error) -> Json {
    let context: serde_json::Map<String, Json> = error
        .context()
        .iter()
        .map(|(key, value)| {
            ((*key).to_owned(), Json::from(value.chars().take(500).collect::<String>()))
        })
        .collect();
    json!({
        "code": error.code(),
        "message": error.message(),
        "operation": error.operation(),
        "retry_after": error.retry_after_seconds(),
        "details": { "fields": error.fields(), "context": context },
    })
}
