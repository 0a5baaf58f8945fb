//! What a user has in the tests of isolation, and what may be asked for it.

use std::{collections::BTreeSet, path::Path, process::Command};

use futures::StreamExt;
use javari_core::{
    Error, Javari, api, client::Builder, config::Settings, secret::Secret, storage::scratch,
    types::ScopeKey,
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// What one user has.
pub(crate) struct Owner {
    /// A word in everything of theirs.
    pub(crate) word: &'static str,
    pub(crate) key: ScopeKey,
    pub(crate) part: ScopeKey,
    pub(crate) folder: String,
    pub(crate) document: Json,
    pub(crate) snapshot: Json,
    pub(crate) api_key: Json,
    pub(crate) monitor: Json,
    pub(crate) alert: Json,
    pub(crate) healing: Json,
    pub(crate) plan_hash: Json,
    pub(crate) head_commit: Json,
}

/// Both users hold the same conversation: its id is the host's own.
pub(crate) const CONVERSATION: &str = "0198f3c8-0000-7000-8000-000000000000";

/// A reply, or the error in the form that every language sees, as text.
pub(crate) async fn run(
    javari: &Javari,
    name: &str,
    scope: ScopeKey,
    request: Json,
) -> Result<Json, Error> {
    let operation = api::find(name).unwrap();
    if !operation.streams() {
        return api::call(javari, name, scope, request, Vec::new()).await;
    }
    let mut events = api::stream(javari, name, scope, request, Vec::new()).await?;
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push(event?);
    }
    Ok(Json::Array(seen))
}

pub(crate) async fn done(javari: &Javari, name: &str, scope: ScopeKey, request: Json) -> Json {
    let told = format!("{name} {request}");
    run(javari, name, scope, request).await.unwrap_or_else(|error| panic!("{told}: {error:?}"))
}

impl Owner {
    /// A user with something in every room.
    pub(crate) async fn settled(javari: &Javari, root: &Path, word: &'static str) -> Self {
        let email = format!("{word}@example.com");
        let own = ScopeKey::user(javari.ensure_user(&email).await.unwrap().id);
        Self::with_project(javari, root, word, own, true).await
    }

    /// A user's project with something in every room, and the same at the user's own level where asked.
    pub(crate) async fn with_project(
        javari: &Javari,
        root: &Path,
        word: &'static str,
        own: ScopeKey,
        at_home: bool,
    ) -> Self {
        let name = |what: &str| format!("{word} {what}");
        let project = done(javari, "projects.ensure", own, json!({ "name": name("site") })).await;
        let key = own.with_project(serde_json::from_value(project["id"].clone()).unwrap());
        let part = done(javari, "subprojects.ensure", key, json!({ "name": name("part") })).await;
        let part = key.with_subproject(serde_json::from_value(part["id"].clone()).unwrap());
        for scope in [own, key, part].into_iter().skip(usize::from(!at_home)) {
            let put =
                json!({ "name": "TOKEN", "value": name("value"), "description": name("token") });
            done(javari, "vault.put", scope, put).await;
            let rotate = json!({ "name": "TOKEN", "value": name("newer"), "grace_seconds": 3600 });
            done(javari, "vault.rotate", scope, rotate).await;
            let text = format!("# {word}\n\nThe {word} valve opens to the left.");
            let ingest = json!({ "text": { "name": format!("{word}.md"), "text": text } });
            done(javari, "knowledge.ingest", scope, ingest).await;
        }
        let budget = json!({ "period": "day", "limit": "1000" });
        done(javari, "budgets.set", key, budget).await;
        let listed = done(javari, "knowledge.list", key, json!({})).await;
        let snapshot = json!({ "conversation_id": CONVERSATION, "with_values": true });
        let snapshot = done(javari, "vault.snapshot", key, snapshot).await;
        let create = json!({ "name": name("key"), "operations": ["vault.*"] });
        let made = done(javari, "api_keys.create", own, create).await;
        let folder = project_folder(root);
        let create = json!({
            "name": name("monitor"),
            "target": { "kind": "build", "folder": folder, "command": ["node", "build.mjs"] },
            "alert_threshold": 1,
        });
        let monitor = done(javari, "monitor.create", key, create).await["id"].clone();
        done(javari, "monitor.check", key, json!({ "id": monitor })).await;
        let alerts = done(javari, "monitor.alerts", key, json!({})).await;
        let heal = json!({ "build": { "folder": folder, "command": ["node", "build.mjs"] } });
        done(javari, "healer.heal", key, heal).await;
        let healings = done(javari, "healer.list", key, json!({})).await;
        let healing = &healings["items"][0];
        assert_eq!(healing["status"], "awaiting_approval", "{healing}");
        Self {
            word,
            key,
            part,
            folder,
            document: listed["items"][0]["id"].clone(),
            snapshot: snapshot["id"].clone(),
            api_key: made["api_key"]["id"].clone(),
            monitor,
            alert: alerts["items"][0]["id"].clone(),
            healing: healing["id"].clone(),
            plan_hash: healing["plan_hash"].clone(),
            head_commit: healing["head_commit"].clone(),
        }
    }

