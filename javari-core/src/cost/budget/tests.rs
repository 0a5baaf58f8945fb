//! What is reserved, spent and left, whatever the day.

use std::time::Duration;

use super::*;
use crate::{
    accounts::{Accounts, EnsureProject, EnsureUser},
    audit::Audit,
    cost::{CostEntry, Ledger},
    error::Retry,
    secret::RootKey,
    storage::{scratch, values},
    testkit::HandClock,
    types::{PageRequest, Usage},
};

struct House {
    clock: Arc<HandClock>,
    budgets: Budgets,
    ledger: Ledger,
    audit: Audit,
    ann: ScopeKey,
    site: ScopeKey,
    shop: ScopeKey,
    bob: ScopeKey,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn house() -> House {
    let clock = HandClock::new();
    let location = scratch().await.parse().unwrap();
    let database = Database::open(location, clock.as_ref()).await.unwrap();
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    let accounts = Accounts::new(database.clone(), clock.clone(), audit.clone());
    let user = |email: &str| EnsureUser { email: email.into(), name: None };
    let ann = ScopeKey::user(accounts.ensure_user(&user("ann@x")).await.unwrap().id);
    let bob = ScopeKey::user(accounts.ensure_user(&user("bob@x")).await.unwrap().id);
    let mut projects = Vec::new();
    for name in ["site", "shop"] {
        let project = EnsureProject { name: name.into(), description: None, repository_url: None };
        projects.push(ann.with_project(accounts.ensure_project(&ann, &project).await.unwrap().id));
    }
    House {
        budgets: Budgets::new(database.clone(), clock.clone(), audit.clone()),
        ledger: Ledger::new(database, clock.clone()),
        clock,
        audit,
        ann,
        site: projects[0],
        shop: projects[1],
        bob,
    }
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn entry(cost: Option<&str>) -> CostEntry {
    CostEntry {
        service: "openai".into(),
        feature: "provider.chat",
        model: "m".into(),
        usage: Usage::default(),
        cost: cost.map(usd),
    }
}

impl House {
    async fn set(&self, scope: &ScopeKey, period: BudgetPeriod, limit: &str) -> BudgetView {
        self.budgets.set(scope, &SetBudget::new(period, usd(limit))).await.unwrap()
    }

    async fn only(&self, scope: &ScopeKey) -> BudgetView {
        let mut list = self.budgets.list(scope).await.unwrap().budgets;
        assert_eq!(list.len(), 1);
        list.remove(0)
    }

    async fn reserve(&self, scope: &ScopeKey, most: &str) -> Result<Option<Reservation>> {
        self.ledger.reserve(scope, "provider.chat", Some(usd(most))).await
    }

    /// How much is spent, reserved and left.
    async fn stands(&self, scope: &ScopeKey) -> [String; 3] {
        let budget = self.only(scope).await;
        [budget.spent, budget.reserved, budget.left].map(|amount| amount.to_string())
    }
}

#[tokio::test]
async fn what_a_call_costs_takes_the_place_of_what_it_reserved() {
    let house = house().await;
    assert!(!house.ledger.is_limited(&house.ann).await.unwrap());
    assert!(house.reserve(&house.ann, "5").await.unwrap().is_none());
    house.set(&house.ann, BudgetPeriod::Month, "10").await;
    assert!(house.ledger.is_limited(&house.site).await.unwrap());
    assert!(!house.ledger.is_limited(&house.bob).await.unwrap());
    assert!(!house.ledger.is_limited(&ScopeKey::HOST).await.unwrap());

    let first = house.reserve(&house.ann, "4").await.unwrap();
    let second = house.reserve(&house.site, "6").await.unwrap();
    assert_eq!(house.stands(&house.ann).await, ["0", "10", "0"]);
    let error = house.reserve(&house.ann, "0.000000000001").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    // Those that run may cost less than they could.
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(2)));
    assert!(house.reserve(&house.ann, "0").await.unwrap().is_none());

