//! What every vault promises: one list, run over each implementation.

mod import;
mod rotations;
mod snapshots;

pub use import::run_import;
pub use rotations::run_rotations;
pub use snapshots::run_snapshots;

use super::{
    ListVersions, PutCredential, RevokeVersion, RollbackCredential, RotateCredential, RotationType,
    Vault, VersionState,
};
use crate::{
    error::ErrorKind,
    secret::Secret,
    types::{PageRequest, ScopeKey, ScopeLevel},
};

/// The scopes a suite works in; all exist and are empty.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// A user.
    pub user: ScopeKey,
    /// A project of that user.
    pub project: ScopeKey,
    /// A subproject of that project.
    pub subproject: ScopeKey,
    /// Another user.
    pub stranger: ScopeKey,
}

/// Runs every promise in turn; each uses names of its own.
///
/// # Panics
/// At the first promise that does not hold.
#[allow(clippy::unwrap_used, clippy::panic)]
pub async fn run(vault: &dyn Vault, ground: Ground) {
    a_stored_value_is_revealed_and_nothing_else_shows_it(vault, ground).await;
    storing_again_makes_the_next_version(vault, ground).await;
    inner_levels_inherit_and_override(vault, ground).await;
    a_locked_name_cannot_be_overridden(vault, ground).await;
    what_is_not_inherited_stays_at_its_level(vault, ground).await;
    strangers_see_and_change_nothing(vault, ground).await;
    a_deleted_credential_is_gone(vault, ground).await;
    what_does_not_fit_is_refused_with_every_field(vault, ground).await;
    lists_are_by_name_and_in_pages(vault, ground).await;
}

/// Runs every promise of a vault that keeps versions: rotation, grace and the way back.
///
/// # Panics
/// At the first promise that does not hold.
pub async fn run_versions(vault: &dyn Vault, ground: Ground) {
    rotating_with_grace_keeps_both_values(vault, ground).await;
    rotating_without_grace_stops_every_earlier_value(vault, ground).await;
    a_version_in_grace_can_be_revoked(vault, ground).await;
    the_way_back_makes_a_new_version(vault, ground).await;
    who_expects_another_version_changes_nothing(vault, ground).await;
    of_many_rotations_at_once_only_one_wins(vault, ground).await;
    what_cannot_be_rotated_is_refused(vault, ground).await;
    versions_are_newest_first_and_in_pages(vault, ground).await;
}

fn credential(name: &str, value: &str) -> PutCredential {
    PutCredential::new(name, Secret::new(value))
}

#[allow(clippy::unwrap_used)]
async fn a_stored_value_is_revealed_and_nothing_else_shows_it(vault: &dyn Vault, ground: Ground) {
    let value = "sk-é漢😀-canary";
    let stored = vault.put(&ground.user, credential("SHOWN", value)).await.unwrap();
    let revealed = vault.reveal(&ground.user, "SHOWN").await.unwrap();
    assert_eq!(revealed.value.expose(), value);
    assert_eq!(revealed.credential.use_count, 1);
    let got = vault.get(&ground.user, "SHOWN").await.unwrap();
    assert_eq!(got.id, stored.id);
    for text in [format!("{stored:?}"), format!("{got:?}"), format!("{revealed:?}")] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[allow(clippy::unwrap_used)]
async fn storing_again_makes_the_next_version(vault: &dyn Vault, ground: Ground) {
    let first = vault.put(&ground.user, credential("TWICE", "one")).await.unwrap();
    let second = vault.put(&ground.user, credential("TWICE", "two")).await.unwrap();
    assert_eq!((second.id, second.version), (first.id, 2));
    assert_eq!(vault.reveal(&ground.user, "TWICE").await.unwrap().value.expose(), "two");
}

#[allow(clippy::unwrap_used)]
async fn inner_levels_inherit_and_override(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.user, credential("SHARED", "user")).await.unwrap();
    let seen = vault.reveal(&ground.subproject, "SHARED").await.unwrap();
    assert_eq!(seen.value.expose(), "user");
    vault.put(&ground.project, credential("SHARED", "project")).await.unwrap();
    assert_eq!(vault.reveal(&ground.subproject, "SHARED").await.unwrap().value.expose(), "project");
    assert_eq!(vault.reveal(&ground.user, "SHARED").await.unwrap().value.expose(), "user");
    let resolution = vault.resolve(&ground.subproject, "SHARED").await.unwrap();
    assert_eq!(resolution.credential.level, ScopeLevel::Project);
    let chosen: Vec<bool> = resolution.levels.iter().map(|level| level.chosen).collect();
    assert_eq!(chosen, [false, true, false]);
}