    /// A request of the operation that means the owner's things. An operation without one here fails
    /// the test: say what a stranger would ask for.
    pub(crate) fn request(&self, operation: &str) -> Json {
        let message = json!({ "role": "user", "content": [{ "type": "text", "text": "Which?" }] });
        let build = json!({ "folder": self.folder, "command": ["node", "build.mjs"] });
        match operation {
            "users.get" | "preferences.get" | "audit.verify" | "provider.models"
            | "knowledge.stats" | "cost.report" | "budgets.list" => json!({}),
            "budgets.set" => json!({ "period": "month", "limit": "3" }),
            "budgets.delete" => json!({ "period": "day" }),
            "api_keys.list" | "projects.list" | "vault.list" | "audit.list" | "knowledge.list"
            | "monitor.list" | "monitor.alerts" | "healer.list" => json!({}),
            "members.list" | "members.projects" | "members.leave" => json!({}),
            "projects.get" | "subprojects.get" | "subprojects.list" => json!({}),
            "projects.update" => json!({ "description": "a stranger's", "metadata": { "a": 1 } }),
            "subprojects.update" => json!({ "description": "a stranger's" }),
            "projects.delete" => json!({ "name": format!("{} site", self.word) }),
            "subprojects.delete" => json!({ "name": format!("{} part", self.word) }),
            "users.update" => json!({ "name": "a stranger's" }),
            "members.put" => json!({ "email": "evecanary@example.com", "role": "viewer" }),
            "members.remove" => json!({ "user": Uuid::from_u128(9) }),
            "audit.record" => {
                json!({ "action": "app.stranger.wrote", "description": "a stranger's words" })
            }
            "audit.export" => json!({ "path": format!("{}/audit.jsonl", self.folder) }),
            "users.export" => json!({ "folder": format!("{}/export", self.folder) }),
            "api_keys.create" => json!({ "name": "a stranger's", "operations": ["*"] }),
            "api_keys.revoke" => json!({ "id": self.api_key }),
            "preferences.put" => json!({ "max_tokens": 17 }),
            "projects.ensure" | "subprojects.ensure" => json!({ "name": "a stranger's" }),
            "vault.put" => json!({ "name": "TOKEN", "value": "a stranger's" }),
            "vault.bind" => json!({ "name": "TOKEN", "hosts": ["stranger.example"] }),
            "vault.rotate" => {
                json!({ "name": "TOKEN", "value": "a stranger's", "grace_seconds": 60 })
            }
            "vault.rollback" | "vault.revoke" => json!({ "name": "TOKEN", "version": 1 }),
            "vault.import" => json!({ "text": "TOKEN=of-a-stranger", "format": "env" }),
            "vault.test" => json!({ "name": "TOKEN" }),
            "vault.auto_rotate" => json!({ "name": "TOKEN", "handler": "random" }),
            "vault.schedule" => {
                json!({ "name": "TOKEN", "handler": "random", "interval_days": 7 })
            }
            "vault.rotate_data_key" => json!({ "seconds": 60 }),
            "vault.access_token" => json!({ "name": "TOKEN" }),
            "vault.verify_webhook" => json!({
                "name": "TOKEN", "scheme": "github", "body": "",
                "headers": { "X-Hub-Signature-256": "sha256=00" },
            }),
            "vault.due" => json!({ "within_days": 365 }),
            "vault.snapshot" => json!({ "conversation_id": CONVERSATION, "with_values": true }),
            "vault.snapshots" => json!({ "conversation_id": CONVERSATION }),
            "vault.restore_snapshot" => {
                json!({ "id": self.snapshot, "conversation_id": CONVERSATION })
            }
            "vault.delete_snapshot" => json!({ "id": self.snapshot }),
            "vault.get" | "vault.resolve" | "vault.reveal" | "vault.versions"
            | "vault.accepted" | "vault.delete" => json!({ "name": "TOKEN" }),
            "provider.chat" | "provider.complete" | "route.explain" => {
                json!({ "messages": [message] })
            }
            "knowledge.ingest" => {
                json!({ "text": { "name": "a.md", "text": "A stranger's words." } })
            }
            "knowledge.search" => json!({ "query": "Where does the valve open to?" }),
            "knowledge.answer" => json!({ "question": "Where does the valve open to?" }),
            "knowledge.get" | "knowledge.delete" => json!({ "id": self.document }),
            "monitor.create" => json!({
                "name": "a stranger's", "target": { "kind": "build", "folder": self.folder,
                "command": ["node", "build.mjs"] },
            }),
            "monitor.get" | "monitor.delete" | "monitor.check" | "monitor.observations" => {
                json!({ "id": self.monitor })
            }
            "monitor.acknowledge" => json!({ "id": self.alert }),
            "healer.diagnose" => json!({ "folder": self.folder, "log": "error: nothing known" }),
            "healer.heal" => json!({ "build": build, "autonomy": "manual" }),
            "healer.approve" => json!({
                "id": self.healing, "plan_hash": self.plan_hash, "head_commit": self.head_commit,
            }),
            "healer.reject" | "healer.get" => json!({ "id": self.healing }),
            other => panic!("{other} is new: add what a stranger would ask of it"),
        }
    }

