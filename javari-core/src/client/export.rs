//! Writes one user's data as files a person can read.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tokio::sync::mpsc;

use super::{Scope, document_files::DocumentFiles};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    secret::{create_private, hidden_neighbour},
    storage::{OwnedRow, export_owned},
};

const OPERATION: &str = "users.export";
/// So many rows may wait for the thread that writes.
const WAITING: usize = 64;

/// Asks for the data of the scope's user as files.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// The folder, on the host's disk: empty, or not there while the one around it is.
    #[schemars(length(min = 1, max = 4096))]
    pub folder: String,
}

/// An export that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportReply {
    /// The folder.
    pub folder: String,
    /// How many things each file or folder in it has.
    pub files: BTreeMap<String, u64>,
}

/// How the rows of a table are written.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// One JSON object.
    One,
    /// A JSON array.
    Array,
    /// One JSON object a line.
    Lines,
}

/// Each table's file and what stands in it. A table that is not named here goes to `more/`.
const FILES: &[(&str, &str, Shape, &str)] = &[
    ("users", "user.json", Shape::One, "who you are here"),
    ("user_preferences", "preferences.json", Shape::One, "what you prefer"),
    ("projects", "projects.json", Shape::Array, "your projects"),
    ("subprojects", "subprojects.json", Shape::Array, "their parts"),
    (
        "javari_credentials",
        "credentials.json",
        Shape::Array,
        "your credentials: names and dates, never the values",
    ),
    (
        "javari_credential_versions",
        "credential_versions.json",
        Shape::Array,
        "when their values changed",
    ),
    (
        "javari_credential_rotations",
        "credential_rotations.jsonl",
        Shape::Lines,
        "which value followed which",
    ),
    (
        "javari_documents",
        "documents.jsonl",
        Shape::Lines,
        "your documents; `file` says where in documents/ the text is",
    ),
    ("javari_work_log", "audit.jsonl", Shape::Lines, "what was done, oldest first"),
    ("javari_cost_tracking", "costs.jsonl", Shape::Lines, "what calls of models cost, in USD"),
    ("javari_health_monitors", "monitors.json", Shape::Array, "what is watched for you"),
    ("javari_monitor_observations", "observations.jsonl", Shape::Lines, "what was seen there"),
    ("javari_alerts", "alerts.jsonl", Shape::Lines, "alerts that were raised"),
    ("javari_healing_events", "repairs.jsonl", Shape::Lines, "repairs that were tried"),
    ("conversations", "conversations.json", Shape::Array, "your conversations"),
    ("messages", "messages.jsonl", Shape::Lines, "what was said in them"),
    (
        "conversation_continuations",
        "continuations.jsonl",
        Shape::Lines,
        "which conversation goes on which",
    ),
    ("artifacts", "artifacts.jsonl", Shape::Lines, "what was made in conversations"),
    (
        "javari_pii_detections",
        "personal_data.jsonl",
        Shape::Lines,
        "personal data that was noticed, as hashes",
    ),
    ("javari_task_queue", "tasks.jsonl", Shape::Lines, "work that was asked for"),
    ("javari_task_attempts", "task_attempts.jsonl", Shape::Lines, "each attempt at it"),
    ("javari_schedules", "schedules.json", Shape::Array, "work that is done again and again"),
    ("javari_agents", "agents.json", Shape::Array, "your agents"),
    (
        "javari_agent_collaboration",
        "collaborations.jsonl",
        Shape::Lines,
        "what agents did together",
    ),
    (
        "javari_collaborating_agents",
        "collaborating_agents.jsonl",
        Shape::Lines,
        "which agents that were",
    ),
    ("javari_web_crawls", "crawls.json", Shape::Array, "sites that are read for you"),
    ("javari_crawl_pages", "crawled_pages.jsonl", Shape::Lines, "their pages"),
    ("javari_learned_patterns", "patterns.jsonl", Shape::Lines, "what was learned from your work"),
    ("javari_ab_tests", "experiments.json", Shape::Array, "your experiments"),
    ("javari_security_scans", "security_scans.jsonl", Shape::Lines, "scans of your projects"),
    ("javari_credit_ledger", "credits.jsonl", Shape::Lines, "how your credits came and went"),
    ("javari_budgets", "budgets.json", Shape::Array, "what may be spent on models"),
    (
        "javari_budget_reservations",
        "reservations.json",
        Shape::Array,
        "what calls that ran just then could cost",
    ),
    (
        "javari_cost_forecasts",
        "forecasts.jsonl",
        Shape::Lines,
        "what your calls were expected to cost",
    ),
    (
        "javari_idempotency_keys",
        "idempotency.jsonl",
        Shape::Lines,
        "calls that are not made twice, with their replies",
    ),
    ("javari_rate_limits", "rate_limits.json", Shape::Array, "how much of your limits is used"),
    ("javari_app_health_status", "health.jsonl", Shape::Lines, "how the parts of your apps were"),
    ("javari_error_reports", "errors.jsonl", Shape::Lines, "errors that were reported"),
    ("javari_performance_metrics", "metrics.jsonl", Shape::Lines, "what was measured"),
    ("javari_analytics_events", "events.jsonl", Shape::Lines, "what was counted"),
    ("javari_feature_requests", "feature_requests.jsonl", Shape::Lines, "what you asked for"),
    ("javari_feature_request_votes", "feature_votes.jsonl", Shape::Lines, "who voted for it"),
    ("javari_auto_fix_attempts", "fixes.jsonl", Shape::Lines, "fixes that were tried"),
    (
        "javari_credential_snapshots",
        "credential_snapshots.json",
        Shape::Array,
        "which credentials a conversation saw",
    ),
    ("javari_api_keys", "api_keys.json", Shape::Array, "your keys, without the keys"),
    ("javari_identities", "identities.json", Shape::Array, "how you sign in"),
    ("javari_project_members", "members.json", Shape::Array, "who else may act in your projects"),
];

