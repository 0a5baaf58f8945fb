//! What a key may be, and what becomes of those that are bent, ended or handed over.

use std::time::Duration;

use super::*;
use crate::{
    accounts::{Accounts, EnsureProject, EnsureUser},
    storage::{scratch, values},
    testkit::HandClock,
    types::SystemClock,
};

const KNOWN: &[&str] = &["vault.get", "vault.put", "knowledge.search", "api_keys.create"];

struct House {
    database: Database,
    clock: Arc<HandClock>,
    audit: Audit,
    keys: ApiKeys,
    ann: ScopeKey,
    bob: ScopeKey,
    /// A project of Ann's.
    site: ScopeKey,
}

async fn house() -> House {
    let database = Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap();
    let clock = HandClock::new();
    let root = RootKey::from_bytes([7; 32]);
    let audit = Audit::new(database.clone(), clock.clone(), &root).unwrap();
    let accounts = Accounts::new(database.clone(), clock.clone(), audit.clone());
    let mut users = Vec::new();
    for email in ["ann@x", "bob@x"] {
        let request = EnsureUser { email: email.into(), name: None };
        users.push(ScopeKey::user(accounts.ensure_user(&request).await.unwrap().id));
    }
    let request = EnsureProject { name: "site".into(), description: None, repository_url: None };
    let project = accounts.ensure_project(&users[0], &request).await.unwrap().id;
    let keys = ApiKeys::new(database.clone(), clock.clone(), audit.clone(), &root).unwrap();
    let (ann, bob) = (users[0], users[1]);
    House { database, clock, audit, keys, ann, bob, site: ann.with_project(project) }
}

impl House {
    async fn make(&self, scope: &ScopeKey, operations: &[&str]) -> NewApiKey {
        self.keys.create(scope, &request(operations), KNOWN).await.unwrap()
    }

    async fn change(&self, statement: &'static str, values: Vec<crate::storage::Value>) {
        let mut transaction = self.database.begin(&ScopeKey::HOST).await.unwrap();
        assert_eq!(transaction.execute(statement, values).await.unwrap(), 1);
        transaction.commit().await.unwrap();
    }

