//! Every operation, listed once.

use std::{collections::HashMap, sync::LazyLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    operation::{Access, Operation},
    request::{ForeignRequest, answer, events},
};
use crate::{
    accounts::{
        AuthenticateRequest, Carrier, CreateApiKey, DeleteProject, EnsureProject, EnsureUser,
        EraseUser, Preferences, PutMember, RemoveMember, RevokeApiKey, UpdateProject,
        UpdateSubproject, UpdateUser,
    },
    audit::{ExportTrail, ListEntries, RecordEntry},
    client::{AdoptRequest, BackupFileRequest, BackupRequest, ExportRequest, ImportSeedRequest},
    cost::{BudgetName, SetBudget},
    healer::{ApproveRequest, DiagnoseRequest, HealRequest},
    knowledge::{AnswerRequest, DocumentRequest, IngestRequest, ListDocuments, SearchRequest},
    monitor::CreateMonitorRequest,
    provider::{ChatReply, ChatRequest, ModelInfo, Provider},
    secret::Secret,
    types::{AlertId, HealingId, MonitorId, PageRequest},
    vault::{
        self, AutoRotate, BindCredential, DeleteSnapshot, DueRequest, GetAccessToken,
        ImportCredentials, ListSnapshots, ListVersions, MakeRecoveryCopy, MakeSnapshot, NewKey,
        OpenRecoveryCopy, PutCredential, Reseal, RestoreSnapshot, RevokeVersion,
        RollbackCredential, RotateCredential, RotateDataKey, RotateDue, RotateRootKey,
        ScheduleRotation, TestCredential, VerifyWebhook,
    },
};

/// Every operation, by room and verb.
pub fn catalog() -> &'static [Operation] {
    &CATALOG
}

/// The operation of that name.
pub fn find(name: &str) -> Option<&'static Operation> {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static Operation>> =
        LazyLock::new(|| CATALOG.iter().map(|operation| (operation.name, operation)).collect());
    BY_NAME.get(name).copied()
}

/// A request that says nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A credential's name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialName {
    /// The name.
    pub name: String,
}

/// A monitor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MonitorName {
    /// Its id.
    pub id: MonitorId,
}

/// A monitor and which part of what it saw.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ObservationsOf {
    /// The monitor's id.
    pub id: MonitorId,
    /// Which part of the list.
    #[serde(default)]
    pub page: PageRequest,
}

/// An alert.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertName {
    /// Its id.
    pub id: AlertId,
}

/// A repair.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HealingName {
    /// Its id.
    pub id: HealingId,
}

/// A key to recognise.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKeyText {
    /// The key itself.
    pub key: String,
}

/// That it was done.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Done {
    /// Always true.
    pub done: bool,
}

/// The library's version and the operator's notices.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Version {
    /// The library's version, such as `0.1.0`.
    pub version: &'static str,
    /// The database's schema version.
    pub schema: u32,
    /// What the operator should know.
    pub notices: Vec<String>,
}

/// The models on offer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Models {
    /// Each as `provider/model`.
    pub models: Vec<ModelInfo>,
}

