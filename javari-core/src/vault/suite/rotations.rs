//! What every vault promises that rotates credentials through handlers and by schedules.

use super::{Ground, credential};
use crate::{
    error::ErrorKind,
    types::{ScopeKey, Timestamp},
    vault::{
        AutoRotate, CredentialRotation, CredentialType, DueReason, DueRequest, PutCredential,
        ScheduleRotation, Vault,
    },
};

/// Runs every promise in turn; each uses names of its own.
///
/// # Panics
/// At the first promise that does not hold.
pub async fn run_rotations(vault: &dyn Vault, ground: Ground) {
    a_webhook_secret_is_drawn_anew_by_chance(vault, ground).await;
    what_a_service_gives_out_is_rotated_by_hand(vault, ground).await;
    a_schedule_is_kept_moved_and_taken_back(vault, ground).await;
    what_is_due_is_told_soonest_first_and_of_the_scope_alone(vault, ground).await;
}

#[allow(clippy::unwrap_used)]
fn power(vault: &dyn Vault) -> &dyn CredentialRotation {
    vault.rotating().unwrap()
}

fn webhook(name: &str, value: &str) -> PutCredential {
    PutCredential { credential_type: CredentialType::WebhookSecret, ..credential(name, value) }
}

#[allow(clippy::unwrap_used)]
async fn a_webhook_secret_is_drawn_anew_by_chance(vault: &dyn Vault, ground: Ground) {
    let user = &ground.user;
    vault.put(user, webhook("AUTO_HOOK", "whsec_old")).await.unwrap();
    let request = AutoRotate { grace_seconds: 60, ..AutoRotate::new("AUTO_HOOK") };
    let turned = power(vault).auto_rotate(user, request).await.unwrap();
    assert_eq!((turned.handler.as_str(), turned.revocation_pending), ("random", false));
    assert_eq!(turned.rotation.credential.version, 2);
    let accepted = vault.accepted(user, "AUTO_HOOK").await.unwrap().values;
    let new = accepted[0].value.expose();
    assert!(new.starts_with("whsec_") && new.len() == 6 + 44, "{}", new.len());
    assert_eq!(accepted[1].value.expose(), "whsec_old");
    let stale = AutoRotate { expected_version: Some(1), ..AutoRotate::new("AUTO_HOOK") };
    let error = power(vault).auto_rotate(user, stale).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let random = AutoRotate { handler: Some("random".into()), ..AutoRotate::new("AUTO_OWN") };
    vault.put(user, credential("AUTO_OWN", "old")).await.unwrap();
    power(vault).auto_rotate(user, random).await.unwrap();
    assert_eq!(vault.reveal(user, "AUTO_OWN").await.unwrap().value.expose().len(), 43);
}

