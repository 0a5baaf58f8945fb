//! Every operation of the catalogue, tried by everybody upon the data of somebody else.
//!
//! Two users have the same things: projects, credentials, documents, monitors, alerts, a repair that
//! waits. Then every operation runs for its owner, so that every cache is warm, and after that in
//! every scope that is not the owner's, with the owner's ids guessed right. No reply and no error may
//! hold a word or an id of the owner's, and nothing of the owner's may have changed. What members
//! may do in a project stands in `roles`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use javari_core::{
    api::{self, Access},
    types::{ScopeKey, UserId},
};
use uuid::Uuid;

mod roles;
mod world;

use world::{CONVERSATION, Owner, done, ids, run, world};

#[tokio::test]
async fn no_operation_shows_or_changes_what_belongs_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let javari = world(&root).await;
    let ann = Owner::settled(&javari, &root, "anncanary").await;
    let bob = Owner::settled(&javari, &root, "bobcanary").await;
    for owner in [&ann, &bob] {
        for warm in ["vault.reveal", "vault.accepted", "knowledge.search", "knowledge.answer"] {
            let reply = done(&javari, warm, owner.key, owner.request(warm)).await;
            assert!(reply.to_string().contains(owner.word), "{warm} shows its owner nothing");
        }
    }

    let ghost = UserId(Uuid::from_u128(7));
    // Who asks, in a scope that is not the owner's: themselves, with the owner's project, with a
    // subproject of the owner's below a project of theirs, nobody, and a user that is not there.
    let scopes = |victim: &Owner, stranger: &Owner| {
        [
            ("a stranger", stranger.key),
            ("a stranger at home", stranger.own()),
            ("a stranger in the project", ScopeKey { user: stranger.key.user, ..victim.key }),
            ("a stranger in the subproject", ScopeKey { user: stranger.key.user, ..victim.part }),
            (
                "a stranger with a mismatched pair",
                ScopeKey { subproject: victim.part.subproject, ..stranger.key },
            ),
            ("nobody", ScopeKey::HOST),
            ("nobody in the project", ScopeKey { user: None, ..victim.key }),
            ("a user that is not there", ScopeKey { user: Some(ghost), ..victim.key }),
        ]
    };
    let (mut tried, mut refused) = (0, 0);
    for (victim, stranger) in [(&ann, &bob), (&bob, &ann)] {
        let before = victim.state(&javari).await;
        let mut secret_ids = BTreeSet::new();
        ids(&before, &mut secret_ids);
        for (who, scope) in scopes(victim, stranger) {
            for operation in api::catalog() {
                if operation.access == Access::Host {
                    continue;
                }
                let request = victim.request(operation.name);
                let mut known = BTreeSet::new();
                ids(&request, &mut known);
                ids(&serde_json::to_value(scope).unwrap(), &mut known);
                known.insert(CONVERSATION.to_owned());
                let seen = match run(&javari, operation.name, scope, request).await {
                    Ok(reply) => reply.to_string(),
                    Err(error) => {
                        refused += 1;
                        format!("{error} {error:?}")
                    }
                };
                tried += 1;
                let told = format!("{} of {who}: {seen}", operation.name);
                assert!(!seen.contains(victim.word), "a word crossed: {told}");
                let crossed = secret_ids.difference(&known).find(|id| seen.contains(id.as_str()));
                assert_eq!(crossed, None, "an id crossed: {told}");
            }
        }
        assert_eq!(victim.state(&javari).await, before, "a stranger changed something");
    }
    let operations = api::catalog().iter().filter(|it| it.access != Access::Host).count();
    assert_eq!(tried, operations * 8 * 2);
    assert!(refused > tried / 3, "only {refused} of {tried} were refused");
    javari.close().await;
}

#[test]
fn operations_that_need_no_user_are_the_hosts_own() {
    let of_the_host: Vec<&str> = api::catalog()
        .iter()
        .filter(|operation| operation.access == Access::Host)
        .map(|operation| operation.name)
        .collect();
    // Each new name here is a decision: whoever reaches it reaches every user's data.
    let known = [
        "system.version",
        "system.backup",
        "system.restore",
        "system.verify_backup",
        "system.health",
        "system.doctor",
        "system.vacuum",
        "system.adopt",
        "system.import_seed",
        "users.ensure",
        "users.authenticate",
        "users.list",
        "users.erase",
        "api_keys.authenticate",
        "api.respond",
        "api.events",
        "vault.make_key",
        "vault.recovery_copy",
        "vault.open_recovery_copy",
        "vault.rotate_root_key",
        "vault.reseal",
        "vault.rotate_due",
    ];
    assert_eq!(of_the_host, known);
}
