//! What each role may do in a project of somebody else: every operation, as every actor.
//!
//! Ann has a project that she shares and one that she does not, with the same things in both and with
//! things of her own beside them. Every operation runs as each member, upon what is shared and upon
//! what is not: it is done or refused as the table says, and nothing of the rest is shown or changed.

use std::collections::BTreeSet;

use javari_core::{
    Error, ErrorKind, Javari,
    accounts::{PutMember, RemoveMember, Role},
    api::{self, Access},
    types::{ScopeKey, UserId},
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::{CONVERSATION, Owner, done, ids, run, world};

/// The least role for each operation that a user may call: a decision each, and said here a second
/// time, so that none is made by mistake.
const LEAST: &[(Role, &[&str])] = &[
    (
        Role::Viewer,
        &[
            "members.list",
            "members.leave",
            "projects.get",
            "subprojects.list",
            "subprojects.get",
            "vault.get",
            "vault.resolve",
            "vault.list",
            "vault.versions",
            "vault.due",
            "vault.snapshots",
            "audit.list",
            "provider.models",
            "route.explain",
            "knowledge.search",
            "knowledge.get",
            "knowledge.list",
            "knowledge.stats",
            "cost.report",
            "budgets.list",
            "monitor.list",
            "monitor.get",
            "monitor.observations",
            "monitor.alerts",
            "healer.get",
            "healer.list",
        ],
    ),
    (
        Role::Developer,
        &[
            "vault.reveal",
            "vault.accepted",
            "vault.verify_webhook",
            "vault.access_token",
            "vault.test",
            "vault.snapshot",
            "provider.chat",
            "provider.complete",
            "knowledge.ingest",
            "knowledge.answer",
            "knowledge.delete",
            "monitor.create",
            "monitor.delete",
            "monitor.check",
            "monitor.acknowledge",
            "healer.diagnose",
            "healer.heal",
            "healer.reject",
            "audit.record",
        ],
    ),
    (
        Role::Admin,
        &[
            "projects.update",
            "subprojects.ensure",
            "subprojects.update",
            "members.put",
            "members.remove",
            "api_keys.create",
            "api_keys.list",
            "api_keys.revoke",
            "vault.put",
            "vault.bind",
            "vault.import",
            "vault.rotate",
            "vault.rollback",
            "vault.revoke",
            "vault.auto_rotate",
            "vault.schedule",
            "vault.restore_snapshot",
            "vault.delete_snapshot",
            "vault.delete",
            "healer.approve",
        ],
    ),
    (
        Role::Owner,
        &[
            "vault.rotate_data_key",
            "users.get",
            "users.update",
            "users.export",
            "preferences.get",
            "preferences.put",
            "projects.ensure",
            "projects.list",
            "projects.delete",
            "subprojects.delete",
            "members.projects",
            "audit.verify",
            "audit.export",
            "budgets.set",
            "budgets.delete",
        ],
    ),
];

/// A word in everything that is not shared.
const HIDDEN: &str = "hiddencanary";

/// What these tests ask for in vain although the role would do: a service that is not there to test a
/// credential with or to get a token from, a webhook that nobody signed, and what is refused after it
/// was done once.
const FOR_OTHER_REASONS: &[&str] =
    &["vault.test", "vault.access_token", "vault.verify_webhook", "members.leave"];

fn least(operation: &str) -> Role {
    let row = LEAST.iter().find(|(_, names)| names.contains(&operation));
    row.unwrap_or_else(|| panic!("{operation} is new: say which role may call it")).0
}

/// Every operation, those that end something last.
fn the_gentle_first() -> Vec<&'static api::Operation> {
    let mut operations: Vec<_> = api::catalog().iter().collect();
    let ends = ["delete", "delete_snapshot", "reject", "remove", "revoke"];
    operations.sort_by_key(|operation| ends.contains(&operation.verb()));
    operations
}

#[test]
fn the_catalogue_asks_for_the_roles_of_this_table() {
    let users = || api::catalog().iter().filter(|operation| operation.access != Access::Host);
    for operation in users() {
        assert_eq!(operation.least_role, least(operation.name), "{}", operation.name);
    }
    let listed: usize = LEAST.iter().map(|(_, names)| names.len()).sum();
    assert_eq!(listed, users().count());
    // What is the host's is nobody's in a project.
    let hosts = api::catalog().iter().filter(|operation| operation.access == Access::Host);
    assert!(hosts.into_iter().all(|operation| operation.least_role == Role::Owner));
}

