//! The requests, replies and events of the catalogue as types of Python.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use javari_core::{
    api::{Operation, Shape, catalog},
    config::Settings,
};
use serde_json::{Map, Value as Json, json};

use super::{
    NOTE,
    text::{bracketed, docstring, is_plain, pascal, quoted, sentence},
};

/// Every type by its name.
#[derive(Default)]
pub(super) struct Types(BTreeMap<String, Definition>);

#[derive(Clone, PartialEq)]
enum Definition {
    Dictionary { doc: String, fields: Vec<Field> },
    Alias { doc: String, members: Vec<String> },
}

#[derive(Clone, PartialEq)]
struct Field {
    name: String,
    members: Vec<String>,
    required: bool,
    doc: String,
}

pub(super) fn module() -> String {
    let mut types = Types::default();
    for operation in catalog() {
        types.add(&operation.request);
        types.add(&operation.reply);
    }
    let mut settings = schemars::schema_for!(Settings).to_value();
    if let Some(fields) = settings.get_mut("properties").and_then(Json::as_object_mut) {
        // The database is a parameter of its own.
        fields.remove("database");
    }
    types.add_schema("Settings", &settings);
    // A request without fields has no use for a type.
    types.0.remove("Nothing");
    types.write()
}

/// The name of a shape's type; a list of pages would else give many types one name.
pub(super) fn name_of(shape: &Shape) -> String {
    name_of_schema(&shape.name, shape.schema.as_value())
}

fn name_of_schema(name: &str, schema: &Json) -> String {
    let item = schema.pointer("/properties/items/items/$ref").and_then(Json::as_str);
    match (name, item.map(reference)) {
        ("Page", Some(item)) => format!("{item}Page"),
        _ => name.to_owned(),
    }
}

/// The parameters of an operation: name, type as seen from outside the module, whether it is
/// required, documentation. Required ones come first.
pub(super) fn parameters(operation: &Operation) -> Vec<(String, String, bool, String)> {
    let schema = operation.request.schema.as_value();
    let mut types = Types::default();
    types.add(&operation.request);
    let dictionary = types.0.get(&name_of_schema(&operation.request.name, schema));
    let Some(Definition::Dictionary { fields, .. }) = dictionary else { return Vec::new() };
    let mut parameters: Vec<_> = fields
        .iter()
        .map(|field| {
            let members: Vec<String> =
                field.members.iter().map(|member| accepting(&types, member)).collect();
            (field.name.clone(), members.join(" | "), field.required, field.doc.clone())
        })
        .collect();
    parameters.sort_by_key(|(_, _, required, _)| !required);
    parameters
}

/// A member of a type as a parameter takes it: read only, and named from outside the module.
fn accepting(types: &Types, member: &str) -> String {
    let outside = |text: &str| match types.0.contains_key(text) {
        true => format!("types.{text}"),
        false => text.to_owned(),
    };
    match member.strip_suffix(']').and_then(|member| member.split_once('[')) {
        Some(("list", item)) => format!("Sequence[{}]", outside(item)),
        Some(("dict", pair)) => format!("Mapping[{pair}]"),
        _ => outside(member),
    }
}

