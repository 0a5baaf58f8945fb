//! JSON Schemas as TypeScript types.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::{Map, Value as Json};

/// Every named shape of the catalogue, once.
///
/// A name that stands for two shapes (`Page` of projects, `Page` of credentials) is told apart by
/// the operation that uses it: `ProjectsListPage`, `VaultListPage`.
#[derive(Default)]
pub(crate) struct Shapes {
    /// Name, then schema as text, then the place it was first seen at.
    by_name: BTreeMap<String, BTreeMap<String, String>>,
    /// The definitions that came with each schema, to resolve its references.
    definitions: BTreeMap<String, Map<String, Json>>,
}

impl Shapes {
    /// Takes a schema and its definitions, used at `place`.
    pub(crate) fn add(&mut self, place: &str, name: &str, schema: &Json) {
        let definitions =
            schema.get("$defs").and_then(Json::as_object).cloned().unwrap_or_default();
        for (name, definition) in &definitions {
            self.put(place, name, definition, &definitions);
        }
        self.put(place, name, &bare(schema), &definitions);
    }

    fn put(&mut self, place: &str, name: &str, schema: &Json, definitions: &Map<String, Json>) {
        let text = key(schema);
        self.definitions.entry(text.clone()).or_insert_with(|| definitions.clone());
        self.by_name
            .entry(name.to_owned())
            .or_default()
            .entry(text)
            .or_insert_with(|| place.to_owned());
    }

    /// The type's name for a schema that was added under `name`.
    pub(crate) fn name_of(&self, name: &str, schema: &Json) -> String {
        match self.by_name.get(name) {
            Some(shapes) if shapes.len() > 1 => {
                let place = shapes.get(&key(&bare(schema))).map_or("", String::as_str);
                format!("{place}{name}")
            }
            _ => name.to_owned(),
        }
    }

    /// The declarations of all of them, by name.
    pub(crate) fn declarations(&self) -> String {
        let mut declared = BTreeMap::new();
        for (name, shapes) in &self.by_name {
            for text in shapes.keys() {
                let Ok(schema) = serde_json::from_str::<Json>(text) else { continue };
                let definitions = self.definitions.get(text).cloned().unwrap_or_default();
                let name = self.name_of(name, &schema);
                let writer = Writer { shapes: self, definitions: &definitions };
                declared.insert(name.clone(), writer.declaration(&name, &schema));
            }
        }
        declared.into_values().collect()
    }
}

/// Writes the types of one schema.
struct Writer<'a> {
    shapes: &'a Shapes,
    definitions: &'a Map<String, Json>,
}

