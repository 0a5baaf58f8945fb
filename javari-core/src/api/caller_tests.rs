//! A request from its headers to its answer: who may call what.

use std::{sync::Arc, time::Duration};

use serde_json::{Value as Json, json};

use super::*;
use crate::{
    Javari, Scope,
    accounts::{CreateApiKey, NewApiKey, PutMember, RemoveMember, Role},
    client::Builder,
    config::{IdentitySettings, Settings},
    error::{Error, ErrorKind},
    storage::scratch,
    testkit::{HandClock, TokenIssuer},
    types::{ProjectId, ScopeKey},
};

const ISSUER: &str = "https://issuer.example";
/// What the hand's clock says at first, in seconds.
const NOW: i64 = 1_780_000_000;

struct House {
    javari: Javari,
    clock: Arc<HandClock>,
    issuer: TokenIssuer,
    ann: Scope,
}

async fn house() -> House {
    let issuer = TokenIssuer::new("ours");
    let clock = HandClock::still();
    let mut settings = Settings::for_database(scratch().await);
    settings.root_key = Some(crate::secret::Secret::new("07".repeat(32)));
    settings.identity = Some(IdentitySettings {
        issuer: ISSUER.to_owned(),
        audience: "authenticated".to_owned(),
        keys: Some(issuer.jwks()),
        cookie: Some("sb-abc-auth-token".to_owned()),
        make_users: true,
        join_by_email: true,
        ..IdentitySettings::default()
    });
    let javari = Builder::new(settings).with_clock(clock.clone()).open().await.unwrap();
    let ann = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
    House { javari, clock, issuer, ann }
}

impl House {
    fn token(&self, email: &str) -> String {
        self.issuer.token(&json!({
            "iss": ISSUER, "aud": "authenticated", "sub": email, "exp": NOW + 60,
            "email": email, "email_verified": true,
        }))
    }

    async fn caller(&self, token: &str) -> Result<Caller, Error> {
        let header = format!("Bearer {token}");
        self.javari.authenticate([("Authorization", header.as_bytes())]).await
    }

    async fn key(&self, scope: &Scope, operations: &[&str]) -> NewApiKey {
        let operations = operations.iter().map(|one| (*one).to_owned()).collect();
        let request = CreateApiKey { name: "k".into(), operations, expires_at: None };
        scope.api_keys().create(&request).await.unwrap()
    }

    async fn caller_of(&self, key: &NewApiKey) -> Caller {
        // Exposed to be sent, as its owner would.
        self.caller(key.key.expose()).await.unwrap()
    }

    async fn project(&self, scope: &Scope, name: &str) -> ProjectId {
        scope.ensure_project(name).await.unwrap().id
    }

    async fn ask(&self, request: Json) -> (u64, Json) {
        let answer = call(&self.javari, "api.respond", ScopeKey::HOST, request, vec![]).await;
        let answer = answer.unwrap();
        (answer["status"].as_u64().unwrap(), answer["body"].clone())
    }
}

async fn kind(caller: &Caller, name: &str, request: Json) -> Option<ErrorKind> {
    caller.call(name, request, vec![]).await.err().map(|error| error.kind())
}

#[tokio::test]
async fn a_token_calls_as_its_user_and_nothing_of_the_hosts() {
    let house = house().await;
    let caller = house.caller(&house.token("ann@x")).await.unwrap();
    assert_eq!(caller.scope(), house.ann.key());
    let user = caller.call("users.get", json!({}), vec![]).await.unwrap();
    assert_eq!(user["email"], "ann@x");
    let hosts: Vec<&Operation> =
        catalog().iter().filter(|operation| operation.access == Access::Host).collect();
    assert!(hosts.len() >= 5);
    for operation in hosts {
        assert_eq!(kind(&caller, operation.name, json!({})).await, Some(ErrorKind::Forbidden));
        assert!(caller.stream(operation.name, json!({}), vec![]).await.is_err());
        assert!(!caller.may_call(operation.name));
    }
    assert_eq!(kind(&caller, "vault.lick", json!({})).await, Some(ErrorKind::InvalidInput));
    // Another's token is another user.
    let bob = house.caller(&house.token("bob@x")).await.unwrap();
    assert_ne!(bob.scope(), caller.scope());
    caller.call("vault.put", json!({ "name": "A", "value": "x" }), vec![]).await.unwrap();
    assert_eq!(kind(&bob, "vault.get", json!({ "name": "A" })).await, Some(ErrorKind::NotFound));
}

