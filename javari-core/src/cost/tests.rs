//! What is recorded is what is reported, to the pico-dollar.

use super::*;
use crate::{
    accounts::{Accounts, EnsureProject, EnsureUser},
    audit::Audit,
    error::ErrorKind,
    secret::RootKey,
    storage::{scratch, values},
    types::{ModelUsage, SystemClock},
};

async fn ledger() -> (Ledger, ScopeKey, ScopeKey, ScopeKey) {
    let database = Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap();
    let clock = Arc::new(SystemClock);
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    let accounts = Accounts::new(database.clone(), clock.clone(), audit);
    let user = |email: &str| EnsureUser { email: email.into(), name: None };
    let ann = ScopeKey::user(accounts.ensure_user(&user("ann@x")).await.unwrap().id);
    let bob = ScopeKey::user(accounts.ensure_user(&user("bob@x")).await.unwrap().id);
    let site = EnsureProject { name: "site".into(), description: None, repository_url: None };
    let project = ann.with_project(accounts.ensure_project(&ann, &site).await.unwrap().id);
    (Ledger::new(database, clock), ann, project, bob)
}

fn entry(service: &str, model: &str, cost: Option<&str>) -> CostEntry {
    CostEntry {
        service: service.into(),
        feature: "knowledge.answer",
        model: model.into(),
        usage: Usage { input: 10, output: 2, ..Usage::default() },
        cost: cost.map(|cost| cost.parse().unwrap()),
    }
}

#[tokio::test]
async fn the_report_sums_exactly_by_service_and_model_and_counts_what_has_no_price() {
    let (ledger, ann, project, bob) = ledger().await;
    ledger.record(&ann, entry("openai", "a", Some("0.000000000001"))).await.unwrap();
    ledger.record(&project, entry("openai", "b", Some("900000"))).await.unwrap();
    ledger.record(&project, entry("openai", "b", Some("900000.5"))).await.unwrap();
    ledger.record(&project, entry("else", "c", None)).await.unwrap();
    let report = ledger.report(&ann).await.unwrap();
    assert_eq!(report.total.to_string(), "1800000.500000000001");
    assert_eq!((report.calls, report.unpriced_calls), (4, 1));
    let names: Vec<&str> = report.by_model.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["b", "a", "c"]);
    assert_eq!(report.by_service[0].calls, 3);
    assert_eq!(report.by_service[0].input_tokens, 30);
    let report = ledger.report(&project).await.unwrap();
    assert_eq!((report.total.to_string().as_str(), report.calls), ("1800000.5", 3));
    assert_eq!(ledger.report(&bob).await.unwrap(), CostReport::default());
}

