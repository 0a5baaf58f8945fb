//! From red to green, to a person, and to `main` or nowhere.

use std::time::Duration;

use super::*;
use crate::{error::ErrorKind, types::PageRequest};

#[tokio::test]
async fn a_red_build_turns_green_on_a_branch_while_the_checkout_stays_untouched() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let before = project.state();
    let (id, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(
        names(&events),
        [
            "detected",
            "ruled",
            "reproduced",
            "diagnosed",
            "planned",
            "ruled",
            "ruled",
            "applied",
            "verifying",
            "verified",
            "kept",
            "ruled",
            "needs_approval"
        ]
    );
    assert_eq!(project.state(), before);
    assert_eq!(world.workspaces(), 0);
    let branches = project.heal_branches();
    assert_eq!(branches.len(), 1);
    assert!(project.show(&branches[0], "build.mjs").contains("'./components/button.mjs'"));
    assert_eq!(project.git(&["diff", "--name-only", "main", &branches[0]]), "build.mjs\n");
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert_eq!(view.status, HealingStatus::AwaitingApproval);
    assert_eq!(view.healing_successful, Some(true));
    assert_eq!(view.error_type, "code.module_not_found");
    assert_eq!(view.branch.as_ref(), Some(&branches[0]));
    assert!(view.time_to_heal_seconds.is_some() && view.automated);
    assert!(view.diff.unwrap().contains("+import { button } from './components/button.mjs';"));
    let message = project.git(&["log", "-1", "--format=%B", &branches[0]]);
    let fingerprint = view.fingerprint.unwrap();
    assert!(message.ends_with(&format!("Javari-Heal: {fingerprint}\n\n")), "{message:?}");
    assert!(branches[0].starts_with(&format!("javari/heal/{}", &fingerprint[..8])));
    assert!(world.audit.verify(&world.alice).await.unwrap().verified);
}

#[tokio::test]
async fn an_approval_merges_exactly_what_was_seen() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let base = project.head();
    let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let view = world.healing.get(&world.alice, id).await.unwrap();
    for wrong in [
        ApproveRequest { plan_hash: "0".repeat(64), ..approval(&view) },
        ApproveRequest { head_commit: base.clone(), ..approval(&view) },
    ] {
        let error = world.healing.approve(&world.alice, &wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert_eq!(project.head(), base);
    }
    let merged = world.healing.approve(&world.alice, &approval(&view)).await.unwrap();
    assert_eq!(merged.status, HealingStatus::Merged);
    assert_eq!(merged.approved_by, world.alice.user);
    assert!(!merged.automated);
    assert_eq!(merged.merge_commit, Some(project.head()));
    let parents = project.git(&["log", "-1", "--format=%P"]);
    assert_eq!(parents.trim(), format!("{base} {}", view.head_commit.clone().unwrap()));
    assert!(project.read("build.mjs").contains("'./components/button.mjs'"));
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    assert_eq!(project.heal_branches(), Vec::<String>::new());
    let again = world.healing.approve(&world.alice, &approval(&view)).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_merge_is_refused_while_the_base_has_moved_or_the_checkout_is_dirty() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let view = world.healing.get(&world.alice, id).await.unwrap();
    let refused = async || {
        let error = world.healing.approve(&world.alice, &approval(&view)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        world.healing.get(&world.alice, id).await.unwrap().status
    };
    project.write("components/table.mjs", "export const table = 'mine';\n");
    assert_eq!(refused().await, HealingStatus::AwaitingApproval);
    assert_eq!(project.read("components/table.mjs"), "export const table = 'mine';\n");
    project.git(&["checkout", "-q", "--", "."]);
    project.git(&["switch", "-q", "-c", "other"]);
    assert_eq!(refused().await, HealingStatus::AwaitingApproval);
    project.git(&["switch", "-q", "main"]);
    project.write("note", "moved on\n");
    project.commit("go on");
    assert_eq!(refused().await, HealingStatus::AwaitingApproval);
    assert!(project.read("build.mjs").contains("componnets"));
}

#[tokio::test]
async fn an_approval_does_not_hold_for_a_branch_that_was_committed_to_since() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let view = world.healing.get(&world.alice, id).await.unwrap();
    let branch = view.branch.clone().unwrap();
    project.git(&["switch", "-q", &branch]);
    project.write("evil.mjs", "1\n");
    project.commit("more");
    project.git(&["switch", "-q", "main"]);
    let error = world.healing.approve(&world.alice, &approval(&view)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    // Nor is somebody's work thrown away.
    let error = world.healing.reject(&world.alice, id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(project.heal_branches(), [branch]);
}

#[tokio::test]
async fn a_rejection_removes_the_branch_and_says_so() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let before = project.state();
    let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let view = world.healing.reject(&world.alice, id).await.unwrap();
    assert_eq!(view.status, HealingStatus::Rejected);
    assert_eq!(view.healing_successful, Some(false));
    assert_eq!(project.heal_branches(), Vec::<String>::new());
    assert_eq!(project.state(), before);
}

#[tokio::test]
async fn an_approval_that_comes_too_late_expires_the_repair() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let view = world.healing.get(&world.alice, id).await.unwrap();
    world.clock.forward(Duration::from_secs(8 * 86_400));
    assert!(world.healing.approve(&world.alice, &approval(&view)).await.is_err());
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert_eq!(view.status, HealingStatus::Expired);
    assert_eq!(project.heal_branches(), Vec::<String>::new());
}