#[allow(clippy::unwrap_used)]
async fn a_locked_name_cannot_be_overridden(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.subproject, credential("LOCKED", "early")).await.unwrap();
    let locked = PutCredential { allow_override: false, ..credential("LOCKED", "law") };
    vault.put(&ground.project, locked).await.unwrap();
    assert_eq!(vault.reveal(&ground.subproject, "LOCKED").await.unwrap().value.expose(), "law");
    let error = vault.put(&ground.subproject, credential("LOCKED", "mine")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[allow(clippy::unwrap_used)]
async fn what_is_not_inherited_stays_at_its_level(vault: &dyn Vault, ground: Ground) {
    let private = PutCredential { is_inherited: false, ..credential("PRIVATE", "mine") };
    vault.put(&ground.project, private).await.unwrap();
    assert_eq!(vault.reveal(&ground.project, "PRIVATE").await.unwrap().value.expose(), "mine");
    let error = vault.reveal(&ground.subproject, "PRIVATE").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[allow(clippy::unwrap_used)]
async fn strangers_see_and_change_nothing(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.user, credential("OWNED", "mine")).await.unwrap();
    let mut crossed = ground.project;
    crossed.user = ground.stranger.user;
    for scope in [ground.stranger, crossed] {
        for error in [
            vault.get(&scope, "OWNED").await.unwrap_err(),
            vault.resolve(&scope, "OWNED").await.unwrap_err(),
            vault.reveal(&scope, "OWNED").await.unwrap_err(),
            vault.delete(&scope, "OWNED").await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::NotFound);
        }
    }
    assert!(vault.put(&crossed, credential("PLANTED", "x")).await.is_err());
    assert_eq!(vault.reveal(&ground.user, "OWNED").await.unwrap().value.expose(), "mine");
}

