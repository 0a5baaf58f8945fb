//! The guard in front of everything: levels of autonomy, limits, and healers that misbehave.

use std::time::Duration;

use super::*;
use crate::{
    error::{ErrorKind, Result},
    monitor::BuildOutcome,
    types::PageRequest,
};

#[tokio::test]
async fn manual_stops_before_touching_anything() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let before = (project.state(), project.git(&["for-each-ref"]));
    let log = format!(
        "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '{0}/componnets/button.mjs' imported from {0}/build.mjs\n",
        project.folder.display()
    );
    for log in [None, Some(log)] {
        let mut request = project.request(BUILD);
        request.autonomy = Autonomy::Manual;
        request.log = log.clone();
        let (id, events) = heal(&world.healing, &world.alice, request).await;
        let Some(HealEvent::Stopped { status, .. }) = events.last() else { panic!("{events:?}") };
        assert_eq!(*status, HealingStatus::Stopped);
        // With a log it still says what it would do.
        assert_eq!(names(&events).contains(&"planned".to_owned()), log.is_some());
        assert!(!names(&events).contains(&"applied".to_owned()));
        let view = world.healing.get(&world.alice, id).await.unwrap();
        assert_eq!((view.status, view.branch), (HealingStatus::Stopped, None));
        assert_eq!(view.ruling.unwrap().decision, Decision::Ask);
        assert_eq!((project.state(), project.git(&["for-each-ref"])), before);
        assert_eq!(world.workspaces(), 0);
    }
}

#[tokio::test]
async fn full_auto_merges_a_repair_and_asks_about_a_new_dependency() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let mut request = project.request(BUILD);
    request.autonomy = Autonomy::FullAuto;
    let (id, events) = heal(&world.healing, &world.alice, request).await;
    assert_eq!(events.last(), Some(&HealEvent::Merged { commit: project.head() }));
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert_eq!((view.status, view.automated), (HealingStatus::Merged, true));
    assert_eq!(project.heal_branches(), Vec::<String>::new());
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    let project = world.project("strict", super::recipes::UNDECLARED);
    let mut request = project.request(BUILD);
    request.autonomy = Autonomy::FullAuto;
    let (_, events) = heal(&world.healing, &world.alice, request).await;
    assert_eq!(names(&events).last().unwrap(), "needs_approval");
}

#[tokio::test]
async fn full_auto_leaves_the_branch_to_a_person_when_the_checkout_is_dirty() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    project.write("components/table.mjs", "// my own work\n");
    let mut request = project.request(BUILD);
    request.autonomy = Autonomy::FullAuto;
    let (id, events) = heal(&world.healing, &world.alice, request).await;
    assert_eq!(names(&events).last().unwrap(), "needs_approval");
    assert_eq!(project.read("components/table.mjs"), "// my own work\n");
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert_eq!(view.status, HealingStatus::AwaitingApproval);
    project.git(&["checkout", "-q", "--", "."]);
    let merged = world.healing.approve(&world.alice, &approval(&view)).await.unwrap();
    assert_eq!(merged.status, HealingStatus::Merged);
}

