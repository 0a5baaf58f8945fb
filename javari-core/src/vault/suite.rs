//! What every vault promises: one list, run over each implementation.

use super::{PutCredential, Vault};
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