    house.ledger.charge(house.ann, entry(Some("1.25")), first).await;
    assert_eq!(house.stands(&house.ann).await, ["1.25", "6", "2.75"]);
    drop(second);
    house.ledger.settled().await;
    assert_eq!(house.stands(&house.ann).await, ["1.25", "0", "8.75"]);
    let error = house.reserve(&house.ann, "8.750000000001").await.unwrap_err();
    assert_eq!(error.retry(), Retry::Never);
    assert!(error.message().contains("8.75 are left"), "{error}");
    // More than was thought: it was spent all the same.
    let third = house.reserve(&house.ann, "8.75").await.unwrap();
    house.ledger.charge(house.ann, entry(Some("20")), third).await;
    assert_eq!(house.stands(&house.ann).await, ["21.25", "0", "0"]);
    assert_eq!(house.ledger.report(&house.ann).await.unwrap().total, usd("21.25"));
}

#[tokio::test]
async fn a_call_in_a_project_fits_into_the_projects_budgets_and_the_users() {
    let house = house().await;
    house.set(&house.ann, BudgetPeriod::Total, "10").await;
    house.set(&house.site, BudgetPeriod::Day, "2").await;
    let error = house.reserve(&house.site, "3").await.unwrap_err();
    assert!(error.message().contains("the project may spend"), "{error}");
    let held = house.reserve(&house.site, "1.5").await.unwrap();
    assert_eq!(house.stands(&house.ann).await, ["0", "1.5", "8.5"]);
    assert_eq!(house.stands(&house.site).await, ["0", "1.5", "0.5"]);
    house.ledger.charge(house.site, entry(Some("1")), held).await;
    house.ledger.record(&house.shop, entry(Some("8.5"))).await.unwrap();
    assert_eq!(house.stands(&house.ann).await, ["9.5", "0", "0.5"]);
    assert_eq!(house.stands(&house.site).await, ["1", "0", "1"]);
    let error = house.reserve(&house.site, "0.75").await.unwrap_err();
    assert!(error.message().contains("the user may spend"), "{error}");
    // A member is not told what the owner may spend as a whole.
    let member = house.site.acted_by(house.bob.user.unwrap());
    let error = house.reserve(&member, "0.75").await.unwrap_err();
    assert!(!error.to_string().contains("0.5") && !error.to_string().contains("10"), "{error}");
    let error = house.reserve(&member, "1.5").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    assert_eq!(house.budgets.list(&house.shop).await.unwrap().budgets, []);
}

#[tokio::test]
async fn a_period_that_begins_has_spent_nothing() {
    let house = house().await;
    house.set(&house.ann, BudgetPeriod::Day, "1").await;
    house.ledger.record(&house.ann, entry(Some("1"))).await.unwrap();
    let today = house.only(&house.ann).await;
    assert_eq!(today.left, Usd::ZERO);
    assert_eq!(today.period_end, Some(today.period_start.plus(DAY)));
    assert!(house.reserve(&house.ann, "0.1").await.is_err());
    house.clock.forward(DAY);
    let tomorrow = house.only(&house.ann).await;
    assert_eq!(Some(tomorrow.period_start), today.period_end);
    assert_eq!((tomorrow.spent, tomorrow.left), (Usd::ZERO, usd("1")));
    let held = house.reserve(&house.ann, "0.75").await.unwrap();
    house.ledger.charge(house.ann, entry(Some("0.5")), held).await;
    house.ledger.record(&house.ann, entry(Some("0.25"))).await.unwrap();
    assert_eq!(house.stands(&house.ann).await, ["0.75", "0", "0.25"]);
}

#[tokio::test]
async fn what_was_spent_before_a_budget_was_set_counts_from_the_begin_of_its_period() {
    let house = house().await;
    house.ledger.record(&house.site, entry(Some("3"))).await.unwrap();
    house.clock.forward(DAY * 40);
    house.ledger.record(&house.shop, entry(Some("0.5"))).await.unwrap();
    house.ledger.record(&house.ann, entry(None)).await.unwrap();
    for (scope, period, spent) in [
        (&house.ann, BudgetPeriod::Month, "0.5"),
        (&house.ann, BudgetPeriod::Total, "3.5"),
        (&house.site, BudgetPeriod::Total, "3"),
        (&house.site, BudgetPeriod::Week, "0"),
    ] {
        assert_eq!(house.set(scope, period, "10").await.spent, usd(spent), "{period}");
    }
    // Another limit leaves what was spent, and the shortest period is told first.
    let raised = house.set(&house.ann, BudgetPeriod::Month, "20").await;
    assert_eq!((raised.limit, raised.spent, raised.left), (usd("20"), usd("0.5"), usd("19.5")));
    let periods: Vec<_> = house.budgets.list(&house.ann).await.unwrap().budgets;
    assert_eq!(
        periods.iter().map(|one| one.period).collect::<Vec<_>>(),
        [BudgetPeriod::Month, BudgetPeriod::Total]
    );
}