struct House {
    javari: Javari,
    shared: Owner,
    hidden: Owner,
    _folder: tempfile::TempDir,
}

impl House {
    /// Ann's project that is shared, the one that is not, and what she keeps to herself.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let javari = world(&root).await;
        let shared = Owner::settled(&javari, &root, "sharedcanary").await;
        let own = shared.own();
        let hidden = Owner::with_project(&javari, &root, HIDDEN, own, false).await;
        let put = json!({
            "name": "HIDDENCANARY", "value": "hiddencanary value", "description": HIDDEN,
            "is_inherited": false,
        });
        done(&javari, "vault.put", own, put).await;
        let text = "The hiddencanary valve opens to the right.";
        let ingest = json!({ "text": { "name": "hiddencanary.md", "text": text } });
        done(&javari, "knowledge.ingest", own, ingest).await;
        let preferences = json!({ "default_ai_provider": HIDDEN });
        done(&javari, "preferences.put", own, preferences).await;
        Self { javari, shared, hidden, _folder: folder }
    }

    async fn member(&self, email: &str, role: Role) -> UserId {
        let user = self.javari.ensure_user(email).await.unwrap().id;
        let shared = self.javari.scope_of(self.shared.key);
        shared.members().put(&PutMember::new(user, role)).await.unwrap();
        user
    }

    /// What of the rest can be read: all of the hidden project, and of the owner's own level what no
    /// use by a member counts up.
    async fn rest(&self) -> Json {
        let mut of_project =
            self.hidden.state_in(&self.javari, &[self.hidden.key, self.hidden.part]).await;
        // The list tells of the project that is shared, too: which there are, and nothing else of it.
        of_project.as_object_mut().unwrap().retain(|seen, _| !seen.starts_with("projects.list"));
        let listed = done(&self.javari, "projects.list", self.shared.own(), json!({})).await;
        let listed = listed["items"].as_array().unwrap().iter().map(|it| it["id"].clone());
        let mut rest = vec![of_project, listed.collect()];
        for (name, request) in [
            ("preferences.get", json!({})),
            ("knowledge.list", json!({})),
            ("vault.get", json!({ "name": "HIDDENCANARY" })),
            ("vault.versions", json!({ "name": "TOKEN" })),
        ] {
            rest.push(done(&self.javari, name, self.shared.own(), request).await);
        }
        Json::Array(rest)
    }
}

/// What was shown, and whether and how it was refused.
fn told(outcome: &Result<Json, Error>) -> (String, Option<ErrorKind>) {
    match outcome {
        Ok(reply) => (reply.to_string(), None),
        Err(error) => (format!("{error} {error:?}"), Some(error.kind())),
    }
}

#[tokio::test]
async fn each_role_does_what_the_table_says_and_sees_nothing_of_the_rest() {
    let house = House::new().await;
    let javari = &house.javari;
    let rest = house.rest().await;
    let mut foreign = BTreeSet::new();
    ids(&rest, &mut foreign);
    let (mut tried, mut shown_to) = (0, Vec::new());
    for role in [Role::Viewer, Role::Developer, Role::Admin] {
        let member = house.member(&format!("{}@example.com", role.name()), role).await;
        house.member("evecanary@example.com", Role::Viewer).await;
        for scope in [house.shared.key, house.shared.part].map(|scope| scope.acted_by(member)) {
            for asked in [&house.shared, &house.hidden] {
                for operation in the_gentle_first() {
                    // Who leaves is a member no more; that is told below.
                    if operation.name == "members.leave" {
                        continue;
                    }
                    let request = match operation.access {
                        Access::Host => json!({}),
                        _ => asked.request(operation.name),
                    };
                    let mut known = BTreeSet::new();
                    ids(&request, &mut known);
                    ids(&serde_json::to_value(scope).unwrap(), &mut known);
                    known.insert(CONVERSATION.to_owned());
                    let outcome = run(javari, operation.name, scope, request.clone()).await;
                    let (seen, refused) = told(&outcome);
                    let what = format!("{} of a {}: {seen}", operation.name, role.name());
                    let may =
                        operation.access != Access::Host && role.covers(least(operation.name));
                    match refused {
                        // A request that fits no schema is refused before the role is looked at.
                        Some(ErrorKind::InvalidInput) if operation.access == Access::Host => {}
                        refused => {
                            assert_eq!(refused == Some(ErrorKind::Forbidden), !may, "{what}")
                        }
                    }
                    let shown = seen.to_lowercase().replace(&request.to_string(), "");
                    assert!(!shown.contains(HIDDEN), "what is not shared crossed: {what}");
                    let crossed = foreign.difference(&known).find(|id| seen.contains(id.as_str()));
                    assert_eq!(crossed, None, "an id crossed: {what}");
                    tried += 1;
                    if asked.word == house.shared.word && refused.is_none() {
                        shown_to.push((role, operation.name));
                    }
                }
            }
        }
        assert_eq!(house.rest().await, rest, "a {} changed what is not shared", role.name());
        let left = run(javari, "members.leave", house.shared.key.acted_by(member), json!({})).await;
        assert_eq!(told(&left).1, None);
        require_refused(&house, house.shared.key.acted_by(member), "a former member").await;
    }
    assert_eq!(tried, (api::catalog().len() - 1) * 3 * 2 * 2);
    // The table is not kept by refusing everything.
    for (least, names) in &LEAST[..2] {
        for name in names.iter().filter(|name| !FOR_OTHER_REASONS.contains(name)) {
            let done = shown_to.contains(&(*least, *name));
            assert!(done, "{name} was never done for a {}", least.name());
        }
    }
    let own = javari.scope_of(house.shared.own());
    assert!(own.audit().verify().await.unwrap().verified);
    javari.close().await;
}

