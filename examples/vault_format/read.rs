//! cargo run --example vault_format VECTORS.json
#![allow(clippy::print_stdout)]

use std::{env, error::Error, fs};

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

fn with_length(part: &[u8]) -> Vec<u8> {
    [&(part.len() as u32).to_be_bytes(), part].concat()
}

fn open_sealed(
    data_key: &[u8],
    fields: &[&str],
    [encrypted_value, encryption_iv, encryption_tag]: [&str; 3],
) -> Result<Vec<u8>, Box<dyn Error>> {
    let value = STANDARD.decode(encrypted_value)?;
    let iv: [u8; 44] = STANDARD.decode(encryption_iv)?.as_slice().try_into()?;
    let tag: [u8; 48] = STANDARD.decode(encryption_tag)?.as_slice().try_into()?;
    let (salt, nonce) = iv.split_at(32);
    let (tag, commitment) = tag.split_at(16);
    let mut aad = with_length(b"javari.vault.v2");
    aad.extend((fields.len() as u32).to_be_bytes());
    fields.iter().for_each(|field| aad.extend(with_length(field.as_bytes())));
    let mut derived = [0; 64];
    Hkdf::<Sha256>::new(Some(salt), data_key)
        .expand_multi_info(&[b"javari.vault.v2/record\0", &Sha256::digest(&aad)], &mut derived)
        .map_err(|_| "the record key was not derived")?;
    let (record_key, expected) = derived.split_at(32);
    if !bool::from(expected.ct_eq(commitment)) {
        return Err("another key, row, name or flag than it was sealed for".into());
    }
    let nonce: [u8; 12] = nonce.try_into()?;
    let sealed = [&value, tag].concat();
    let opened = Aes256Gcm::new_from_slice(record_key)?
        .decrypt(&nonce.into(), Payload { msg: &sealed, aad: &aad });
    opened.map_err(|_| "the value was altered".into())
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("name the file of the vectors")?;
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(path)?)?;
    let (mut opened, mut refused) = (0, 0);
    for row in &rows {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = |name: &str| -> Vec<String> {
            row[name].as_array().into_iter().flatten().map(text).collect()
        };
        let (fields, columns) = (texts("fields"), texts("columns"));
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let [value, iv, tag] = columns.as_slice() else { return Err("a row has 3 columns".into()) };
        let key = STANDARD.decode(text(&row["key"]))?;
        match open_sealed(&key, &fields, [value, iv, tag]) {
            Ok(plaintext) => opened += u32::from(plaintext == text(&row["plaintext"]).as_bytes()),
            Err(_) => refused += 1,
        }
    }
    println!("{opened} opened, {refused} refused");
    Ok(())
}
