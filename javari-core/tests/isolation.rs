//! Every operation of the catalogue, tried by everybody upon the data of somebody else.
//!
//! Two users have the same things: projects, credentials, documents, monitors, alerts, a repair that
//! waits. Then every operation runs for its owner, so that every cache is warm, and after that in
//! every scope that is not the owner's, with the owner's ids guessed right. No reply and no error may
//! hold a word or an id of the owner's, and nothing of the owner's may have changed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeSet, path::Path, process::Command};

use futures::StreamExt;
use javari_core::{
    Error, Javari,
    api::{self, Access},
    client::Builder,
    config::Settings,
    secret::Secret,
    storage::scratch,
    types::{ScopeKey, UserId},
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// What one user has.
struct Owner {
    /// A word in everything of theirs.
    word: &'static str,
    key: ScopeKey,
    part: ScopeKey,
    folder: String,
    document: Json,
    snapshot: Json,
    api_key: Json,
    monitor: Json,
    alert: Json,
    healing: Json,
    plan_hash: Json,
    head_commit: Json,
}

/// Both users hold the same conversation: its id is the host's own.
const CONVERSATION: &str = "0198f3c8-0000-7000-8000-000000000000";

/// A reply, or the error in the form that every language sees, as text.
async fn run(javari: &Javari, name: &str, scope: ScopeKey, request: Json) -> Result<Json, Error> {
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

async fn done(javari: &Javari, name: &str, scope: ScopeKey, request: Json) -> Json {
    let told = format!("{name} {request}");
    run(javari, name, scope, request).await.unwrap_or_else(|error| panic!("{told}: {error:?}"))
}

impl Owner {
    /// A user with something in every room.
    async fn settled(javari: &Javari, root: &Path, word: &'static str) -> Self {
        let email = format!("{word}@example.com");
        let user = javari.ensure_user(&email).await.unwrap().id;
        let own = ScopeKey::user(user);
        let name = |what: &str| format!("{word} {what}");
        let project = done(javari, "projects.ensure", own, json!({ "name": name("site") })).await;
        let key = own.with_project(serde_json::from_value(project["id"].clone()).unwrap());
        let part = done(javari, "subprojects.ensure", key, json!({ "name": name("part") })).await;
        let part = key.with_subproject(serde_json::from_value(part["id"].clone()).unwrap());
        for scope in [own, key, part] {
            let put =
                json!({ "name": "TOKEN", "value": name("value"), "description": name("token") });
            done(javari, "vault.put", scope, put).await;
            let rotate = json!({ "name": "TOKEN", "value": name("newer"), "grace_seconds": 3600 });
            done(javari, "vault.rotate", scope, rotate).await;
            let text = format!("# {word}\n\nThe {word} valve opens to the left.");
            let ingest = json!({ "text": { "name": format!("{word}.md"), "text": text } });
            done(javari, "knowledge.ingest", scope, ingest).await;
        }
        let listed = done(javari, "knowledge.list", key, json!({})).await;
        let snapshot = json!({ "conversation_id": CONVERSATION, "with_values": true });
        let snapshot = done(javari, "vault.snapshot", key, snapshot).await;
        let create = json!({ "name": name("key"), "operations": ["vault.*"] });
        done(javari, "api_keys.create", own, create).await;
        let keys = done(javari, "api_keys.list", own, json!({})).await;
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
            api_key: keys["items"][0]["id"].clone(),
            monitor,
            alert: alerts["items"][0]["id"].clone(),
            healing: healing["id"].clone(),
            plan_hash: healing["plan_hash"].clone(),
            head_commit: healing["head_commit"].clone(),
        }
    }

    /// A request of the operation that means the owner's things. An operation without one here fails
    /// the test: say what a stranger would ask for.
    fn request(&self, operation: &str) -> Json {
        let message = json!({ "role": "user", "content": [{ "type": "text", "text": "Which?" }] });
        let build = json!({ "folder": self.folder, "command": ["node", "build.mjs"] });
        match operation {
            "users.get" | "preferences.get" | "audit.verify" | "provider.models"
            | "knowledge.stats" | "cost.report" => json!({}),
            "api_keys.list" | "projects.list" | "vault.list" | "audit.list" | "knowledge.list"
            | "monitor.list" | "monitor.alerts" | "healer.list" => json!({}),
            "members.list" | "members.projects" | "members.leave" => json!({}),
            "members.put" => json!({ "email": "evecanary@example.com", "role": "viewer" }),
            "members.remove" => json!({ "user": Uuid::from_u128(9) }),
            "users.export" => json!({ "folder": format!("{}/export", self.folder) }),
            "api_keys.create" => json!({ "name": "a stranger's", "operations": ["*"] }),
            "api_keys.revoke" => json!({ "id": self.api_key }),
            "preferences.put" => json!({ "max_tokens": 17 }),
            "projects.ensure" | "subprojects.ensure" => json!({ "name": "a stranger's" }),
            "vault.put" => json!({ "name": "TOKEN", "value": "a stranger's" }),
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
            "provider.chat" | "provider.complete" => json!({ "messages": [message] }),
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

    /// Everything of the owner's that can be read, in every scope of theirs.
    async fn state(&self, javari: &Javari) -> Json {
        let mut state = Map::new();
        let own = ScopeKey { project: None, subproject: None, ..self.key };
        for scope in [own, self.key, self.part] {
            for (name, request) in [
                ("users.get", json!({})),
                ("preferences.get", json!({})),
                ("projects.list", json!({})),
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
fn project_folder(root: &Path) -> String {
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
fn ids(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::String(text) if Uuid::parse_str(text).is_ok() => drop(found.insert(text.clone())),
        Json::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Json::Object(fields) => fields.values().for_each(|field| ids(field, found)),
        _ => {}
    }
}

async fn world(folder: &Path) -> Javari {
    let mut settings = Settings::for_database(scratch().await);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    settings.project_roots = vec![folder.display().to_string()];
    settings.workspaces = Some(folder.join("workspaces").display().to_string());
    for name in ["PATH", "HOME"] {
        settings.build_environment.insert(name.to_owned(), std::env::var(name).unwrap());
    }
    std::fs::create_dir(folder.join("workspaces")).unwrap();
    Builder::new(settings).open().await.unwrap()
}

#[tokio::test]
async fn no_operation_shows_or_changes_what_belongs_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let javari = world(&root).await;
    let ann = Owner::settled(&javari, &root, "anncanary").await;
    let bob = Owner::settled(&javari, &root, "bobcanary").await;
    for owner in [&ann, &bob] {
        for warm in ["vault.reveal", "vault.accepted", "knowledge.search", "knowledge.answer"] {
            let reply = done(&javari, warm, owner.key, owner.request(warm)).await;
            assert!(reply.to_string().contains(owner.word), "{warm} shows its owner nothing");
        }
    }

    let ghost = UserId(Uuid::from_u128(7));
    let own = |owner: &Owner| ScopeKey { project: None, subproject: None, ..owner.key };
    // Who asks, in a scope that is not the owner's: themselves, with the owner's project, with a
    // subproject of the owner's below a project of theirs, nobody, and a user that is not there.
    let scopes = |victim: &Owner, stranger: &Owner| {
        [
            ("a stranger", stranger.key),
            ("a stranger at home", own(stranger)),
            ("a stranger in the project", ScopeKey { user: stranger.key.user, ..victim.key }),
            ("a stranger in the subproject", ScopeKey { user: stranger.key.user, ..victim.part }),
            (
                "a stranger with a mismatched pair",
                ScopeKey { subproject: victim.part.subproject, ..stranger.key },
            ),
            ("nobody", ScopeKey::HOST),
            ("nobody in the project", ScopeKey { user: None, ..victim.key }),
            ("a user that is not there", ScopeKey { user: Some(ghost), ..victim.key }),
        ]
    };
    let (mut tried, mut refused) = (0, 0);
    for (victim, stranger) in [(&ann, &bob), (&bob, &ann)] {
        let before = victim.state(&javari).await;
        let mut secret_ids = BTreeSet::new();
        ids(&before, &mut secret_ids);
        for (who, scope) in scopes(victim, stranger) {
            for operation in api::catalog() {
                if operation.access == Access::Host {
                    continue;
                }
                let request = victim.request(operation.name);
                let mut known = BTreeSet::new();
                ids(&request, &mut known);
                ids(&serde_json::to_value(scope).unwrap(), &mut known);
                known.insert(CONVERSATION.to_owned());
                let seen = match run(&javari, operation.name, scope, request).await {
                    Ok(reply) => reply.to_string(),
                    Err(error) => {
                        refused += 1;
                        format!("{error} {error:?}")
                    }
                };
                tried += 1;
                let told = format!("{} of {who}: {seen}", operation.name);
                assert!(!seen.contains(victim.word), "a word crossed: {told}");
                let crossed = secret_ids.difference(&known).find(|id| seen.contains(id.as_str()));
                assert_eq!(crossed, None, "an id crossed: {told}");
            }
        }
        assert_eq!(victim.state(&javari).await, before, "a stranger changed something");
    }
    let operations = api::catalog().iter().filter(|it| it.access != Access::Host).count();
    assert_eq!(tried, operations * 8 * 2);
    assert!(refused > tried / 3, "only {refused} of {tried} were refused");
    javari.close().await;
}

#[test]
fn operations_that_need_no_user_are_the_hosts_own() {
    let of_the_host: Vec<&str> = api::catalog()
        .iter()
        .filter(|operation| operation.access == Access::Host)
        .map(|operation| operation.name)
        .collect();
    // Each new name here is a decision: whoever reaches it reaches every user's data.
    let known = [
        "system.version",
        "system.backup",
        "system.restore",
        "system.verify_backup",
        "system.health",
        "system.doctor",
        "system.vacuum",
        "users.ensure",
        "users.authenticate",
        "users.erase",
        "api_keys.authenticate",
        "api.respond",
        "api.events",
        "vault.make_key",
        "vault.recovery_copy",
        "vault.open_recovery_copy",
        "vault.rotate_due",
    ];
    assert_eq!(of_the_host, known);
}