fn reference(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_dictionary(schema: &Json) -> bool {
    schema.get("properties").and_then(Json::as_object).is_some_and(|fields| !fields.is_empty())
        && schema.get("oneOf").or(schema.get("anyOf")).is_none()
}

impl Types {
    fn add(&mut self, shape: &Shape) {
        let schema = shape.schema.as_value();
        self.add_schema(&name_of_schema(&shape.name, schema), schema);
    }

    fn add_schema(&mut self, name: &str, schema: &Json) {
        let none = Map::new();
        let definitions = schema.get("$defs").and_then(Json::as_object).unwrap_or(&none);
        for (name, definition) in definitions {
            self.define(name, definition, definitions);
        }
        self.define(name, schema, definitions);
    }

    fn define(&mut self, name: &str, schema: &Json, definitions: &Map<String, Json>) {
        let doc = doc_of(schema);
        if is_dictionary(schema) {
            let fields = self.fields(name, schema, definitions);
            self.0.insert(name.to_owned(), Definition::Dictionary { doc, fields });
        } else {
            let members = self.members(name, schema, definitions);
            self.0.insert(name.to_owned(), Definition::Alias { doc, members });
        }
    }

    fn fields(&mut self, name: &str, schema: &Json, definitions: &Map<String, Json>) -> Vec<Field> {
        let required = schema.get("required").and_then(Json::as_array);
        let properties = schema.get("properties").and_then(Json::as_object);
        properties
            .into_iter()
            .flatten()
            .map(|(field, property)| Field {
                name: field.clone(),
                members: self.members(&(name.to_owned() + &pascal(field)), property, definitions),
                required: required.is_some_and(|names| names.iter().any(|known| known == field)),
                doc: doc_of(property),
            })
            .collect()
    }

    /// The members of the union that a schema is; `name` is for a type it has inside.
    fn members(
        &mut self,
        name: &str,
        schema: &Json,
        definitions: &Map<String, Json>,
    ) -> Vec<String> {
        let forms = ["oneOf", "anyOf"].iter().find_map(|word| schema.get(*word)?.as_array());
        if let Some(forms) = forms {
            return self.union(name, schema, forms, definitions);
        }
        if let Some([part]) = schema.get("allOf").and_then(Json::as_array).map(Vec::as_slice) {
            return self.members(name, part, definitions);
        }
        if schema.get("allOf").is_some() || is_dictionary(schema) {
            self.define(name, &merged(schema, &json!({}), definitions), definitions);
            return vec![name.to_owned()];
        }
        if let Some(path) = schema.get("$ref").and_then(Json::as_str) {
            return vec![reference(path).to_owned()];
        }
        if let Some(value) = schema.get("const") {
            return vec![literal(std::slice::from_ref(value))];
        }
        if let Some(values) = schema.get("enum").and_then(Json::as_array) {
            return vec![literal(values)];
        }
        match schema.get("type") {
            Some(Json::String(one)) => vec![self.plain(one, name, schema, definitions)],
            Some(Json::Array(several)) => several
                .iter()
                .filter_map(Json::as_str)
                .map(|one| self.plain(one, name, schema, definitions))
                .collect(),
            _ => vec!["Any".to_owned()],
        }
    }

    fn union(
        &mut self,
        name: &str,
        schema: &Json,
        forms: &[Json],
        definitions: &Map<String, Json>,
    ) -> Vec<String> {
        let (words, others): (Vec<&Json>, Vec<&Json>) =
            forms.iter().partition(|form| form.get("const").is_some());
        let words: Vec<Json> =
            words.into_iter().filter_map(|form| form.get("const").cloned()).collect();
        let mut members = Vec::new();
        if !words.is_empty() {
            members.push(literal(&words));
        }
        for (at, form) in others.into_iter().enumerate() {
            // What stands beside the forms belongs to each of them.
            let has_fields = schema.get("properties").is_some() || form.get("properties").is_some();
            let form = match has_fields {
                true => merged(form, schema, definitions),
                false => form.clone(),
            };
            let inside = name.to_owned() + &form_name(&form, at);
            for member in self.members(&inside, &form, definitions) {
                if !members.contains(&member) {
                    members.push(member);
                }
            }
        }
        // `X | None` reads better than `None | X`.
        members.sort_by_key(|member| member == "None");
        members
    }

    fn plain(
        &mut self,
        word: &str,
        name: &str,
        schema: &Json,
        definitions: &Map<String, Json>,
    ) -> String {
        match word {
            "string" => "str".to_owned(),
            "integer" => "int".to_owned(),
            "number" => "float".to_owned(),
            "boolean" => "bool".to_owned(),
            "null" => "None".to_owned(),
            "array" => {
                let item = format!("{name}Item");
                let items = schema.get("items").filter(|items| items.is_object());
                let places = schema.get("prefixItems").and_then(Json::as_array);
                let members = match (items, places) {
                    (Some(items), _) => self.members(&item, items, definitions),
                    (None, Some(places)) => self.union(&item, &json!({}), places, definitions),
                    (None, None) => vec!["Any".to_owned()],
                };
                format!("list[{}]", members.join(" | "))
            }
            "object" => match schema.get("additionalProperties").filter(|rest| rest.is_object()) {
                Some(rest) => {
                    let members = self.members(&format!("{name}Value"), rest, definitions);
                    format!("dict[str, {}]", members.join(" | "))
                }
                None => "dict[str, Any]".to_owned(),
            },
            _ => "Any".to_owned(),
        }
    }

    fn write(&self) -> String {
        let mut body = String::new();
        for (name, definition) in &self.0 {
            if let Definition::Dictionary { doc, fields } = definition {
                body.push_str("\n\n");
                body.push_str(&dictionary(name, doc, fields));
            }
        }
        body.push('\n');
        let mut written = BTreeSet::new();
        for name in self.0.keys() {
            self.write_alias(name, &mut written, &mut body);
        }
        let words = ["Any", "Literal", "NotRequired", "TypeAlias", "TypedDict"];
        let used: Vec<&str> = words.into_iter().filter(|word| body.contains(word)).collect();
        let names: Vec<String> = self.0.keys().map(|name| quoted(name)).collect();
        format!(
            "{NOTE}\n\"\"\"The requests, replies and events of every operation.\"\"\"\n\n\
             from __future__ import annotations\n\nfrom typing import {}\n{body}\n{}\n",
            used.join(", "),
            bracketed("__all__ = [", &names, "]"),
        )
    }

    /// An alias is looked at when the module is read: what it names comes before it.
    fn write_alias(&self, name: &str, written: &mut BTreeSet<String>, body: &mut String) {
        let Some(Definition::Alias { doc, members }) = self.0.get(name) else { return };
        if !written.insert(name.to_owned()) {
            return;
        }
        for word in members.iter().flat_map(|member| words(member)) {
            self.write_alias(&word, written, body);
        }
        let line = format!("{name}: TypeAlias = {}", members.join(" | "));
        let text = match members.as_slice() {
            _ if line.len() <= 100 => line,
            [one] => format!("{name}: TypeAlias = {}", exploded(one, 0)),
            several => {
                let several: Vec<String> =
                    several.iter().map(|member| exploded(member, 4)).collect();
                format!("{name}: TypeAlias = (\n    {}\n)", several.join("\n    | "))
            }
        };
        let _ = write!(body, "\n{text}\n{}", docstring(doc, 0));
    }
}

/// A member with one literal a line where it is too long for one.
fn exploded(member: &str, indent: usize) -> String {
    match member.strip_prefix("Literal[").and_then(|rest| rest.strip_suffix(']')) {
        Some(values) if indent + member.len() > 60 => {
            let spaces = " ".repeat(indent);
            let values = values.replace(", ", &format!(",\n{spaces}    "));
            format!("Literal[\n{spaces}    {values},\n{spaces}]")
        }
        _ => member.to_owned(),
    }
}

fn dictionary(name: &str, doc: &str, fields: &[Field]) -> String {
    let typed = |field: &Field, quote: &str| {
        let members = format!("{quote}{}{quote}", field.members.join(" | "));
        if field.required { members } else { format!("NotRequired[{members}]") }
    };
    if fields.iter().all(|field| is_plain(&field.name)) {
        let mut text = format!("class {name}(TypedDict):\n{}", docstring(doc, 4));
        for field in fields {
            let _ = write!(text, "\n    {}: {}\n", field.name, typed(field, ""));
            text.push_str(&docstring(&field.doc, 4));
        }
        return text;
    }
    // A word of the language can be a key but no attribute.
    let mut text = format!("{name} = TypedDict(\n    {},\n    {{\n", quoted(name));
    for field in fields {
        let _ = writeln!(text, "        {}: {},", quoted(&field.name), typed(field, "\""));
    }
    text + "    },\n)\n" + &docstring(doc, 0)
}

/// The names inside a type.
fn words(member: &str) -> Vec<String> {
    member.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned).collect()
}