    /// The scope of the user as a whole.
    pub(crate) fn own(&self) -> ScopeKey {
        ScopeKey { project: None, subproject: None, ..self.key }
    }

    /// Everything of the owner's that can be read, in every scope of theirs.
    pub(crate) async fn state(&self, javari: &Javari) -> Json {
        self.state_in(javari, &[self.own(), self.key, self.part]).await
    }

    /// The same in these scopes.
    pub(crate) async fn state_in(&self, javari: &Javari, scopes: &[ScopeKey]) -> Json {
        let mut state = Map::new();
        for scope in scopes.iter().copied() {
            for (name, request) in [
                ("users.get", json!({})),
                ("preferences.get", json!({})),
                ("projects.list", json!({})),
                ("projects.get", json!({})),
                ("subprojects.list", json!({})),
                ("subprojects.get", json!({})),
                ("api_keys.list", json!({})),
                ("vault.list", json!({})),
                ("vault.versions", json!({ "name": "TOKEN" })),
                ("vault.snapshots", json!({})),
                ("knowledge.list", json!({})),
                ("knowledge.stats", json!({})),
                ("knowledge.get", json!({ "id": self.document })),
                ("monitor.list", json!({})),
                ("monitor.observations", json!({ "id": self.monitor })),
                ("monitor.alerts", json!({})),
                ("healer.list", json!({})),
                ("audit.list", json!({ "limit": 200 })),
                ("cost.report", json!({})),
                ("budgets.list", json!({})),
            ] {
                let seen = run(javari, name, scope, request).await;
                let shown = seen.unwrap_or_else(|error| json!(error.code()));
                state.insert(format!("{name} {:?}", scope.level()), shown);
            }
        }
        Json::Object(state)
    }
}

/// A git project whose build fails by a misspelt import.
pub(crate) fn project_folder(root: &Path) -> String {
    let folder = root.join(Uuid::now_v7().simple().to_string());
    std::fs::create_dir_all(folder.join("parts")).unwrap();
    std::fs::write(folder.join("build.mjs"), "import { one } from './partz/one.mjs';\none();\n")
        .unwrap();
    std::fs::write(folder.join("parts/one.mjs"), "export const one = () => 1;\n").unwrap();
    std::fs::write(folder.join("parts/two.mjs"), "export const two = () => 2;\n").unwrap();
    for arguments in
        [&["init", "-q", "-b", "main"][..], &["add", "."], &["commit", "-q", "-m", "begin"]]
    {
        let done = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments)
            .current_dir(&folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    folder.display().to_string()
}

/// Every id in a value, as text.
pub(crate) fn ids(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::String(text) if Uuid::parse_str(text).is_ok() => drop(found.insert(text.clone())),
        Json::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Json::Object(fields) => fields.values().for_each(|field| ids(field, found)),
        _ => {}
    }
}

pub(crate) async fn world(folder: &Path) -> Javari {
    world_at(folder, &scratch().await).await
}

/// The same in a database of the caller's.
pub(crate) async fn world_at(folder: &Path, database: &str) -> Javari {
    let mut settings = Settings::for_database(database);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    settings.project_roots = vec![folder.display().to_string()];
    settings.workspaces = Some(folder.join("workspaces").display().to_string());
    for name in ["PATH", "HOME"] {
        settings.build_environment.insert(name.to_owned(), std::env::var(name).unwrap());
    }
    std::fs::create_dir(folder.join("workspaces")).unwrap();
    Builder::new(settings).open().await.unwrap()
}
