//! The pages of operations, errors and parity, and the list that parity tests read.

use std::fmt::Write;

use javari_core::{
    ErrorKind,
    api::{Operation, catalog},
};
use serde_json::{Value as Json, json};

use crate::File;

pub(crate) fn files() -> Vec<File> {
    vec![
        File { path: "docs/operations.md", text: operations() },
        File { path: "docs/errors.md", text: errors() },
        File { path: "docs/parity.md", text: parity() },
        File { path: "tests/cases/parity.json", text: parity_list() },
    ]
}

const NOTE: &str = "<!-- Written by `cargo catalog` from the catalogue; do not edit. -->\n\n";

fn operations() -> String {
    let mut page =
        format!("{NOTE}# Operations\n\nEvery operation has the same name in every language.\n");
    let mut room = "";
    for operation in catalog() {
        if operation.room() != room {
            room = operation.room();
            let _ = write!(page, "\n## {room}\n");
        }
        let _ = write!(
            page,
            "\n### `{}`\n\n{} Needs: {}. Answers with {} `{}`.\n\n{}",
            operation.name,
            operation.summary,
            operation.access.name(),
            if operation.streams() { "a stream of" } else { "one" },
            operation.reply.name,
            fields(operation),
        );
    }
    page
}

fn fields(operation: &Operation) -> String {
    let schema = operation.request.schema.as_value();
    let required = schema.get("required").and_then(Json::as_array);
    let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
        return "The request has no fields.\n".to_owned();
    };
    let mut table = "| field | | what it is |\n| --- | --- | --- |\n".to_owned();
    for (name, property) in properties {
        let is_required = required.is_some_and(|names| names.iter().any(|known| known == name));
        let text = property.get("description").and_then(Json::as_str).unwrap_or_default();
        let _ = writeln!(
            table,
            "| `{name}` | {} | {} |",
            if is_required { "required" } else { "" },
            text.replace('\n', " ").replace('|', "\\|"),
        );
    }
    table
}

fn errors() -> String {
    let mut page = format!(
        "{NOTE}# Errors\n\nEvery error has one of these codes, in every language.\n\n\
         | code | HTTP | Python | what it means |\n| --- | --- | --- | --- |\n"
    );
    for kind in ErrorKind::ALL {
        let _ = writeln!(
            page,
            "| `{}` | {} | `{}Error` | {} |",
            kind.code(),
            kind.http_status(),
            kind.name(),
            kind.meaning().trim(),
        );
    }
    page
}

fn parity() -> String {
    let mut page = format!(
        "{NOTE}# Parity\n\nWhich language has which operation. The parity tests ask the installed \
         packages; a gap needs a reason here.\n\n\
         | operation | Rust | Python | Python async | Node | C | Kotlin, Swift, Ruby |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    for operation in catalog() {
        let _ = writeln!(page, "| `{}` | yes | yes | yes | yes | yes | yes |", operation.name);
    }
    page + VERBS
}

/// What is no operation: the doors write these by hand, and the suite of each tests its own.
const VERBS: &str = "
## Beside the operations

| | Rust | Python | Python async | Node | C | C++ | Kotlin, Swift, Ruby |
| --- | --- | --- | --- | --- | --- | --- | --- |
| open | `Javari::open` | `Javari.open` | `AsyncJavari.open` | `Javari.open` | `javari_open` | `Javari(...)` | `open` |
| open as the environment says | `Javari::from_env` | `Javari.from_env` | `AsyncJavari.from_env` | `Javari.fromEnv` | `javari_open_from_env` | `Javari::from_env` | `fromEnv`, `from_env` |
| narrow to a scope | `scope` | `scope` | `scope` | `scope` | a JSON argument | `scope` | `scope` |
| call by name | `api::call` | `call` | `call` | `call` | `javari_call` | `call` | `call` |
| stream by name | `api::stream` | `stream` | `stream` | `stream` | `javari_stream` | `stream` | `stream` |
| register a provider | `add_provider` | `register` | `register` | `register` | `javari_register` | `register_provider` | `register` |
| close | `close` | `close` | `close` | `close` | `javari_close` | `close` | `close`, in Kotlin `closeDatabase` |
";

fn parity_list() -> String {
    let operations: Vec<Json> = catalog()
        .iter()
        .map(|operation| {
            let schema = operation.request.schema.as_value();
            let names = schema.get("properties").and_then(Json::as_object);
            let fields: Vec<&String> =
                names.map(|names| names.keys().collect()).unwrap_or_default();
            json!({
                "name": operation.name,
                "room": operation.room(),
                "verb": operation.verb(),
                "streams": operation.streams(),
                "access": operation.access.name(),
                "fields": fields,
            })
        })
        .collect();
    let codes: Vec<Json> = ErrorKind::ALL
        .iter()
        .map(|kind| json!({ "code": kind.code(), "name": kind.name() }))
        .collect();
    let list = json!({ "operations": operations, "errors": codes });
    let text = serde_json::to_string_pretty(&list).unwrap_or_default();
    text + "\n"
}