fn literal(values: &[Json]) -> String {
    let values: Vec<String> = values
        .iter()
        .map(|value| match value {
            Json::String(text) => quoted(text),
            Json::Bool(true) => "True".to_owned(),
            Json::Bool(false) => "False".to_owned(),
            Json::Null => "None".to_owned(),
            other => other.to_string(),
        })
        .collect();
    format!("Literal[{}]", values.join(", "))
}

/// What tells a form from the others: the word of its tag, or its only field.
fn form_name(form: &Json, at: usize) -> String {
    let fields = form.get("properties").and_then(Json::as_object);
    let tag = fields.into_iter().flatten().find_map(|(_, field)| field.get("const")?.as_str());
    let title = form.get("title").and_then(Json::as_str);
    let first = fields.and_then(|fields| fields.keys().next()).map(String::as_str);
    tag.or(title).or(first).map_or_else(|| format!("Form{}", at + 1), pascal)
}

/// A form with the fields of `beside`, of what it refers to and of all its parts.
fn merged(form: &Json, beside: &Json, definitions: &Map<String, Json>) -> Json {
    let mut fields = Map::new();
    let mut required = Vec::new();
    let parts = form.get("allOf").and_then(Json::as_array).into_iter().flatten();
    let referred = |part: &Json| {
        let name = part.get("$ref").and_then(Json::as_str).map(reference);
        name.and_then(|name| definitions.get(name)).cloned()
    };
    let own = [beside.clone(), form.clone()];
    let all: Vec<Json> = own.into_iter().chain(parts.cloned()).collect();
    for part in all.iter().cloned().chain(all.iter().filter_map(referred)) {
        let properties = part.get("properties").and_then(Json::as_object);
        fields
            .extend(properties.into_iter().flatten().map(|(name, it)| (name.clone(), it.clone())));
        required
            .extend(part.get("required").and_then(Json::as_array).into_iter().flatten().cloned());
    }
    json!({
        "type": "object",
        "description": form.get("description").cloned().unwrap_or_default(),
        "properties": fields,
        "required": required,
    })
}

fn doc_of(schema: &Json) -> String {
    sentence(schema.get("description").and_then(Json::as_str).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_types_of_one_name_differ() {
        let mut seen = Types::default();
        for operation in catalog() {
            for shape in [&operation.request, &operation.reply] {
                let mut own = Types::default();
                own.add(shape);
                for (name, definition) in own.0 {
                    let known = seen.0.entry(name.clone()).or_insert_with(|| definition.clone());
                    assert!(*known == definition, "{name} of {} differs", operation.name);
                }
            }
        }
    }

    #[test]
    fn a_tagged_union_has_a_type_per_form() {
        let mut types = Types::default();
        let schema = json!({ "oneOf": [
            { "type": "object", "properties": { "kind": { "const": "a" } }, "required": ["kind"] },
            { "const": "plain" },
            { "type": "null" },
        ] });
        types.add_schema("Thing", &schema);
        let text = types.write();
        assert!(text.contains("Thing: TypeAlias = Literal[\"plain\"] | ThingA | None"), "{text}");
        assert!(text.contains("class ThingA(TypedDict):"), "{text}");
    }
}
