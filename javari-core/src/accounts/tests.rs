//! Who owns what, told as rules.

use super::*;
use crate::{
    secret::RootKey,
    storage::scratch,
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