/// Tables that hold nothing but what others say already, cut up for machines, or keys.
const LEFT_OUT: &[&str] = &[
    "javari_data_keys",
    "javari_work_log_heads",
    "javari_knowledge_partitions",
    "javari_knowledge_base",
    "javari_knowledge_vectors",
];

impl Scope {
    /// Writes everything of the scope's user, of all their projects, as files into a folder: what
    /// was asked for under GDPR articles 15 and 20. `README.md` there says what is what. No value
    /// of a credential is in it.
    ///
    /// The folder is readable by its owner alone, comes to be there whole, and is an entry of the
    /// user's audit trail.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user; `NOT_FOUND` for one who is not, and where the folder around
    /// it is missing; `ALREADY_EXISTS` when the folder holds something.
    pub async fn export(&self, request: &ExportRequest) -> Result<ExportReply> {
        let user = self.key().require_user(OPERATION)?;
        let target = PathBuf::from(&request.folder);
        let all = self.javari().scope(user);
        all.user().await?;
        let folder = Pending::create(&target)?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let writing = tokio::task::spawn_blocking(move || write(folder, receiver));
        let read = export_owned(&self.javari().rooms().database, user, sender).await;
        let written = writing.await.unwrap_or_else(|stopped| {
            Err(Error::new(ErrorKind::Unexpected, OPERATION, "the writing stopped before it ended")
                .with_source(stopped))
        });
        let (folder, files) = match (read, written) {
            (Ok(()), written) => written?,
            (Err(reading), Err(writing)) if reading.kind() == ErrorKind::Cancelled => {
                return Err(writing);
            }
            (Err(error), _) => return Err(error),
        };
        let entry = Entry::new(OPERATION, "wrote all data of the user into files")
            .with("things", files.values().sum::<u64>());
        self.javari().rooms().audit.record(all.key(), entry).await?;
        folder.publish()?;
        Ok(ExportReply { folder: request.folder.clone(), files })
    }
}

/// Writes what comes into files; tells how many things each has.
fn write(
    folder: Pending,
    mut rows: mpsc::Receiver<OwnedRow>,
) -> Result<(Pending, BTreeMap<String, u64>)> {
    let mut files = BTreeMap::new();
    let mut open: Option<Open> = None;
    let mut documents = DocumentFiles::default();
    loop {
        let Some(row) = rows.blocking_recv() else {
            let message = "the export was left before it was whole; no folder was made";
            return Err(Error::new(ErrorKind::Cancelled, OPERATION, message));
        };
        if open.as_ref().is_some_and(|open| Some(open.table) != row.as_ref().map(|row| row.0))
            && let Some(ended) = open.take()
        {
            let (name, count) = ended.finish().map_err(fault)?;
            files.insert(name, count);
        }
        let Some((table, mut row)) = row else { break };
        if LEFT_OUT.contains(&table) {
            continue;
        }
        if table == "javari_documents" {
            let name = documents.write(&folder.partial, &mut row).map_err(fault)?;
            row.insert("file".to_owned(), name.into());
            *files.entry("documents/".to_owned()).or_insert(0) += 1;
        }
        if open.is_none() {
            open = Some(Open::create(&folder.partial, table).map_err(fault)?);
        }
        if let Some(open) = &mut open {
            open.write(row).map_err(fault)?;
        }
    }
    let mut page = create(&folder.partial.join("README.md")).map_err(fault)?;
    page.write_all(readme(&files).as_bytes()).and_then(|()| page.flush()).map_err(fault)?;
    Ok((folder, files))
}

