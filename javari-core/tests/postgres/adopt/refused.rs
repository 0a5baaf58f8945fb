//! What stops an adoption, and that a stop and a dry run change nothing at all.

use javari_core::{
    ErrorKind,
    client::{AdoptRequest, AdoptState, Builder},
    secret::Secret,
};

use super::world::{
    ANN, OTHER_ANN, Schema, USERS, adopt, answered, everything, for_good, opened, run, seeded,
    with_faults, with_host,
};
use crate::settings;

#[tokio::test]
async fn a_database_of_the_seed_is_not_opened_and_not_changed() {
    let (address, mut server) = seeded(Schema::Ours, 5).await;
    let before = everything(&mut server).await;
    let error = Builder::new(settings(&address)).open().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::AdoptionNeeded, "{error}");
    assert!(error.message().contains("system.adopt"), "{error}");
    assert_eq!(everything(&mut server).await, before);
}

#[tokio::test]
async fn what_the_host_has_to_decide_stops_the_dry_run_and_the_run_and_nothing_is_merged() {
    let (address, mut server) = seeded(Schema::Ours, 5).await;
    with_faults(&mut server).await;
    let before = everything(&mut server).await;
    for request in [AdoptRequest::default(), for_good(AdoptRequest::default())] {
        let report = adopt(&address, &request).await;
        assert_eq!(report.state, AdoptState::Stopped);
        let stops: Vec<(&str, &str, Option<u64>)> =
            report.stops.iter().map(|one| (&*one.kind, &*one.name, one.rows)).collect();
        assert_eq!(
            stops,
            [
                ("same_email", "ann@example.com", Some(2)),
                ("no_owner", "javari_web_crawls", Some(2)),
                ("no_owner", "javari_learned_patterns", Some(2)),
                ("no_owner", "javari_ab_tests", Some(1)),
                ("no_owner", "javari_agents", Some(2)),
                ("no_owner", "javari_healing_events", Some(1)),
                ("no_place", "conversation_continuations", Some(1)),
            ]
        );
        assert!(report.stops[0].reason.contains(ANN) && report.stops[0].reason.contains(OTHER_ANN));
        assert_eq!(everything(&mut server).await, before);
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_the_run_does_and_changes_nothing() {
    let (address, mut server) = seeded(Schema::Ours, USERS).await;
    with_faults(&mut server).await;
    with_host(&mut server).await;
    let before = everything(&mut server).await;
    let mut dry = adopt(&address, &answered()).await;
    assert_eq!(dry.stops, []);
    assert_eq!(dry.state, AdoptState::DryRun);
    assert_eq!(everything(&mut server).await, before);
    let run = adopt(&address, &for_good(answered())).await;
    assert_eq!(run.state, AdoptState::Adopted);
    assert!(dry.old_bytes > 0 && run.old_bytes > 0);
    (dry.state, dry.old_bytes) = (run.state, run.old_bytes);
    assert_eq!(dry, run);
    opened(&address).await.close().await;
}

#[tokio::test]
async fn answers_that_name_nobody_stop_it_too_and_malformed_ones_are_errors() {
    let (address, mut server) = seeded(Schema::Ours, 3).await;
    with_faults(&mut server).await;
    let nobody = "bbbbbbbb-0000-4000-8000-000000000001";
    for (user, answer) in [(nobody, ANN), (OTHER_ANN, nobody)] {
        let mut request = answered();
        request.emails = [(user.to_owned(), answer.to_owned())].into();
        let report = adopt(&address, &request).await;
        assert_eq!(report.state, AdoptState::Stopped);
        assert!(report.stops.iter().any(|one| one.kind == "bad_mapping"), "{report:?}");
    }
    let mut request = answered();
    request.ownerless_owner = Some(nobody.parse().unwrap());
    let report = adopt(&address, &request).await;
    assert!(report.stops.iter().any(|one| one.kind == "bad_mapping" && one.name == nobody));
    for (user, answer) in [("ann", ANN), (OTHER_ANN, "not an address"), (OTHER_ANN, "a b@c")] {
        let mut request = answered();
        request.emails = [(user.to_owned(), answer.to_owned())].into();
        let error = Builder::new(settings(&address)).adopt(&request).await.unwrap_err();
        assert_eq!(error.fields()[0].path, format!("/emails/{user}"));
    }
}

#[tokio::test]
async fn a_view_that_the_new_tables_cannot_carry_stops_it_by_name_and_stays() {
    let (address, mut server) = seeded(Schema::Ours, 3).await;
    run(&mut server, "CREATE VIEW recipients AS SELECT id, array_length(email_recipients, 1) FROM javari_health_monitors").await;
    let before = everything(&mut server).await;
    let report = adopt(&address, &for_good(AdoptRequest::default())).await;
    assert_eq!(report.state, AdoptState::Stopped);
    assert_eq!(report.stops[0].kind, "cannot_restore");
    assert!(report.stops[0].name.ends_with("recipients"), "{report:?}");
    assert!(report.stops[0].reason.contains("array_length"), "{report:?}");
    assert_eq!(everything(&mut server).await, before);
}

#[tokio::test]
async fn a_table_of_a_name_that_javari_needs_stops_it() {
    let (address, mut server) = seeded(Schema::Ours, 3).await;
    run(&mut server, "CREATE TABLE javari_documents (id integer); CREATE FUNCTION javari_help() RETURNS integer LANGUAGE sql AS 'SELECT 1'").await;
    let report = adopt(&address, &for_good(AdoptRequest::default())).await;
    let names: Vec<&str> = report.stops.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["javari_documents", "javari_help"]);
}

#[tokio::test]
async fn a_root_key_that_opens_nothing_stops_it_and_one_wrong_value_is_only_told() {
    let (address, mut server) = seeded(Schema::Ours, 3).await;
    let mut other = settings(&address);
    other.root_key = Some(Secret::new("08".repeat(32)));
    let report = Builder::new(other).adopt(&for_good(AdoptRequest::default())).await.unwrap();
    assert_eq!((report.state, &*report.stops[0].kind), (AdoptState::Stopped, "wrong_key"));
    run(
        &mut server,
        "UPDATE javari_credentials SET encryption_tag = 'AAAA' WHERE id = md5('credential4')::uuid",
    )
    .await;
    let report = adopt(&address, &for_good(AdoptRequest::default())).await;
    assert_eq!(report.state, AdoptState::Adopted);
    assert_eq!((report.credentials.opened, report.credentials.unopened), (11, 1));
    assert_eq!(report.credentials.unopened_ids.len(), 1);
}

#[tokio::test]
async fn what_is_no_database_of_the_seed_is_said_to_be_none() {
    let address = crate::address().await;
    let error = Builder::new(settings(&address)).adopt(&AdoptRequest::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    opened(&address).await.close().await;
    let report = adopt(&address, &for_good(AdoptRequest::default())).await;
    assert_eq!(report.state, AdoptState::NothingToDo);
    let error =
        Builder::new(settings(":memory:")).adopt(&AdoptRequest::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}
