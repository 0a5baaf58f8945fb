//! What every vault promises that takes in many credentials at once.

use super::{Ground, credential};
use crate::{
    error::{Error, ErrorKind},
    secret::Secret,
    types::{PageRequest, ScopeKey},
    vault::{
        CredentialType, ImportCredentials, ImportFormat, ImportOutcome, ImportReport, OnExisting,
        PutCredential, Vault,
    },
};

/// Runs every promise in turn; each uses names of its own.
///
/// # Panics
/// At the first promise that does not hold.
pub async fn run_import(vault: &dyn Vault, ground: Ground) {
    a_text_becomes_credentials_with_their_types_guessed(vault, ground).await;
    names_that_are_there_are_left_replaced_or_a_reason_to_do_nothing(vault, ground).await;
    a_dry_run_tells_the_same_and_writes_nothing(vault, ground).await;
    what_cannot_be_stored_is_refused_and_the_rest_is_stored(vault, ground).await;
    json_is_taken_in_by_name_or_by_request(vault, ground).await;
    too_much_is_refused(vault, ground).await;
}

fn env(text: &str, on_existing: OnExisting) -> ImportCredentials {
    ImportCredentials { on_existing, ..ImportCredentials::env(Secret::new(text)) }
}

#[allow(clippy::unwrap_used)]
async fn import(
    vault: &dyn Vault,
    scope: &ScopeKey,
    request: ImportCredentials,
) -> Result<ImportReport, Error> {
    vault.importing().unwrap().import(scope, request).await
}

fn outcomes(report: &ImportReport) -> Vec<ImportOutcome> {
    report.credentials.iter().map(|one| one.outcome).collect()
}