#[allow(clippy::unwrap_used)]
async fn what_a_service_gives_out_is_rotated_by_hand(vault: &dyn Vault, ground: Ground) {
    let user = &ground.user;
    for (name, kind, value) in [
        ("AUTO_GH", CredentialType::GithubToken, "ghp_1"),
        ("AUTO_VERCEL", CredentialType::VercelToken, "x"),
        ("AUTO_KEY", CredentialType::ApiKey, "sk-ant-1"),
        ("AUTO_CUSTOM", CredentialType::Custom, "x"),
    ] {
        let put = PutCredential { credential_type: kind, ..credential(name, value) };
        vault.put(user, put).await.unwrap();
        let error = power(vault).auto_rotate(user, AutoRotate::new(name)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}");
        assert!(error.message().contains("vault.rotate"), "{error}");
    }
    // A value made by chance would not work at the service that gave this one out.
    for handler in ["random", "nobodys"] {
        let request = AutoRotate { handler: Some(handler.into()), ..AutoRotate::new("AUTO_GH") };
        let error = power(vault).auto_rotate(user, request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{handler}");
    }
    assert_eq!(vault.get(user, "AUTO_GH").await.unwrap().version, 1);
    let stranger = power(vault).auto_rotate(&ground.stranger, AutoRotate::new("AUTO_GH")).await;
    assert_eq!(stranger.unwrap_err().kind(), ErrorKind::NotFound);
}

#[allow(clippy::unwrap_used)]
async fn a_schedule_is_kept_moved_and_taken_back(vault: &dyn Vault, ground: Ground) {
    let user = &ground.user;
    vault.put(user, webhook("PLAN", "one")).await.unwrap();
    let first: Timestamp = "2999-01-01T00:00:00Z".parse().unwrap();
    let request = ScheduleRotation { next_at: Some(first), ..ScheduleRotation::every("PLAN", 90) };
    let view = power(vault).schedule(user, &request).await.unwrap();
    assert_eq!((view.rotation_interval_days, view.next_rotation_at), (Some(90), Some(first)));
    assert_eq!(vault.get(user, "PLAN").await.unwrap(), view);
    // A new value begins a new interval, whoever gave it.
    for turn in 0..2 {
        let view = match turn {
            0 => vault.put(user, webhook("PLAN", "two")).await.unwrap(),
            _ => {
                let turned = power(vault).auto_rotate(user, AutoRotate::new("PLAN")).await;
                turned.unwrap().rotation.credential
            }
        };
        assert_eq!(view.rotation_interval_days, Some(90));
        let wait = view.next_rotation_at.unwrap().since(view.updated_at);
        assert_eq!(wait.as_secs(), 90 * 86_400);
        let kept = vault.get(user, "PLAN").await.unwrap();
        assert_eq!(kept.next_rotation_at, view.next_rotation_at);
    }
    let none = ScheduleRotation { interval_days: None, ..request.clone() };
    let view = power(vault).schedule(user, &none).await.unwrap();
    assert_eq!((view.rotation_interval_days, view.next_rotation_at), (None, None));
    for (request, path) in [
        (ScheduleRotation::every("PLAN", 0), "/interval_days"),
        (ScheduleRotation::every("PLAN", 3_651), "/interval_days"),
        (ScheduleRotation { grace_seconds: u64::MAX, ..request.clone() }, "/grace_seconds"),
        (ScheduleRotation { handler: Some("a b".into()), ..request.clone() }, "/handler"),
    ] {
        let error = power(vault).schedule(user, &request).await.unwrap_err();
        assert_eq!(error.fields()[0].path, path);
    }
    let error = power(vault).schedule(&ground.stranger, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[allow(clippy::unwrap_used)]
async fn what_is_due_is_told_soonest_first_and_of_the_scope_alone(
    vault: &dyn Vault,
    ground: Ground,
) {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let overdue =
        PutCredential { expires_at: Some(at("2020-01-01T00:00:00Z")), ..credential("DUE_B", "x") };
    vault.put(&ground.subproject, overdue).await.unwrap();
    vault.put(&ground.project, webhook("DUE_A", "x")).await.unwrap();
    let request = ScheduleRotation {
        next_at: Some(at("2019-01-01T00:00:00Z")),
        ..ScheduleRotation::every("DUE_A", 1)
    };
    power(vault).schedule(&ground.project, &request).await.unwrap();
    let names = async |scope: &ScopeKey, limit| {
        let request = DueRequest { limit, ..DueRequest::default() };
        let due = power(vault).due(scope, &request).await.unwrap();
        let told = due.credentials.into_iter().map(|one| (one.credential.name, one.reason));
        (told.filter(|(name, _)| name.starts_with("DUE_")).collect::<Vec<_>>(), due.more)
    };
    let a = ("DUE_A".to_owned(), DueReason::Rotation);
    let b = ("DUE_B".to_owned(), DueReason::Expires);
    assert_eq!(names(&ground.project, 500).await, (vec![a.clone(), b.clone()], false));
    assert_eq!(names(&ground.project, 1).await, (vec![a], true));
    assert_eq!(names(&ground.subproject, 500).await, (vec![b], false));
    assert_eq!(names(&ground.stranger, 500).await, (vec![], false));
    let error = power(vault).due(&ScopeKey::HOST, &DueRequest::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