#[tokio::test]
async fn who_is_nobody_is_told_why_and_a_caller_ends_with_the_token() {
    let house = house().await;
    let nobody: [(&str, &[u8]); 1] = [("accept", b"*/*")];
    let error = house.javari.authenticate(nobody).await.unwrap_err();
    assert_eq!((error.kind(), error.context()[0].1.as_str()), (ErrorKind::Unauthorized, "missing"));
    let caller = house.caller(&house.token("ann@x")).await.unwrap();
    // The token's minute and the leeway of half a minute.
    house.clock.forward(Duration::from_millis(89_999));
    assert_eq!(kind(&caller, "users.get", json!({})).await, None);
    house.clock.forward(Duration::from_millis(1));
    assert_eq!(kind(&caller, "users.get", json!({})).await, Some(ErrorKind::Unauthorized));
    let error = house.caller(&house.token("ann@x")).await.unwrap_err();
    assert_eq!(error.context()[0].1, "expired");
    // Without an issuer no token is accepted, and keys are.
    let javari = Builder::new(Settings::for_database(":memory:")).open().await.unwrap();
    let header = format!("Bearer {}", house.token("ann@x"));
    let error = javari.authenticate([("authorization", header.as_bytes())]).await.unwrap_err();
    assert_eq!(error.context()[0].1, "not_configured");
}

#[tokio::test]
async fn a_key_calls_what_it_was_granted_and_nothing_else() {
    let house = house().await;
    let key = house.key(&house.ann, &["vault.*", "knowledge.search"]).await;
    let caller = house.caller_of(&key).await;
    let permitted: Vec<&str> = catalog()
        .iter()
        .map(|operation| operation.name)
        .filter(|name| caller.may_call(name))
        .collect();
    assert!(permitted.contains(&"knowledge.search") && permitted.len() > 5);
    assert!(
        permitted.iter().all(|name| name.starts_with("vault.") || *name == "knowledge.search"),
        "{permitted:?}"
    );
    for operation in catalog() {
        // A request that fits no schema: whoever may not call is told so before.
        let request = json!({ "no such field": 1 });
        let error = match operation.streams() {
            true => caller.stream(operation.name, request, vec![]).await.err().unwrap(),
            false => caller.call(operation.name, request, vec![]).await.unwrap_err(),
        };
        let expected = match permitted.contains(&operation.name) {
            true => ErrorKind::InvalidInput,
            false => ErrorKind::Forbidden,
        };
        assert_eq!(error.kind(), expected, "{}", operation.name);
    }
}

#[tokio::test]
async fn no_key_makes_lists_or_ends_keys_and_a_pattern_must_fit_an_operation() {
    let house = house().await;
    let caller = house.caller_of(&house.key(&house.ann, &["*", "api_keys.*"]).await).await;
    for name in ["api_keys.create", "api_keys.list", "api_keys.revoke", "api_keys.authenticate"] {
        assert!(!caller.may_call(name), "{name}");
    }
    let request = json!({ "name": "k", "operations": ["vault.*", "system.version", "vualt.*"] });
    let error = call(&house.javari, "api_keys.create", *house.ann.key(), request, vec![]).await;
    let error = error.unwrap_err();
    let paths: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["/operations/1", "/operations/2"]);
}