/// That every operation refuses this scope as one that is not there, and shows nothing.
async fn require_refused(house: &House, scope: ScopeKey, who: &str) {
    for operation in api::catalog().iter().filter(|it| it.access != Access::Host) {
        let request = house.shared.request(operation.name);
        let outcome = run(&house.javari, operation.name, scope, request).await;
        let (seen, refused) = told(&outcome);
        let what = format!("{} of {who}: {seen}", operation.name);
        assert!(matches!(refused, Some(ErrorKind::NotFound | ErrorKind::InvalidInput)), "{what}");
        assert!(!seen.contains(house.shared.word) && !seen.contains(HIDDEN), "{what}");
    }
}

#[tokio::test]
async fn nobody_acts_as_a_member_who_is_none_of_exactly_that_project() {
    let house = House::new().await;
    let member = house.member("bob@example.com", Role::Admin).await;
    let former = house.member("former@example.com", Role::Admin).await;
    let stranger = house.javari.ensure_user("stranger@example.com").await.unwrap().id;
    let shared = house.shared.key;
    // Warm: each has done something that is remembered.
    for one in [member, former] {
        done(&house.javari, "vault.list", shared.acted_by(one), json!({})).await;
    }
    let request = RemoveMember { user: former };
    house.javari.scope_of(shared).members().remove(&request).await.unwrap();
    let before = house.shared.state(&house.javari).await;
    let strangers = house.javari.scope(stranger).ensure_project("own").await.unwrap().id;
    let owner = house.shared.key.user;
    for (who, scope) in [
        ("a former member", shared.acted_by(former)),
        ("a stranger", shared.acted_by(stranger)),
        ("a user that is not there", shared.acted_by(UserId(Uuid::from_u128(7)))),
        ("the owner as a member", shared.acted_by(owner.unwrap())),
        ("a member in the owner's other project", house.hidden.key.acted_by(member)),
        ("a member at the owner's own level", house.shared.own().acted_by(member)),
        (
            "a member with a mismatched pair",
            ScopeKey { subproject: house.hidden.part.subproject, ..shared }.acted_by(member),
        ),
        (
            "a member of the project under a wrong owner",
            ScopeKey { user: Some(stranger), ..shared }.acted_by(member),
        ),
        ("a stranger as the owner of it", ScopeKey { user: Some(stranger), ..shared }),
        ("a member in a project of nobody", ScopeKey { user: None, ..shared }.acted_by(member)),
        ("a member of nothing", ScopeKey::HOST.acted_by(member)),
        (
            "a member in a project of a stranger",
            ScopeKey::user(stranger).with_project(strangers).acted_by(member),
        ),
    ] {
        require_refused(&house, scope, who).await;
    }
    assert_eq!(house.shared.state(&house.javari).await, before, "somebody changed something");
    house.javari.close().await;
}
