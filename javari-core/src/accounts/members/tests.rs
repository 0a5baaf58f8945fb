//! Who may act in a project, told as rules.

use std::time::Duration;

use super::*;
use crate::{
    accounts::{Accounts, EnsureProject, EnsureUser, REMEMBERED_FOR},
    secret::RootKey,
    storage::scratch,
    testkit::HandClock,
};

struct World {
    accounts: Accounts,
    database: Database,
    clock: Arc<HandClock>,
    audit: Audit,
    /// Ann's project.
    site: ScopeKey,
    bob: UserId,
    eve: UserId,
}

async fn user(accounts: &Accounts, email: &str) -> UserId {
    let request = EnsureUser { email: email.into(), name: None };
    accounts.ensure_user(&request).await.unwrap().id
}

async fn project(accounts: &Accounts, owner: ScopeKey, name: &str) -> ScopeKey {
    let request = EnsureProject { name: name.into(), description: None, repository_url: None };
    owner.with_project(accounts.ensure_project(&owner, &request).await.unwrap().id)
}

impl World {
    async fn new() -> Self {
        let clock = HandClock::still();
        let location = scratch().await.parse().unwrap();
        let database = Database::open(location, clock.as_ref()).await.unwrap();
        let audit =
            Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
        let accounts = Accounts::new(database.clone(), clock.clone(), audit.clone());
        let ann = ScopeKey::user(user(&accounts, "ann@x").await);
        let site = project(&accounts, ann, "site").await;
        let (bob, eve) = (user(&accounts, "bob@x").await, user(&accounts, "eve@x").await);
        Self { accounts, database, clock, audit, site, bob, eve }
    }

    fn members(&self) -> &Members {
        self.accounts.members()
    }

    async fn put(&self, scope: ScopeKey, member: UserId, role: Role) -> Result<MemberView> {
        self.members().put(&scope, &PutMember::new(member, role)).await
    }

    async fn remove(&self, scope: ScopeKey, user: UserId) -> Result<()> {
        self.members().remove(&scope, &RemoveMember { user }).await
    }

    /// The members as another process has them: it remembers for itself.
    fn elsewhere(&self) -> Members {
        let parts =
            (self.database.clone(), self.clock.clone() as Arc<dyn Clock>, self.audit.clone());
        Members::new(parts, Arc::default())
    }
}