#[allow(clippy::unwrap_used)]
async fn a_text_becomes_credentials_with_their_types_guessed(vault: &dyn Vault, ground: Ground) {
    let text =
        "# keys\nexport IMP_GITHUB=ghp_1\nIMP_KEY='-----BEGIN\nKEY-----'\nIMP_X=\"a b\" # x\n";
    let report = import(vault, &ground.project, env(text, OnExisting::Fail)).await.unwrap();
    assert_eq!((report.made, report.refused, report.dry_run), (3, 0, false));
    let places: Vec<u32> = report.credentials.iter().map(|one| one.place).collect();
    assert_eq!(places, [2, 3, 5]);
    let got = vault.get(&ground.project, "IMP_GITHUB").await.unwrap();
    assert_eq!((got.credential_type, got.version), (CredentialType::GithubToken, 1));
    for (name, value) in [("IMP_KEY", "-----BEGIN\nKEY-----"), ("IMP_X", "a b")] {
        let revealed = vault.reveal(&ground.project, name).await.unwrap();
        assert_eq!(revealed.value.expose(), value);
    }
    let told = ImportCredentials {
        credential_type: Some(CredentialType::ApiKey),
        ..env("IMP_TOLD=ghp_1", OnExisting::Fail)
    };
    let report = import(vault, &ground.project, told).await.unwrap();
    assert_eq!(report.credentials[0].credential_type, Some(CredentialType::ApiKey));
    let nobody = import(vault, &ScopeKey::HOST, env("A=1", OnExisting::Fail)).await;
    assert_eq!(nobody.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[allow(clippy::unwrap_used)]
async fn names_that_are_there_are_left_replaced_or_a_reason_to_do_nothing(
    vault: &dyn Vault,
    ground: Ground,
) {
    let user = &ground.user;
    vault.put(user, credential("IMP_THERE", "old")).await.unwrap();
    let text = "IMP_THERE=new\nIMP_FRESH=1";
    let error = import(vault, user, env(text, OnExisting::Fail)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(error.to_string().contains("IMP_THERE") && !error.to_string().contains("IMP_FRESH"));
    let missing = vault.get(user, "IMP_FRESH").await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let report = import(vault, user, env(text, OnExisting::Skip)).await.unwrap();
    assert_eq!(outcomes(&report), [ImportOutcome::Skipped, ImportOutcome::Made]);
    assert_eq!(vault.reveal(user, "IMP_THERE").await.unwrap().value.expose(), "old");
    let report = import(vault, user, env(text, OnExisting::Replace)).await.unwrap();
    // What has the value already has nothing to be replaced by.
    assert_eq!(outcomes(&report), [ImportOutcome::Replaced, ImportOutcome::Skipped]);
    assert_eq!(report.credentials[0].version, Some(2));
    assert_eq!(vault.reveal(user, "IMP_THERE").await.unwrap().value.expose(), "new");
    assert_eq!(vault.get(user, "IMP_FRESH").await.unwrap().version, 1);
}

#[allow(clippy::unwrap_used)]
async fn a_dry_run_tells_the_same_and_writes_nothing(vault: &dyn Vault, ground: Ground) {
    let text = "IMP_DRY=1\nIMP_DRY=2\nIMP_DRY_2=3\nno line";
    let dry = ImportCredentials { dry_run: true, ..env(text, OnExisting::Replace) };
    let told = import(vault, &ground.user, dry).await.unwrap();
    assert!(told.dry_run);
    let missing = vault.get(&ground.user, "IMP_DRY").await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let done = import(vault, &ground.user, env(text, OnExisting::Replace)).await.unwrap();
    assert_eq!(told.credentials, done.credentials);
    assert_eq!((done.made, done.refused), (2, 2));
    assert_eq!(vault.reveal(&ground.user, "IMP_DRY").await.unwrap().value.expose(), "1");
}

#[allow(clippy::unwrap_used)]
async fn what_cannot_be_stored_is_refused_and_the_rest_is_stored(
    vault: &dyn Vault,
    ground: Ground,
) {
    let locked = PutCredential { allow_override: false, ..credential("IMP_LAW", "law") };
    vault.put(&ground.user, locked).await.unwrap();
    let long = "x".repeat(64 * 1024 + 1);
    let text = format!("IMP_LAW=mine\nIMP_EMPTY=\nIMP_LONG={long}\nsk-canary-1\nIMP_FITS=1\n");
    let request = env(&text, OnExisting::Replace);
    let report = import(vault, &ground.subproject, request).await.unwrap();
    assert_eq!((report.refused, report.made), (4, 1));
    let last = report.credentials.last().unwrap();
    assert_eq!((last.place, last.outcome), (5, ImportOutcome::Made));
    let refused = report.credentials.iter().filter(|one| one.outcome == ImportOutcome::Refused);
    assert!(refused.clone().all(|one| one.reason.is_some()));
    assert_eq!(refused.map(|one| one.place).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let shown = format!("{report:?}");
    assert!(!shown.contains("mine") && !shown.contains("canary") && !shown.contains("xxx"));
    assert_eq!(vault.reveal(&ground.subproject, "IMP_LAW").await.unwrap().value.expose(), "law");
}

#[allow(clippy::unwrap_used)]
async fn json_is_taken_in_by_name_or_by_request(vault: &dyn Vault, ground: Ground) {
    let json = |text: &str| ImportCredentials {
        format: ImportFormat::Json,
        ..env(text, OnExisting::Replace)
    };
    let text = r#"{ "IMP_J1": "sk-1", "IMP_J2": 2, "IMP_J1": "again" }"#;
    let report = import(vault, &ground.user, json(text)).await.unwrap();
    let [made, refused] = [ImportOutcome::Made, ImportOutcome::Refused];
    assert_eq!(outcomes(&report), [made, refused, refused]);
    let text = r#"[{ "name": "IMP_J3", "value": "sk-1", "type": "custom", "is_inherited": false,
                     "description": "Payments" },
                   { "name": "IMP_J4", "value": "sk-1" }, { "name": "IMP_J5" }]"#;
    let report = import(vault, &ground.user, json(text)).await.unwrap();
    assert_eq!(outcomes(&report), [made, made, refused]);
    let got = vault.get(&ground.user, "IMP_J3").await.unwrap();
    assert_eq!((got.credential_type, got.is_inherited), (CredentialType::Custom, false));
    assert_eq!(got.description.as_deref(), Some("Payments"));
    let got = vault.get(&ground.user, "IMP_J4").await.unwrap();
    assert_eq!(got.credential_type, CredentialType::ApiKey);
    let error = import(vault, &ground.user, json("IMP=1")).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/text");
}

#[allow(clippy::unwrap_used)]
async fn too_much_is_refused(vault: &dyn Vault, ground: Ground) {
    let many = |count: usize| (0..count).map(|at| format!("IMP_M{at}=1\n")).collect::<String>();
    for text in [many(1_001), "#".repeat(1024 * 1024 + 1)] {
        let error = import(vault, &ground.user, env(&text, OnExisting::Skip)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
    let report = import(vault, &ground.stranger, env(&many(200), OnExisting::Skip)).await.unwrap();
    assert_eq!(report.made, 200);
    let page = PageRequest { limit: 500, cursor: None };
    assert_eq!(vault.list(&ground.stranger, &page).await.unwrap().items.len(), 200);
}
