//! The rooms of Python: one class per room with one method per operation.

use std::fmt::Write;

use javari_core::api::{Access, Operation, catalog};

use super::{
    NOTE,
    text::{docstring, identifier, pascal, quoted, sentence, wrap},
    types,
};

/// Whether a method blocks or is awaited.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Flavour {
    Blocking,
    Asynchronous,
}

impl Flavour {
    fn prefix(self) -> &'static str {
        if self == Self::Blocking { "" } else { "Async" }
    }
}

/// One room: what needs no user, and the rest.
struct Room {
    name: &'static str,
    of_host: Vec<&'static Operation>,
    of_scope: Vec<&'static Operation>,
}

pub(super) fn module(flavour: Flavour) -> String {
    let rooms = rooms();
    let prefix = flavour.prefix();
    let mut body = String::new();
    for room in &rooms {
        body.push_str(&classes(room, flavour));
    }
    let of_host: Vec<_> = rooms.iter().filter(|room| !room.of_host.is_empty()).collect();
    let _ = write!(
        body,
        "\n\nclass {prefix}HostRooms({prefix}Caller):\n    \"\"\"What needs no user.\"\"\"\n\n    __slots__ = ()\n"
    );
    for room in of_host {
        body.push_str(&property(room.name, &host_class(room, prefix)));
    }
    let _ = write!(
        body,
        "\n\nclass {prefix}ScopeRooms({prefix}Caller):\n    \"\"\"Every room.\"\"\"\n\n    __slots__ = ()\n"
    );
    for room in &rooms {
        body.push_str(&property(room.name, &format!("{prefix}{}", pascal(room.name))));
    }
    let used = |words: &[&str]| {
        let used = words.iter().filter(|word| body.contains(&format!("{word}["))).copied();
        used.collect::<Vec<_>>().join(", ")
    };
    let typing = used(&["Any", "Literal"]);
    let typing = match (body.contains("Any"), typing.contains("Literal")) {
        (true, true) => "from typing import Any, Literal\n",
        (true, false) => "from typing import Any\n",
        (false, true) => "from typing import Literal\n",
        (false, false) => "",
    };
    let doc = match flavour {
        Flavour::Blocking => "Every room with blocking methods.",
        Flavour::Asynchronous => "Every room with methods to be awaited.",
    };
    let imports = match flavour {
        Flavour::Blocking => "Blob, Caller, Room, given",
        Flavour::Asynchronous => "AsyncCaller, AsyncRoom, Blob, given",
    };
    format!(
        "{NOTE}\n\"\"\"{doc}\"\"\"\n\nfrom __future__ import annotations\n\n\
         from collections.abc import {}\n{typing}\n\
         from . import types\nfrom ._caller import {imports}\n\
         from ._javari import Stream\n{body}",
        used(&["Iterable", "Mapping", "Sequence"]),
    )
}

fn rooms() -> Vec<Room> {
    let mut rooms: Vec<Room> = Vec::new();
    for operation in catalog() {
        let at = rooms.iter().position(|room| room.name == operation.room());
        let at = at.unwrap_or_else(|| {
            let room = Room { name: operation.room(), of_host: Vec::new(), of_scope: Vec::new() };
            rooms.push(room);
            rooms.len() - 1
        });
        let Some(room) = rooms.get_mut(at) else { continue };
        match operation.access {
            Access::Host => room.of_host.push(operation),
            Access::User | Access::Project => room.of_scope.push(operation),
        }
    }
    rooms
}

/// The class that stands on the host itself: the room, or the part of it that needs no user.
fn host_class(room: &Room, prefix: &str) -> String {
    let part = if room.of_scope.is_empty() { "" } else { "Host" };
    format!("{prefix}{part}{}", pascal(room.name))
}