    async fn reason(&self, key: &Secret) -> String {
        let error = self.keys.recognise(key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert!(!format!("{error:?}").contains("jv_live"), "{error:?}");
        error.context()[0].1.clone()
    }
}

fn request(operations: &[&str]) -> CreateApiKey {
    CreateApiKey {
        name: "deploys".to_owned(),
        operations: operations.iter().map(|one| (*one).to_owned()).collect(),
        expires_at: None,
    }
}

#[tokio::test]
async fn a_key_is_recognised_with_what_it_was_granted() {
    let house = house().await;
    let made = house.make(&house.ann, &["vault.*", "knowledge.search"]).await;
    let bearer = house.keys.recognise(&made.key).await.unwrap();
    assert_eq!((Some(bearer.user), bearer.project), (house.ann.user, None));
    assert_eq!(bearer.operations, ["vault.*", "knowledge.search"]);
    let made = house.make(&house.site, &["*"]).await;
    let bearer = house.keys.recognise(&made.key).await.unwrap();
    assert_eq!((bearer.project, made.api_key.project), (house.site.project, house.site.project));
}

#[tokio::test]
async fn the_key_itself_is_kept_nowhere() {
    let house = house().await;
    let made = house.make(&house.ann, &["*"]).await;
    // Exposed to be looked for.
    let secret = made.key.expose().rsplit_once('_').unwrap().1.to_owned();
    let rows = house
        .database
        .query(&house.ann, "SELECT id, prefix, digest, name FROM javari_api_keys", values![])
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    for column in ["prefix", "digest", "name"] {
        assert!(!rows[0].get::<String>(column).unwrap().contains(&secret[..12]));
    }
    assert_eq!(rows[0].get::<String>("digest").unwrap().len(), 64);
    let entries = house.audit.list(&house.ann, &PageRequest::default()).await.unwrap();
    assert!(!serde_json::to_string(&entries).unwrap().contains(&secret));
    assert_eq!(entries.items[0].action, "api_keys.create");
    assert!(!format!("{made:?}").contains(&secret));
    assert!(serde_json::to_string(&made).unwrap().contains(&secret));
}

#[tokio::test]
async fn what_is_no_key_or_not_this_one_is_refused_in_the_same_words() {
    let house = house().await;
    let made = house.make(&house.ann, &["*"]).await;
    let other = house.make(&house.ann, &["*"]).await;
    let unknown = text::make(ApiKeyId(house.clock.new_id())).unwrap();
    // The id of one with a secret that is well formed and not its own.
    let forged = text::make(made.api_key.id).unwrap();
    let cut = &made.key.expose()[..40];
    for key in [unknown, forged, Secret::new(cut), Secret::new(""), Secret::new("jv_live_")] {
        assert_eq!(house.reason(&key).await, "api_key");
    }
    house.keys.recognise(&made.key).await.unwrap();
    house.keys.recognise(&other.key).await.unwrap();
    // The same row under another root key.
    let root = RootKey::from_bytes([8; 32]);
    let (database, clock) = (house.database.clone(), house.clock.clone());
    let stranger = ApiKeys::new(database, clock, house.audit.clone(), &root).unwrap();
    assert!(stranger.recognise(&made.key).await.is_err());
}

#[tokio::test]
async fn who_writes_to_the_database_cannot_widen_prolong_or_hand_over_a_key() {
    let house = house().await;
    let changes = [
        "UPDATE javari_api_keys SET operations = '[\"*\"]' WHERE id = $1",
        "UPDATE javari_api_keys SET expires_at = NULL WHERE id = $1",
        "UPDATE javari_api_keys SET project_id = NULL WHERE id = $1",
    ];
    for statement in changes {
        let expires_at = Some(house.clock.now().plus(Duration::from_secs(60)));
        let request = CreateApiKey { expires_at, ..request(&["vault.get"]) };
        let made = house.keys.create(&house.site, &request, KNOWN).await.unwrap();
        house.keys.recognise(&made.key).await.unwrap();
        house.change(statement, values![made.api_key.id]).await;
        assert_eq!(house.reason(&made.key).await, "api_key", "{statement}");
    }
    let made = house.make(&house.ann, &["*"]).await;
    let statement = "UPDATE javari_api_keys SET user_id = $2 WHERE id = $1";
    house.change(statement, values![made.api_key.id, house.bob.user]).await;
    assert_eq!(house.reason(&made.key).await, "api_key");
}

#[tokio::test]
async fn a_revoked_key_is_none_any_more_and_cannot_be_brought_back() {
    let house = house().await;
    let made = house.make(&house.ann, &["*"]).await;
    let id = made.api_key.id;
    let error = house.keys.revoke(&house.bob, id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    house.keys.recognise(&made.key).await.unwrap();
    let revoked = house.keys.revoke(&house.ann, id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(house.keys.revoke(&house.ann, id).await.unwrap(), revoked);
    assert_eq!(house.reason(&made.key).await, "api_key");
    let back = "UPDATE javari_api_keys SET revoked_at = NULL, digest = 'x' WHERE id = $1";
    house.change(back, values![id]).await;
    assert_eq!(house.reason(&made.key).await, "api_key");
    let entries = house.audit.list(&house.ann, &PageRequest::default()).await.unwrap();
    let revocations = entries.items.iter().filter(|entry| entry.action == "api_keys.revoke");
    assert_eq!(revocations.count(), 1);
    assert!(house.audit.verify(&house.ann).await.unwrap().verified);
}

#[tokio::test]
async fn a_key_works_until_its_expiry_and_never_after() {
    let house = house().await;
    let expires_at = house.clock.now().plus(Duration::from_secs(60));
    let request = CreateApiKey { expires_at: Some(expires_at), ..request(&["*"]) };
    let made = house.keys.create(&house.ann, &request, KNOWN).await.unwrap();
    house.clock.forward(Duration::from_secs(59));
    house.keys.recognise(&made.key).await.unwrap();
    house.clock.forward(Duration::from_secs(1));
    assert_eq!(house.reason(&made.key).await, "api_key_expired");
    let error = house.keys.create(&house.ann, &request, KNOWN).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/expires_at");
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_anothers_project_does_not_exist() {
    let house = house().await;
    for (request, path) in [
        (CreateApiKey { name: " ".into(), ..request(&["*"]) }, "/name"),
        (request(&["vualt.*"]), "/operations/0"),
        (request(&[]), "/operations"),
    ] {
        let error = house.keys.create(&house.ann, &request, KNOWN).await.unwrap_err();
        assert_eq!(error.fields()[0].path, path);
    }
    let planted = house.bob.with_project(house.site.project.unwrap());
    let error = house.keys.create(&planted, &request(&["*"]), KNOWN).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let part = house.site.with_subproject(crate::types::SubprojectId(house.clock.new_id()));
    assert!(house.keys.create(&part, &request(&["*"]), KNOWN).await.is_err());
    assert!(house.keys.create(&ScopeKey::HOST, &request(&["*"]), KNOWN).await.is_err());
}

#[tokio::test]
async fn keys_are_listed_to_their_owner_with_their_uses() {
    let house = house().await;
    let first = house.make(&house.ann, &["vault.get"]).await;
    let second = house.make(&house.site, &["*"]).await;
    for _ in 0..3 {
        house.keys.recognise(&first.key).await.unwrap();
    }
    let page = PageRequest { limit: 1, cursor: None };
    let listed = house.keys.list(&house.ann, &page).await.unwrap();
    assert_eq!((listed.items[0].id, listed.items[0].use_count), (first.api_key.id, 3));
    assert!(listed.items[0].last_used_at.is_some());
    let page = PageRequest { limit: 1, cursor: listed.next };
    let listed = house.keys.list(&house.ann, &page).await.unwrap();
    assert_eq!((listed.items, listed.next), (vec![second.api_key.clone()], None));
    let of_project = house.keys.list(&house.site, &PageRequest::default()).await.unwrap();
    assert_eq!(of_project.items, [second.api_key]);
    assert!(house.keys.list(&house.bob, &PageRequest::default()).await.unwrap().items.is_empty());
    let error = house.keys.revoke(&house.site, first.api_key.id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn uses_are_written_about_once_a_minute_and_not_by_each_call() {
    let house = house().await;
    let made = house.make(&house.ann, &["*"]).await;
    let written = || async {
        let counted = "SELECT use_count FROM javari_api_keys";
        let row = house.database.query_one(&house.ann, counted, values![]).await.unwrap().unwrap();
        row.get::<u64>("use_count").unwrap()
    };
    for _ in 0..10 {
        house.keys.recognise(&made.key).await.unwrap();
    }
    assert_eq!(written().await, 0);
    house.clock.forward(Duration::from_secs(60));
    house.keys.recognise(&made.key).await.unwrap();
    assert_eq!(written().await, 11);
}

#[tokio::test]
async fn keys_go_with_their_user_and_their_project() {
    let house = house().await;
    let hers = house.make(&house.ann, &["*"]).await;
    let of_site = house.make(&house.site, &["*"]).await;
    house.change("DELETE FROM projects WHERE id = $1", values![house.site.project]).await;
    assert_eq!(house.reason(&of_site.key).await, "api_key");
    house.keys.recognise(&hers.key).await.unwrap();
}