/// The file of a table while its rows come.
struct Open {
    table: &'static str,
    name: String,
    shape: Shape,
    file: BufWriter<File>,
    count: u64,
}

impl Open {
    fn create(folder: &Path, table: &'static str) -> io::Result<Self> {
        let (name, shape) = match FILES.iter().find(|(known, ..)| *known == table) {
            Some((_, name, shape, _)) => ((*name).to_owned(), *shape),
            None => {
                make_folder(&folder.join("more"))?;
                (format!("more/{table}.jsonl"), Shape::Lines)
            }
        };
        Ok(Self { table, shape, file: create(&folder.join(&name))?, name, count: 0 })
    }

    fn write(&mut self, row: Map<String, Json>) -> io::Result<()> {
        let row = Json::Object(row);
        match self.shape {
            Shape::Lines => writeln!(self.file, "{row}")?,
            Shape::One => writeln!(self.file, "{row:#}")?,
            Shape::Array if self.count == 0 => write!(self.file, "[\n{row:#}")?,
            Shape::Array => write!(self.file, ",\n{row:#}")?,
        }
        self.count += 1;
        Ok(())
    }

    fn finish(mut self) -> io::Result<(String, u64)> {
        if self.shape == Shape::Array {
            self.file.write_all(b"\n]\n")?;
        }
        self.file.flush()?;
        Ok((self.name, self.count))
    }
}

fn readme(files: &BTreeMap<String, u64>) -> String {
    let mut page = String::from(
        "# Your data\n\nEverything that Javari keeps about you. JSON files are one object or one \
         list; in a `.jsonl` file each line is one object. Times are in UTC, amounts in US dollars.\n\n\
         | file | entries | what it is |\n| --- | --- | --- |\n",
    );
    for (name, count) in files {
        let known = FILES.iter().find(|(_, file, ..)| file == name);
        let what = match known {
            Some((.., what)) => what,
            None if name == "documents/" => "the texts of your documents, as they were read",
            None => "further rows that are yours",
        };
        // A String takes every text.
        let _ = writeln!(page, "| `{name}` | {count} | {what} |");
    }
    page.push_str(
        "\nThe values of your credentials are not here: they are shown one by one, on demand, and \
         each time is written down. Search indexes and keys are left out, for they say nothing that \
         is not in these files.\n",
    );
    page
}

/// A folder beside its target, removed on drop unless it was published.
struct Pending {
    target: PathBuf,
    partial: PathBuf,
    is_published: bool,
}

impl Pending {
    fn create(target: &Path) -> Result<Self> {
        let Some(partial) = hidden_neighbour(target).map_err(fault)? else {
            return Err(Error::invalid(OPERATION, "the export needs the name of a folder")
                .with_field("/folder", "must name a folder"));
        };
        match fs::symlink_metadata(target) {
            Ok(there) if !there.is_dir() => {
                return Err(fault(io::ErrorKind::AlreadyExists.into()));
            }
            Ok(_) if fs::read_dir(target).map_err(fault)?.next().is_some() => {
                return Err(fault(io::ErrorKind::AlreadyExists.into()));
            }
            _ => {}
        }
        make_folder(&partial).map_err(fault)?;
        Ok(Self { target: target.to_owned(), partial, is_published: false })
    }

    fn publish(mut self) -> Result<()> {
        // An empty folder gives way; one that is not empty by now refuses to.
        let removed = match fs::remove_dir(&self.target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        removed.and_then(|()| fs::rename(&self.partial, &self.target)).map_err(fault)?;
        self.is_published = true;
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.is_published {
            // It was made here and holds nothing of anybody else.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// A folder for its owner alone; one that is there is as good.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// A new file for its owner alone.
pub(super) fn create(path: &Path) -> io::Result<BufWriter<File>> {
    create_private(path).map(BufWriter::new)
}

/// It does not repeat the path: a secret may stand in its place.
fn fault(error: io::Error) -> Error {
    let (kind, message) = match error.kind() {
        io::ErrorKind::NotFound => {
            (ErrorKind::NotFound, "the folder around it is not there: make it first")
        }
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
            (ErrorKind::AlreadyExists, "something is there: name an empty folder or a new one")
        }
        io::ErrorKind::PermissionDenied => {
            (ErrorKind::Forbidden, "the system refuses access to the folder")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (ErrorKind::StorageFull, "the disk is full; nothing was exported: choose another place")
        }
        _ => (ErrorKind::Storage, "the disk refused a read or a write"),
    };
    Error::new(kind, OPERATION, message).with_source(error)
}