fn classes(room: &Room, flavour: Flavour) -> String {
    let prefix = flavour.prefix();
    let whole = format!("{prefix}{}", pascal(room.name));
    let mut text = String::new();
    let mut class = |name: &str, base: &str, doc: &str, operations: &[&Operation]| {
        let _ = write!(
            text,
            "\n\nclass {name}({base}):\n    \"\"\"{doc}\"\"\"\n\n    __slots__ = ()\n"
        );
        for operation in operations {
            text.push_str(&method(operation, flavour));
        }
    };
    let base = format!("{prefix}Room");
    let doc = format!("The room `{}`.", room.name);
    if room.of_host.is_empty() {
        class(&whole, &base, &doc, &room.of_scope);
    } else if room.of_scope.is_empty() {
        class(&whole, &base, &doc, &room.of_host);
    } else {
        let part = host_class(room, prefix);
        let doc_of_part = format!("What needs no user in the room `{}`.", room.name);
        class(&part, &base, &doc_of_part, &room.of_host);
        class(&whole, &part, &doc, &room.of_scope);
    }
    text
}

fn method(operation: &Operation, flavour: Flavour) -> String {
    let parameters = types::parameters(operation);
    let is_awaited = flavour == Flavour::Asynchronous && !operation.streams();
    let reply = format!("types.{}", types::name_of(&operation.reply));
    let (reply, verb) = match operation.streams() {
        true => (format!("Stream[{reply}]"), "stream"),
        false => (reply, "call"),
    };
    let mut text = format!(
        "\n    {}def {}(\n        self,\n        *,\n",
        if is_awaited { "async " } else { "" },
        identifier(operation.verb()),
    );
    for (name, kind, required, _) in &parameters {
        let name = identifier(name);
        let optional = if kind.ends_with("None") { "" } else { " | None" };
        let _ = match required {
            true => writeln!(text, "        {name}: {kind},"),
            false => writeln!(text, "        {name}: {kind}{optional} = None,"),
        };
    }
    let _ = write!(
        text,
        "        blobs: Iterable[Blob] = (),\n    ) -> {reply}:\n{}        reply: {reply} = {}self._caller.{verb}(\n            {},\n{}            blobs=blobs,\n        )\n        return reply\n",
        documentation(operation, &parameters),
        if is_awaited { "await " } else { "" },
        quoted(operation.name),
        request(&parameters),
    );
    text
}

type Parameters = [(String, String, bool, String)];

fn documentation(operation: &Operation, parameters: &Parameters) -> String {
    let summary = sentence(operation.summary);
    let mut text = docstring(&summary, 8);
    if parameters.is_empty() {
        return text;
    }
    text.truncate(text.trim_end().trim_end_matches('"').trim_end().len());
    text.push_str("\n\n        Args:\n");
    for (name, _, _, doc) in parameters {
        let line = wrap(&format!("{}: {doc}", identifier(name)), 12, 16);
        let _ = writeln!(text, "            {}", line.trim_end());
    }
    text + "        \"\"\"\n"
}

/// The request as an argument of the call: what is required, and of the rest what was given.
fn request(parameters: &Parameters) -> String {
    let pairs = |wanted: bool| -> Vec<String> {
        let chosen = parameters.iter().filter(|(_, _, required, _)| *required == wanted);
        chosen.map(|(name, ..)| format!("{}: {}", quoted(name), identifier(name))).collect()
    };
    let (needed, free) = (pairs(true), pairs(false));
    match (needed.is_empty(), free.is_empty()) {
        (true, true) => "            {},\n".to_owned(),
        (true, false) => format!("            {},\n", given(&free, 12)),
        (false, _) => {
            let mut lines = needed;
            if !free.is_empty() {
                lines.push(format!("**{}", given(&free, 16)));
            }
            let lines = lines.join(",\n                ");
            format!("            {{\n                {lines},\n            }},\n")
        }
    }
}

/// The pairs without those that were left out, at `indent`.
fn given(pairs: &[String], indent: usize) -> String {
    let line = format!("given({{{}}})", pairs.join(", "));
    if indent + line.chars().count() + 3 <= 100 {
        return line;
    }
    let spaces = " ".repeat(indent);
    let pairs = pairs.join(&format!(",\n{spaces}        "));
    format!("given(\n{spaces}    {{\n{spaces}        {pairs},\n{spaces}    }}\n{spaces})")
}

fn property(name: &str, class: &str) -> String {
    format!(
        "\n    @property\n    def {name}(self) -> {class}:\n        \"\"\"The room `{name}`.\"\"\"\n        return {class}(self)\n"
    )
}
