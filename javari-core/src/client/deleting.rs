//! A project that is deleted: what goes with it, what outlives it, and who is refused from then on.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value as Json, json};

use super::{
    drill::{fill, open},
    *,
};
use crate::{
    accounts::{DeleteProject, ProjectDeletion, PutMember, Role},
    api,
    cost::{CostEntry, CostReport},
    error::{ErrorKind, Result},
    monitor::{CheckSpec, CreateMonitorRequest, Monitor, Observation, Target, UptimeTarget},
    secret::Secret,
    storage::{backup::tests::dump, scratch, values},
    types::{PageRequest, Usage},
    vault::{PutCredential, RotateCredential},
};

async fn delete(scope: &Scope, name: &str) -> Result<ProjectDeletion> {
    scope.delete_project(&DeleteProject { name: name.to_owned() }).await
}

type Rows = std::collections::BTreeMap<&'static str, Vec<Json>>;

/// Everything but the trail, which goes on, and what outlives a project.
fn besides(mut rows: Rows) -> Rows {
    for table in
        ["javari_work_log", "javari_work_log_heads", "conversations", "javari_cost_tracking"]
    {
        rows.remove(table);
    }
    rows
}

/// Rows that a drill writes at the user's own level, and that a project can have as well.
const MOVED: &[&str] = &[
    "UPDATE javari_schedules SET project_id = $2 WHERE user_id = $1",
    "UPDATE javari_learned_patterns SET project_id = $2 WHERE user_id = $1",
    "UPDATE javari_ab_tests SET project_id = $2 WHERE user_id = $1",
    "UPDATE javari_cost_forecasts SET project_id = $2 WHERE user_id = $1",
    "UPDATE javari_app_health_status SET project_id = $2 WHERE user_id = $1",
    "UPDATE javari_performance_metrics SET project_id = $2 WHERE user_id = $1",
    "UPDATE javari_analytics_events SET project_id = $2 WHERE user_id = $1",
    "UPDATE javari_feature_requests SET project_id = $2 WHERE user_id = $1",
    "UPDATE javari_auto_fix_attempts SET project_id = $2 WHERE user_id = $1",
];

/// A user with a row of the project in every table whose rows can name one.
async fn fill_project(javari: &Javari, email: &str) -> Scope {
    let part = fill(javari, email).await;
    let project = javari.scope(part.key().user.unwrap()).project(part.key().project.unwrap());
    for place in [&project, &part] {
        let value = Secret::new(format!("{email} rotated here"));
        place.vault().rotate(RotateCredential::new("STRIPE", value)).await.unwrap();
    }
    let create = json!({ "name": "deploys", "operations": ["vault.*"] });
    project.api_keys().create(&serde_json::from_value(create).unwrap()).await.unwrap();
    let mut transaction = javari.rooms().database.begin(project.key()).await.unwrap();
    for statement in MOVED {
        let given = values![project.key().user, project.key().project];
        assert!(transaction.execute(statement, given).await.unwrap() > 0, "{statement}");
    }
    transaction.commit().await.unwrap();
    part
}

/// The ids of the rows that name one of these ids, and of those that name these rows, and so on.
fn hanging_on(rows: &Rows, mut gone: BTreeSet<String>) -> BTreeSet<String> {
    loop {
        let before = gone.len();
        for row in rows.values().flatten() {
            let cells = row.as_object().unwrap();
            // Who acted, and the work that was in hand, are told of and not belonged to.
            let names_one = cells
                .iter()
                .filter(|(column, _)| !["alert_id", "current_task_id"].contains(&column.as_str()))
                .any(|(_, cell)| cell.as_str().is_some_and(|cell| gone.contains(cell)));
            if let (true, Some(id)) = (names_one, cells.get("id").and_then(Json::as_str)) {
                gone.insert(id.to_owned());
            }
        }
        if gone.len() == before {
            return gone;
        }
    }
}

