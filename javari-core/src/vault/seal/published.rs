//! The ciphers and derivations that the vault uses, against published vectors, in place where
//! `JAVARI_FIXTURES` says they lie. Every vector is run or counted as left out, with the reason.

use std::fs;

use aes_gcm::{
    Aes256Gcm, AesGcm, KeyInit,
    aead::{Aead, Payload, consts::U16},
    aes::Aes256,
};
use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde_json::Value as Json;
use sha2::Sha256;

use crate::testkit;

fn read(name: &str) -> Option<String> {
    testkit::fixtures("vault").map(|folder| fs::read_to_string(folder.join(name)).unwrap())
}

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

/// Opens with the two sizes of IV that the vault reads.
fn decrypt(key: &[u8], iv: &[u8], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: sealed, aad };
    match iv.len() {
        12 => {
            let iv: [u8; 12] = iv.try_into().unwrap();
            Aes256Gcm::new_from_slice(key).unwrap().decrypt(&iv.into(), payload).ok()
        }
        _ => {
            let iv: [u8; 16] = iv.try_into().unwrap();
            let cipher = AesGcm::<Aes256, U16>::new_from_slice(key).unwrap();
            cipher.decrypt(&iv.into(), payload).ok()
        }
    }
}

fn encrypt(key: &[u8], iv: &[u8], aad: &[u8], message: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: message, aad };
    match iv.len() {
        12 => {
            let iv: [u8; 12] = iv.try_into().unwrap();
            Aes256Gcm::new_from_slice(key).unwrap().encrypt(&iv.into(), payload).unwrap()
        }
        _ => {
            let iv: [u8; 16] = iv.try_into().unwrap();
            let cipher = AesGcm::<Aes256, U16>::new_from_slice(key).unwrap();
            cipher.encrypt(&iv.into(), payload).unwrap()
        }
    }
}

/// Every test of a file of Wycheproof, with its group.
fn wycheproof(name: &str) -> Option<Vec<(Json, Json)>> {
    let file: Json = serde_json::from_str(&read(&format!("wycheproof/{name}"))?).unwrap();
    let mut all = Vec::new();
    for group in file["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            all.push((group.clone(), test.clone()));
        }
    }
    assert_eq!(all.len() as u64, file["numberOfTests"].as_u64().unwrap());
    Some(all)
}

fn bytes(test: &Json, name: &str) -> Vec<u8> {
    hex(test[name].as_str().unwrap())
}

#[test]
fn aes_256_gcm_does_with_every_vector_of_wycheproof_what_it_says() {
    let Some(tests) = wycheproof("aes_gcm_test.json") else { return };
    let (mut seal_iv, mut seed_iv, mut other_key, mut other_iv) = (0, 0, 0, 0);
    for (group, test) in tests {
        // The vault has keys of 256 bits alone.
        if group["keySize"] != 256 {
            other_key += 1;
            continue;
        }
        assert_eq!(group["tagSize"], 128);
        // Suite 2 has IVs of 96 bits, the seed's format of 128; others it cannot be given.
        match group["ivSize"].as_u64().unwrap() {
            96 => seal_iv += 1,
            128 => seed_iv += 1,
            _ => {
                other_iv += 1;
                continue;
            }
        }
        let [key, iv, aad] = ["key", "iv", "aad"].map(|name| bytes(&test, name));
        let sealed = [bytes(&test, "ct"), bytes(&test, "tag")].concat();
        let message = bytes(&test, "msg");
        let is_valid = test["result"] == "valid";
        let opened = decrypt(&key, &iv, &aad, &sealed);
        assert_eq!(opened.is_some(), is_valid, "{}", test["tcId"]);
        if is_valid {
            assert_eq!(opened.unwrap(), message, "{}", test["tcId"]);
            assert_eq!(encrypt(&key, &iv, &aad, &message), sealed, "{}", test["tcId"]);
        }
    }
    assert_eq!((seal_iv, seed_iv), (66, 19));
    assert_eq!((other_key, other_iv), (211, 20));
}

#[test]
fn hkdf_sha256_does_with_every_vector_of_wycheproof_what_it_says() {
    let Some(tests) = wycheproof("hkdf_sha256_test.json") else { return };
    let (mut valid, mut invalid) = (0, 0);
    for (_, test) in tests {
        let mut derived = vec![0; test["size"].as_u64().unwrap() as usize];
        let hkdf = Hkdf::<Sha256>::new(Some(&bytes(&test, "salt")), &bytes(&test, "ikm"));
        let done = hkdf.expand(&bytes(&test, "info"), &mut derived);
        if test["result"] == "valid" {
            done.unwrap();
            assert_eq!(derived, bytes(&test, "okm"), "{}", test["tcId"]);
            valid += 1;
        } else {
            assert!(done.is_err(), "{}", test["tcId"]);
            invalid += 1;
        }
    }
    assert_eq!((valid, invalid), (83, 3));
}

#[test]
fn hmac_sha256_does_with_every_vector_of_wycheproof_what_it_says() {
    let Some(tests) = wycheproof("hmac_sha256_test.json") else { return };
    let (mut valid, mut invalid, mut cut) = (0, 0, 0);
    for (group, test) in tests {
        // No tag of the vault is cut.
        if group["tagSize"] != 256 {
            cut += 1;
            continue;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&bytes(&test, "key")).unwrap();
        mac.update(&bytes(&test, "msg"));
        let is_valid = test["result"] == "valid";
        assert_eq!(mac.verify_slice(&bytes(&test, "tag")).is_ok(), is_valid, "{}", test["tcId"]);
        if is_valid { valid += 1 } else { invalid += 1 }
    }
    assert_eq!((valid, invalid, cut), (33, 54, 87));
}

