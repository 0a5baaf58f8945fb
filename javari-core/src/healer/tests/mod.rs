//! What the room promises, told over real git repositories and real builds.

mod guarded;
mod hostile;
mod lifecycle;
mod recipes;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use futures::StreamExt;

use super::*;
use crate::{
    audit::Audit,
    monitor::{BuildEnvironment, BuildTarget, Builder, ProjectRoots},
    secret::RootKey,
    storage::{Database, Location, scratch},
    types::{Autonomy, HealingId, ScopeKey},
};
use crate::{monitor::tests::users, testkit::HandClock};

/// A world of its own: a database, a folder for projects and one for workspaces.
pub(super) struct World {
    pub(super) healing: Healing,
    pub(super) audit: Audit,
    pub(super) database: Database,
    pub(super) clock: Arc<HandClock>,
    pub(super) builder: Builder,
    pub(super) alice: ScopeKey,
    pub(super) bob: ScopeKey,
    pub(super) folder: tempfile::TempDir,
}

pub(super) async fn world() -> World {
    world_with(|_| {}).await
}

pub(super) async fn world_with(adjust: impl FnOnce(&mut HealingConfig)) -> World {
    world_of(scratch().await.parse().unwrap(), tempfile::tempdir().unwrap(), adjust).await
}

/// A world whose database is a file.
pub(super) async fn world_in_file() -> World {
    let folder = tempfile::tempdir().unwrap();
    world_of(Location::File(folder.path().join("javari.db")), folder, |_| {}).await
}

async fn world_of(
    location: Location,
    folder: tempfile::TempDir,
    adjust: impl FnOnce(&mut HealingConfig),
) -> World {
    let clock = HandClock::new();
    let database = Database::open(location, clock.as_ref()).await.unwrap();
    let (alice, bob) = users(&database).await;
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    for name in ["projects", "workspaces"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let roots = ProjectRoots::none().with(folder.path().join("projects"));
    let environment = BuildEnvironment::allowed(std::env::vars());
    let builder = Builder::new(environment, roots, clock.clone());
    let mut config = HealingConfig::new(folder.path().join("workspaces"));
    adjust(&mut config);
    let healer = Arc::new(BuildHealer::new(builder.clone()));
    let healing = Healing::new(
        database.clone(),
        audit.clone(),
        clock.clone(),
        builder.clone(),
        healer,
        config,
    );
    World { healing, audit, database, clock, builder, alice, bob, folder }
}

/// A git project of a test.
pub(super) struct Project {
    pub(super) folder: PathBuf,
}

impl World {
    /// A repository on branch `main` with one commit that holds `files`.
    pub(super) fn project(&self, name: &str, files: &[(&str, &str)]) -> Project {
        let folder = self.folder.path().canonicalize().unwrap().join("projects").join(name);
        std::fs::create_dir(&folder).unwrap();
        let project = Project { folder };
        project.git(&["init", "-q", "-b", "main"]);
        for (path, text) in files {
            project.write(path, text);
        }
        project.commit("begin");
        project
    }

    /// The same world mended by another healer.
    pub(super) fn with_healer(&self, healer: impl Healer + 'static) -> Healing {
        self.healing_of(self.builder.clone(), healer)
    }

    /// The same world whose builds see another environment and other roots.
    pub(super) fn healing_with(
        &self,
        environment: BuildEnvironment,
        roots: ProjectRoots,
    ) -> Healing {
        let builder = Builder::new(environment, roots, self.clock.clone());
        self.healing_of(builder.clone(), BuildHealer::new(builder))
    }

    fn healing_of(&self, builder: Builder, healer: impl Healer + 'static) -> Healing {
        Healing::new(
            self.database.clone(),
            self.audit.clone(),
            self.clock.clone(),
            builder,
            Arc::new(healer),
            HealingConfig::new(self.folder.path().join("workspaces")),
        )
    }

    /// The workspaces that are there, in the one folder that no other system user may enter.
    pub(super) fn workspaces(&self) -> usize {
        use std::os::unix::fs::PermissionsExt;
        let mut count = 0;
        for entry in std::fs::read_dir(self.folder.path().join("workspaces")).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o700);
            count += std::fs::read_dir(entry.path()).unwrap().count();
        }
        count
    }
}

impl Project {
    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let done = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments)
            .current_dir(&self.folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.join(path)).unwrap()
    }

    pub(super) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    pub(super) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub(super) fn show(&self, revision: &str, path: &str) -> String {
        self.git(&["show", &format!("{revision}:{path}")])
    }

    /// The branches beside the one that is checked out.
    pub(super) fn heal_branches(&self) -> Vec<String> {
        let names = self.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads/javari"]);
        names.lines().map(str::to_owned).collect()
    }

    /// Everything that a repair could have disturbed.
    pub(super) fn state(&self) -> String {
        let worktrees = self.git(&["worktree", "list", "--porcelain"]);
        let status = self.git(&["status", "--porcelain=v1", "--branch", "--ignored"]);
        format!("{worktrees}{status}{}", self.head())
    }

    pub(super) fn request(&self, command: &[&str]) -> HealRequest {
        let target = BuildTarget::new(self.folder.to_str().unwrap(), command.iter().copied());
        HealRequest::new(target)
    }
}

/// Runs a repair to its end.
pub(super) async fn heal(
    healing: &Healing,
    scope: &ScopeKey,
    request: HealRequest,
) -> (HealingId, Vec<HealEvent>) {
    let stream = healing.heal(scope, request).await.unwrap();
    let id = stream.id();
    let events: Vec<_> = stream.collect().await;
    (id, events.into_iter().map(|event| event.unwrap()).collect())
}

pub(super) fn names(events: &[HealEvent]) -> Vec<String> {
    let name = |event| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
    events.iter().map(name).collect()
}

/// A sample whose build fails: an import is misspelt.
pub(super) const BROKEN: &[(&str, &str)] = &[
    ("build.mjs", "import { button } from './componnets/button.mjs';\nconsole.log(button);\n"),
    ("components/button.mjs", "export const button = 'a button';\n"),
    ("components/table.mjs", "export const table = 'a table';\n"),
];

pub(super) const BUILD: &[&str] = &["node", "build.mjs"];

pub(super) fn approval(view: &HealingView) -> ApproveRequest {
    ApproveRequest {
        id: view.id,
        plan_hash: view.plan_hash.clone().unwrap(),
        head_commit: view.head_commit.clone().unwrap(),
    }
}

pub(super) fn exists(path: impl AsRef<Path>) -> bool {
    path.as_ref().symlink_metadata().is_ok()
}