#[allow(clippy::unwrap_used)]
async fn a_deleted_credential_is_gone(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.user, credential("BRIEF", "x")).await.unwrap();
    vault.delete(&ground.user, "BRIEF").await.unwrap();
    assert_eq!(vault.get(&ground.user, "BRIEF").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(vault.delete(&ground.user, "BRIEF").await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[allow(clippy::unwrap_used)]
async fn what_does_not_fit_is_refused_with_every_field(vault: &dyn Vault, ground: Ground) {
    let error = vault.put(&ground.user, credential("9 bad", "")).await.unwrap_err();
    let paths: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["/name", "/value"]);
    let error = vault.put(&ScopeKey::HOST, credential("A", "x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[allow(clippy::unwrap_used)]
async fn lists_are_by_name_and_in_pages(vault: &dyn Vault, ground: Ground) {
    for name in ["L_C", "L_A", "L_B"] {
        vault.put(&ground.subproject, credential(name, "x")).await.unwrap();
    }
    let mut names = Vec::new();
    let mut page = PageRequest { limit: 2, cursor: None };
    loop {
        let found = vault.list(&ground.subproject, &page).await.unwrap();
        names.extend(found.items.into_iter().map(|view| view.name));
        let Some(next) = found.next else { break };
        page.cursor = Some(next);
    }
    assert_eq!(names, ["LOCKED", "L_A", "L_B", "L_C"]);
}

fn rotation(name: &str, value: &str, grace_seconds: u64) -> RotateCredential {
    RotateCredential { grace_seconds, ..RotateCredential::new(name, Secret::new(value)) }
}

fn way_back(name: &str, version: u32) -> RollbackCredential {
    RollbackCredential {
        name: name.to_owned(),
        version,
        grace_seconds: 0,
        allow_revoked: false,
        expected_version: None,
    }
}

fn of(name: &str, version: u32) -> RevokeVersion {
    RevokeVersion { name: name.to_owned(), version }
}

#[allow(clippy::unwrap_used)]
async fn accepted(vault: &dyn Vault, scope: &ScopeKey, name: &str) -> Vec<(u32, String)> {
    let accepted = vault.accepted(scope, name).await.unwrap();
    let values = accepted.values.iter();
    values.map(|value| (value.version, value.value.expose().to_owned())).collect()
}

#[allow(clippy::unwrap_used)]
async fn states(vault: &dyn Vault, scope: &ScopeKey, name: &str) -> Vec<(u32, VersionState)> {
    let request = ListVersions { name: name.to_owned(), page: PageRequest::default() };
    let versions = vault.versions(scope, &request).await.unwrap().items;
    versions.iter().map(|view| (view.version, view.state)).collect()
}

#[allow(clippy::unwrap_used)]
async fn rotating_with_grace_keeps_both_values(vault: &dyn Vault, ground: Ground) {
    let stored = PutCredential {
        description: Some("Hooks".to_owned()),
        is_inherited: false,
        ..credential("TURNED", "one")
    };
    let first = vault.put(&ground.project, stored).await.unwrap();
    let turned = vault.rotate(&ground.project, rotation("TURNED", "two", 60)).await.unwrap();
    assert_eq!((turned.previous_version, turned.credential.version), (1, 2));
    assert!(turned.grace_until.is_some());
    let kept = &turned.credential;
    assert_eq!((kept.id, kept.description.as_deref()), (first.id, Some("Hooks")));
    assert!(!kept.is_inherited);
    assert_eq!(vault.reveal(&ground.project, "TURNED").await.unwrap().value.expose(), "two");
    let both = accepted(vault, &ground.project, "TURNED").await;
    assert_eq!(both, [(2, "two".to_owned()), (1, "one".to_owned())]);
    vault.rotate(&ground.project, rotation("TURNED", "three", 60)).await.unwrap();
    let three = accepted(vault, &ground.project, "TURNED").await;
    assert_eq!(three.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [3, 2, 1]);
}

#[allow(clippy::unwrap_used)]
async fn rotating_without_grace_stops_every_earlier_value(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.user, credential("LEAKED", "one")).await.unwrap();
    vault.rotate(&ground.user, rotation("LEAKED", "two", 60)).await.unwrap();
    let emergency = RotateCredential {
        rotation_type: RotationType::Emergency,
        ..rotation("LEAKED", "three", 0)
    };
    let turned = vault.rotate(&ground.user, emergency).await.unwrap();
    assert_eq!(turned.grace_until, None);
    assert_eq!(accepted(vault, &ground.user, "LEAKED").await, [(3, "three".to_owned())]);
    let expected =
        [(3, VersionState::Active), (2, VersionState::Revoked), (1, VersionState::Revoked)];
    assert_eq!(states(vault, &ground.user, "LEAKED").await, expected);
}

#[allow(clippy::unwrap_used)]
async fn a_version_in_grace_can_be_revoked(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.user, credential("ENDED", "one")).await.unwrap();
    vault.rotate(&ground.user, rotation("ENDED", "two", 60)).await.unwrap();
    for _ in 0..2 {
        let view = vault.revoke(&ground.user, &of("ENDED", 1)).await.unwrap();
        assert_eq!((view.version, view.state), (1, VersionState::Revoked));
    }
    assert_eq!(accepted(vault, &ground.user, "ENDED").await, [(2, "two".to_owned())]);
    let active = vault.revoke(&ground.user, &of("ENDED", 2)).await.unwrap_err();
    assert_eq!(active.kind(), ErrorKind::InvalidInput);
    let missing = vault.revoke(&ground.user, &of("ENDED", 3)).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[allow(clippy::unwrap_used)]
async fn the_way_back_makes_a_new_version(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.user, credential("BACK", "one")).await.unwrap();
    vault.rotate(&ground.user, rotation("BACK", "two", 60)).await.unwrap();
    let back = vault.rollback(&ground.user, way_back("BACK", 1)).await.unwrap();
    assert_eq!(back.credential.version, 3);
    assert_eq!(vault.reveal(&ground.user, "BACK").await.unwrap().value.expose(), "one");
    // Version 2 was revoked by the way back, which had no grace.
    let error = vault.rollback(&ground.user, way_back("BACK", 2)).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/version");
    let allowed = RollbackCredential { allow_revoked: true, ..way_back("BACK", 2) };
    vault.rollback(&ground.user, allowed).await.unwrap();
    assert_eq!(vault.reveal(&ground.user, "BACK").await.unwrap().value.expose(), "two");
    for (version, kind) in [(4, ErrorKind::InvalidInput), (9, ErrorKind::NotFound)] {
        let error = vault.rollback(&ground.user, way_back("BACK", version)).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

#[allow(clippy::unwrap_used)]
async fn who_expects_another_version_changes_nothing(vault: &dyn Vault, ground: Ground) {
    let new = |expected| PutCredential {
        expected_version: Some(expected),
        ..credential("COMPARED", "one")
    };
    let error = vault.put(&ground.user, new(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    vault.put(&ground.user, new(0)).await.unwrap();
    assert_eq!(vault.put(&ground.user, new(0)).await.unwrap_err().kind(), ErrorKind::Conflict);
    let stale = RotateCredential { expected_version: Some(2), ..rotation("COMPARED", "two", 0) };
    let error = vault.rotate(&ground.user, stale).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after_seconds()), (ErrorKind::Conflict, None));
    assert_eq!(states(vault, &ground.user, "COMPARED").await, [(1, VersionState::Active)]);
}

#[allow(clippy::unwrap_used)]
async fn of_many_rotations_at_once_only_one_wins(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.user, credential("RACED", "start")).await.unwrap();
    let turns = (0..8).map(|number| async move {
        let turn = RotateCredential {
            expected_version: Some(1),
            ..rotation("RACED", &format!("turn {number}"), 60)
        };
        vault.rotate(&ground.user, turn).await
    });
    let outcomes = futures::future::join_all(turns).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
    let expected = [(2, VersionState::Active), (1, VersionState::Grace)];
    assert_eq!(states(vault, &ground.user, "RACED").await, expected);
}

#[allow(clippy::unwrap_used)]
async fn what_cannot_be_rotated_is_refused(vault: &dyn Vault, ground: Ground) {
    let missing = vault.rotate(&ground.user, rotation("MISSING", "x", 0)).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    vault.put(&ground.user, credential("SAME", "x")).await.unwrap();
    let same = vault.rotate(&ground.user, rotation("SAME", "x", 0)).await.unwrap_err();
    assert_eq!(same.fields()[0].path, "/value");
    let stranger = vault.rotate(&ground.stranger, rotation("SAME", "y", 0)).await.unwrap_err();
    assert_eq!(stranger.kind(), ErrorKind::NotFound);
    // What is inherited is rotated where it is stored.
    let inner = vault.rotate(&ground.project, rotation("SAME", "y", 0)).await.unwrap_err();
    assert_eq!(inner.kind(), ErrorKind::NotFound);
    let emergency =
        RotateCredential { rotation_type: RotationType::Emergency, ..rotation("9 bad", "", 60) };
    let error = vault.rotate(&ground.user, emergency).await.unwrap_err();
    let paths: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["/name", "/value", "/grace_seconds"]);
    let endless = vault.rotate(&ground.user, rotation("SAME", "y", u64::MAX)).await.unwrap_err();
    assert_eq!(endless.fields()[0].path, "/grace_seconds");
}

#[allow(clippy::unwrap_used)]
async fn versions_are_newest_first_and_in_pages(vault: &dyn Vault, ground: Ground) {
    for value in ["one", "two", "three"] {
        vault.put(&ground.user, credential("OFTEN", value)).await.unwrap();
    }
    let mut request =
        ListVersions { name: "OFTEN".to_owned(), page: PageRequest { limit: 2, cursor: None } };
    let first = vault.versions(&ground.user, &request).await.unwrap();
    assert_eq!(first.items.iter().map(|view| view.version).collect::<Vec<_>>(), [3, 2]);
    request.page.cursor = first.next;
    let second = vault.versions(&ground.user, &request).await.unwrap();
    assert_eq!(second.items.iter().map(|view| view.version).collect::<Vec<_>>(), [1]);
    assert_eq!(second.next, None);
    request.page.cursor = Some("x".to_owned());
    let error = vault.versions(&ground.user, &request).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/page/cursor");
}