static CATALOG: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    use Access::{Host, User};
    let mut operations = Vec::new();
    operations.extend([
        Operation::unary("system.version", Host, "Tells the library's version and the operator's notices.", |context, _: Nothing| async move {
            Ok(Version {
                version: env!("CARGO_PKG_VERSION"),
                schema: crate::storage::SCHEMA_VERSION,
                notices: context.javari().notices().to_vec(),
            })
        }),
        Operation::unary("system.backup", Host, "Writes one state of the whole database into a file, while others go on.", |context, request: BackupRequest| async move {
            context.host("system.backup")?.system().backup(&request).await
        }),
        Operation::unary("system.restore", Host, "Puts a backup into a new database, of either engine, whole or not at all.", |context, request: BackupFileRequest| async move {
            context.host("system.restore")?.system().restore(&request.path).await
        }),
        Operation::unary("system.verify_backup", Host, "Says whether a file is a whole backup that this root key opens.", |context, request: BackupFileRequest| async move {
            context.host("system.verify_backup")?.system().verify_backup(&request.path).await
        }),
        Operation::unary("system.health", Host, "Tells how the database is: size, connections, whether it takes writes.", |context, _: Nothing| async move {
            context.host("system.health")?.system().health().await
        }),
        Operation::unary("system.doctor", Host, "Looks at everything that can go wrong unseen and says what to do.", |context, _: Nothing| async move {
            Ok(context.host("system.doctor")?.system().doctor().await)
        }),
        Operation::unary("system.vacuum", Host, "Gives back what deleted rows took.", |context, _: Nothing| async move {
            context.host("system.vacuum")?.system().vacuum().await
        }),
        Operation::unary("system.adopt", Host, "Makes another database, one of the seed, one of Javari in its place, or says what that would do.", |context, request: AdoptRequest| async move {
            context.host("system.adopt")?.system().adopt(&request).await
        }),
        Operation::unary("system.import_seed", Host, "Takes a database of the seed into this new one and leaves the old one as it is.", |context, request: ImportSeedRequest| async move {
            context.host("system.import_seed")?.system().import_seed(&request).await
        }),
        Operation::unary("users.ensure", Host, "Finds the user of an e-mail address, or makes one.", |context, request: EnsureUser| async move {
            context.javari().rooms().accounts.ensure_user(&request).await
        }),
        Operation::unary("users.authenticate", Host, "Finds out whose request it is, by its headers or by a token.", |context, request: AuthenticateRequest| async move {
            context.javari().rooms().authenticator.request(&request).await
        }),
        Operation::unary("users.list", Host, "Lists every user, the oldest first.", |context, request: PageRequest| async move {
            context.host("users.list")?.users(&request).await
        }),
        Operation::unary("users.get", User, "Gets the scope's user.", |context, _: Nothing| async move {
            context.scope.user().await
        }),
        Operation::unary("users.update", User, "Changes what is shown of the scope's user; what is left out stays.", |context, request: UpdateUser| async move {
            context.scope.update_user(&request).await
        }),
        Operation::unary("users.export", User, "Writes everything of the scope's user as readable files into a folder.", |context, request: ExportRequest| async move {
            context.scope.export(&request).await
        }),
        Operation::unary("users.erase", Host, "Erases a user with everything that is theirs, for good, and keeps a proof of it.", |context, request: EraseUser| async move {
            context.host("users.erase")?.erase_user(&request).await
        }),
        Operation::unary("preferences.get", User, "Gets what the user prefers.", |context, _: Nothing| async move {
            context.scope.preferences().await
        }),
        Operation::unary("preferences.put", User, "Replaces what the user prefers.", |context, request: Preferences| async move {
            context.scope.put_preferences(&request).await
        }),
        Operation::unary("projects.ensure", User, "Finds the user's project of a name, or makes one.", |context, request: EnsureProject| async move {
            context.javari().rooms().accounts.ensure_project(context.scope.key(), &request).await
        }),
        Operation::unary("projects.list", User, "Lists the user's projects.", |context, request: PageRequest| async move {
            context.scope.projects(&request).await
        }),
        Operation::unary("projects.get", Access::Project, "Gets the scope's project, with how many subprojects it has.", |context, _: Nothing| async move {
            context.scope.get_project().await
        }),
        Operation::unary("projects.update", Access::Project, "Changes the scope's project: name, description, repository; what is left out stays.", |context, request: UpdateProject| async move {
            context.scope.update_project(&request).await
        }),
        Operation::unary("projects.delete", Access::Project, "Deletes the scope's project with everything that is in it, keys included, for good.", |context, request: DeleteProject| async move {
            context.scope.delete_project(&request).await
        }),
        Operation::unary("subprojects.ensure", Access::Project, "Finds the project's subproject of a name, or makes one.", |context, request: EnsureProject| async move {
            context.javari().rooms().accounts.ensure_subproject(context.scope.key(), &request).await
        }),
        Operation::unary("subprojects.list", Access::Project, "Lists the subprojects of the scope's project.", |context, request: PageRequest| async move {
            context.scope.subprojects(&request).await
        }),
        Operation::unary("subprojects.get", Access::Project, "Gets the scope's subproject.", |context, _: Nothing| async move {
            context.scope.get_subproject().await
        }),
        Operation::unary("subprojects.update", Access::Project, "Changes the scope's subproject: name and description; what is left out stays.", |context, request: UpdateSubproject| async move {
            context.scope.update_subproject(&request).await
        }),
        Operation::unary("subprojects.delete", Access::Project, "Deletes the scope's subproject with everything that is in it, keys included, for good.", |context, request: DeleteProject| async move {
            context.scope.delete_subproject(&request).await
        }),
    ]);
    operations.extend([
        Operation::unary("members.list", Access::Project, "Lists the project's members and their roles, without the owner.", |context, request: PageRequest| async move {
            context.scope.members().list(&request).await
        }),
        Operation::unary("members.put", Access::Project, "Makes a user a member of the project, or gives a member another role.", |context, request: PutMember| async move {
            context.scope.members().put(&request).await
        }),
        Operation::unary("members.remove", Access::Project, "Ends a membership, and the keys that the member made for the project.", |context, request: RemoveMember| async move {
            context.scope.members().remove(&request).await.map(|()| Done { done: true })
        }),
        Operation::unary("members.leave", Access::Project, "Ends the membership of the member who acts.", |context, _: Nothing| async move {
            context.scope.members().leave().await.map(|()| Done { done: true })
        }),
        Operation::unary("members.projects", User, "Lists the projects of others that the user is a member of.", |context, request: PageRequest| async move {
            context.scope.memberships(&request).await
        }),
    ]);
    operations.extend([
        Operation::unary("api_keys.create", User, "Makes a key that calls on the user's behalf; it is shown this once.", |context, request: CreateApiKey| async move {
            context.scope.api_keys().create(&request).await
        }),
        Operation::unary("api_keys.list", User, "Lists the user's keys, without the keys.", |context, request: PageRequest| async move {
            context.scope.api_keys().list(&request).await
        }),
        Operation::unary("api_keys.revoke", User, "Ends a key at once and for ever.", |context, request: RevokeApiKey| async move {
            context.scope.api_keys().revoke(request.id).await
        }),
        Operation::unary("api_keys.authenticate", Host, "Finds out whose key it is.", |context, request: ApiKeyText| async move {
            let key = Secret::new(request.key);
            context.javari().rooms().authenticator.key(&key, Carrier::Given).await
        }),
        Operation::unary("api.respond", Host, "Authenticates a request of somebody else, checks what it may call, runs it and answers for HTTP.", |context, request: ForeignRequest| async move {
            Ok(answer(context.javari(), request).await)
        }),
        Operation::stream("api.events", Host, "Authenticates a request of somebody else, checks what it may call and answers event by event.", |context, request: ForeignRequest| async move {
            events(context.javari(), request).await
        }),
    ]);
    operations.extend([
        Operation::unary("vault.make_key", Host, "Makes a new root key and tells its id; nothing is stored.", |_, _: Nothing| async move {
            vault::make_key()
        }),
        Operation::unary("vault.recovery_copy", Host, "Makes a copy of the root key that only a passphrase opens, to be printed and kept.", |context, request: MakeRecoveryCopy| async move {
            context.javari().recovery_copy(&request).await
        }),
        Operation::unary("vault.open_recovery_copy", Host, "Opens a recovery copy with its passphrase and returns the root key.", |_, request: OpenRecoveryCopy| async move {
            let root = vault::open_recovery_copy(&request.copy, &request.passphrase).await?;
            NewKey::of(&root)
        }),
        Operation::unary("vault.rotate_root_key", Host, "Makes another root key the one that everything is sealed with, while others read and write.", |context, request: RotateRootKey| async move {
            context.host("vault.rotate_root_key")?.rotate_root_key(&request).await
        }),
        Operation::unary("vault.reseal", Host, "Seals what is in the seed's format in the present one, and refuses that format where asked to.", |context, request: Reseal| async move {
            context.host("vault.reseal")?.reseal(&request).await
        }),
        Operation::unary("vault.rotate_data_key", User, "Gives exactly the scope's level another data key and seals what is there with it.", |context, request: RotateDataKey| async move {
            context.scope.vault().rotate_data_key(&request).await
        }),
        Operation::unary("vault.put", User, "Stores a credential at the scope's level.", |context, request: PutCredential| async move {
            context.scope.vault().put(request).await
        }),
        Operation::unary("vault.import", User, "Stores many credentials at the scope's level at once: a .env text, JSON or rows of the seed.", |context, request: ImportCredentials| async move {
            context.scope.vault().import(request).await
        }),
        Operation::unary("vault.bind", User, "Says to which hosts a credential may be sent where a header names it.", |context, request: BindCredential| async move {
            context.scope.vault().bind(&request).await
        }),
        Operation::unary("vault.get", User, "Gets a credential of exactly the scope's level, without its value.", |context, request: CredentialName| async move {
            context.scope.vault().get(&request.name).await
        }),
        Operation::unary("vault.resolve", User, "Tells which credential the scope sees under a name, and why.", |context, request: CredentialName| async move {
            context.scope.vault().resolve(&request.name).await
        }),
        Operation::unary("vault.reveal", User, "Returns a credential's value; audited before it is returned.", |context, request: CredentialName| async move {
            context.scope.vault().reveal(&request.name).await
        }),
        Operation::unary("vault.list", User, "Lists the credentials of exactly the scope's level, without values.", |context, request: PageRequest| async move {
            context.scope.vault().list(&request).await
        }),
        Operation::unary("vault.rotate", User, "Gives a credential a new value; the one before it is accepted for its time of grace.", |context, request: RotateCredential| async move {
            context.scope.vault().rotate(request).await
        }),
        Operation::unary("vault.rollback", User, "Makes the value of an earlier version the newest one.", |context, request: RollbackCredential| async move {
            context.scope.vault().rollback(request).await
        }),
        Operation::unary("vault.versions", User, "Lists the values a credential has had, newest first, without the values.", |context, request: ListVersions| async move {
            context.scope.vault().versions(&request).await
        }),
        Operation::unary("vault.accepted", User, "Returns every value that is accepted under a name now; audited before they are returned.", |context, request: CredentialName| async move {
            context.scope.vault().accepted(&request.name).await
        }),
        Operation::unary("vault.verify_webhook", User, "Says whether a request that came in is signed with a credential's value, without giving it away.", |context, request: VerifyWebhook| async move {
            context.scope.vault().verify_webhook(&request).await
        }),
        Operation::unary("vault.access_token", User, "Returns an OAuth client's access token, refreshed where it ends too soon; audited before it is returned.", |context, request: GetAccessToken| async move {
            context.scope.vault().access_token(&request).await
        }),
        Operation::unary("vault.revoke", User, "Ends the time of grace of a version at once.", |context, request: RevokeVersion| async move {
            context.scope.vault().revoke(&request).await
        }),
        Operation::unary("vault.test", User, "Asks a credential's own service whether it works, and keeps the outcome.", |context, request: TestCredential| async move {
            context.scope.vault().test(request).await
        }),
        Operation::unary("vault.auto_rotate", User, "Gives a credential a new value through a rotation handler, once that is seen to work.", |context, request: AutoRotate| async move {
            context.scope.vault().auto_rotate(request).await
        }),
        Operation::unary("vault.schedule", User, "Says every how many days a credential is rotated and by which handler, or that it is not.", |context, request: ScheduleRotation| async move {
            context.scope.vault().schedule(&request).await
        }),
        Operation::unary("vault.due", User, "Lists what expires or has to be rotated soon, and how old the root key is.", |context, request: DueRequest| async move {
            context.scope.vault().due(&request).await
        }),
        Operation::unary("vault.rotate_due", Host, "Carries out the rotations that are due, of every user; for a cron.", |context, request: RotateDue| async move {
            context.javari().rotate_due(&request).await
        }),
        Operation::unary("vault.snapshot", User, "Keeps which versions the scope sees now, for a conversation; never a value in clear.", |context, request: MakeSnapshot| async move {
            context.scope.vault().snapshot(&request).await
        }),
        Operation::unary("vault.restore_snapshot", User, "Makes the versions of a snapshot active again, of credentials at exactly the scope's level.", |context, request: RestoreSnapshot| async move {
            context.scope.vault().restore_snapshot(&request).await
        }),
        Operation::unary("vault.snapshots", User, "Lists the snapshots of exactly the scope's level, newest first.", |context, request: ListSnapshots| async move {
            context.scope.vault().snapshots(&request).await
        }),
        Operation::unary("vault.delete_snapshot", User, "Deletes a snapshot of exactly the scope's level.", |context, request: DeleteSnapshot| async move {
            context.scope.vault().delete_snapshot(&request).await.map(|()| Done { done: true })
        }),
        Operation::unary("vault.delete", User, "Deletes a credential of exactly the scope's level.", |context, request: CredentialName| async move {
            context.scope.vault().delete(&request.name).await.map(|()| Done { done: true })
        }),
        Operation::unary("audit.record", User, "Writes an entry of the app's own into the audit trail.", |context, request: RecordEntry| async move {
            context.scope.audit().record(request).await
        }),
        Operation::unary("audit.list", User, "Lists what was done, newest first.", |context, request: ListEntries| async move {
            context.scope.audit().list(request).await
        }),
        Operation::unary("audit.export", User, "Writes the audit trail into a file as JSON Lines, with all that verifies it.", |context, request: ExportTrail| async move {
            context.scope.audit().export(&request).await
        }),
        Operation::unary("audit.verify", User, "Checks that the audit trail is whole and unaltered.", |context, _: Nothing| async move {
            context.scope.audit().verify().await
        }),
    ]);
    operations.extend([
        Operation::stream(
            "provider.chat",
            User,
            "Chats with a model, event by event.",
            |context, request: ChatRequest| async move { context.scope.chat(request).await },
        ),
        Operation::unary(
            "provider.complete",
            User,
            "Chats with a model and returns the whole reply.",
            |context, request: ChatRequest| async move {
                ChatReply::from_stream(context.scope.chat(request).await?).await
            },
        ),
        Operation::unary(
            "route.explain",
            User,
            "Tells where a chat would go now, and why; nothing is asked.",
            |context, request: ChatRequest| async move {
                request.validate()?;
                Ok(context.scope.route(&request))
            },
        ),
        Operation::unary(
            "provider.models",
            User,
            "Lists the models on offer.",
            |context, _: Nothing| async move {
                let models = context.javari().rooms().router.models(*context.scope.key()).await?;
                Ok(Models { models })
            },
        ),
    ]);
    operations.extend([
        Operation::stream(
            "knowledge.ingest",
            User,
            "Reads a folder, a file, a text or bytes into the knowledge base, event by event.",
            |context, request: IngestRequest| async move {
                Ok(context.scope.knowledge().ingest(request, context.blobs))
            },
        ),
        Operation::unary(
            "knowledge.search",
            User,
            "Finds the chunks that fit a query best.",
            |context, request: SearchRequest| async move {
                context.scope.knowledge().search(request).await
            },
        ),
        Operation::stream(
            "knowledge.answer",
            User,
            "Answers a question from the documents with citations, event by event.",
            |context, request: AnswerRequest| async move {
                Ok(context.scope.knowledge().answer(request))
            },
        ),
        Operation::unary(
            "knowledge.get",
            User,
            "Gets a document with its text.",
            |context, request: DocumentRequest| async move {
                context.scope.knowledge().get(request.id).await
            },
        ),
        Operation::unary(
            "knowledge.list",
            User,
            "Lists the documents of exactly the scope's level, by path.",
            |context, request: ListDocuments| async move {
                context.scope.knowledge().list(&request).await
            },
        ),
        Operation::unary(
            "knowledge.delete",
            User,
            "Deletes a document with its chunks and vectors.",
            |context, request: DocumentRequest| async move {
                context.scope.knowledge().delete(request.id).await.map(|()| Done { done: true })
            },
        ),
        Operation::unary(
            "knowledge.stats",
            User,
            "Counts the documents and chunks of exactly the scope's level.",
            |context, _: Nothing| async move { context.scope.knowledge().stats().await },
        ),
        Operation::unary(
            "cost.report",
            User,
            "Adds up what models cost, by service and by model.",
            |context, _: Nothing| async move { context.scope.costs().await },
        ),
        Operation::unary(
            "budgets.set",
            User,
            "Sets what the user or project may spend on models in a period; a call that might pass it is refused.",
            |context, request: SetBudget| async move {
                context.scope.budgets().set(&request).await
            },
        ),
        Operation::unary(
            "budgets.list",
            User,
            "Tells how the budgets of exactly the scope's level stand.",
            |context, _: Nothing| async move { context.scope.budgets().list().await },
        ),
        Operation::unary(
            "budgets.delete",
            User,
            "Deletes a budget: nothing limits that period any more.",
            |context, request: BudgetName| async move {
                context.scope.budgets().delete(request).await.map(|()| Done { done: true })
            },
        ),
    ]);
    operations.extend([
        Operation::unary("monitor.create", User, "Makes a monitor of a build or an address.", |context, request: CreateMonitorRequest| async move {
            context.scope.monitor().create(&request).await
        }),
        Operation::unary("monitor.list", User, "Lists the scope's monitors.", |context, request: PageRequest| async move {
            context.scope.monitor().list(&request).await
        }),
        Operation::unary("monitor.get", User, "Gets a monitor.", |context, request: MonitorName| async move {
            context.scope.monitor().get(request.id).await
        }),
        Operation::unary("monitor.delete", User, "Deletes a monitor with its observations and alerts.", |context, request: MonitorName| async move {
            context.scope.monitor().delete(request.id).await.map(|()| Done { done: true })
        }),
        Operation::unary("monitor.check", User, "Checks now and stores what was seen.", |context, request: MonitorName| async move {
            context.scope.monitor().check(request.id).await
        }),
        Operation::unary("monitor.observations", User, "Lists what a monitor saw, newest first.", |context, request: ObservationsOf| async move {
            context.scope.monitor().observations(request.id, &request.page).await
        }),
        Operation::unary("monitor.alerts", User, "Lists the scope's alerts, newest first.", |context, request: PageRequest| async move {
            context.scope.monitor().alerts(&request).await
        }),
        Operation::unary("monitor.acknowledge", User, "Says that a person has seen an alert.", |context, request: AlertName| async move {
            context.scope.monitor().acknowledge(request.id).await
        }),
        Operation::unary("healer.diagnose", User, "Reads a build's log and says what is wrong and what would mend it; changes nothing.", |context, request: DiagnoseRequest| async move {
            context.scope.healer().diagnose(&request).await
        }),
        Operation::stream("healer.heal", User, "Mends a broken build on a branch under guard, event by event.", |context, request: HealRequest| async move {
            context.scope.healer().heal(request).await
        }),
        Operation::unary("healer.approve", User, "Merges a repair that waits for a person.", |context, request: ApproveRequest| async move {
            context.scope.healer().approve(&request).await
        }),
        Operation::unary("healer.reject", User, "Removes the branch of a repair that waits for a person.", |context, request: HealingName| async move {
            context.scope.healer().reject(request.id).await
        }),
        Operation::unary("healer.get", User, "Gets a repair.", |context, request: HealingName| async move {
            context.scope.healer().get(request.id).await
        }),
        Operation::unary("healer.list", User, "Lists the scope's repairs, newest first.", |context, request: PageRequest| async move {
            context.scope.healer().list(&request).await
        }),
    ]);
    operations
});
