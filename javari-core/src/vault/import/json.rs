//! Reads credentials from JSON: names and values, requests of `vault.put`, rows of the seed.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::Value as Json;

use super::{Candidate, Found, OPERATION, Refusal, Sealed};
use crate::{
    error::{Error, Result},
    secret::Secret,
    types::Timestamp,
    vault::credential::{CredentialType, PutCredential, is_name},
};

/// An object of names and values, or a list of objects with the fields of `vault.put`.
pub(super) fn parse(text: &str) -> Result<Vec<Candidate>> {
    if !text.trim_start().starts_with('[') {
        let Pairs(pairs) = read(text, "must be an object of names and values, or a list")?;
        return Ok(numbered(pairs, |(name, value)| match value {
            _ if !is_name(&name) => Err(Refusal::new(&name, "is no name a credential can have")),
            Json::String(value) => Ok(Found::plain(&name, Secret::new(value))),
            _ => Err(Refusal::new(&name, "has a value that is no text")),
        }));
    }
    let items: Vec<Json> = read(text, "must be a list of objects")?;
    Ok(numbered(items, |item| {
        let name = item.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
        let is_typed = item.get("type").is_some();
        // What serde says of a fault may repeat the value.
        let request: PutCredential = serde_json::from_value(item)
            .map_err(|_| Refusal::new(&name, "does not have the fields of `vault.put`"))?;
        match is_name(&name) {
            true => Ok(Found { request, is_typed, sealed: None }),
            false => Err(Refusal::new(&name, "is no name a credential can have")),
        }
    }))
}

/// The seed's row, as far as it is needed.
#[derive(Deserialize)]
struct SeedRow {
    name: String,
    encrypted_value: String,
    encryption_iv: String,
    encryption_tag: String,
    credential_type: Option<String>,
    description: Option<String>,
    is_inherited: Option<bool>,
    allow_override: Option<bool>,
    expires_at: Option<Timestamp>,
}

/// A list of rows of the seed's `javari_credentials`.
pub(super) fn parse_seed_rows(text: &str) -> Result<Vec<Candidate>> {
    let items: Vec<Json> = read(text, "must be a list of rows")?;
    Ok(numbered(items, |item| {
        let name = item.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
        let row: SeedRow = serde_json::from_value(item)
            .map_err(|_| Refusal::new(&name, "does not have the columns of the seed's table"))?;
        if !is_name(&row.name) {
            return Err(Refusal::new(&name, "is no name a credential can have"));
        }
        let kind = row.credential_type.as_deref();
        let request = PutCredential {
            credential_type: kind.map_or(CredentialType::Custom, CredentialType::from_name),
            description: row.description,
            // The seed's own default was false; a row that says nothing is inherited as all are.
            is_inherited: row.is_inherited.unwrap_or(true),
            allow_override: row.allow_override.unwrap_or(true),
            expires_at: row.expires_at,
            ..PutCredential::new(row.name, Secret::new(""))
        };
        let sealed = Sealed {
            encrypted_value: row.encrypted_value,
            encryption_iv: row.encryption_iv,
            encryption_tag: row.encryption_tag,
        };
        Ok(Found { request, is_typed: kind.is_some(), sealed: Some(sealed) })
    }))
}

fn numbered<T>(
    items: Vec<T>,
    read: impl Fn(T) -> std::result::Result<Found, Refusal>,
) -> Vec<Candidate> {
    let places = 1..=u32::MAX;
    places.zip(items).map(|(place, item)| Candidate { place, found: read(item) }).collect()
}

fn read<T: DeserializeOwned>(text: &str, form: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|fault| {
        Error::invalid(OPERATION, "the text is not the JSON that was stated")
            .with_field("/text", form)
            .with("line", fault.line())
            .with("column", fault.column())
    })
}

/// The members of an object in their order, those of one name too.
struct Pairs(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_order_and_stand_twice_where_they_do() {
        let found = parse(r#"{ "B": "1", "A": "2", "B": "3", "C": 4, "no name": "x" }"#).unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|one| match &one.found {
                Ok(found) => (one.place, found.request.name.as_str()),
                Err(refusal) => (one.place, refusal.reason),
            })
            .collect();
        assert_eq!(told[..3], [(1, "B"), (2, "A"), (3, "B")]);
        assert_eq!(told[3], (4, "has a value that is no text"));
        assert_eq!(told[4], (5, "is no name a credential can have"));
    }

    #[test]
    fn a_fault_is_told_by_its_place_without_the_text() {
        for text in ["", "{", "canary", "\"canary\"", "{\"canary-1\": \"canary-2\"", "[canary]"] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.fields()[0].path, "/text");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        for text in ["[1]", r#"[{ "name": "A", "value": 1 }]"#, r#"[{ "name": "A", "x": "y" }]"#] {
            assert!(parse(text).unwrap()[0].found.is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_readers_panic(text in "[\\[\\]{}\":,a1 ]{0,60}") {
            let _ = (parse(&text), parse_seed_rows(&text));
        }
    }
}