#[tokio::test]
async fn a_key_of_a_project_stays_inside_it() {
    let house = house().await;
    let (site, shop) =
        (house.project(&house.ann, "site").await, house.project(&house.ann, "shop").await);
    let key = house.key(&house.ann.project(site), &["*"]).await;
    let caller = house.caller_of(&key).await;
    assert_eq!(caller.scope().project, Some(site));
    caller.call("vault.put", json!({ "name": "A", "value": "x" }), vec![]).await.unwrap();
    assert!(house.ann.project(site).vault().get("A").await.is_ok());
    assert!(house.ann.vault().get("A").await.is_err());
    for name in ["projects.ensure", "projects.list", "preferences.put", "audit.verify"] {
        assert_eq!(kind(&caller, name, json!({})).await, Some(ErrorKind::Forbidden), "{name}");
    }
    let error = caller.clone().within(shop, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let part = house.ann.project(site).ensure_subproject("web").await.unwrap().id;
    let inside = caller.within(site, Some(part)).await.unwrap();
    assert_eq!(inside.scope().subproject, Some(part));
}

#[tokio::test]
async fn a_caller_enters_own_projects_alone() {
    let house = house().await;
    let site = house.project(&house.ann, "site").await;
    let ann = house.caller(&house.token("ann@x")).await.unwrap();
    assert_eq!(ann.within(site, None).await.unwrap().scope().project, Some(site));
    let bob = house.caller(&house.token("bob@x")).await.unwrap();
    let error = bob.clone().within(site, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let own = house.project(&house.javari.scope_of(*bob.scope()), "own").await;
    let part = house.ann.project(site).ensure_subproject("web").await.unwrap().id;
    assert!(bob.within(own, Some(part)).await.is_err());
}

#[tokio::test]
async fn a_caller_enters_a_project_of_another_with_the_role_that_they_have_there() {
    let house = house().await;
    let site = house.ann.project(house.project(&house.ann, "site").await);
    let shop = house.project(&house.ann, "shop").await;
    let project = site.key().project.unwrap();
    let bob = house.caller(&house.token("bob@x")).await.unwrap();
    let user = bob.authentication().user.id;
    site.members().put(&PutMember::new(user, Role::Developer)).await.unwrap();
    let inside = bob.clone().within(project, None).await.unwrap();
    assert_eq!(inside.scope(), &site.key().acted_by(user));
    assert_eq!(kind(&inside, "vault.list", json!({})).await, None);
    let put = json!({ "name": "A", "value": "x" });
    assert_eq!(kind(&inside, "vault.put", put).await, Some(ErrorKind::Forbidden));
    assert!(bob.clone().within(shop, None).await.is_err());
    // A key of the own, for everything that bob may do, goes as far.
    let key = house.key(&house.javari.scope(user), &["*"]).await;
    let by_key = house.caller_of(&key).await.within(project, None).await.unwrap();
    assert_eq!(kind(&by_key, "vault.list", json!({})).await, None);
    site.members().remove(&RemoveMember { user }).await.unwrap();
    for caller in [inside, by_key] {
        assert_eq!(kind(&caller, "vault.list", json!({})).await, Some(ErrorKind::NotFound));
    }
}

#[tokio::test]
async fn a_key_that_a_member_made_has_the_members_role_and_ends_with_the_membership() {
    let house = house().await;
    let site = house.ann.project(house.project(&house.ann, "site").await);
    let user = house.javari.ensure_user("bob@x").await.unwrap().id;
    site.members().put(&PutMember::new(user, Role::Admin)).await.unwrap();
    let (bobs, _) = house.javari.scope_in(user, site.key().project.unwrap()).await.unwrap();
    let key = house.key(&bobs, &["*"]).await;
    let caller = house.caller_of(&key).await;
    assert_eq!(caller.scope(), bobs.key());
    assert_eq!(caller.authentication().user.email, "bob@x");
    let put = json!({ "name": "A", "value": "x" });
    assert_eq!(kind(&caller, "vault.put", put.clone()).await, None);
    for name in ["members.put", "members.remove", "members.leave", "api_keys.list", "users.get"] {
        let request = json!({ "user": user, "role": "admin" });
        assert_eq!(
            kind(&caller, name, request).await.unwrap(),
            match name {
                "users.get" => ErrorKind::InvalidInput,
                _ => ErrorKind::Forbidden,
            }
        );
    }
    assert_eq!(kind(&caller, "users.get", json!({})).await, Some(ErrorKind::Forbidden));
    site.members().put(&PutMember::new(user, Role::Viewer)).await.unwrap();
    assert_eq!(kind(&caller, "vault.put", put).await, Some(ErrorKind::Forbidden));
    site.members().remove(&RemoveMember { user }).await.unwrap();
    assert_eq!(kind(&caller, "vault.list", json!({})).await, Some(ErrorKind::NotFound));
    // Exposed to be sent, as its owner would.
    let error = house.caller(key.key.expose()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    // Who comes back does not find it again.
    site.members().put(&PutMember::new(user, Role::Admin)).await.unwrap();
    assert!(house.caller(key.key.expose()).await.is_err());
}

#[tokio::test]
async fn a_server_can_limit_what_its_clients_reach() {
    let house = house().await;
    let caller = house.caller(&house.token("ann@x")).await.unwrap();
    let limited = caller.limited_to(&["knowledge.*".to_owned()]).unwrap();
    assert!(limited.may_call("knowledge.search") && !limited.may_call("vault.list"));
    let again = limited.clone().limited_to(&["vault.*".to_owned()]).unwrap();
    assert!(!again.may_call("knowledge.search") && !again.may_call("vault.list"));
    assert!(limited.limited_to(&["vualt.*".to_owned()]).is_err());
}

#[tokio::test]
async fn a_stranger_reads_no_file_of_the_host() {
    let house = house().await;
    let caller = house.caller(&house.token("ann@x")).await.unwrap();
    let request = json!({ "file": "/etc/passwd" });
    let error = caller.stream("knowledge.ingest", request, vec![]).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let request = json!({ "text": { "path": "a.md", "text": "hello" } });
    let error = caller.stream("knowledge.ingest", request, vec![]).await.err();
    assert!(error.is_none_or(|error| error.kind() == ErrorKind::InvalidInput));
}

#[tokio::test]
async fn a_server_in_another_language_passes_headers_on_and_sends_what_it_is_told() {
    let house = house().await;
    let session = json!({ "access_token": house.token("ann@x"), "expires_at": NOW + 60 });
    let cookie = format!("theme=dark; sb-abc-auth-token={}", session.to_string().replace(' ', ""));
    let headers = json!([
        { "name": "Host", "value": "app.example.com" }, { "name": "Cookie", "value": cookie },
    ]);
    let asked = json!({ "headers": headers, "operation": "users.get" });
    let (status, body) = house.ask(asked.clone()).await;
    assert_eq!((status, &body["data"]["email"]), (200, &json!("ann@x")));
    let who = json!({ "headers": headers });
    let who = call(&house.javari, "users.authenticate", ScopeKey::HOST, who, vec![]).await.unwrap();
    assert_eq!((&who["carrier"], &who["operations"]), (&json!("cookie"), &json!(["*"])));
    assert_eq!(who["claims"]["subject"], "ann@x");
    assert_eq!(who["scope"], json!({ "user": house.ann.key().user }));
    for (change, status, code) in [
        (json!({ "headers": [] }), 401, "UNAUTHORIZED"),
        (json!({ "operation": "users.ensure", "request": { "email": "x@y" } }), 403, "FORBIDDEN"),
        (json!({ "operation": "vault.lick" }), 400, "INVALID_INPUT"),
        (json!({ "operation": "vault.get", "request": { "name": "A" } }), 404, "NOT_FOUND"),
        (json!({ "allow": ["vault.*"] }), 403, "FORBIDDEN"),
        (json!({ "allow": ["vualt.*"] }), 400, "INVALID_INPUT"),
        (json!({ "project": "0199a000-0000-7000-8000-000000000001" }), 404, "NOT_FOUND"),
        (json!({ "token": "x" }), 401, "UNAUTHORIZED"),
        (json!({ "headers": [], "token": "x" }), 401, "UNAUTHORIZED"),
    ] {
        let mut asked = asked.clone();
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (found, body) = house.ask(asked).await;
        assert_eq!((found, &body["error"]["code"]), (status, &json!(code)), "{change}");
    }
    let key = house.key(&house.ann, &["vault.*"]).await;
    // Exposed to be sent, as its owner would.
    let request = json!({ "key": key.key.expose() });
    let who = call(&house.javari, "api_keys.authenticate", ScopeKey::HOST, request, vec![]).await;
    let who = who.unwrap();
    assert_eq!(
        (&who["api_key"], &who["operations"]),
        (&json!(key.api_key.id), &json!(["vault.*"]))
    );
    let token = json!({ "key": house.token("ann@x") });
    let error = call(&house.javari, "api_keys.authenticate", ScopeKey::HOST, token, vec![]).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn events_come_through_the_same_door() {
    use futures::StreamExt;
    let house = house().await;
    let key = house.key(&house.ann, &["provider.chat"]).await;
    let request = |operation: &str, inner: Json| {
        // Exposed to be sent, as its owner would.
        json!({ "token": key.key.expose(), "operation": operation, "request": inner })
    };
    let hello = json!({ "messages": [{ "role": "user", "content": "Hello?" }] });
    let asked = request("provider.chat", hello);
    let events = stream(&house.javari, "api.events", ScopeKey::HOST, asked, vec![]).await.unwrap();
    let events: Vec<_> = events.collect().await;
    assert!(!events.is_empty() && events.iter().all(Result::is_ok));
    let asked = request("knowledge.answer", json!({ "question": "x" }));
    let error = stream(&house.javari, "api.events", ScopeKey::HOST, asked, vec![]).await.err();
    assert_eq!(error.unwrap().kind(), ErrorKind::Forbidden);
}
