//! Reads JSON in which no name may stand twice: two parsers must not see two tokens in one.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use super::super::refusal::Refusal;

/// Reads one JSON value (RFC 8259) and nothing behind it. Objects nest at most 128 deep.
///
/// # Errors
/// `Duplicate` where a name stands twice in one object at any depth (RFC 7519 §4 lets us refuse
/// it), `Malformed` for whatever else is no JSON.
pub(in super::super) fn parse(bytes: &[u8]) -> Result<Json, Refusal> {
    let duplicate = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let parsed = Unique(&duplicate).deserialize(&mut reader).and_then(|json| {
        reader.end()?;
        Ok(json)
    });
    parsed.map_err(|_| match duplicate.get() {
        true => Refusal::Duplicate,
        false => Refusal::Malformed,
    })
}

/// Reads a value; sets the flag when it stops at a name that stood there before.
#[derive(Clone, Copy)]
struct Unique<'a>(&'a Cell<bool>);

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a name that stands twice")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                self.0.set(true);
                return Err(A::Error::custom("a name stands twice"));
            }
            object.insert(name, members.next_value_seed(self)?);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"[{"a":1,"b":2,"a":3}]"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert_eq!(parse(text.as_bytes()), Err(Refusal::Duplicate), "{text}");
        }
        for text in ["", "{", "{}x", "{} {}", "nul", "1e999", "\u{feff}{}"] {
            assert_eq!(parse(text.as_bytes()), Err(Refusal::Malformed), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(4_000), "]".repeat(4_000));
        assert_eq!(parse(deep.as_bytes()), Err(Refusal::Malformed));
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_as_it_reads_it_itself(
            numbers in proptest::collection::vec(any::<i64>(), 0..5),
            texts in proptest::collection::btree_map(".*", ".*", 0..5),
            real in any::<f64>(),
        ) {
            let json = serde_json::json!({ "n": numbers, "t": texts, "r": real, "x": [null, true] });
            let text = json.to_string();
            prop_assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Json>(&text).unwrap());
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
