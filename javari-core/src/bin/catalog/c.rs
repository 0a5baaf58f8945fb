//! The C and C++ faces: the status codes, the operations' names and the rooms of C++.

use std::fmt::Write;

use javari_core::{
    ErrorKind,
    api::{Access, Operation, catalog},
};

use crate::{
    File,
    words::{fields, pascal, rooms, wrapped},
};

pub(crate) fn files() -> Vec<File> {
    vec![
        File { path: "javari-ffi/src/c/code.rs", text: codes() },
        File { path: "javari-ffi/include/javari_operations.h", text: operations() },
        File { path: "javari-ffi/include/javari_rooms.hpp", text: cpp_rooms() },
    ]
}

const NOTE: &str = "Written by `cargo catalog` from the catalogue; do not edit.";

fn codes() -> String {
    let mut text = format!(
        "//! {NOTE}\n//!\n//! What every function answers.\n\nuse javari_core::ErrorKind;\n\n\
         /// What a function answers: 0, or why it failed. The numbers are those of this version's \
         list.\n#[repr(i32)]\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum Code {{\n    \
         /// It was done.\n    Ok = 0,\n"
    );
    for (index, kind) in ErrorKind::ALL.iter().enumerate() {
        let _ = writeln!(text, "    /// {}", kind.meaning().trim());
        let _ = writeln!(text, "    {} = {},", kind.name(), index + 1);
    }
    text.push_str(
        "}\n\nimpl Code {\n    /// The code of a kind of error.\n    \
         pub fn of(kind: ErrorKind) -> Self {\n        match kind {\n",
    );
    for kind in ErrorKind::ALL {
        let _ = writeln!(text, "            ErrorKind::{0} => Self::{0},", kind.name());
    }
    text.push_str("            _ => Self::Unexpected,\n        }\n    }\n}\n");
    text
}

fn operations() -> String {
    let mut text = format!(
        "/* {NOTE} */\n\n/* The name of every operation, for javari_call and javari_stream. */\n\n\
         #ifndef JAVARI_OPERATIONS_H\n#define JAVARI_OPERATIONS_H\n"
    );
    for operation in catalog() {
        let how = if operation.streams() { " Streams." } else { "" };
        let words = format!(
            "{}{how} Needs: {}. {}",
            operation.summary,
            operation.access.name(),
            fields(operation)
        );
        let comment = wrapped(&words, 94).join("\n   ");
        let _ = write!(
            text,
            "\n/* {comment} */\n#define {} \"{}\"\n",
            constant(operation),
            operation.name
        );
    }
    text.push_str("\n#endif\n");
    text
}

fn constant(operation: &Operation) -> String {
    format!("JAVARI_OP_{}", operation.name.replace('.', "_").to_uppercase())
}

fn cpp_rooms() -> String {
    let mut text = format!(
        "// {NOTE}\n\n// The rooms of a scope. Included by javari.hpp; include that.\n\n\
         #ifndef JAVARI_ROOMS_HPP\n#define JAVARI_ROOMS_HPP\n\nnamespace javari {{\nnamespace rooms {{\n"
    );
    for (room, operations) in rooms() {
        let _ = write!(
            text,
            "\n/// The room `{room}`.\nclass {name} : private Caller {{\n public:\n  \
             explicit {name}(const Caller& caller) : Caller(caller) {{}}\n",
            name = pascal(room),
        );
        for operation in operations {
            cpp_method(&mut text, operation);
        }
        text.push_str("};\n");
    }
    let everything = rooms().into_iter().map(|(room, _)| room);
    let of_host = rooms().into_iter().filter(|(_, operations)| {
        operations.iter().any(|operation| operation.access == Access::Host)
    });
    accessors(&mut text, "OfHost", "The rooms that need no user.", of_host.map(|(room, _)| room));
    accessors(&mut text, "OfScope", "Every room.", everything);
    text.push_str("\n}  // namespace rooms\n}  // namespace javari\n\n#endif\n");
    text
}

fn cpp_method(text: &mut String, operation: &Operation) {
    text.push('\n');
    for line in wrapped(&format!("{} {}", operation.summary, fields(operation)), 92) {
        let _ = writeln!(text, "  /// {line}");
    }
    let schema = operation.request.schema.as_value();
    let needs_nothing = schema.get("required").is_none();
    let _ = write!(
        text,
        "  {} {}(std::string_view request{}, const Blobs& blobs = {{}}) const {{\n    \
         return {}({}, request, blobs);\n  }}\n",
        if operation.streams() { "Stream" } else { "std::string" },
        cpp_name(operation.verb()),
        if needs_nothing { " = \"{}\"" } else { "" },
        if operation.streams() { "stream" } else { "call" },
        constant(operation),
    );
}

fn accessors<'a>(
    text: &mut String,
    class: &str,
    sentence: &str,
    rooms: impl Iterator<Item = &'a str>,
) {
    let _ = write!(
        text,
        "\n/// {sentence}\nclass {class} : public Caller {{\n public:\n  using Caller::Caller;\n\n"
    );
    for room in rooms {
        let _ = writeln!(
            text,
            "  rooms::{name} {}() const {{ return rooms::{name}(*this); }}",
            cpp_name(room),
            name = pascal(room)
        );
    }
    text.push_str("};\n");
}

/// The name, with an underline behind it where C++ keeps the word for itself.
fn cpp_name(name: &str) -> String {
    const KEPT: [&str; 25] = [
        "auto", "break", "case", "catch", "class", "continue", "default", "delete", "do", "else",
        "export", "for", "goto", "if", "import", "new", "operator", "register", "return", "switch",
        "this", "throw", "try", "using", "while",
    ];
    if KEPT.contains(&name) { format!("{name}_") } else { name.to_owned() }
}
