//! Who owns what, told as rules.

use std::time::Duration;

use super::*;
use crate::{
    secret::RootKey,
    storage::scratch,
    testkit::HandClock,
    types::{Autonomy, SystemClock},
};

async fn accounts() -> Accounts {
    let database = Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap();
    let clock = Arc::new(SystemClock);
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    Accounts::new(database, clock, audit)
}

async fn user(accounts: &Accounts, email: &str) -> ScopeKey {
    let request = EnsureUser { email: email.into(), name: None };
    ScopeKey::user(accounts.ensure_user(&request).await.unwrap().id)
}

fn named(name: &str) -> EnsureProject {
    EnsureProject { name: name.into(), description: None, repository_url: None }
}

#[tokio::test]
async fn addresses_that_differ_in_case_are_one_user() {
    let accounts = accounts().await;
    assert_eq!(user(&accounts, "Ann@Example.com").await, user(&accounts, "ann@example.COM").await);
}

#[tokio::test]
async fn what_is_no_address_is_refused_with_its_field() {
    let accounts = accounts().await;
    for email in ["", "ann", "@host", "ann@", "a b@c", &"a".repeat(300)] {
        let request = EnsureUser { email: email.into(), name: None };
        let error = accounts.ensure_user(&request).await.unwrap_err();
        assert_eq!(error.fields()[0].path, "/email");
    }
}

