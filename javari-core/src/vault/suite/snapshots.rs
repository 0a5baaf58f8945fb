//! What every vault promises that keeps which versions a scope sees.

use uuid::Uuid;

use super::{Ground, credential, rotation};
use crate::{
    error::{Error, ErrorKind},
    types::{PageRequest, ScopeKey, ScopeLevel},
    vault::{
        DeleteSnapshot, ListSnapshots, MakeSnapshot, PutCredential, RestoreOutcome, RestoreReport,
        RestoreSnapshot, SnapshotView, Vault,
    },
};

/// A conversation; snapshots are bound to it.
const TALK: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001);
const OTHER_TALK: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0002);

/// Runs every promise in turn; each uses names of its own.
///
/// # Panics
/// At the first promise that does not hold.
pub async fn run_snapshots(vault: &dyn Vault, ground: Ground) {
    the_versions_of_a_snapshot_become_active_again(vault, ground).await;
    what_was_revoked_since_comes_back_only_when_it_is_allowed(vault, ground).await;
    a_deleted_credential_comes_back_only_from_a_sealed_copy(vault, ground).await;
    what_is_inherited_is_restored_at_its_own_level(vault, ground).await;
    a_snapshot_belongs_to_one_conversation_and_one_user(vault, ground).await;
    snapshots_are_listed_newest_first_and_deleted(vault, ground).await;
}

#[allow(clippy::unwrap_used)]
async fn snapshot(vault: &dyn Vault, scope: &ScopeKey, with_values: bool) -> SnapshotView {
    let request = MakeSnapshot { with_values, ..MakeSnapshot::new(TALK) };
    let vault = vault.snapshotting().unwrap();
    vault.snapshot(scope, &request).await.unwrap()
}

#[allow(clippy::unwrap_used)]
async fn restore(
    vault: &dyn Vault,
    scope: &ScopeKey,
    request: RestoreSnapshot,
) -> Result<RestoreReport, Error> {
    let vault = vault.snapshotting().unwrap();
    vault.restore_snapshot(scope, &request).await
}

fn outcome(report: &RestoreReport, name: &str) -> Option<RestoreOutcome> {
    report.credentials.iter().find(|one| one.name == name).map(|one| one.outcome)
}

#[allow(clippy::unwrap_used)]
async fn value(vault: &dyn Vault, scope: &ScopeKey, name: &str) -> String {
    vault.reveal(scope, name).await.unwrap().value.expose().to_owned()
}

#[allow(clippy::unwrap_used)]
async fn the_versions_of_a_snapshot_become_active_again(vault: &dyn Vault, ground: Ground) {
    let scope = &ground.project;
    for name in ["SNAP_A", "SNAP_B"] {
        vault.put(scope, credential(name, "one")).await.unwrap();
    }
    let made = snapshot(vault, scope, false).await;
    assert_eq!(made.conversation_id, TALK);
    let held = made.credentials.iter().find(|one| one.name == "SNAP_A").unwrap();
    assert_eq!((held.version, held.level, held.has_value), (1, ScopeLevel::Project, false));
    vault.rotate(scope, rotation("SNAP_A", "two", 600)).await.unwrap();
    let request = RestoreSnapshot { grace_seconds: 60, ..RestoreSnapshot::new(made.id, TALK) };
    let report = restore(vault, scope, request).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_A"), Some(RestoreOutcome::Restored));
    assert_eq!(outcome(&report, "SNAP_B"), Some(RestoreOutcome::Unchanged));
    assert_eq!(value(vault, scope, "SNAP_A").await, "one");
    assert_eq!(vault.get(scope, "SNAP_A").await.unwrap().version, 3);
    let accepted = vault.accepted(scope, "SNAP_A").await.unwrap();
    let accepted: Vec<&str> = accepted.values.iter().map(|one| one.value.expose()).collect();
    assert_eq!(accepted[..2], ["one", "two"]);
}

#[allow(clippy::unwrap_used)]
async fn what_was_revoked_since_comes_back_only_when_it_is_allowed(
    vault: &dyn Vault,
    ground: Ground,
) {
    let scope = &ground.project;
    vault.put(scope, credential("SNAP_LEAK", "one")).await.unwrap();
    let made = snapshot(vault, scope, true).await;
    vault.rotate(scope, rotation("SNAP_LEAK", "two", 0)).await.unwrap();
    let request = RestoreSnapshot::new(made.id, TALK);
    let report = restore(vault, scope, request.clone()).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_LEAK"), Some(RestoreOutcome::Revoked));
    assert_eq!(value(vault, scope, "SNAP_LEAK").await, "two");
    let allowed = RestoreSnapshot { allow_revoked: true, ..request };
    let report = restore(vault, scope, allowed.clone()).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_LEAK"), Some(RestoreOutcome::Restored));
    assert_eq!(value(vault, scope, "SNAP_LEAK").await, "one");
    let report = restore(vault, scope, allowed).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_LEAK"), Some(RestoreOutcome::Unchanged));
}