#[tokio::test]
async fn a_repair_that_does_not_turn_the_build_green_is_reverted_with_nothing_left() {
    let world = world().await;
    let mut files = BROKEN.to_vec();
    let build = "import './componnets/button.mjs';\nthrow new Error('another fault');\n";
    files[0].1 = build;
    let project = world.project("app", &files);
    let before = project.state();
    let (id, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(names(&events).last().unwrap(), "reverted");
    assert!(names(&events).contains(&"applied".to_owned()));
    assert_eq!(project.state(), before);
    assert_eq!(project.heal_branches(), Vec::<String>::new());
    assert_eq!(world.workspaces(), 0);
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert_eq!((view.status, view.healing_successful), (HealingStatus::Reverted, Some(false)));
}

#[tokio::test]
async fn a_build_that_is_green_the_second_time_is_not_mended() {
    let world = world().await;
    let mut files = BROKEN.to_vec();
    files[0].1 = "console.log('fine');\n";
    let project = world.project("app", &files);
    let mut request = project.request(BUILD);
    request.log = Some("Error: Cannot find module './x'\nRequire stack:\n- /a/build.mjs\n".into());
    let (id, events) = heal(&world.healing, &world.alice, request).await;
    let end = HealEvent::Stopped {
        status: HealingStatus::NotReproduced,
        reasons: vec!["the same commit builds green: nothing to mend".into()],
    };
    assert_eq!(events.last(), Some(&end));
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert_eq!(view.status, HealingStatus::NotReproduced);
}

#[tokio::test]
async fn dropping_the_stream_ends_the_build_and_leaves_nothing() {
    let world = world().await;
    let mut files = BROKEN.to_vec();
    let build = "import { writeFileSync } from 'node:fs';\nwriteFileSync(process.env.HOME + '/started', String(process.pid));\nsetInterval(() => {}, 1000);\n";
    files[0].1 = build;
    let project = world.project("app", &files);
    let before = project.state();
    let home = world.folder.path().canonicalize().unwrap();
    let environment =
        BuildEnvironment::allowed(std::env::vars()).with("HOME", home.to_str().unwrap());
    let roots = ProjectRoots::none().with(home.join("projects"));
    let healing = world.healing_with(environment, roots);
    let mut stream = healing.heal(&world.alice, project.request(BUILD)).await.unwrap();
    let id = stream.id();
    let started = home.join("started");
    while !exists(&started) || std::fs::read_to_string(&started).unwrap().is_empty() {
        let _ = tokio::time::timeout(Duration::from_millis(10), stream.next()).await;
    }
    let pid = std::fs::read_to_string(&started).unwrap();
    assert_eq!(world.workspaces(), 1);
    drop(stream);
    healing.close().await;
    let view = healing.get(&world.alice, id).await.unwrap();
    assert_eq!((view.status, view.stage.as_str()), (HealingStatus::Cancelled, "reproducing"));
    assert_eq!(world.workspaces(), 0);
    assert_eq!(project.state(), before);
    let ended = std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .map_or(true, |stat| stat.contains(") Z "));
    assert!(ended, "the build is still running");
    let error = healing.heal(&world.alice, project.request(BUILD)).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn a_dead_process_leaves_a_row_that_says_where_it_stopped_and_the_next_repair_tidies_up() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    // A process that died while it verified: its row, its workspace and its branch are there.
    let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let branch = project.heal_branches().remove(0);
    let workspaces = super::workspace::private(&world.folder.path().join("workspaces")).unwrap();
    let worktree = workspaces.join(id.to_string());
    project.git(&["worktree", "add", "-q", worktree.to_str().unwrap(), &branch]);
    let mut transaction = world.database.begin(&world.alice).await.unwrap();
    transaction
        .execute(
            "UPDATE javari_healing_events SET status = 'running', stage = 'verifying',
                 healing_successful = NULL, leased_until = $1",
            crate::storage::values![crate::types::Clock::now(world.clock.as_ref())],
        )
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    world.clock.forward(Duration::from_secs(60 * 60));
    let (_, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(names(&events).last().unwrap(), "needs_approval");
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert_eq!((view.status, view.stage.as_str()), (HealingStatus::Interrupted, "verifying"));
    assert_eq!(world.workspaces(), 0);
    assert_eq!(project.heal_branches().len(), 1);
}

/// Makes the row `id` one whose process died while it verified, `branch` being its branch.
async fn die(world: &World, id: HealingId, branch: &str) {
    let mut transaction = world.database.begin(&world.alice).await.unwrap();
    transaction
        .execute(
            "UPDATE javari_healing_events SET status = 'running', stage = 'verifying',
                 healing_successful = NULL, leased_until = $2, branch = $3 WHERE id = $1",
            crate::storage::values![id, crate::types::Clock::now(world.clock.as_ref()), branch],
        )
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    world.clock.forward(Duration::from_secs(60 * 60));
}

#[tokio::test]
async fn a_dead_repair_that_cannot_be_tidied_up_stops_no_other() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    world.healing.reject(&world.alice, id).await.unwrap();
    // No program can be given so long a name.
    die(&world, id, &format!("javari/heal/{}", "x".repeat(300_000))).await;
    let (_, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(names(&events).last().unwrap(), "needs_approval");
}

#[tokio::test]
async fn a_caller_who_leaves_while_a_repair_begins_leaves_no_row_that_runs() {
    let world = world_in_file().await;
    let project = world.project("app", BROKEN);
    let (dead, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    // It begins after some 15 of its polls; how many differs from one time to the next.
    for patience in 1..=30 {
        die(&world, dead, "javari/heal/none").await;
        let mut beginning = Box::pin(world.healing.heal(&world.alice, project.request(BUILD)));
        let mut polls = 0;
        let leaving = std::future::poll_fn(|context| {
            polls += 1;
            match beginning.as_mut().poll(context) {
                std::task::Poll::Pending if polls < patience => std::task::Poll::Pending,
                _ => std::task::Poll::Ready(()),
            }
        });
        leaving.await;
        drop(beginning);
        // Nothing else may stand in the way of closing, which waits for whoever ends the rows.
        world.healing.running.close();
        world.healing.running.wait().await;
        world.healing.running.reopen();
        let rows = world.healing.events(&world.alice, &PageRequest::default()).await.unwrap();
        let running = |view: &HealingView| view.status == HealingStatus::Running && view.id != dead;
        assert!(!rows.items.iter().any(running), "left after {patience} polls");
    }
}

#[tokio::test]
async fn closing_does_not_wait_for_a_reader_who_reads_no_further() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let mut request = project.request(BUILD);
    request.autonomy = Autonomy::Manual;
    let mut stream = world.healing.heal(&world.alice, request).await.unwrap();
    let id = stream.id();
    // `ruled` fills the channel, so that `stopped` has no room.
    stream.next().await.unwrap().unwrap();
    while world.healing.get(&world.alice, id).await.unwrap().status == HealingStatus::Running {
        tokio::task::yield_now().await;
    }
    let closed = tokio::time::timeout(Duration::from_secs(30), world.healing.close()).await;
    assert!(closed.is_ok(), "closing waits for the reader");
}

#[cfg(unix)]
#[tokio::test]
async fn closing_waits_for_a_merge_and_its_row() {
    use std::os::unix::fs::PermissionsExt;
    let world = world().await;
    let project = world.project("app", BROKEN);
    let home = world.folder.path().canonicalize().unwrap();
    // A git that stops before it makes the merge commit until it is told to go on.
    let (bin, path) = (home.join("bin"), std::env::var("PATH").unwrap());
    std::fs::create_dir(&bin).unwrap();
    let script = format!(
        "#!/bin/sh\nfor word; do\n  if [ \"$word\" = commit-tree ]; then\n    : > '{0}/merging'\n    while [ ! -e '{0}/go' ]; do sleep 0.01; done\n  fi\ndone\nPATH='{path}' exec git \"$@\"\n",
        home.display()
    );
    std::fs::write(bin.join("git"), script).unwrap();
    std::fs::set_permissions(bin.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let environment = BuildEnvironment::allowed(std::env::vars())
        .with("PATH", format!("{}:{path}", bin.display()));
    let roots = ProjectRoots::none().with(home.join("projects"));
    let healing = world.healing_with(environment, roots);
    let mut request = project.request(BUILD);
    request.autonomy = Autonomy::FullAuto;
    let mut stream = healing.heal(&world.alice, request).await.unwrap();
    let id = stream.id();
    while !exists(home.join("merging")) {
        let _ = tokio::time::timeout(Duration::from_millis(10), stream.next()).await;
    }
    drop(stream);
    let closing = tokio::spawn({
        let healing = healing.clone();
        async move { healing.close().await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    std::fs::write(home.join("go"), "").unwrap();
    closing.await.unwrap();
    let view = healing.get(&world.alice, id).await.unwrap();
    assert_eq!(view.status, HealingStatus::Merged);
    assert_eq!(view.merge_commit, Some(project.head()));
}

#[tokio::test]
async fn a_user_sees_and_decides_only_repairs_of_their_own() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    let view = world.healing.get(&world.alice, id).await.unwrap();
    for error in [
        world.healing.get(&world.bob, id).await.unwrap_err(),
        world.healing.approve(&world.bob, &approval(&view)).await.unwrap_err(),
        world.healing.reject(&world.bob, id).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let page = PageRequest::default();
    assert!(world.healing.events(&world.bob, &page).await.unwrap().items.is_empty());
    assert_eq!(world.healing.events(&world.alice, &page).await.unwrap().items, [view]);
    let error = world.healing.events(&ScopeKey::HOST, &page).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn our_healer_passes_the_suite_of_every_healer() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let log = "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/p/componnets/button.mjs' imported from /p/build.mjs";
    let log = log.replace("/p/", &format!("{}/", project.folder.display()));
    let workspace = world.folder.path().canonicalize().unwrap().join("workspaces/suite");
    project.git(&["worktree", "add", "-q", "--detach", workspace.to_str().unwrap()]);
    let samples = suite::Samples {
        known: Incident::new(world.alice, &project.folder, project.head(), &log),
        unknown: Incident::new(world.alice, &project.folder, project.head(), "segfault\n"),
        workspace: Workspace::new(&workspace, project.head()),
        builder: world.builder.clone(),
    };
    let healer = BuildHealer::new(world.builder.clone());
    assert_eq!(suite::run(&healer, &samples).await, Ok(()));
}
