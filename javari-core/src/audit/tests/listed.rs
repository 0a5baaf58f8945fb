//! Which entries a request lists, beside a model that looks at each.

use std::time::Duration;

use proptest::prelude::*;

use super::{recorded::made, *};
use crate::{testkit::HandClock, types::ProjectId};

const ACTIONS: [&str; 6] =
    ["app.vault.put", "app.deploy", "app.deploy_done", "app.deploy.done", "app.a_b", "app.axb"];
const OUTCOMES: [Outcome; 3] = [Outcome::Success, Outcome::PartialSuccess, Outcome::Failure];

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// What a user, a project's owner or a member did, one minute apart.
async fn filled() -> (Audit, ScopeKey, Vec<EntryView>) {
    let database = Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap();
    let clock = HandClock::still();
    let audit = Audit::new(database, clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    let own = ScopeKey::user(UserId(id(1)));
    let mut all = Vec::new();
    for (number, (action, outcome, place)) in
        made(80, (0..6_usize, 0..3_usize, 0..4_usize)).into_iter().enumerate()
    {
        let site = own.with_project(ProjectId(id(8)));
        let scope = [own, site, own.with_project(ProjectId(id(9))), site.acted_by(UserId(id(2)))];
        let entry = RecordEntry::new(ACTIONS[action], format!("did {number}"));
        let mut entry = entry.with_outcome(OUTCOMES[outcome]).into_entry().unwrap();
        if number % 7 == 0 {
            entry.action = "vault.put".into();
        }
        clock.forward(Duration::from_secs(60));
        audit.record(&scope[place], entry).await.unwrap();
    }
    let request = ListEntries { limit: 500, ..ListEntries::default() };
    all.extend(audit.list(&own, request).await.unwrap().items);
    assert_eq!(all.len(), 80);
    (audit, own, all)
}

fn fits(entry: &EntryView, scope: &ScopeKey, request: &ListEntries) -> bool {
    let action = request.action.as_deref().is_none_or(|asked| match asked.strip_suffix('.') {
        Some(_) => entry.action.starts_with(asked),
        None => entry.action == asked,
    });
    action
        && scope.project.is_none_or(|project| entry.project == Some(project))
        && request.project.is_none_or(|project| entry.project == Some(project))
        && request.user.is_none_or(|user| entry.user == Some(user))
        && request.outcome.is_none_or(|outcome| entry.outcome == outcome)
        && request.since.is_none_or(|since| entry.at >= since)
        && request.until.is_none_or(|until| entry.at < until)
}

#[tokio::test]
async fn a_request_lists_what_fits_every_filter_page_by_page() {
    let (audit, own, all) = filled().await;
    let actions = prop::sample::select(vec![
        "app.",
        "app.deploy",
        "app.deploy.",
        "app.a_b",
        "vault.",
        "vault.put",
        "vault",
        "app.a_",
        "%.",
        "none.",
    ]);
    let users = prop::sample::select(vec![UserId(id(1)), UserId(id(2)), UserId(id(3))]);
    let projects = prop::sample::select(vec![8_u128, 9, 10]).prop_map(|it| ProjectId(id(it)));
    let times = prop::sample::select(all.iter().map(|entry| entry.at).collect::<Vec<_>>());
    let asked = (
        prop::option::of(actions),
        prop::option::weighted(0.3, prop::sample::select(OUTCOMES.to_vec())),
        prop::option::weighted(0.3, projects.clone()),
        prop::option::weighted(0.3, users),
        prop::option::weighted(0.4, times.clone()),
        prop::option::weighted(0.4, times),
        (1..40_u32, prop::option::weighted(0.3, projects)),
    );
    let mut shown = 0;
    for (action, outcome, project, user, since, until, (limit, narrowed)) in made(150, asked) {
        let scope = ScopeKey { project: narrowed, ..own };
        let mut request = ListEntries {
            limit,
            cursor: None,
            action: action.map(str::to_owned),
            outcome,
            project,
            user,
            since,
            until,
        };
        let expected: Vec<_> = all.iter().filter(|it| fits(it, &scope, &request)).collect();
        let mut listed = Vec::new();
        loop {
            let page = audit.list(&scope, request.clone()).await.unwrap();
            assert!(page.items.len() <= limit as usize);
            listed.extend(page.items);
            let Some(next) = page.next else { break };
            request.cursor = Some(next);
        }
        assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{request:?}");
        shown += listed.len();
    }
    assert!(shown > 500, "the filters let too little through to show anything: {shown}");
}

#[tokio::test]
async fn a_request_without_filters_means_what_it_meant_before_there_were_any() {
    let (audit, own, all) = filled().await;
    let old: ListEntries = serde_json::from_str(r#"{ "limit": 7 }"#).unwrap();
    assert_eq!(old, PageRequest { limit: 7, cursor: None }.into());
    let page = audit.list(&own, old).await.unwrap();
    assert_eq!(page.items, all[..7]);
    let next = PageRequest { limit: 7, cursor: page.next };
    assert_eq!(audit.list(&own, &next).await.unwrap().items, all[7..14]);
    let wrong = PageRequest { limit: 7, cursor: Some("of another list".into()) };
    let error = audit.list(&own, &wrong).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/cursor");
}
