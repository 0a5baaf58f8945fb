//! What only the local vault can be asked about an import: the seed's rows and the audit trail.

use serde_json::{Value as Json, json};

use super::*;

/// The rows that the seed's own code made, with the key it made them with.
fn seed() -> (Secret, Vec<(Json, String)>, Vec<Json>) {
    let text = include_str!("../../../../tests/fixtures/vault/v1_seed_node.json");
    let seed: Json = serde_json::from_str(text).unwrap();
    let row = |one: &Json| {
        json!({
            "id": "ignored", "name": format!("SEED_{}", one["id"]), "project_id": null,
            "encrypted_value": one["encrypted"], "encryption_iv": one["iv"],
            "encryption_tag": one["authTag"], "credential_type": "github_token",
            "is_inherited": false, "allow_override": null, "use_count": 3,
        })
    };
    let plain = |one: &Json| one["plaintext"].as_str().unwrap().to_owned();
    let valid = seed["valid"].as_array().unwrap();
    let valid = valid.iter().map(|one| (row(one), plain(one))).collect();
    // The row under another key is told below.
    let invalid = seed["invalid"].as_array().unwrap().iter();
    let invalid = invalid.filter(|one| one.get("key").is_none()).map(row).collect();
    (Secret::new(seed["master_key"].as_str().unwrap()), valid, invalid)
}

fn request(rows: &[Json], seed_key: Option<Secret>) -> ImportCredentials {
    ImportCredentials {
        format: ImportFormat::SeedRows,
        on_existing: OnExisting::Replace,
        seed_key,
        ..ImportCredentials::env(Secret::new(json!(rows).to_string()))
    }
}

#[tokio::test]
async fn rows_of_the_seed_are_opened_with_its_key_and_sealed_anew() {
    let house = house().await;
    let user = house.ground.user;
    let (key, rows, forged) = seed();
    let (rows, plain): (Vec<Json>, Vec<String>) = rows.into_iter().unzip();
    let report = house.vault.import(&user, request(&rows, Some(key.clone()))).await.unwrap();
    let mut made = 0;
    for (at, (row, plain)) in rows.iter().zip(&plain).enumerate() {
        let one = &report.credentials[at];
        let name = row["name"].as_str().unwrap();
        if plain.is_empty() || plain.len() > 64 * 1024 {
            assert_eq!(one.outcome, ImportOutcome::Refused, "{name}");
            continue;
        }
        let revealed = house.vault.reveal(&user, name).await.unwrap();
        assert_eq!(revealed.value.expose(), plain, "{name}");
        let view = revealed.credential;
        assert_eq!(view.credential_type, CredentialType::GithubToken);
        assert_eq!((view.is_inherited, view.allow_override), (false, true));
        made += 1;
    }
    assert!(made > 3 && report.made == made, "{made}");
    let statement = "SELECT count(*) AS count FROM javari_credentials WHERE enc_suite <> 2";
    let row = house.database.query_one(&user, statement, values![]).await.unwrap().unwrap();
    assert_eq!(row.get::<i64>("count").unwrap(), 0);
    assert!(!forged.is_empty());
    let report = house.vault.import(&user, request(&forged, Some(key))).await.unwrap();
    assert_eq!(report.refused as usize, forged.len());
}

#[tokio::test]
async fn rows_of_the_seed_under_another_key_are_refused_one_by_one() {
    let house = house().await;
    let (_, rows, _) = seed();
    let rows: Vec<Json> = rows.into_iter().map(|(row, _)| row).collect();
    let report = house.vault.import(&house.ground.user, request(&rows, None)).await.unwrap();
    assert_eq!(report.refused as usize, rows.len());
    let wrong = request(&rows, Some(Secret::new("no key")));
    let error = house.vault.import(&house.ground.user, wrong).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/seed_key");
}

#[tokio::test]
async fn every_imported_credential_is_in_the_audit_trail_without_its_value() {
    let house = house().await;
    let user = house.ground.user;
    let text = ImportCredentials::env(Secret::new("A=canary-1\nB=canary-2\nC="));
    house.vault.import(&user, text).await.unwrap();
    let entries = house.audit.list(&user, &PageRequest::default()).await.unwrap().items;
    let imported = entries.iter().filter(|entry| entry.action == "vault.import").count();
    assert_eq!(imported, 2);
    assert!(!format!("{entries:?}").contains("canary"));
    assert!(house.audit.verify(&user).await.unwrap().verified);
}
