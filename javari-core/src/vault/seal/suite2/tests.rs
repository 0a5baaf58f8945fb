//! The sealed formats against their published vectors and against every flipped bit.

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::{secret::Secret, vault::seal::unseal_suite1};

const SUITE2: &str = include_str!("../../../../../tests/fixtures/vault/v2_proposed.json");
const SUITE1: &str = include_str!("../../../../../tests/fixtures/vault/v1_seed_node.json");

fn rows(text: &str, list: &str) -> Vec<Json> {
    let file: Json = serde_json::from_str(text).unwrap();
    file[list].as_array().unwrap().clone()
}

fn text(row: &Json, key: &str) -> String {
    row[key].as_str().unwrap().to_owned()
}

fn bytes(row: &Json, key: &str) -> Vec<u8> {
    STANDARD.decode(text(row, key)).unwrap()
}

fn key(row: &Json) -> DataKey {
    Zeroizing::new(bytes(row, "dek").try_into().unwrap())
}

fn binding(row: &Json) -> Binding {
    let fields = row["fields"].as_array().unwrap();
    Binding::new(fields.iter().map(|field| field.as_str().unwrap().to_owned()).collect())
}

fn suite2_columns(row: &Json) -> Sealed {
    Sealed::encode(
        &bytes(row, "ct"),
        &[bytes(row, "salt"), bytes(row, "nonce")].concat(),
        &[bytes(row, "tag"), bytes(row, "commit")].concat(),
    )
}

#[test]
fn every_valid_suite_2_vector_opens_and_is_sealed_to_the_same_bytes() {
    let rows = rows(SUITE2, "valid");
    assert_eq!(rows.len(), 11);
    for row in rows {
        let sealed = suite2_columns(&row);
        let opened = unseal(&key(&row), &binding(&row), &sealed).unwrap();
        assert_eq!(opened.as_slice(), text(&row, "plaintext").as_bytes());
        let random: [u8; 44] =
            [bytes(&row, "salt"), bytes(&row, "nonce")].concat().try_into().unwrap();
        assert_eq!(seal_with(&key(&row), &binding(&row), &opened, &random).unwrap(), sealed);
        assert_eq!(sealed.encryption_iv, text(&row["columns"], "encryption_iv"));
        assert_eq!(sealed.encryption_tag, text(&row["columns"], "encryption_tag"));
    }
}

#[test]
fn every_invalid_suite_2_vector_is_refused_with_the_one_error() {
    let rows = rows(SUITE2, "invalid");
    assert_eq!(rows.len(), 13);
    for row in rows {
        let error = unseal(&key(&row), &binding(&row), &suite2_columns(&row)).unwrap_err();
        assert_eq!(error.to_string(), cannot_unseal().to_string(), "{}", row["why"]);
    }
}

fn suite1(row: &Json, master: &str) -> Result<Secret> {
    let key = row.get("key").and_then(Json::as_str).unwrap_or(master);
    let sealed = Sealed {
        encrypted_value: text(row, "encrypted"),
        encryption_iv: text(row, "iv"),
        encryption_tag: text(row, "authTag"),
    };
    unseal_suite1(&STANDARD.decode(key).unwrap().try_into().unwrap(), &sealed)
}

#[test]
fn the_seeds_rows_open_and_all_its_forgeries_are_refused() {
    let file: Json = serde_json::from_str(SUITE1).unwrap();
    let master = text(&file, "master_key");
    let (valid, invalid) = (rows(SUITE1, "valid"), rows(SUITE1, "invalid"));
    assert_eq!(invalid.len(), 14);
    for row in valid {
        assert_eq!(suite1(&row, &master).unwrap().expose(), text(&row, "plaintext"));
    }
    for row in invalid {
        let error = suite1(&row, &master).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotUnseal, "{}", row["why"]);
    }
}

#[test]
fn every_flipped_bit_of_a_sealed_value_is_refused() {
    let key = Zeroizing::new([3; 32]);
    let binding = Binding::new(vec!["name=A".into()]);
    let sealed = seal(&key, &binding, b"sk-live").unwrap();
    let columns = [&sealed.encrypted_value, &sealed.encryption_iv, &sealed.encryption_tag];
    for (place, column) in columns.iter().enumerate() {
        let original = STANDARD.decode(column).unwrap();
        for bit in 0..original.len() * 8 {
            let mut flipped = original.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let mut forged = sealed.clone();
            let text = STANDARD.encode(flipped);
            match place {
                0 => forged.encrypted_value = text,
                1 => forged.encryption_iv = text,
                _ => forged.encryption_tag = text,
            }
            assert!(unseal(&key, &binding, &forged).is_err(), "column {place} bit {bit}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_sealed_opens_with_its_own_binding_alone(
        value in proptest::collection::vec(any::<u8>(), 0..300),
        fields in proptest::collection::vec(".{0,12}", 1..6),
        other in proptest::collection::vec(".{0,12}", 1..6),
    ) {
        let key = Zeroizing::new([9; 32]);
        let sealed = seal(&key, &Binding::new(fields.clone()), &value).unwrap();
        let opened = unseal(&key, &Binding::new(fields.clone()), &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), value.as_slice());
        if other != fields {
            prop_assert!(unseal(&key, &Binding::new(other), &sealed).is_err());
        }
    }

    #[test]
    fn hostile_columns_are_refused_without_a_panic(value in ".*", iv in ".*", tag in ".*") {
        let sealed = Sealed { encrypted_value: value, encryption_iv: iv, encryption_tag: tag };
        prop_assert!(unseal(&Zeroizing::new([1; 32]), &Binding::new(vec![]), &sealed).is_err());
        prop_assert!(unseal_suite1(&[1; 32], &sealed).is_err());
    }
}