impl Writer<'_> {
    fn declaration(&self, name: &str, schema: &Json) -> String {
        let note = schema.get("description").and_then(Json::as_str).unwrap_or_default();
        let note = comment(note, "");
        let has_fields =
            schema.get("properties").and_then(Json::as_object).is_some_and(|all| !all.is_empty());
        let is_union = ["oneOf", "anyOf", "allOf"].iter().any(|word| schema.get(word).is_some());
        if has_fields && !is_union {
            return format!("\n{note}export interface {name} {}\n", self.fields(schema, ""));
        }
        format!("\n{note}export type {name} ={};\n", self.members(schema))
    }

    /// The right side of a type: a union has a line for each member, with its own comment.
    fn members(&self, schema: &Json) -> String {
        let Some(members) =
            schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array)
        else {
            return format!(" {}", self.type_of(schema, ""));
        };
        let mut union = String::new();
        for member in members {
            let note = member.get("description").and_then(Json::as_str).unwrap_or_default();
            let _ = write!(union, "\n{}  | {}", comment(note, "  "), self.type_of(member, "  "));
        }
        union
    }

    fn type_of(&self, schema: &Json, indent: &str) -> String {
        self.parts_of(schema, indent).text
    }

    fn parts_of(&self, schema: &Json, indent: &str) -> Type {
        if let Some(everything) = schema.as_bool() {
            return Type::one(if everything { "unknown" } else { "never" });
        }
        let mut parts = Vec::new();
        let reference = schema.get("$ref").and_then(Json::as_str);
        if let Some(name) = reference.and_then(|path| path.rsplit('/').next()) {
            let known = self.definitions.get(name);
            let name = known.map(|known| self.shapes.name_of(name, known));
            parts.push(Type::one(name.unwrap_or_else(|| "unknown".to_owned())));
        }
        if let Some(value) = schema.get("const") {
            parts.push(Type::one(value.to_string()));
        } else if let Some(values) = schema.get("enum").and_then(Json::as_array) {
            parts.push(union(values.iter().map(|value| Type::one(value.to_string()))));
        } else if let Some(kind) = schema.get("type") {
            parts.push(self.kinds(kind, schema, indent));
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(members) = schema.get(word).and_then(Json::as_array) {
                parts.push(union(members.iter().map(|member| self.parts_of(member, indent))));
            }
        }
        if let Some(members) = schema.get("allOf").and_then(Json::as_array) {
            parts.extend(members.iter().map(|member| self.parts_of(member, indent)));
        }
        if parts.len() > 1 {
            // An object that only says "an object" adds nothing to its other parts.
            parts.retain(|part| part.text != ANY_OBJECT);
        }
        match parts.len() {
            0 => Type::one("unknown"),
            1 => parts.swap_remove(0),
            _ => {
                let parts: Vec<String> = parts.into_iter().map(Type::enclosed).collect();
                Type { text: parts.join(" & "), joined: true }
            }
        }
    }

    fn kinds(&self, kind: &Json, schema: &Json, indent: &str) -> Type {
        match kind {
            Json::Array(kinds) => union(kinds.iter().map(|kind| self.kinds(kind, schema, indent))),
            Json::String(kind) => Type::one(match kind.as_str() {
                "string" => "string".to_owned(),
                "integer" | "number" => "number".to_owned(),
                "boolean" => "boolean".to_owned(),
                "null" => "null".to_owned(),
                "array" => self.list(schema, indent),
                "object" => self.fields(schema, indent),
                _ => "unknown".to_owned(),
            }),
            _ => Type::one("unknown"),
        }
    }

    fn list(&self, schema: &Json, indent: &str) -> String {
        if let Some(items) = schema.get("prefixItems").and_then(Json::as_array) {
            let items: Vec<String> = items.iter().map(|item| self.type_of(item, indent)).collect();
            return format!("[{}]", items.join(", "));
        }
        let item = schema.get("items").map(|item| self.parts_of(item, indent).enclosed());
        item.unwrap_or_else(|| "unknown".to_owned()) + "[]"
    }

    fn fields(&self, schema: &Json, indent: &str) -> String {
        let fields = schema.get("properties").and_then(Json::as_object);
        let Some(fields) = fields.filter(|fields| !fields.is_empty()) else {
            return match schema.get("additionalProperties") {
                Some(Json::Bool(false)) => "Record<string, never>".to_owned(),
                Some(values) => format!("Record<string, {}>", self.type_of(values, indent)),
                None => ANY_OBJECT.to_owned(),
            };
        };
        let required: BTreeSet<&str> = schema
            .get("required")
            .and_then(Json::as_array)
            .map(|names| names.iter().filter_map(Json::as_str).collect())
            .unwrap_or_default();
        let inner = format!("{indent}  ");
        let mut text = "{\n".to_owned();
        // A tag first, then what is required, then the rest: as one would write it by hand.
        let mut names: Vec<&String> = fields.keys().collect();
        names.sort_by_key(|name| {
            let is_tag = fields.get(*name).is_some_and(|field| field.get("const").is_some());
            (!is_tag, !required.contains(name.as_str()))
        });
        for name in names {
            let Some(field) = fields.get(name) else { continue };
            let note = field.get("description").and_then(Json::as_str).unwrap_or_default();
            let mark = if required.contains(name.as_str()) { "" } else { "?" };
            let kind = self.type_of(field, &inner);
            let note = comment(note, &inner);
            let _ = writeln!(text, "{note}{inner}{}{mark}: {kind};", property(name));
        }
        text + indent + "}"
    }
}

/// The text of a type.
#[derive(PartialEq)]
struct Type {
    text: String,
    /// Whether it is a union or an intersection, which binds more loosely than `[]`.
    joined: bool,
}

impl Type {
    fn one(text: impl Into<String>) -> Self {
        Self { text: text.into(), joined: false }
    }

    fn enclosed(self) -> String {
        if self.joined { format!("({})", self.text) } else { self.text }
    }
}

fn union(members: impl Iterator<Item = Type>) -> Type {
    let mut seen: Vec<String> = Vec::new();
    for member in members {
        if !seen.contains(&member.text) {
            seen.push(member.text);
        }
    }
    Type { joined: seen.len() > 1, text: seen.join(" | ") }
}

const ANY_OBJECT: &str = "Record<string, unknown>";

/// A documentation comment, or nothing. What is only for Rust (examples, links) is left out.
pub(crate) fn comment(text: &str, indent: &str) -> String {
    let mut is_example = false;
    let is_prose = |line: &&str| {
        let is_fence = line.trim_start().starts_with("```");
        is_example ^= is_fence;
        !is_fence && !is_example
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(is_prose).collect();
    let text = lines.join("\n").replace("[`", "`").replace("`]", "`").replace("*/", "* /");
    let text = text.trim();
    match text.lines().count() {
        0 => String::new(),
        1 => format!("{indent}/** {text} */\n"),
        _ => {
            let line = |line: &str| format!("{indent} * {line}").trim_end().to_owned() + "\n";
            let lines: String = text.lines().map(line).collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

fn property(name: &str) -> String {
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !name.starts_with(|letter: char| letter.is_ascii_digit());
    if plain { name.to_owned() } else { Json::from(name).to_string() }
}

/// A schema without what only stands at a root.
fn bare(schema: &Json) -> Json {
    let mut schema = schema.clone();
    if let Some(fields) = schema.as_object_mut() {
        for word in ["$schema", "$defs", "title"] {
            fields.remove(word);
        }
    }
    schema
}

fn key(schema: &Json) -> String {
    bare(schema).to_string()
}