#[tokio::test]
async fn a_fault_is_attempted_twice_a_day_with_a_pause_between() {
    let world = world().await;
    let mut files = BROKEN.to_vec();
    files[0].1 = "import './componnets/button.mjs';\nthrow new Error('another fault');\n";
    let project = world.project("app", &files);
    let ends = async || {
        let (_, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
        names(&events).last().unwrap().clone()
    };
    assert_eq!(ends().await, "reverted");
    assert_eq!(ends().await, "stopped");
    world.clock.forward(Duration::from_secs(20 * 60));
    assert_eq!(ends().await, "reverted");
    world.clock.forward(Duration::from_secs(5 * 3_600));
    assert_eq!(ends().await, "stopped");
    world.clock.forward(Duration::from_secs(20 * 3_600));
    assert_eq!(ends().await, "reverted");
}

#[tokio::test]
async fn a_fault_whose_repair_waits_for_a_person_is_not_mended_twice() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let (_, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let Some(HealEvent::Stopped { reasons, .. }) = events.last() else { panic!("{events:?}") };
    assert!(reasons.join(" ").contains("waits for a person"), "{reasons:?}");
    assert_eq!(project.heal_branches().len(), 1);
}

#[tokio::test]
async fn a_commit_of_our_own_is_not_mended() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    project.git(&["commit", "-q", "--allow-empty", "-m", "Mend\n\nJavari-Heal: abc"]);
    let (_, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let Some(HealEvent::Stopped { reasons, .. }) = events.last() else { panic!("{events:?}") };
    assert!(reasons.join(" ").contains("Javari's own"), "{reasons:?}");
}

#[tokio::test]
async fn two_repairs_never_run_in_one_folder_whoever_asks() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let first = world.healing.heal(&world.alice, project.request(BUILD)).await.unwrap();
    for scope in [&world.alice, &world.bob] {
        let error = world.healing.heal(scope, project.request(BUILD)).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    assert!(first.count().await > 5);
}

#[tokio::test]
async fn a_folder_that_is_not_open_or_not_a_repository_is_refused() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let inner = project.folder.join("components");
    let plain = world.folder.path().canonicalize().unwrap().join("projects/plain");
    std::fs::create_dir(&plain).unwrap();
    for (folder, kind) in [
        (world.folder.path().to_path_buf(), ErrorKind::Forbidden),
        (inner, ErrorKind::Unsupported),
        (plain, ErrorKind::Unsupported),
    ] {
        let target = BuildTarget::new(folder.to_str().unwrap(), BUILD.iter().copied());
        let error = world.healing.heal(&world.alice, HealRequest::new(target)).await.err().unwrap();
        assert_eq!(error.kind(), kind, "{error}");
    }
    assert!(
        world.healing.events(&world.alice, &PageRequest::default()).await.unwrap().items.is_empty()
    );
}

#[tokio::test]
async fn a_folder_that_is_open_to_one_user_is_mended_and_diagnosed_for_nobody_else() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let roots = ProjectRoots::none().open_for(world.alice.user.unwrap(), &project.folder);
    let environment = BuildEnvironment::allowed(std::env::vars());
    let healing = world.healing_with(environment, roots);
    let error = healing.heal(&world.bob, project.request(BUILD)).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let folder = project.folder.to_str().unwrap().to_owned();
    let request = DiagnoseRequest { folder, log: "error\n".into() };
    let error = healing.diagnose(&world.bob, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let (id, _) = heal(&healing, &world.alice, project.request(BUILD)).await;
    let view = healing.get(&world.alice, id).await.unwrap();
    let merged = healing.approve(&world.alice, &approval(&view)).await.unwrap();
    assert_eq!(merged.status, HealingStatus::Merged);
}

/// A healer that does as it likes.
struct Rogue {
    ours: BuildHealer,
    deed: fn(&Path),
    plan: fn(&mut RepairPlan),
}

#[async_trait::async_trait]
impl Healer for Rogue {
    async fn diagnose(&self, incident: &Incident) -> Result<Diagnosis> {
        self.ours.diagnose(incident).await
    }
    async fn plan(&self, incident: &Incident, diagnosis: &Diagnosis) -> Result<Vec<RepairPlan>> {
        let mut plans = self.ours.plan(incident, diagnosis).await?;
        plans.iter_mut().for_each(self.plan);
        Ok(plans)
    }
    async fn apply(&self, workspace: &Workspace, plan: &RepairPlan) -> Result<Applied> {
        let applied = self.ours.apply(workspace, plan).await;
        (self.deed)(&workspace.folder);
        applied
    }
    async fn verify(&self, _: &Workspace, _: &RepairPlan, _: &BuildOutcome) -> Result<Verdict> {
        Ok(Verdict::new(true, "trust me"))
    }
    async fn revert(&self, _: &Workspace, _: &RepairPlan, _: &Applied) -> Result<()> {
        Ok(())
    }
}

