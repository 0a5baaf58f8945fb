//! A tool call whose arguments come piece by piece, each piece with the path of its place (Google
//! Cloud's `streamFunctionCallArguments`).

use serde_json::{Map, Value};

/// No tool's arguments lie deeper.
const DEEPEST: usize = 64;

/// A tool call that is being written.
#[derive(Debug)]
pub(super) struct OpenCall {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) signature: Option<String>,
    arguments: Value,
}

impl OpenCall {
    pub(super) fn new(id: String, name: String) -> Self {
        Self { id, name, signature: None, arguments: Value::Object(Map::new()) }
    }

    /// Takes in what a `functionCall` part says of the arguments. A piece that has no place is left
    /// out.
    pub(super) fn take(&mut self, call: &Value) {
        if let (Value::Object(own), Some(Value::Object(told))) =
            (&mut self.arguments, call.get("args"))
        {
            own.extend(told.clone());
        }
        let pieces = call.get("partialArgs").and_then(Value::as_array);
        for piece in pieces.into_iter().flatten() {
            let path = piece.get("jsonPath").and_then(Value::as_str);
            let Some(place) = path.and_then(|path| place(&mut self.arguments, path)) else {
                continue;
            };
            let value = ["stringValue", "numberValue", "boolValue"]
                .into_iter()
                .find_map(|name| piece.get(name))
                .cloned()
                .unwrap_or_default();
            match (place, value) {
                (Value::String(text), Value::String(more)) => text.push_str(&more),
                (place, value) => *place = value,
            }
        }
    }

    /// The arguments, whole now.
    pub(super) fn into_arguments(self) -> Value {
        self.arguments
    }
}

/// The value at a path such as `$.places[0].name` or `$['a name']`, made where it is not there yet.
fn place<'v>(root: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let mut rest = path.strip_prefix('$')?;
    let mut value = root;
    for _ in 0..DEEPEST {
        if rest.is_empty() {
            return Some(value);
        }
        let (step, after) = step(rest)?;
        value = match step {
            Step::Name(name) => member(value, name)?,
            Step::Index(index) => element(value, index)?,
        };
        rest = after;
    }
    None
}

enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

/// The first step of a path, and what follows it.
fn step(path: &str) -> Option<(Step<'_>, &str)> {
    if let Some(path) = path.strip_prefix('.') {
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (name, rest) = path.split_at_checked(end)?;
        return Some((Step::Name(name), rest));
    }
    let path = path.strip_prefix('[')?;
    for quote in ['\'', '"'] {
        if let Some(path) = path.strip_prefix(quote) {
            let (name, rest) = path.split_once(quote)?;
            return Some((Step::Name(name), rest.strip_prefix(']')?));
        }
    }
    let (index, rest) = path.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), rest))
}

fn member<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    Some(value.as_object_mut()?.entry(name).or_insert(Value::Null))
}

/// An element that is there, or the next one.
fn element(value: &mut Value, index: usize) -> Option<&mut Value> {
    if value.is_null() {
        *value = Value::Array(Vec::new());
    }
    let list = value.as_array_mut()?;
    if index == list.len() {
        list.push(Value::Null);
    }
    list.get_mut(index)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(pieces: Value) -> Value {
        let mut call = OpenCall::new("c".to_owned(), "f".to_owned());
        call.take(&json!({ "args": { "kept": 1 }, "partialArgs": pieces }));
        call.into_arguments()
    }

    #[test]
    fn pieces_are_put_in_their_places_and_texts_are_joined() {
        let whole = arguments(json!([
            { "jsonPath": "$.city", "stringValue": "Zür", "willContinue": true },
            { "jsonPath": "$.city", "stringValue": "ich" },
            { "jsonPath": "$.days[0]['the day']", "numberValue": 3 },
            { "jsonPath": "$.days[1]", "boolValue": false },
            { "jsonPath": "$.none", "nullValue": "NULL_VALUE" },
        ]));
        let expected = json!({ "kept": 1, "city": "Zürich", "days": [{ "the day": 3 }, false],
            "none": null });
        assert_eq!(whole, expected);
    }

    #[test]
    fn a_piece_without_a_place_is_left_out() {
        let deep = format!("${}", ".a".repeat(10_000));
        for path in ["", "a", "$x", "$[", "$['a", "$.kept.b", "$.l[7]", "$[0]", "$.l[-1]", &deep] {
            let mut whole = arguments(json!([{ "jsonPath": path, "stringValue": "x" }, 7, null]));
            let map = whole.as_object_mut().unwrap();
            map.retain(|name, _| name == "kept");
            assert_eq!(whole, json!({ "kept": 1 }), "{path}");
        }
    }
}
