//! Which user a subject is, and when it is none.

use super::*;
use crate::{
    accounts::{Accounts, EnsureUser},
    secret::RootKey,
    storage::{scratch, values},
    testkit::HandClock,
    types::{PageRequest, SystemClock},
};

struct House {
    database: Database,
    clock: Arc<HandClock>,
    audit: Audit,
    accounts: Accounts,
}

async fn house() -> House {
    let database = Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap();
    let clock = HandClock::new();
    let root = RootKey::from_bytes([7; 32]);
    let audit = Audit::new(database.clone(), clock.clone(), &root).unwrap();
    let accounts = Accounts::new(database.clone(), clock.clone(), audit.clone());
    House { database, clock, audit, accounts }
}

impl House {
    fn identities(&self, policy: Policy) -> Identities {
        Identities::new(self.database.clone(), self.clock.clone(), self.audit.clone(), policy)
    }

    async fn ensure(&self, email: &str) -> User {
        let request = EnsureUser { email: email.into(), name: None };
        self.accounts.ensure_user(&request).await.unwrap()
    }

    async fn count(&self, statement: &'static str) -> u64 {
        let row = self.database.query_one(&ScopeKey::HOST, statement, values![]).await.unwrap();
        row.unwrap().get("n").unwrap()
    }

    async fn users(&self) -> u64 {
        self.count("SELECT COUNT(*) AS n FROM users").await
    }
}

fn claims(subject: &str, email: Option<&str>, email_verified: bool) -> Claims {
    Claims {
        issuer: "https://issuer.example".to_owned(),
        subject: subject.to_owned(),
        expires_at: Timestamp::from_micros(0),
        issued_at: None,
        role: None,
        email: email.map(str::to_owned),
        email_verified,
        session: None,
    }
}

fn reason(error: &Error) -> &str {
    assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
    &error.context()[0].1
}

const MAKE: Policy = Policy { subject_is_user_id: false, make_users: true, join_by_email: false };
const JOIN: Policy = Policy { subject_is_user_id: false, make_users: false, join_by_email: true };
const SUPABASE: Policy =
    Policy { subject_is_user_id: true, make_users: false, join_by_email: false };

#[tokio::test]
async fn an_unknown_subject_is_nobody_unless_the_settings_say_otherwise() {
    let house = house().await;
    house.ensure("ann@x").await;
    let identities = house.identities(Policy::default());
    for subject in ["s1", "0199a000-0000-7000-8000-000000000001"] {
        let error = identities.user_of(&claims(subject, Some("ann@x"), true)).await.unwrap_err();
        assert_eq!(reason(&error), "unknown_subject");
    }
    assert_eq!(house.users().await, 1);
}

#[tokio::test]
async fn a_verified_address_makes_a_user_once_and_an_unverified_one_none() {
    let house = house().await;
    let identities = house.identities(MAKE);
    for (email, verified) in [(Some("ann@x"), false), (None, true), (Some("no address"), true)] {
        let error = identities.user_of(&claims("s1", email, verified)).await.unwrap_err();
        assert_eq!(reason(&error), "email_unverified", "{email:?}");
    }
    assert_eq!(house.users().await, 0);
    let made = identities.user_of(&claims("s1", Some("ann@x"), true)).await.unwrap();
    assert_eq!(made.email, "ann@x");
    // From then on the subject is that user, whatever its address is.
    for later in [claims("s1", None, false), claims("s1", Some("new@x"), true)] {
        assert_eq!(identities.user_of(&later).await.unwrap(), made);
    }
    assert_eq!(house.users().await, 1);
    let scope = ScopeKey::user(made.id);
    let entries = house.audit.list(&scope, &PageRequest::default()).await.unwrap();
    assert_eq!(entries.items[0].action, "users.authenticate");
    assert!(house.audit.verify(&scope).await.unwrap().verified);
}