#[allow(clippy::unwrap_used)]
async fn a_deleted_credential_comes_back_only_from_a_sealed_copy(
    vault: &dyn Vault,
    ground: Ground,
) {
    let scope = &ground.project;
    let put = PutCredential { is_inherited: false, ..credential("SNAP_GONE", "one") };
    vault.put(scope, put).await.unwrap();
    let bare = snapshot(vault, scope, false).await;
    let whole = snapshot(vault, scope, true).await;
    assert!(whole.credentials.iter().all(|one| one.has_value));
    assert!(!format!("{whole:?}").contains("\"one\""));
    vault.delete(scope, "SNAP_GONE").await.unwrap();
    let report = restore(vault, scope, RestoreSnapshot::new(bare.id, TALK)).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_GONE"), Some(RestoreOutcome::Missing));
    let report = restore(vault, scope, RestoreSnapshot::new(whole.id, TALK)).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_GONE"), Some(RestoreOutcome::Restored));
    assert_eq!(value(vault, scope, "SNAP_GONE").await, "one");
    let made = vault.get(scope, "SNAP_GONE").await.unwrap();
    assert_eq!((made.version, made.is_inherited), (1, false));
    // It is another credential by now, which the snapshot knows nothing of.
    vault.rotate(scope, rotation("SNAP_GONE", "two", 60)).await.unwrap();
    let report = restore(vault, scope, RestoreSnapshot::new(whole.id, TALK)).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_GONE"), Some(RestoreOutcome::Missing));
    assert_eq!(value(vault, scope, "SNAP_GONE").await, "two");
}

#[allow(clippy::unwrap_used)]
async fn what_is_inherited_is_restored_at_its_own_level(vault: &dyn Vault, ground: Ground) {
    vault.put(&ground.user, credential("SNAP_OUTER", "one")).await.unwrap();
    let private = PutCredential { is_inherited: false, ..credential("SNAP_HIDDEN", "x") };
    vault.put(&ground.user, private).await.unwrap();
    let made = snapshot(vault, &ground.subproject, false).await;
    let held = made.credentials.iter().find(|one| one.name == "SNAP_OUTER").unwrap();
    assert_eq!(held.level, ScopeLevel::User);
    assert!(made.credentials.iter().all(|one| one.name != "SNAP_HIDDEN"));
    vault.rotate(&ground.user, rotation("SNAP_OUTER", "two", 60)).await.unwrap();
    let request = RestoreSnapshot::new(made.id, TALK);
    let report = restore(vault, &ground.subproject, request.clone()).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_OUTER"), Some(RestoreOutcome::Elsewhere));
    assert_eq!(value(vault, &ground.user, "SNAP_OUTER").await, "two");
    let report = restore(vault, &ground.user, request).await.unwrap();
    assert_eq!(outcome(&report, "SNAP_OUTER"), Some(RestoreOutcome::Restored));
    assert_eq!(value(vault, &ground.user, "SNAP_OUTER").await, "one");
}

#[allow(clippy::unwrap_used)]
async fn a_snapshot_belongs_to_one_conversation_and_one_user(vault: &dyn Vault, ground: Ground) {
    let made = snapshot(vault, &ground.project, true).await;
    let of = |talk| RestoreSnapshot::new(made.id, talk);
    let mut crossed = ground.project;
    crossed.user = ground.stranger.user;
    for (scope, request) in [
        (&ground.project, of(OTHER_TALK)),
        (&ground.subproject, of(TALK)),
        (&ground.stranger, of(TALK)),
        (&crossed, of(TALK)),
    ] {
        let error = restore(vault, scope, request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let vault = vault.snapshotting().unwrap();
    for scope in [&ground.stranger, &ground.user] {
        let error = vault.delete_snapshot(scope, &DeleteSnapshot { id: made.id }).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
    }
    let seen = vault.snapshots(&ground.stranger, &ListSnapshots::default()).await.unwrap();
    assert_eq!(seen.items.len(), 0);
    let nobody = vault.snapshot(&ScopeKey::HOST, &MakeSnapshot::new(TALK)).await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::InvalidInput);
    for expires_at in ["2001-01-01T00:00:00Z", "9999-01-01T00:00:00Z"] {
        let request = MakeSnapshot {
            expires_at: Some(expires_at.parse().unwrap()),
            ..MakeSnapshot::new(TALK)
        };
        let error = vault.snapshot(&ground.user, &request).await.unwrap_err();
        assert_eq!(error.fields()[0].path, "/expires_at");
    }
}

#[allow(clippy::unwrap_used)]
async fn snapshots_are_listed_newest_first_and_deleted(vault: &dyn Vault, ground: Ground) {
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(snapshot(vault, &ground.stranger, false).await.id);
    }
    let vault = vault.snapshotting().unwrap();
    let mut request =
        ListSnapshots { conversation_id: Some(TALK), page: PageRequest { limit: 2, cursor: None } };
    let first = vault.snapshots(&ground.stranger, &request).await.unwrap();
    request.page.cursor = first.next;
    let second = vault.snapshots(&ground.stranger, &request).await.unwrap();
    let mut listed: Vec<_> = first.items.iter().chain(&second.items).map(|one| one.id).collect();
    assert_eq!(second.next, None);
    made.sort_unstable();
    listed.reverse();
    assert_eq!(listed, made);
    let other = ListSnapshots { conversation_id: Some(OTHER_TALK), ..ListSnapshots::default() };
    assert_eq!(vault.snapshots(&ground.stranger, &other).await.unwrap().items.len(), 0);
    vault.delete_snapshot(&ground.stranger, &DeleteSnapshot { id: made[0] }).await.unwrap();
    let left = vault.snapshots(&ground.stranger, &ListSnapshots::default()).await.unwrap();
    assert_eq!(left.items.len(), 2);
    request.page.cursor = Some("x".to_owned());
    let error = vault.snapshots(&ground.stranger, &request).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/page/cursor");
}
