//! The kit's face (Kotlin, Swift, Ruby, Python through uniffi): its errors and its rooms.

use std::fmt::Write;

use javari_core::{
    ErrorKind,
    api::{Access, Operation},
};

use crate::{
    File,
    words::{fields, pascal, rooms, wrapped},
};

pub(crate) fn files() -> Vec<File> {
    vec![
        File { path: "javari-ffi/src/kit/error.rs", text: errors() },
        File { path: "javari-ffi/src/kit/rooms.rs", text: kit_rooms() },
    ]
}

const NOTE: &str = "//! Written by `cargo catalog` from the catalogue; do not edit.\n//!\n";

fn errors() -> String {
    let mut text = format!(
        "{NOTE}//! One error class for every kind.\n\nuse javari_core::{{Error, ErrorKind, \
         host::error_value}};\n\n/// Why a call failed: its stable code, one sentence, and all of \
         it as JSON.\n#[derive(Debug, thiserror::Error, uniffi::Error)]\npub enum JavariError {{\n"
    );
    for kind in ErrorKind::ALL {
        let _ = write!(
            text,
            "    /// {}\n    #[error(\"{{code}}: {{detail}}\")]\n    {} {{\n        \
             /// The stable code.\n        code: String,\n        \
             /// One sentence for a person.\n        detail: String,\n        \
             /// The whole error: code, message, operation, retry_after and details.\n        \
             json: String,\n    }},\n",
            kind.meaning().trim(),
            kind.name()
        );
    }
    text.push_str(
        "}\n\nimpl From<Error> for JavariError {\n    fn from(error: Error) -> Self {\n        \
         let code = error.code().to_owned();\n        \
         let detail = error.message().to_owned();\n        \
         let json = error_value(&error).to_string();\n        match error.kind() {\n",
    );
    for kind in ErrorKind::ALL.iter().filter(|kind| **kind != ErrorKind::Unexpected) {
        let name = kind.name();
        let _ = writeln!(
            text,
            "            ErrorKind::{name} => Self::{name} {{ code, detail, json }},"
        );
    }
    text.push_str(
        "            _ => Self::Unexpected { code, detail, json },\n        }\n    }\n}\n",
    );
    text
}

fn kit_rooms() -> String {
    let mut text = format!(
        "{NOTE}//! The rooms of a scope, with requests and replies as JSON text.\n\n\
         use std::sync::Arc;\n\n\
         use super::{{Answer, Blobs, Caller, EventStream, Javari, Scope}};\n"
    );
    for (room, operations) in rooms() {
        let name = pascal(room);
        let _ = write!(
            text,
            "\n/// The room `{room}`.\n#[derive(uniffi::Object)]\n\
             pub struct {name}Room(pub(super) Caller);\n\n#[uniffi::export]\nimpl {name}Room {{\n"
        );
        let methods: Vec<String> = operations.into_iter().map(method).collect();
        text.push_str(&methods.join("\n"));
        text.push_str("}\n");
    }
    let of_host = rooms().into_iter().filter(|(_, operations)| {
        operations.iter().any(|operation| operation.access == Access::Host)
    });
    accessors(&mut text, "Javari", "self.host_scope()", of_host.map(|(room, _)| room));
    accessors(&mut text, "Scope", "self.caller()", rooms().into_iter().map(|(room, _)| room));
    text
}

fn method(operation: &Operation) -> String {
    let mut text = String::new();
    for line in wrapped(&format!("{} {}", operation.summary, fields(operation)), 92) {
        let _ = writeln!(text, "    /// {line}");
    }
    let (answer, how) = match operation.streams() {
        true => ("Arc<EventStream>", "stream"),
        false => ("String", "call"),
    };
    let needs_nothing = operation.request.schema.as_value().get("required").is_none();
    let request = if needs_nothing { "request = \"{}\", " } else { "" };
    let _ = write!(
        text,
        "    #[uniffi::method(default({request}blobs = []))]\n    \
         pub async fn {}(&self, request: String, blobs: Blobs) -> Answer<{answer}> {{\n        \
         self.0.{how}(\"{}\", request, blobs).await\n    }}\n",
        operation.verb(),
        operation.name,
    );
    text
}

fn accessors<'a>(
    text: &mut String,
    class: &str,
    caller: &str,
    rooms: impl Iterator<Item = &'a str>,
) {
    let methods: Vec<String> = rooms
        .map(|room| {
            format!(
                "    /// The room `{room}`.\n    pub fn {room}(&self) -> Arc<{name}Room> {{\n        \
                 Arc::new({name}Room({caller}))\n    }}\n",
                name = pascal(room)
            )
        })
        .collect();
    let _ = write!(text, "\n#[uniffi::export]\nimpl {class} {{\n{}}}\n", methods.join("\n"));
}
