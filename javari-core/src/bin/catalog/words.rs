//! What the modules of several languages need of the catalogue: rooms, names and short texts.

use javari_core::api::{Operation, catalog};
use serde_json::Value as Json;

/// The rooms in the catalogue's order, each with its operations.
pub(crate) fn rooms() -> Vec<(&'static str, Vec<&'static Operation>)> {
    let mut rooms: Vec<(&'static str, Vec<&'static Operation>)> = Vec::new();
    for operation in catalog() {
        match rooms.iter_mut().find(|(room, _)| *room == operation.room()) {
            Some((_, operations)) => operations.push(operation),
            None => rooms.push((operation.room(), vec![operation])),
        }
    }
    rooms
}

/// The fields of a request in one sentence, the required ones first.
pub(crate) fn fields(operation: &Operation) -> String {
    let schema = operation.request.schema.as_value();
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Json::as_array)
        .map(|names| names.iter().filter_map(Json::as_str).collect())
        .unwrap_or_default();
    let properties = schema.get("properties").and_then(Json::as_object);
    let others = properties
        .into_iter()
        .flat_map(|properties| properties.keys())
        .filter(|name| !required.contains(&name.as_str()))
        .map(|name| format!("{name}?"));
    let all: Vec<String> = required.iter().map(|name| (*name).to_owned()).chain(others).collect();
    if all.is_empty() { "No fields.".to_owned() } else { format!("Fields: {}.", all.join(", ")) }
}

/// `knowledge_store` as `KnowledgeStore`.
pub(crate) fn pascal(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().collect::<String>() + letters.as_str()
            })
        })
        .collect()
}

/// The words in lines of at most `width` characters, where no word is longer.
pub(crate) fn wrapped(words: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}