#[tokio::test]
async fn a_member_has_the_role_that_was_given_last_in_that_project_alone() {
    let world = World::new().await;
    let bobs = world.site.acted_by(world.bob);
    let view = world.put(world.site, world.bob, Role::Viewer).await.unwrap();
    assert_eq!((view.user, view.email.as_str(), view.role), (world.bob, "bob@x", Role::Viewer));
    assert_eq!(world.accounts.check(&bobs).await.unwrap(), Role::Viewer);
    world.put(world.site, world.bob, Role::Admin).await.unwrap();
    assert_eq!(world.accounts.check(&bobs).await.unwrap(), Role::Admin);
    assert_eq!(world.accounts.check(&world.site).await.unwrap(), Role::Owner);
    let own = ScopeKey { project: None, ..world.site };
    let shop = project(&world.accounts, own, "shop").await;
    let error = world.accounts.check(&shop.acted_by(world.bob)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = world.accounts.check(&own.acted_by(world.bob)).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/scope/member");
}

#[tokio::test]
async fn who_is_no_member_is_told_what_one_is_told_of_a_project_that_is_not_there() {
    let world = World::new().await;
    let nowhere = ScopeKey { project: Some(ProjectId(uuid::Uuid::from_u128(7))), ..world.site };
    let mut told = Vec::new();
    for scope in [world.site.acted_by(world.eve), nowhere.acted_by(world.eve), nowhere] {
        let error = world.accounts.check(&scope).await.unwrap_err();
        told.push((error.kind(), error.to_string()));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    let error = world.members().scope_in(world.eve, world.site.project.unwrap(), None).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_member_is_named_by_id_or_by_address_and_is_never_the_owner() {
    let world = World::new().await;
    let owner = world.site.user.unwrap();
    let ask =
        |user, email: Option<&str>, role| PutMember { user, email: email.map(Into::into), role };
    for (request, kind) in [
        (ask(None, None, Role::Viewer), ErrorKind::InvalidInput),
        (ask(Some(world.bob), Some("bob@x"), Role::Viewer), ErrorKind::InvalidInput),
        (ask(Some(world.bob), None, Role::Owner), ErrorKind::InvalidInput),
        (ask(Some(owner), None, Role::Viewer), ErrorKind::InvalidInput),
        (ask(None, Some("ann@x"), Role::Viewer), ErrorKind::InvalidInput),
        (ask(None, Some("nobody@x"), Role::Viewer), ErrorKind::NotFound),
        (ask(Some(UserId(uuid::Uuid::from_u128(7))), None, Role::Viewer), ErrorKind::NotFound),
    ] {
        let error = world.members().put(&world.site, &request).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{request:?}: {error}");
    }
    let by_address = ask(None, Some(" BOB@X "), Role::Developer);
    assert_eq!(world.members().put(&world.site, &by_address).await.unwrap().user, world.bob);
    let error = world.members().leave(&world.site).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/scope/member");
}

#[tokio::test]
async fn lists_are_bounded_pages_of_the_project_and_of_the_user_who_asks() {
    let world = World::new().await;
    let own = ScopeKey { project: None, ..world.site };
    let shop = project(&world.accounts, own, "shop").await;
    for scope in [world.site, shop] {
        world.put(scope, world.bob, Role::Viewer).await.unwrap();
    }
    world.put(world.site, world.eve, Role::Admin).await.unwrap();
    let first = PageRequest { limit: 1, cursor: None };
    let page = world.members().list(&world.site, &first).await.unwrap();
    assert_eq!((page.items.len(), page.items[0].user), (1, world.bob));
    let next = PageRequest { limit: 1, cursor: page.next };
    let page = world.members().list(&world.site, &next).await.unwrap();
    assert_eq!((page.items[0].user, page.next), (world.eve, None));
    let mine = world.members().projects(&ScopeKey::user(world.bob), &first).await.unwrap();
    assert_eq!((mine.items.len(), mine.items[0].name.as_str()), (1, "site"));
    assert_eq!(mine.items[0].scope, world.site.acted_by(world.bob));
    assert_eq!(mine.next, Some(world.site.project.unwrap().to_string()));
    assert!(world.members().projects(&own, &first).await.unwrap().items.is_empty());
    let wrong = PageRequest { limit: 1, cursor: Some("x".into()) };
    let error = world.members().list(&world.site, &wrong).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/cursor");
}

#[tokio::test]
async fn a_removed_member_is_refused_at_once_here_and_five_seconds_later_elsewhere() {
    let world = World::new().await;
    let bobs = world.site.acted_by(world.bob);
    let elsewhere = world.elsewhere();
    world.put(world.site, world.bob, Role::Developer).await.unwrap();
    for members in [world.members(), &elsewhere] {
        assert_eq!(members.role(&bobs).await.unwrap(), Role::Developer);
    }
    world.remove(world.site, world.bob).await.unwrap();
    assert_eq!(world.members().role(&bobs).await.unwrap_err().kind(), ErrorKind::NotFound);
    world.clock.forward(REMEMBERED_FOR - Duration::from_millis(1));
    assert_eq!(elsewhere.role(&bobs).await.unwrap(), Role::Developer);
    world.clock.forward(Duration::from_millis(1));
    assert_eq!(elsewhere.role(&bobs).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(world.remove(world.site, world.bob).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_admin_who_was_removed_lets_nobody_in_or_out_though_still_remembered_elsewhere() {
    let world = World::new().await;
    let bobs = world.site.acted_by(world.bob);
    let elsewhere = world.elsewhere();
    world.put(world.site, world.bob, Role::Admin).await.unwrap();
    elsewhere.role(&bobs).await.unwrap();
    world.put(world.site, world.bob, Role::Developer).await.unwrap();
    assert_eq!(elsewhere.role(&bobs).await.unwrap(), Role::Admin);
    let request = PutMember::new(world.eve, Role::Viewer);
    let error = elsewhere.put(&bobs, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    world.remove(world.site, world.bob).await.unwrap();
    for member in [world.bob, world.eve] {
        let request = PutMember::new(member, Role::Admin);
        let error = elsewhere.put(&bobs, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let error = elsewhere.remove(&bobs, &RemoveMember { user: world.eve }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let page = world.members().list(&world.site, &PageRequest::default()).await.unwrap();
    assert_eq!(page.items, []);
}

#[tokio::test]
async fn the_owners_trail_says_which_member_acted() {
    let world = World::new().await;
    let bobs = world.site.acted_by(world.bob);
    world.put(world.site, world.bob, Role::Admin).await.unwrap();
    world.put(bobs, world.eve, Role::Viewer).await.unwrap();
    // The same role again is no change.
    world.put(bobs, world.eve, Role::Viewer).await.unwrap();
    world.members().leave(&world.site.acted_by(world.eve)).await.unwrap();
    world.members().leave(&bobs).await.unwrap();
    let entries = world.audit.list(&world.site, &PageRequest::default()).await.unwrap().items;
    let told: Vec<_> = entries.iter().map(|it| (it.action.as_str(), it.user)).collect();
    let owner = world.site.user;
    assert_eq!(
        told[..4],
        [
            ("members.leave", Some(world.bob)),
            ("members.leave", Some(world.eve)),
            ("members.put", Some(world.bob)),
            ("members.put", owner),
        ]
    );
    assert!(!format!("{entries:?}").contains("@x"), "an address is in the trail");
    let own = ScopeKey { project: None, ..world.site };
    assert!(world.audit.verify(&own).await.unwrap().verified);
}