#[tokio::test]
async fn a_deleted_project_leaves_no_row_in_any_table_and_nothing_else_is_lost() {
    let javari = open(&scratch().await).await;
    let part = fill_project(&javari, "ann@example.com").await;
    fill_project(&javari, "bob@example.com").await;
    let ann = javari.scope(part.key().user.unwrap());
    let project = ann.project(part.key().project.unwrap());
    javari.flush().await;
    let before = dump(&javari.rooms().database).await;
    let id = project.key().project.unwrap().to_string();
    for (table, rows) in &before {
        let can_name_one = rows.iter().any(|row| row.get("project_id").is_some());
        let names_one = rows.iter().any(|row| row["project_id"] == id.as_str());
        assert_eq!(
            names_one, can_name_one,
            "{table} is not tried: move a row of it to the project"
        );
    }
    let gone = hanging_on(&besides(before.clone()), [id].into());

    let deleted = delete(&project, "site").await.unwrap();
    assert_eq!((deleted.rows["subprojects"], deleted.rows["javari_credentials"]), (1, 4));
    assert_eq!((deleted.rows["javari_data_keys"], deleted.rows["javari_api_keys"]), (2, 1));
    assert_eq!(deleted.rows["javari_credential_rotations"], 2);
    assert_eq!((deleted.kept["conversations"], deleted.kept["javari_cost_tracking"]), (1, 1));

    let after = dump(&javari.rooms().database).await;
    let rest = besides(after.clone());
    for (table, rows) in besides(before.clone()) {
        let stays = |row: &&Json| {
            let cells = row.as_object().unwrap();
            let key = [
                "id",
                "project_id",
                "credential_id",
                "task_id",
                "collaboration_id",
                "feature_request_id",
                "document_id",
            ];
            !key.iter().any(|column| {
                cells.get(*column).and_then(Json::as_str).is_some_and(|id| gone.contains(id))
            })
        };
        let expected: Vec<String> =
            rows.iter().filter(stays).map(|row| row["id"].to_string()).collect();
        let found: Vec<String> = rest[table].iter().map(|row| row["id"].to_string()).collect();
        assert_eq!(found, expected, "{table}");
        let text = Json::from(rest[table].clone()).to_string();
        let named = gone.iter().find(|id| text.contains(id.as_str()));
        assert_eq!(named, None, "{table} names what is gone");
    }
    for table in ["conversations", "javari_cost_tracking"] {
        assert_eq!(after[table].len(), before[table].len(), "{table}");
        assert!(after[table].iter().all(|row| {
            row["project_id"].is_null() || row["user_id"] != json!(ann.key().user.unwrap())
        }));
    }

    // What is left of the user works, and the trail says what was done.
    assert!(ann.vault().reveal("STRIPE").await.is_ok());
    assert!(ann.audit().verify().await.unwrap().verified);
    let entries = ann.audit().list(&PageRequest::default()).await.unwrap().items;
    let entry = entries.iter().find(|entry| entry.action == "projects.delete").unwrap();
    assert_eq!(entry.project, project.key().project);
    assert_eq!(entry.details["name"], "site");
    assert_eq!(entry.details["rows"]["javari_credentials"], 4);
    // A project of the same name may come, and is another one.
    let again = ann.ensure_project("site").await.unwrap();
    assert!(again.id != project.key().project.unwrap() && again.subprojects == 0);
    javari.close().await;
}

#[tokio::test]
async fn a_deleted_subproject_takes_along_what_is_in_it_and_leaves_the_project_as_it_is() {
    let javari = open(&scratch().await).await;
    let part = fill(&javari, "ann@example.com").await;
    let project = javari.scope(part.key().user.unwrap()).project(part.key().project.unwrap());
    project.ensure_subproject("api").await.unwrap();
    let before = dump(&javari.rooms().database).await;
    let error = project.delete_subproject(&DeleteProject { name: "web".into() }).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/scope/subproject");
    let deleted = part.delete_subproject(&DeleteProject { name: "web".into() }).await.unwrap();
    assert_eq!((deleted.rows["javari_credentials"], deleted.rows["javari_data_keys"]), (2, 1));
    let after = dump(&javari.rooms().database).await;
    let id = part.key().subproject.unwrap().to_string();
    for (table, rows) in besides(after) {
        assert!(!Json::from(rows.clone()).to_string().contains(&id), "{table}");
        let lost = before[table].len() - rows.len();
        let expected = match table {
            "subprojects" | "javari_data_keys" => 1,
            "javari_credentials" | "javari_credential_versions" => 2,
            _ => 0,
        };
        assert_eq!(lost, expected, "{table}");
    }
    assert_eq!(project.get_project().await.unwrap().subprojects, 1);
    assert!(project.vault().reveal("STRIPE").await.is_ok());
    assert_eq!(part.get_subproject().await.unwrap_err().kind(), ErrorKind::NotFound);
    javari.close().await;
}