#[tokio::test]
async fn nothing_is_recorded_on_anothers_project_or_for_nobody() {
    let (ledger, _, project, bob) = ledger().await;
    let crossed = ScopeKey { user: bob.user, ..project };
    let error = ledger.record(&crossed, entry("openai", "a", None)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(ledger.record(&ScopeKey::HOST, entry("openai", "a", None)).await.is_err());
}

const UNPRICED: &str = "a model nobody knows";

fn meter(ledger: &Ledger, scope: ScopeKey, read: usize) -> Meter {
    let prices = Prices::builtin();
    Meter::new(Some(ledger.clone()), prices, scope, "provider.chat", "openai", read)
}

#[tokio::test]
async fn a_call_that_is_left_is_charged_by_an_estimate_that_says_so() {
    let (ledger, ann, _, _) = ledger().await;
    let mut left = meter(&ledger, ann, 4_001);
    left.began("openai", "gpt-4o-mini");
    left.received(10);
    left.received(3);
    drop(left);
    ledger.settled().await;
    let report = ledger.report(&ann).await.unwrap();
    let line = &report.by_model[0];
    assert_eq!((line.name.as_str(), report.calls, report.unpriced_calls), ("gpt-4o-mini", 1, 0));
    assert_eq!((line.input_tokens, line.output_tokens), (1_001, 4));
    assert_eq!(report.by_service[0].name, "openai");
    let usage = Usage { input: 1_001, output: 4, ..Usage::default() };
    assert_eq!(report.total, Prices::builtin().cost_at("openai", "gpt-4o-mini", &usage).unwrap());
    let estimated = "SELECT estimated FROM javari_cost_tracking";
    let row = ledger.database.query_one(&ann, estimated, values![]).await.unwrap().unwrap();
    assert!(row.get::<bool>("estimated").unwrap());
}

#[tokio::test]
async fn a_call_is_charged_once_and_one_that_brought_nothing_not_at_all() {
    let (ledger, ann, _, _) = ledger().await;
    drop(meter(&ledger, ann, 400));
    ledger.settled().await;
    assert_eq!(ledger.report(&ann).await.unwrap().calls, 0);

    let mut finished = meter(&ledger, ann, 400);
    finished.began("openai", UNPRICED);
    finished.received(4);
    let usage = Usage { input: 7, output: 3, ..Usage::default() };
    let told = Some("0.5".parse().unwrap());
    assert_eq!(finished.finish("", usage, &[], told).await, told);
    drop(finished);
    ledger.settled().await;
    let report = ledger.report(&ann).await.unwrap();
    assert_eq!((report.calls, report.total.to_string()), (1, "0.5".to_owned()));
    assert_eq!(report.by_model[0].input_tokens, 7);

    // The caller leaves while the end is being written down.
    let mut left = meter(&ledger, ann, 400);
    left.began("openai", UNPRICED);
    {
        let finish = left.finish("", usage, &[], None);
        futures::pin_mut!(finish);
        assert!(futures::poll!(&mut finish).is_pending());
    }
    drop(left);
    ledger.settled().await;
    let report = ledger.report(&ann).await.unwrap();
    assert_eq!((report.calls, report.unpriced_calls), (2, 1));
}

#[tokio::test]
async fn a_call_that_several_models_answered_is_charged_by_the_price_of_each() {
    let (ledger, ann, _, _) = ledger().await;
    let part = |model: &str| ModelUsage {
        model: model.to_owned(),
        usage: Usage { input: 1_000, output: 100, ..Usage::default() },
    };
    let usage = Usage { input: 2_000, output: 200, ..Usage::default() };
    for (parts, stated, cost) in [
        (vec![part("gpt-6-astra"), part("gpt-6-luna")], None, Some("0.01515")),
        (vec![part("gpt-6-astra"), part(UNPRICED)], None, None),
        (vec![part("gpt-6-astra"), part(UNPRICED)], Some("0.25"), Some("0.25")),
    ] {
        let mut meter = meter(&ledger, ann, 400);
        meter.began("openai", "gpt-6-luna");
        let stated = stated.map(|cost: &str| cost.parse().unwrap());
        let told = meter.finish("gpt-6-luna", usage, &parts, stated).await;
        assert_eq!(told, cost.map(|cost| cost.parse().unwrap()));
    }
    let report = ledger.report(&ann).await.unwrap();
    assert_eq!((report.calls, report.unpriced_calls), (3, 1));
    assert_eq!(report.total.to_string(), "0.26515");
}

#[tokio::test]
async fn what_a_service_lies_about_tokens_and_cost_never_breaks_a_report() {
    let (ledger, ann, _, _) = ledger().await;
    let huge = Usage { input: u64::MAX, output: u64::MAX, ..Usage::default() };
    for (model, cost) in [("a", None), ("a", Some("-5")), ("b", Some("99999999999999"))] {
        let lie = CostEntry { usage: huge, ..entry("else", model, cost) };
        ledger.record(&ann, lie).await.unwrap();
    }
    // As a row of an earlier version may be.
    let mut transaction = ledger.database.begin(&ann).await.unwrap();
    let widen = "UPDATE javari_cost_tracking SET input_tokens = 9223372036854775807";
    transaction.execute(widen, values![]).await.unwrap();
    transaction.commit().await.unwrap();
    let report = ledger.report(&ann).await.unwrap();
    assert_eq!((report.calls, report.unpriced_calls, report.total), (3, 3, Usd::ZERO));
    let line = &report.by_service[0];
    assert_eq!([line.input_tokens, line.output_tokens], [3 * Usage::MAX_TOKENS; 2]);
}