#[tokio::test]
async fn a_model_without_a_price_is_asked_only_where_the_budget_allows_that() {
    let house = house().await;
    house.set(&house.ann, BudgetPeriod::Month, "10").await;
    let unknown = async |scope: ScopeKey| house.ledger.reserve(&scope, "provider.chat", None).await;
    let error = unknown(house.site).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    assert!(error.message().contains("models_file"), "{error}");
    let allowing =
        SetBudget { allow_unpriced: true, ..SetBudget::new(BudgetPeriod::Month, usd("10")) };
    house.budgets.set(&house.ann, &allowing).await.unwrap();
    assert!(unknown(house.site).await.unwrap().is_none());
    house.set(&house.site, BudgetPeriod::Day, "10").await;
    assert!(unknown(house.site).await.is_err());
    assert!(unknown(house.shop).await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_lost_process_reserved_counts_for_an_hour_and_its_late_bill_still() {
    let house = house().await;
    house.set(&house.ann, BudgetPeriod::Total, "1").await;
    let lost = house.reserve(&house.ann, "1").await.unwrap().unwrap();
    house.clock.forward(Duration::from_secs(59 * 60));
    assert!(house.reserve(&house.ann, "1").await.is_err());
    house.clock.forward(Duration::from_secs(60));
    assert_eq!(house.stands(&house.ann).await, ["0", "0", "1"]);
    let other = house.reserve(&house.ann, "1").await.unwrap();
    house.ledger.charge(house.ann, entry(Some("0.25")), Some(lost)).await;
    assert_eq!(house.stands(&house.ann).await, ["0.25", "1", "0"]);
    drop(other);
    house.ledger.settled().await;
    let rows = "SELECT id FROM javari_budget_reservations";
    let database = &house.budgets.database;
    assert!(database.query(&ScopeKey::HOST, rows, values![]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_deleted_budget_limits_nothing_and_what_ran_under_it_settles() {
    let house = house().await;
    let month = BudgetName { period: BudgetPeriod::Month };
    let error = house.budgets.delete(&house.ann, month).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    house.set(&house.ann, BudgetPeriod::Month, "1").await;
    let held = house.reserve(&house.ann, "1").await.unwrap();
    house.budgets.delete(&house.ann, month).await.unwrap();
    house.ledger.charge(house.ann, entry(Some("0.5")), held).await;
    assert!(!house.ledger.is_limited(&house.ann).await.unwrap());
    assert_eq!(house.set(&house.ann, BudgetPeriod::Month, "1").await.spent, usd("0.5"));
    let trail = house.audit.list(&house.ann, &PageRequest::default()).await.unwrap();
    let actions: Vec<_> = trail.items.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions[..3], ["budgets.set", "budgets.delete", "budgets.set"]);
}

#[tokio::test]
async fn a_limit_that_is_none_and_a_level_that_has_none_are_refused() {
    let house = house().await;
    for limit in ["-0.000000000001", "1000000.000000000001"] {
        let request = SetBudget::new(BudgetPeriod::Day, usd(limit));
        let error = house.budgets.set(&house.ann, &request).await.unwrap_err();
        assert_eq!(error.fields()[0].path, "/limit");
    }
    let request = SetBudget::new(BudgetPeriod::Day, Usd::ZERO);
    assert!(house.budgets.set(&ScopeKey::HOST, &request).await.is_err());
    let crossed = ScopeKey { user: house.bob.user, ..house.site };
    let error = house.budgets.set(&crossed, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(house.budgets.list(&ScopeKey::HOST).await.is_err());
    // A limit of nothing refuses all that costs something.
    house.set(&house.ann, BudgetPeriod::Day, "0").await;
    assert!(house.reserve(&house.ann, "0.000000000001").await.is_err());
}