#[tokio::test]
async fn a_project_is_deleted_by_its_owner_and_its_name_alone() {
    let javari = open(&scratch().await).await;
    let part = fill(&javari, "ann@example.com").await;
    let project = javari.scope(part.key().user.unwrap()).project(part.key().project.unwrap());
    let admin = javari.ensure_user("admin@example.com").await.unwrap().id;
    project.members().put(&PutMember::new(admin, Role::Admin)).await.unwrap();
    let eve = javari.ensure_user("eve@example.com").await.unwrap().id;
    let before = dump(&javari.rooms().database).await;
    let acted = |scope: &Scope| javari.scope_of(scope.key().acted_by(admin));
    let stranger = javari.scope(eve).project(project.key().project.unwrap());
    for (scope, name, kind, field) in [
        (&project, "shop", ErrorKind::InvalidInput, Some("/name")),
        (&project, "", ErrorKind::InvalidInput, Some("/name")),
        (&part, "site", ErrorKind::InvalidInput, Some("/scope/subproject")),
        (&javari.scope(eve), "site", ErrorKind::InvalidInput, Some("/scope/project")),
        (&acted(&project), "site", ErrorKind::Forbidden, None),
        (&stranger, "site", ErrorKind::NotFound, None),
    ] {
        let error = delete(scope, name).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.fields().first().map(|fault| fault.path.as_str()), field, "{error}");
        assert!(!format!("{error:?}").contains("site"), "{error:?}");
    }
    let request = DeleteProject { name: "web".into() };
    let error = acted(&part).delete_subproject(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(dump(&javari.rooms().database).await, before);
    javari.close().await;
}

#[tokio::test]
async fn who_was_in_a_deleted_project_is_refused_at_once() {
    let javari = open(&scratch().await).await;
    let ann = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    let project = ann.project(ann.ensure_project("site").await.unwrap().id);
    let bob = javari.ensure_user("bob@example.com").await.unwrap().id;
    project.members().put(&PutMember::new(bob, Role::Developer)).await.unwrap();
    let create = json!({ "name": "deploys", "operations": ["vault.*"] });
    let create = serde_json::from_value(create).unwrap();
    let key = project.api_keys().create(&create).await.unwrap().key;
    let ask = |scope: ScopeKey| {
        let javari = javari.clone();
        async move { api::call(&javari, "vault.list", scope, json!({}), Vec::new()).await }
    };
    // Exposed as its owner would send it.
    let header = format!("Bearer {}", key.expose());
    let bobs = project.key().acted_by(bob);
    for scope in [*project.key(), bobs] {
        ask(scope).await.unwrap();
    }
    assert!(javari.authenticate([("authorization", header.as_bytes())]).await.is_ok());
    delete(&project, "site").await.unwrap();
    for scope in [*project.key(), bobs] {
        assert_eq!(ask(scope).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    let error = javari.authenticate([("authorization", header.as_bytes())]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    let theirs = javari.scope(bob).memberships(&PageRequest::default()).await.unwrap();
    assert_eq!(theirs.items, []);
    javari.close().await;
}

#[tokio::test]
async fn what_a_deleted_projects_data_key_sealed_opens_no_more_though_its_row_comes_back() {
    let javari = open(&scratch().await).await;
    let ann = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    let project = ann.project(ann.ensure_project("site").await.unwrap().id);
    let put = PutCredential::new("STRIPE", Secret::new("sk-1"));
    project.vault().put(put).await.unwrap();
    assert!(project.vault().reveal("STRIPE").await.is_ok());
    let run = |statements: &'static [&'static str]| {
        let database = javari.rooms().database.clone();
        async move {
            let mut transaction = database.begin_as_owner_for_host().await.unwrap();
            for statement in statements {
                transaction.execute(statement, values![]).await.unwrap();
            }
            transaction.commit().await.unwrap();
        }
    };
    run(&[
        "CREATE TABLE copy_of_projects AS SELECT * FROM projects",
        "CREATE TABLE copy_of_credentials AS SELECT * FROM javari_credentials",
        "CREATE TABLE copy_of_versions AS SELECT * FROM javari_credential_versions",
    ])
    .await;
    delete(&project, "site").await.unwrap();
    run(&[
        "INSERT INTO projects SELECT * FROM copy_of_projects",
        "INSERT INTO javari_credentials SELECT * FROM copy_of_credentials",
        "INSERT INTO javari_credential_versions SELECT * FROM copy_of_versions",
    ])
    .await;
    let error = project.vault().reveal("STRIPE").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CannotUnseal, "{error}");
    javari.close().await;
}

#[tokio::test]
async fn what_a_call_cost_is_charged_though_its_project_was_deleted_meanwhile() {
    let javari = open(&scratch().await).await;
    let ann = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    let project = ann.project(ann.ensure_project("site").await.unwrap().id);
    delete(&project, "site").await.unwrap();
    let entry = CostEntry {
        service: "fake".into(),
        feature: "provider.chat",
        model: "fake/one".into(),
        usage: Usage::default(),
        cost: Some("0.25".parse().unwrap()),
    };
    javari.rooms().ledger.charge(*project.key(), entry, None).await;
    let report: CostReport = ann.costs().await.unwrap();
    assert_eq!(report.by_service[0].total, "0.25".parse().unwrap());
    javari.close().await;
}

/// Deletes the project while it looks.
struct Deleting {
    javari: Javari,
}

#[async_trait::async_trait]
impl Monitor for Deleting {
    fn kind(&self) -> &'static str {
        "uptime"
    }

    async fn check(&self, spec: &CheckSpec) -> Result<Observation> {
        delete(&self.javari.scope_of(spec.scope), "site").await?;
        Ok(Observation::new(crate::monitor::ObservationStatus::Up, "it answers"))
    }
}

