//! The typed face for Node.js: one class per room, one type per shape, one class per error.

use std::fmt::Write;

use javari_core::{
    ErrorKind,
    api::{Access, Operation, catalog},
    config::Settings,
};
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use crate::{
    File,
    typescript::{Shapes, comment},
    words::{self, pascal},
};

pub(crate) fn files() -> Vec<File> {
    vec![
        File { path: "javari-node/door/rooms.cjs", text: rooms() },
        File { path: "javari-node/door/rooms.d.ts", text: room_types() },
        File { path: "javari-node/door/errors.cjs", text: errors() },
        File { path: "javari-node/door/errors.d.ts", text: error_types() },
    ]
}

const NOTE: &str = "// Written by `cargo catalog` from the catalogue; do not edit.\n";

fn is_of_host(operation: &Operation) -> bool {
    operation.access == Access::Host
}

fn rooms() -> String {
    let mut page = format!("{NOTE}'use strict';\n");
    let rooms = words::rooms();
    for (room, operations) in &rooms {
        let _ = write!(
            page,
            "\nclass {} {{\n  #caller;\n\n  constructor(caller) {{\n    this.#caller = caller;\n  }}\n",
            class_of(room)
        );
        for operation in operations {
            let _ = write!(
                page,
                "\n  {}(request, options) {{\n    return this.#caller.{}('{}', request, options);\n  }}\n",
                operation.verb(),
                if operation.streams() { "stream" } else { "call" },
                operation.name,
            );
        }
        page.push_str("}\n");
    }
    let host = rooms.iter().filter(|(_, all)| all.iter().any(|one| is_of_host(one)));
    page.push_str(&holder("HostRooms", host.map(|(room, _)| *room)));
    page.push_str(&holder("ScopeRooms", rooms.iter().map(|(room, _)| *room)));
    page.push_str("\nmodule.exports = { HostRooms, ScopeRooms };\n");
    page
}

/// A class that holds rooms.
fn holder(name: &str, rooms: impl Iterator<Item = &'static str>) -> String {
    let mut class = format!("\nclass {name} {{\n  constructor(caller) {{\n");
    for room in rooms {
        let _ = writeln!(class, "    this.{room} = new {}(caller);", class_of(room));
    }
    class + "  }\n}\n"
}

fn room_types() -> String {
    let mut shapes = Shapes::default();
    let mut page =
        format!("{NOTE}import type {{ CallOptions, EventStream }} from \"./index.js\";\n");
    let rooms = words::rooms();
    for operation in catalog() {
        let place = format!("{}{}", pascal(operation.room()), pascal(operation.verb()));
        for shape in [&operation.request, &operation.reply] {
            shapes.add(&place, &shape.name, shape.schema.as_value());
        }
    }
    let settings =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Settings>();
    shapes.add("Open", "Settings", settings.as_value());
    for (room, operations) in &rooms {
        let _ = write!(
            page,
            "\n/** The operations `{room}.*`. */\nexport interface {} {{\n",
            class_of(room)
        );
        for operation in operations {
            page.push_str(&method(operation, &shapes));
        }
        page.push_str("}\n");
    }
    page.push_str("\n/** The rooms that need no user. */\nexport interface HostRooms {\n");
    for (room, operations) in &rooms {
        let verbs: Vec<String> = operations
            .iter()
            .filter(|operation| is_of_host(operation))
            .map(|operation| format!("\"{}\"", operation.verb()))
            .collect();
        let class = class_of(room);
        let _ = match verbs.len() {
            0 => Ok(()),
            count if count == operations.len() => writeln!(page, "  readonly {room}: {class};"),
            _ => writeln!(page, "  readonly {room}: Pick<{class}, {}>;", verbs.join(" | ")),
        };
    }
    page.push_str("}\n\n/** Every room, as one scope sees it. */\nexport interface ScopeRooms {\n");
    for (room, _) in &rooms {
        let _ = writeln!(page, "  readonly {room}: {};", class_of(room));
    }
    page.push_str("}\n\n/** What each operation takes and gives, by its name. */\nexport interface Operations {\n");
    for operation in catalog() {
        let (request, reply) = types_of(operation, &shapes);
        let word = if operation.streams() { "event" } else { "reply" };
        let _ =
            writeln!(page, "  \"{}\": {{ request: {request}; {word}: {reply} }};", operation.name);
    }
    page.push_str("}\n");
    page.push_str(&shapes.declarations());
    page
}

fn method(operation: &Operation, shapes: &Shapes) -> String {
    let (request, reply) = types_of(operation, shapes);
    let schema = operation.request.schema.as_value();
    let needs = schema.get("required").and_then(Json::as_array).is_some_and(|all| !all.is_empty());
    let answer = if operation.streams() { "EventStream" } else { "Promise" };
    format!(
        "{}  {}(request{}: {request}, options?: CallOptions): {answer}<{reply}>;\n",
        comment(operation.summary, "  "),
        operation.verb(),
        if needs { "" } else { "?" },
    )
}

fn types_of(operation: &Operation, shapes: &Shapes) -> (String, String) {
    let name =
        |shape: &javari_core::api::Shape| shapes.name_of(&shape.name, shape.schema.as_value());
    (name(&operation.request), name(&operation.reply))
}

fn errors() -> String {
    let mut page =
        format!("{NOTE}'use strict';\n\nconst {{ JavariError }} = require('./error.cjs');\n");
    for kind in ErrorKind::ALL {
        let _ = write!(
            page,
            "\nclass {}Error extends JavariError {{\n  static code = '{}';\n}}\n",
            kind.name(),
            kind.code()
        );
    }
    page.push_str("\nmodule.exports = {\n");
    for kind in ErrorKind::ALL {
        let _ = writeln!(page, "  {}Error,", kind.name());
    }
    page + "};\n"
}

fn error_types() -> String {
    let mut page = format!("{NOTE}import {{ JavariError }} from \"./index.js\";\n");
    page.push_str("\n/** The stable code of each kind of error, the same in every language. */\n");
    page.push_str("export type ErrorCode =\n");
    let codes: Vec<String> =
        ErrorKind::ALL.iter().map(|kind| format!("  | \"{}\"", kind.code())).collect();
    page.push_str(&codes.join("\n"));
    page.push_str(";\n");
    for kind in ErrorKind::ALL {
        let _ = write!(
            page,
            "\n{}export declare class {}Error extends JavariError {{\n  \
             static readonly code: \"{code}\";\n  readonly code: \"{code}\";\n}}\n",
            comment(kind.meaning().trim(), ""),
            kind.name(),
            code = kind.code(),
        );
    }
    page
}

fn class_of(room: &str) -> String {
    format!("{}Room", pascal(room))
}