/// The records of a file of `name = value` lines, each with what stands above it in brackets.
fn records(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut records: Vec<std::collections::BTreeMap<String, String>> = Vec::new();
    let mut above = std::collections::BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let inner = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        let Some((name, value)) = inner.unwrap_or(line).split_once('=') else {
            if line == "FAIL" {
                records.last_mut().unwrap().insert("FAIL".to_owned(), String::new());
            }
            continue;
        };
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        match (inner, name.to_ascii_lowercase().as_str()) {
            (Some(_), _) => drop(above.insert(name, value)),
            (None, "count") => records.push(above.clone()),
            (None, _) => drop(records.last_mut().unwrap().insert(name, value)),
        }
    }
    records
}

#[test]
fn aes_256_gcm_does_with_every_vector_of_nist_what_it_says() {
    for (name, expected) in [
        ("nist-cavp/gcmDecrypt256.rsp", [184, 191, 2_250, 5_250]),
        ("nist-cavp/gcmEncryptExtIV256.rsp", [375, 0, 2_250, 5_250]),
    ] {
        let Some(text) = read(name) else { return };
        let [mut valid, mut invalid, mut short_tag, mut other_iv] = [0; 4];
        for record in records(&text) {
            if record["IVlen"] != "96" {
                other_iv += 1;
                continue;
            }
            // A tag is 128 bits, never less.
            if record["Taglen"] != "128" {
                short_tag += 1;
                continue;
            }
            let [key, iv, aad] = ["Key", "IV", "AAD"].map(|name| hex(&record[name]));
            let sealed = [hex(&record["CT"]), hex(&record["Tag"])].concat();
            let opened = decrypt(&key, &iv, &aad, &sealed);
            if record.contains_key("FAIL") {
                assert_eq!(opened, None, "{record:?}");
                invalid += 1;
            } else {
                assert_eq!(opened.unwrap(), hex(&record["PT"]), "{record:?}");
                assert_eq!(encrypt(&key, &iv, &aad, &hex(&record["PT"])), sealed);
                valid += 1;
            }
        }
        assert_eq!([valid, invalid, short_tag, other_iv], expected, "{name}");
    }
}

#[test]
fn hkdf_sha256_gives_the_vectors_of_rfc_5869() {
    let Some(text) = read("pyca/rfc-5869-HKDF-SHA256.txt") else { return };
    let records = records(&text);
    assert_eq!(records.len(), 3);
    for record in records {
        let (salt, ikm) = (hex(&record["salt"]), hex(&record["IKM"]));
        let (first, hkdf) = Hkdf::<Sha256>::extract(Some(&salt), &ikm);
        assert_eq!(first.as_slice(), hex(&record["PRK"]));
        let mut derived = vec![0; record["L"].parse().unwrap()];
        hkdf.expand(&hex(&record["info"]), &mut derived).unwrap();
        assert_eq!(derived, hex(&record["OKM"]));
    }
}

#[test]
fn argon2id_gives_every_vector_of_pyca() {
    let Some(text) = read("pyca/argon2id.txt") else { return };
    let records = records(&text);
    assert_eq!(records.len(), 6);
    for record in records {
        let number = |name: &str| record[name].parse::<u32>().unwrap();
        let data = |name: &str| record.get(name).map(|text| hex(text)).unwrap_or_default();
        let mut params = ParamsBuilder::new();
        params.m_cost(number("memcost")).t_cost(number("iter")).p_cost(number("lanes"));
        params.output_len(number("length") as usize);
        params.data(AssociatedData::new(&data("ad")).unwrap());
        let (params, secret) = (params.build().unwrap(), data("secret"));
        let hasher =
            Argon2::new_with_secret(&secret, Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut derived = vec![0; number("length") as usize];
        hasher.hash_password_into(&data("pass"), &data("salt"), &mut derived).unwrap();
        assert_eq!(derived, hex(&record["output"]));
    }
}

#[test]
fn every_published_file_is_run_or_left_out_for_a_reason() {
    let Some(folder) = testkit::fixtures("vault") else { return };
    let mut there = Vec::new();
    for part in ["c2sp", "nist-cavp", "pyca", "wycheproof"] {
        for file in fs::read_dir(folder.join(part)).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let is_data = [".json", ".rsp", ".txt"].iter().any(|ending| name.ends_with(ending));
            if is_data && !name.contains("schema") {
                there.push(name);
            }
        }
    }
    there.sort();
    // What stands beside a name is the use that Javari does not make of it.
    let known = [
        ("aes-gcm-siv-openssl.txt", "no GCM-SIV"),
        ("aes_gcm_siv_test.json", "no GCM-SIV"),
        ("aes_gcm_test.json", ""),
        ("aes_siv_cmac_test.json", "no SIV"),
        ("argon2id.txt", ""),
        ("gcmDecrypt256.rsp", ""),
        ("gcmEncryptExtIV256.rsp", ""),
        ("hkdf_sha256_test.json", ""),
        ("hkdf_sha384_test.json", "SHA-256 alone"),
        ("hkdf_sha512_test.json", "SHA-256 alone"),
        ("hmac_sha256_test.json", ""),
        ("hmac_sha512_test.json", "SHA-256 alone"),
        ("pbkdf2_hmacsha256_test.json", "Argon2id alone"),
        ("rfc-5869-HKDF-SHA256.txt", ""),
        ("xaes_256_gcm_vectors.json", "no XAES"),
        ("xchacha20_poly1305_test.json", "no ChaCha"),
    ];
    assert_eq!(there, known.map(|(name, _)| name));
    assert_eq!(known.iter().filter(|(_, reason)| reason.is_empty()).count(), 7);
}