#[tokio::test]
async fn projects_are_made_once_and_listed_to_their_owner_alone() {
    let accounts = accounts().await;
    let (ann, bob) = (user(&accounts, "ann@x").await, user(&accounts, "bob@x").await);
    let first = accounts.ensure_project(&ann, &named("site")).await.unwrap();
    let again = accounts.ensure_project(&ann, &named("site")).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(accounts.projects(&ann, &PageRequest::default()).await.unwrap().items, [first]);
    assert!(accounts.projects(&bob, &PageRequest::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_scope_that_names_anothers_project_does_not_exist() {
    let accounts = accounts().await;
    let (ann, bob) = (user(&accounts, "ann@x").await, user(&accounts, "bob@x").await);
    let project = accounts.ensure_project(&ann, &named("site")).await.unwrap().id;
    assert!(accounts.check(&ann.with_project(project)).await.is_ok());
    let error = accounts.check(&bob.with_project(project)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = accounts.ensure_subproject(&bob.with_project(project), &named("web")).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
    let part = accounts.ensure_subproject(&ann.with_project(project), &named("web")).await.unwrap();
    assert!(accounts.check(&ann.with_project(project).with_subproject(part.id)).await.is_ok());
    let other = accounts.ensure_project(&ann, &named("shop")).await.unwrap().id;
    assert!(accounts.check(&ann.with_project(other).with_subproject(part.id)).await.is_err());
}

#[tokio::test]
async fn preferences_have_the_seeds_defaults_and_bounds() {
    let accounts = accounts().await;
    let ann = user(&accounts, "ann@x").await;
    let mut preferences = accounts.preferences(&ann).await.unwrap();
    assert_eq!(preferences.autonomy_level, Autonomy::ApproveCritical);
    preferences.autonomy_level = Autonomy::Manual;
    accounts.put_preferences(&ann, &preferences).await.unwrap();
    assert_eq!(accounts.preferences(&ann).await.unwrap(), preferences);
    preferences.temperature = 2.5;
    preferences.max_tokens = 0;
    let error = accounts.put_preferences(&ann, &preferences).await.unwrap_err();
    assert_eq!(error.fields().len(), 2);
}

#[tokio::test]
async fn a_deleted_projects_scope_is_refused_at_once_here_and_five_seconds_later_elsewhere() {
    let clock = HandClock::still();
    let location = scratch().await.parse().unwrap();
    let database = Database::open(location, clock.as_ref()).await.unwrap();
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    let here = Accounts::new(database.clone(), clock.clone(), audit.clone());
    let elsewhere = Accounts::new(database, clock.clone(), audit);
    let ann = user(&here, "ann@x").await;
    let site = ann.with_project(here.ensure_project(&ann, &named("site")).await.unwrap().id);
    let web = here.ensure_subproject(&site, &named("web")).await.unwrap().id;
    let web = site.with_subproject(web);
    for accounts in [&here, &elsewhere] {
        assert!(accounts.check(&site).await.is_ok() && accounts.check(&web).await.is_ok());
    }
    let request = DeleteProject { name: "site".into() };
    here.delete_project(&site, &request).await.unwrap();
    for scope in [site, web] {
        assert_eq!(here.check(&scope).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    clock.forward(REMEMBERED_FOR - Duration::from_millis(1));
    assert!(elsewhere.check(&web).await.is_ok());
    let error = elsewhere.delete_project(&site, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    clock.forward(Duration::from_millis(1));
    for scope in [site, web] {
        assert_eq!(elsewhere.check(&scope).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert!(here.check(&ann).await.is_ok());
}

#[tokio::test]
async fn what_a_change_leaves_out_stays_and_one_that_changes_nothing_is_not_entered() {
    let accounts = accounts().await;
    let ann = user(&accounts, "ann@x").await;
    let request = EnsureProject { description: Some("Hers".into()), ..named("site") };
    let made = accounts.ensure_project(&ann, &request).await.unwrap();
    let site = ann.with_project(made.id);
    accounts.ensure_project(&ann, &named("shop")).await.unwrap();
    let rename = UpdateProject { name: Some(" page ".into()), ..UpdateProject::default() };
    let renamed = accounts.update_project(&site, &rename).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.description.as_deref()), ("page", Some("Hers")));
    assert!(renamed.updated_at >= made.updated_at);
    assert_eq!(accounts.project(&site).await.unwrap(), renamed);
    let entries = accounts.audit.list(&ann, &PageRequest::default()).await.unwrap().items.len();
    for nothing in [rename, UpdateProject::default()] {
        assert_eq!(accounts.update_project(&site, &nothing).await.unwrap(), renamed);
    }
    let taken = UpdateProject { name: Some("shop".into()), ..UpdateProject::default() };
    let error = accounts.update_project(&site, &taken).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let after = accounts.audit.list(&ann, &PageRequest::default()).await.unwrap().items;
    assert_eq!(after.len(), entries, "{after:?}");
    assert_eq!(accounts.project(&site).await.unwrap(), renamed);
}

#[tokio::test]
async fn what_does_not_fit_a_project_a_part_or_a_user_is_refused_with_its_field() {
    let accounts = accounts().await;
    let ann = user(&accounts, "ann@x").await;
    let site = ann.with_project(accounts.ensure_project(&ann, &named("site")).await.unwrap().id);
    let part = accounts.ensure_subproject(&site, &named("web")).await.unwrap().id;
    let long = |count: usize| Some("x".repeat(count));
    let nothing = UpdateProject::default;
    let much = serde_json::Map::from_iter([("a".to_owned(), long(70_000).into())]);
    for (request, path) in [
        (UpdateProject { name: long(201), ..nothing() }, "/name"),
        (UpdateProject { name: Some("\0".into()), ..nothing() }, "/name"),
        (UpdateProject { description: long(10_001), ..nothing() }, "/description"),
        (UpdateProject { repository_url: Some("a\0b".into()), ..nothing() }, "/repository_url"),
        (UpdateProject { metadata: Some(much.clone()), ..nothing() }, "/metadata"),
    ] {
        let error = accounts.update_project(&site, &request).await.unwrap_err();
        assert_eq!(error.fields()[0].path, path, "{error}");
    }
    let request = UpdateSubproject { metadata: Some(much), ..UpdateSubproject::default() };
    let error = accounts.update_subproject(&site.with_subproject(part), &request).await;
    assert_eq!(error.unwrap_err().fields()[0].path, "/metadata");
    for address in ["javascript:alert(1)", "ann.png", "https://", "data:text/html,x"] {
        let request = UpdateUser { avatar_url: Some(address.into()), ..UpdateUser::default() };
        let error = accounts.update_user(&ann, &request).await.unwrap_err();
        assert_eq!(error.fields()[0].path, "/avatar_url", "{address}");
    }
    let request = UpdateUser { name: long(201), ..UpdateUser::default() };
    let error = accounts.update_user(&ann, &request).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/name");
}

#[tokio::test]
async fn users_and_subprojects_are_listed_in_bounded_pages() {
    let accounts = accounts().await;
    let mut users = Vec::new();
    for email in ["ann@x", "bob@x", "eve@x"] {
        users.push(user(&accounts, email).await);
    }
    let site =
        users[0].with_project(accounts.ensure_project(&users[0], &named("site")).await.unwrap().id);
    for name in ["web", "api", "docs"] {
        accounts.ensure_subproject(&site, &named(name)).await.unwrap();
    }
    let first = PageRequest { limit: 2, cursor: None };
    let page = accounts.users(&first).await.unwrap();
    assert_eq!(page.items.len(), 2);
    let next = PageRequest { limit: 2, cursor: page.next };
    let last = accounts.users(&next).await.unwrap();
    assert_eq!((last.items.len(), last.next), (1, None));
    let parts = accounts.subprojects(&site, &first).await.unwrap();
    let names: Vec<_> = parts.items.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["web", "api"]);
    let next = PageRequest { limit: 2, cursor: parts.next };
    assert_eq!(accounts.subprojects(&site, &next).await.unwrap().items[0].name, "docs");
    let wrong = PageRequest { limit: 2, cursor: Some("x".into()) };
    for error in [
        accounts.users(&wrong).await.unwrap_err(),
        accounts.subprojects(&site, &wrong).await.unwrap_err(),
    ] {
        assert_eq!(error.fields()[0].path, "/cursor");
    }
    assert_eq!(accounts.project(&site).await.unwrap().subprojects, 3);
}