type Misdeed = (&'static str, fn(&Path), fn(&mut RepairPlan));

#[tokio::test]
async fn no_healer_gets_past_the_guard() {
    let cases: [Misdeed; 6] = [
        ("writes another file", |folder| std::fs::write(folder.join("x"), "1").unwrap(), |_| {}),
        (
            "deletes a file",
            |folder| std::fs::remove_file(folder.join("components/table.mjs")).unwrap(),
            |_| {},
        ),
        (
            "makes its file executable",
            |folder| {
                let done = Command::new("chmod").arg("+x").arg(folder.join("build.mjs")).status();
                assert!(done.unwrap().success());
            },
            |_| {},
        ),
        (
            "writes more than it planned",
            |folder| std::fs::write(folder.join("build.mjs"), "//\n".repeat(200)).unwrap(),
            |_| {},
        ),
        ("plans a workflow", |_| {}, |plan| plan.edits[0].path = ".github/workflows/ci.yml".into()),
        ("plans more risk than a branch", |_| {}, |plan| plan.risk = Risk::R5),
    ];
    for (number, (case, deed, plan)) in cases.into_iter().enumerate() {
        let world = world().await;
        let project = world.project(&format!("app{number}"), BROKEN);
        let before = project.state();
        let ours = BuildHealer::new(world.builder.clone());
        let healing = world.with_healer(Rogue { ours, deed, plan });
        let mut request = project.request(BUILD);
        request.autonomy = Autonomy::FullAuto;
        let (_, events) = heal(&healing, &world.alice, request).await;
        let end = names(&events).last().unwrap().clone();
        assert!(["stopped", "reverted"].contains(&end.as_str()), "{case}: {end}");
        assert_eq!(project.state(), before, "{case}");
        assert_eq!(project.heal_branches(), Vec::<String>::new(), "{case}");
        assert_eq!(world.workspaces(), 0, "{case}");
    }
}

#[tokio::test]
async fn a_healer_that_hides_a_new_dependency_does_not_get_it_merged() {
    let world = world().await;
    let project = world.project("strict", super::recipes::UNDECLARED);
    let before = project.state();
    let ours = BuildHealer::new(world.builder.clone());
    let healing =
        world.with_healer(Rogue { ours, deed: |_| {}, plan: |plan| plan.adds_dependency = false });
    let mut request = project.request(BUILD);
    request.autonomy = Autonomy::FullAuto;
    let (_, events) = heal(&healing, &world.alice, request).await;
    assert_eq!(names(&events).last().unwrap(), "needs_approval");
    assert_eq!(project.state(), before);
}

#[tokio::test]
async fn a_healer_that_says_cured_does_not_keep_a_red_build() {
    let world = world().await;
    let mut files = BROKEN.to_vec();
    files[0].1 = "import './componnets/button.mjs';\nthrow new Error('another fault');\n";
    let project = world.project("app", &files);
    let ours = BuildHealer::new(world.builder.clone());
    let healing = world.with_healer(Rogue { ours, deed: |_| {}, plan: |_| {} });
    let (_, events) = heal(&healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(names(&events).last().unwrap(), "reverted");
}

#[tokio::test]
async fn diagnosing_reads_and_tells_and_changes_nothing() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let before = project.state();
    let request = DiagnoseRequest {
        folder: project.folder.to_str().unwrap().into(),
        log: format!(
            "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '{0}/componnets/button.mjs' imported from {0}/build.mjs\n",
            project.folder.display()
        ),
    };
    let view = world.healing.diagnose(&world.alice, &request).await.unwrap();
    assert_eq!(view.plans.len(), 1);
    assert_eq!(view.diagnosis.findings[0].evidence[0].line, 1);
    assert_eq!(project.state(), before);
}