#[tokio::test]
async fn an_existing_user_is_never_taken_over_by_an_address() {
    let house = house().await;
    let ann = house.ensure("Ann@x").await;
    let taken = house.identities(MAKE).user_of(&claims("s1", Some("ann@x"), true)).await;
    assert_eq!(reason(&taken.unwrap_err()), "email_taken");
    let join = house.identities(JOIN);
    let unverified = join.user_of(&claims("s1", Some("ann@x"), false)).await;
    assert_eq!(reason(&unverified.unwrap_err()), "email_unverified");
    let stranger = join.user_of(&claims("s1", Some("bob@x"), true)).await;
    assert_eq!(reason(&stranger.unwrap_err()), "unknown_subject");
    assert_eq!(join.user_of(&claims("s1", Some("ANN@x"), true)).await.unwrap(), ann);
    // The address changed hands: another subject of the issuer has it now.
    let second = join.user_of(&claims("s2", Some("ann@x"), true)).await;
    assert_eq!(reason(&second.unwrap_err()), "email_taken");
    assert_eq!(house.users().await, 1);
}

#[tokio::test]
async fn a_supabase_subject_is_the_user_of_that_id() {
    let house = house().await;
    let ann = house.ensure("ann@x").await;
    let identities = house.identities(SUPABASE);
    let subject = ann.id.to_string();
    assert_eq!(identities.user_of(&claims(&subject, None, false)).await.unwrap(), ann);
    assert_eq!(identities.user_of(&claims(&subject, Some("x@y"), true)).await.unwrap(), ann);
    for other in [subject.to_uppercase(), subject.replace('-', ""), format!("{{{subject}}}")] {
        let error = identities.user_of(&claims(&other, Some("ann@x"), true)).await.unwrap_err();
        assert_eq!(reason(&error), "unknown_subject", "{other}");
    }
    // A new one keeps its id, so that the seed's rows and rules fit it.
    let policy = Policy { make_users: true, ..SUPABASE };
    let subject = "3f333df6-90a4-4fda-8dd3-9485d27cee36";
    let made = house.identities(policy).user_of(&claims(subject, Some("bob@x"), true)).await;
    assert_eq!(made.unwrap().id.to_string(), subject);
}

#[tokio::test]
async fn a_subject_of_one_issuer_is_nobody_at_another() {
    let house = house().await;
    let identities = house.identities(MAKE);
    let ann = identities.user_of(&claims("s1", Some("ann@x"), true)).await.unwrap();
    let mut other = claims("s1", Some("bob@x"), true);
    other.issuer = "https://other.example".to_owned();
    assert_ne!(identities.user_of(&other).await.unwrap().id, ann.id);
    other.subject = "s9".to_owned();
    other.email = Some("ann@x".to_owned());
    assert_eq!(reason(&identities.user_of(&other).await.unwrap_err()), "email_taken");
}

#[tokio::test]
async fn all_who_bring_a_new_subject_at_once_are_one_user() {
    let house = house().await;
    let identities = house.identities(MAKE);
    let calls: Vec<_> = (0..12)
        .map(|_| {
            let identities = identities.clone();
            tokio::spawn(
                async move { identities.user_of(&claims("s1", Some("ann@x"), true)).await },
            )
        })
        .collect();
    let mut found = std::collections::BTreeSet::new();
    for call in calls {
        found.insert(call.await.unwrap().unwrap().id);
    }
    assert_eq!((found.len(), house.users().await), (1, 1));
    identities.user_of(&claims("s1", None, false)).await.unwrap();
    assert_eq!(house.count("SELECT COUNT(*) AS n FROM javari_identities").await, 1);
}

#[tokio::test]
async fn when_a_subject_was_seen_is_written_at_most_once_an_hour() {
    let house = house().await;
    let identities = house.identities(MAKE);
    let bearer = claims("s1", Some("ann@x"), true);
    identities.user_of(&bearer).await.unwrap();
    let seen = || async {
        let row = "SELECT last_seen_at FROM javari_identities";
        let row = house.database.query_one(&ScopeKey::HOST, row, values![]).await.unwrap();
        row.unwrap().get::<Timestamp>("last_seen_at").unwrap()
    };
    let first = seen().await;
    house.clock.forward(Duration::from_secs(3_500));
    identities.user_of(&bearer).await.unwrap();
    assert_eq!(seen().await, first);
    house.clock.forward(Duration::from_secs(100));
    identities.user_of(&bearer).await.unwrap();
    let second = seen().await;
    assert!(second > first);
    identities.user_of(&bearer).await.unwrap();
    assert_eq!(seen().await, second);
}
