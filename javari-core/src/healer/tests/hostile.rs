//! Repositories and logs made to do harm.

use super::*;

/// A program that leaves a mark, for every place where git runs one.
#[cfg(unix)]
fn trap(world: &World) -> (PathBuf, String) {
    use std::os::unix::fs::PermissionsExt;
    let mark = world.folder.path().join("sprung");
    let script = world.folder.path().join("trap.sh");
    std::fs::write(&script, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", mark.display()))
        .unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    (mark, script.to_str().unwrap().to_owned())
}

#[cfg(unix)]
#[tokio::test]
async fn no_hook_filter_or_setting_of_a_repository_runs_anything() {
    let world = world().await;
    let (mark, script) = trap(&world);
    let mut files = BROKEN.to_vec();
    files.push((".gitattributes", "*.mjs filter=evil diff=evil merge=evil\n"));
    let project = world.project("app", &files);
    for hook in [
        "post-checkout",
        "pre-commit",
        "prepare-commit-msg",
        "commit-msg",
        "post-commit",
        "pre-merge-commit",
        "post-merge",
        "reference-transaction",
        "post-index-change",
        "fsmonitor-watchman",
        "pre-auto-gc",
        "post-rewrite",
    ] {
        std::fs::copy(&script, project.folder.join(".git/hooks").join(hook)).unwrap();
    }
    let more = world.folder.path().join("more.cfg");
    std::fs::write(&more, format!("[filter \"evil\"]\n\tprocess = {script}\n")).unwrap();
    for (name, value) in [
        ("core.fsmonitor", script.as_str()),
        ("core.pager", &script),
        ("core.editor", &script),
        ("core.sshCommand", &script),
        ("core.alternateRefsCommand", &script),
        ("filter.evil.smudge", &script),
        ("filter.evil.clean", &script),
        ("filter.evil.required", "true"),
        ("diff.evil.textconv", &script),
        ("diff.evil.command", &script),
        ("diff.external", &script),
        ("merge.evil.driver", &script),
        ("commit.gpgSign", "true"),
        ("gpg.program", &script),
        ("alias.switch", &format!("!{script}")),
        ("include.path", more.to_str().unwrap()),
    ] {
        project.git(&["config", "--local", name, value]);
    }
    // The test's own use of git springs the trap; what counts begins here.
    let _ = std::fs::remove_file(&mark);
    let (id, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(names(&events).last().unwrap(), "needs_approval", "{events:#?}");
    let view = world.healing.get(&world.alice, id).await.unwrap();
    let merged = world.healing.approve(&world.alice, &approval(&view)).await.unwrap();
    assert_eq!(merged.status, HealingStatus::Merged);
    assert!(!exists(&mark), "{}", std::fs::read_to_string(&mark).unwrap());
    // The trap works: the same repository springs it for a git that trusts it.
    let _ = Command::new("git").arg("status").current_dir(&project.folder).output().unwrap();
    assert!(exists(&mark));
}

#[tokio::test]
async fn a_branch_whose_name_looks_like_an_option_is_only_a_name() {
    for branch in ["--upload-pack=touch${IFS}x", "-x", "a;touch${IFS}x", "ünï/…", "HEAD"] {
        let world = world().await;
        let project = world.project("app", BROKEN);
        let name = format!("refs/heads/{branch}");
        project.git(&["update-ref", &name, "HEAD"]);
        project.git(&["symbolic-ref", "HEAD", &name]);
        let (id, _) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
        let view = world.healing.get(&world.alice, id).await.unwrap();
        assert_eq!(view.base_branch, branch);
        let merged = world.healing.approve(&world.alice, &approval(&view)).await.unwrap();
        assert_eq!(merged.merge_commit, Some(project.git(&["rev-parse", &name]).trim().into()));
        assert!(!exists(project.folder.join("x")));
    }
}

#[tokio::test]
async fn a_branch_that_stands_in_the_way_makes_the_repair_fail_without_a_trace() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    project.git(&["branch", "javari"]);
    let before = project.state();
    let stream = world.healing.heal(&world.alice, project.request(BUILD)).await.unwrap();
    let id = stream.id();
    let events: Vec<_> = stream.collect().await;
    assert!(events.last().unwrap().is_err());
    assert_eq!(project.state(), before);
    assert_eq!(world.workspaces(), 0);
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert_eq!(view.status, HealingStatus::Failed);
    assert_eq!(project.heal_branches(), ["javari"]);
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_of_a_repository_is_read_or_written_through() {
    use std::os::unix::fs::symlink;
    let world = world().await;
    let outside = world.folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let text = "import './componnets/button.mjs';\n";
    std::fs::write(outside.join("build.mjs"), text).unwrap();
    let project = world.project("app", &BROKEN[1..]);
    symlink(outside.join("build.mjs"), project.folder.join("build.mjs")).unwrap();
    symlink(&outside, project.folder.join("linked")).unwrap();
    project.commit("link");
    for file in ["build.mjs", "linked/build.mjs"] {
        let log = format!(
            "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '{0}/componnets/button.mjs' imported from {0}/{file}\n",
            project.folder.display()
        );
        let folder = project.folder.to_str().unwrap().to_owned();
        let view =
            world.healing.diagnose(&world.alice, &DiagnoseRequest { folder, log }).await.unwrap();
        assert!(view.plans.is_empty() && !view.diagnosis.needs_human.is_empty());
    }
    let (_, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(names(&events).last().unwrap(), "stopped");
    assert_eq!(std::fs::read_to_string(outside.join("build.mjs")).unwrap(), text);
}

#[tokio::test]
async fn a_log_that_points_outside_leads_nowhere() {
    let world = world().await;
    let project = world.project("app", BROKEN);
    let neighbour = world.project("neighbour", BROKEN);
    let before = (project.state(), neighbour.state());
    for log in [
        "Error: Cannot find module './x'\nRequire stack:\n- /etc/passwd\n",
        "Error: Cannot find module './x'\nRequire stack:\n- ../neighbour/build.mjs\n",
        "Error: Cannot find module './componnets/button.mjs'\nRequire stack:\n- ../../../../etc/build.mjs\n",
        "./../neighbour/build.mjs\nModule not found: Can't resolve './componnets/button.mjs'\n",
        "  File \"/proc/self/environ\", line 1, in <module>\nModuleNotFoundError: No module named 'componnets'\n",
        "error[E0432]: unresolved import `crate::x`\n --> ../../../../etc/passwd:1:1\n",
        "npm error 404  '../../../etc/passwd@1' is not in this registry.\n",
        "Error: Cannot find package '--registry=http://evil.example' imported from /p/build.mjs\n",
    ] {
        let folder = project.folder.to_str().unwrap().to_owned();
        let request = DiagnoseRequest { folder, log: log.into() };
        let view = world.healing.diagnose(&world.alice, &request).await.unwrap();
        assert!(view.plans.is_empty(), "{log}: {:?}", view.plans);
        assert!(!view.diagnosis.needs_human.is_empty());
    }
    assert_eq!((project.state(), neighbour.state()), before);
}

#[tokio::test]
async fn a_build_that_spoils_its_workspace_spoils_nothing_else() {
    let world = world().await;
    // The red build turns its own source into a link before it fails, and commits on the branch
    // it finds when it is run again.
    let build = "import { execFileSync as run } from 'node:child_process';\nimport { symlinkSync, rmSync } from 'node:fs';\nif (run('git', ['branch', '--show-current']).toString().trim())\n  run('git', ['-c', 'user.name=e', '-c', 'user.email=e@e', 'commit', '-q', '--allow-empty', '-m', 'evil']);\nrmSync('components', { recursive: true });\nsymlinkSync('/etc', 'components');\nawait import('./main.mjs');\n";
    let project = world.project(
        "app",
        &[
            ("build.mjs", build),
            ("main.mjs", "import './widgts/button.mjs';\n"),
            ("widgets/button.mjs", ""),
            ("components/x.mjs", ""),
        ],
    );
    let before = project.state();
    let (id, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(names(&events).last().unwrap(), "reverted", "{events:#?}");
    let view = world.healing.get(&world.alice, id).await.unwrap();
    assert!(view.reason.unwrap().contains("moved the branch"));
    assert_eq!(project.state(), before);
    assert_eq!(project.heal_branches(), Vec::<String>::new());
    assert_eq!(world.workspaces(), 0);
}

#[tokio::test]
async fn a_secret_that_a_build_prints_is_told_to_nobody() {
    let world = world().await;
    let build = "console.log('NPM_TOKEN=planted-canary-value');\nconsole.log('ghp_plantedcanary00000000000000000000000');\nawait import('./componnets/button.mjs');\n";
    let mut files = BROKEN.to_vec();
    files[0].1 = build;
    let project = world.project("app", &files);
    let (id, events) = heal(&world.healing, &world.alice, project.request(BUILD)).await;
    assert_eq!(names(&events).last().unwrap(), "needs_approval", "{events:#?}");
    let view = world.healing.get(&world.alice, id).await.unwrap();
    let trail =
        world.audit.list(&world.alice, &crate::types::PageRequest::default()).await.unwrap();
    let told = format!("{events:?}{view:?}{:?}", trail.items);
    assert!(!told.contains("canary"), "{told}");
}