#[tokio::test]
async fn a_check_that_runs_while_its_project_is_deleted_ends_as_one_of_a_monitor_that_is_gone() {
    let javari = open(&scratch().await).await;
    let ann = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    let project = ann.project(ann.ensure_project("site").await.unwrap().id);
    let target = Target::Uptime(UptimeTarget::new("http://127.0.0.1:9/"));
    let monitor = project.monitor().create(&CreateMonitorRequest::new("front", target)).await;
    let monitors = javari.rooms().monitors.clone();
    let monitors = monitors.with(Arc::new(Deleting { javari: javari.clone() }));
    let error = monitors.check_now(project.key(), monitor.unwrap().id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(monitors.due(project.key(), javari.rooms().clock.now()).await.unwrap().is_empty());
    javari.close().await;
}

#[tokio::test]
async fn who_writes_while_the_project_is_deleted_is_told_and_leaves_nothing_behind() {
    let javari = open(&scratch().await).await;
    let ann = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    let project = ann.project(ann.ensure_project("site").await.unwrap().id);
    let writers = (0..6).map(|writer| {
        let project = project.clone();
        tokio::spawn(async move {
            for number in 0..20 {
                let name = format!("TOKEN_{writer}_{number}");
                let written = match writer % 3 {
                    0 => {
                        let put = PutCredential::new(&name, Secret::new("sk-1"));
                        project.vault().put(put).await.map(drop)
                    }
                    1 => project.ensure_subproject(&name).await.map(drop),
                    _ => {
                        let target = Target::Uptime(UptimeTarget::new("http://127.0.0.1:9/"));
                        let request = CreateMonitorRequest::new(&name, target);
                        project.monitor().create(&request).await.map(drop)
                    }
                };
                let Err(error) = written else { continue };
                let expected = [ErrorKind::NotFound, ErrorKind::StorageBusy];
                assert!(expected.contains(&error.kind()), "{error:?}");
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    while let Err(error) = delete(&project, "site").await {
        assert_eq!(error.kind(), ErrorKind::StorageBusy, "{error:?}");
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let id = project.key().project.unwrap().to_string();
    for (table, rows) in besides(dump(&javari.rooms().database).await) {
        assert!(!Json::from(rows).to_string().contains(&id), "{table} names what is gone");
    }
    assert!(ann.audit().verify().await.unwrap().verified);
    javari.close().await;
}
