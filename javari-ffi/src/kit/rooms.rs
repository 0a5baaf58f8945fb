//! Written by `cargo catalog` from the catalogue; do not edit.
//!
//! The rooms of a scope, with requests and replies as JSON text.

use std::sync::Arc;

use super::{Answer, Blobs, Caller, EventStream, Javari, Scope};

/// The room `system`.
#[derive(uniffi::Object)]
pub struct SystemRoom(pub(super) Caller);

#[uniffi::export]
impl SystemRoom {
    /// Tells the library's version and the operator's notices. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn version(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.version", request, blobs).await
    }

    /// Writes one state of the whole database into a file, while others go on. Fields: path,
    /// overwrite?.
    #[uniffi::method(default(blobs = []))]
    pub async fn backup(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.backup", request, blobs).await
    }

    /// Puts a backup into a new database, of either engine, whole or not at all. Fields: path.
    #[uniffi::method(default(blobs = []))]
    pub async fn restore(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.restore", request, blobs).await
    }

    /// Says whether a file is a whole backup that this root key opens. Fields: path.
    #[uniffi::method(default(blobs = []))]
    pub async fn verify_backup(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.verify_backup", request, blobs).await
    }

    /// Tells how the database is: size, connections, whether it takes writes. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn health(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.health", request, blobs).await
    }

    /// Looks at everything that can go wrong unseen and says what to do. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn doctor(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.doctor", request, blobs).await
    }

    /// Gives back what deleted rows took. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn vacuum(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.vacuum", request, blobs).await
    }

    /// Makes another database, one of the seed, one of Javari in its place, or says what that would
    /// do. Fields: database?, drop_old?, dry_run?, emails?, embedding_model?, leave_behind?,
    /// ownerless_owner?, reseal?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn adopt(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.adopt", request, blobs).await
    }

    /// Takes a database of the seed into this new one and leaves the old one as it is. Fields:
    /// path, source.
    #[uniffi::method(default(blobs = []))]
    pub async fn import_seed(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("system.import_seed", request, blobs).await
    }
}

/// The room `users`.
#[derive(uniffi::Object)]
pub struct UsersRoom(pub(super) Caller);

#[uniffi::export]
impl UsersRoom {
    /// Finds the user of an e-mail address, or makes one. Fields: email, name?.
    #[uniffi::method(default(blobs = []))]
    pub async fn ensure(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("users.ensure", request, blobs).await
    }

    /// Finds out whose request it is, by its headers or by a token. Fields: headers?, token?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn authenticate(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("users.authenticate", request, blobs).await
    }

    /// Lists every user, the oldest first. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("users.list", request, blobs).await
    }

    /// Gets the scope's user. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn get(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("users.get", request, blobs).await
    }

    /// Changes what is shown of the scope's user; what is left out stays. Fields: avatar_url?,
    /// name?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn update(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("users.update", request, blobs).await
    }

    /// Writes everything of the scope's user as readable files into a folder. Fields: folder.
    #[uniffi::method(default(blobs = []))]
    pub async fn export(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("users.export", request, blobs).await
    }

    /// Erases a user with everything that is theirs, for good, and keeps a proof of it. Fields:
    /// user, email.
    #[uniffi::method(default(blobs = []))]
    pub async fn erase(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("users.erase", request, blobs).await
    }
}

/// The room `preferences`.
#[derive(uniffi::Object)]
pub struct PreferencesRoom(pub(super) Caller);

#[uniffi::export]
impl PreferencesRoom {
    /// Gets what the user prefers. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn get(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("preferences.get", request, blobs).await
    }

    /// Replaces what the user prefers. Fields: autonomy_level?, default_ai_provider?, max_tokens?,
    /// notifications_enabled?, stream_responses?, temperature?, theme?, voice_enabled?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn put(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("preferences.put", request, blobs).await
    }
}

/// The room `projects`.
#[derive(uniffi::Object)]
pub struct ProjectsRoom(pub(super) Caller);

#[uniffi::export]
impl ProjectsRoom {
    /// Finds the user's project of a name, or makes one. Fields: name, description?,
    /// repository_url?.
    #[uniffi::method(default(blobs = []))]
    pub async fn ensure(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("projects.ensure", request, blobs).await
    }

    /// Lists the user's projects. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("projects.list", request, blobs).await
    }

    /// Gets the scope's project, with how many subprojects it has. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn get(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("projects.get", request, blobs).await
    }

    /// Changes the scope's project: name, description, repository; what is left out stays. Fields:
    /// description?, metadata?, name?, repository_url?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn update(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("projects.update", request, blobs).await
    }

    /// Deletes the scope's project with everything that is in it, keys included, for good. Fields:
    /// name.
    #[uniffi::method(default(blobs = []))]
    pub async fn delete(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("projects.delete", request, blobs).await
    }
}

/// The room `subprojects`.
#[derive(uniffi::Object)]
pub struct SubprojectsRoom(pub(super) Caller);

#[uniffi::export]
impl SubprojectsRoom {
    /// Finds the project's subproject of a name, or makes one. Fields: name, description?,
    /// repository_url?.
    #[uniffi::method(default(blobs = []))]
    pub async fn ensure(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("subprojects.ensure", request, blobs).await
    }

    /// Lists the subprojects of the scope's project. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("subprojects.list", request, blobs).await
    }

    /// Gets the scope's subproject. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn get(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("subprojects.get", request, blobs).await
    }

    /// Changes the scope's subproject: name and description; what is left out stays. Fields:
    /// description?, metadata?, name?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn update(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("subprojects.update", request, blobs).await
    }

    /// Deletes the scope's subproject with everything that is in it, keys included, for good.
    /// Fields: name.
    #[uniffi::method(default(blobs = []))]
    pub async fn delete(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("subprojects.delete", request, blobs).await
    }
}

/// The room `members`.
#[derive(uniffi::Object)]
pub struct MembersRoom(pub(super) Caller);

#[uniffi::export]
impl MembersRoom {
    /// Lists the project's members and their roles, without the owner. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("members.list", request, blobs).await
    }

    /// Makes a user a member of the project, or gives a member another role. Fields: role, email?,
    /// user?.
    #[uniffi::method(default(blobs = []))]
    pub async fn put(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("members.put", request, blobs).await
    }

    /// Ends a membership, and the keys that the member made for the project. Fields: user.
    #[uniffi::method(default(blobs = []))]
    pub async fn remove(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("members.remove", request, blobs).await
    }

    /// Ends the membership of the member who acts. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn leave(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("members.leave", request, blobs).await
    }

    /// Lists the projects of others that the user is a member of. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn projects(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("members.projects", request, blobs).await
    }
}

/// The room `api_keys`.
#[derive(uniffi::Object)]
pub struct ApiKeysRoom(pub(super) Caller);

#[uniffi::export]
impl ApiKeysRoom {
    /// Makes a key that calls on the user's behalf; it is shown this once. Fields: name,
    /// operations, expires_at?.
    #[uniffi::method(default(blobs = []))]
    pub async fn create(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("api_keys.create", request, blobs).await
    }

    /// Lists the user's keys, without the keys. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("api_keys.list", request, blobs).await
    }

    /// Ends a key at once and for ever. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn revoke(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("api_keys.revoke", request, blobs).await
    }

    /// Finds out whose key it is. Fields: key.
    #[uniffi::method(default(blobs = []))]
    pub async fn authenticate(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("api_keys.authenticate", request, blobs).await
    }
}

/// The room `api`.
#[derive(uniffi::Object)]
pub struct ApiRoom(pub(super) Caller);

#[uniffi::export]
impl ApiRoom {
    /// Authenticates a request of somebody else, checks what it may call, runs it and answers for
    /// HTTP. Fields: operation, allow?, headers?, project?, request?, subproject?, token?.
    #[uniffi::method(default(blobs = []))]
    pub async fn respond(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("api.respond", request, blobs).await
    }

    /// Authenticates a request of somebody else, checks what it may call and answers event by
    /// event. Fields: operation, allow?, headers?, project?, request?, subproject?, token?.
    #[uniffi::method(default(blobs = []))]
    pub async fn events(&self, request: String, blobs: Blobs) -> Answer<Arc<EventStream>> {
        self.0.stream("api.events", request, blobs).await
    }
}

/// The room `vault`.
#[derive(uniffi::Object)]
pub struct VaultRoom(pub(super) Caller);

#[uniffi::export]
impl VaultRoom {
    /// Makes a new root key and tells its id; nothing is stored. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn make_key(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.make_key", request, blobs).await
    }

    /// Makes a copy of the root key that only a passphrase opens, to be printed and kept. Fields:
    /// passphrase, key?.
    #[uniffi::method(default(blobs = []))]
    pub async fn recovery_copy(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.recovery_copy", request, blobs).await
    }

    /// Opens a recovery copy with its passphrase and returns the root key. Fields: copy,
    /// passphrase.
    #[uniffi::method(default(blobs = []))]
    pub async fn open_recovery_copy(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.open_recovery_copy", request, blobs).await
    }

    /// Makes another root key the one that everything is sealed with, while others read and write.
    /// Fields: give_up_unfinished?, key?, key_file?, passphrase?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn rotate_root_key(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.rotate_root_key", request, blobs).await
    }

    /// Seals what is in the seed's format in the present one, and refuses that format where asked
    /// to. Fields: raise_minimum?, seconds?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn reseal(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.reseal", request, blobs).await
    }

    /// Gives exactly the scope's level another data key and seals what is there with it. Fields:
    /// seconds?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn rotate_data_key(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.rotate_data_key", request, blobs).await
    }

    /// Stores a credential at the scope's level. Fields: name, value, allow_override?,
    /// description?, expected_version?, expires_at?, hosts?, is_inherited?, type?.
    #[uniffi::method(default(blobs = []))]
    pub async fn put(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.put", request, blobs).await
    }

    /// Stores many credentials at the scope's level at once: a .env text, JSON or rows of the seed.
    /// Fields: text, dry_run?, format?, on_existing?, seed_key?, type?.
    #[uniffi::method(default(blobs = []))]
    pub async fn import(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.import", request, blobs).await
    }

    /// Says to which hosts a credential may be sent where a header names it. Fields: name, hosts,
    /// expected_version?.
    #[uniffi::method(default(blobs = []))]
    pub async fn bind(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.bind", request, blobs).await
    }

    /// Gets a credential of exactly the scope's level, without its value. Fields: name.
    #[uniffi::method(default(blobs = []))]
    pub async fn get(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.get", request, blobs).await
    }

    /// Tells which credential the scope sees under a name, and why. Fields: name.
    #[uniffi::method(default(blobs = []))]
    pub async fn resolve(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.resolve", request, blobs).await
    }

    /// Returns a credential's value; audited before it is returned. Fields: name.
    #[uniffi::method(default(blobs = []))]
    pub async fn reveal(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.reveal", request, blobs).await
    }

    /// Lists the credentials of exactly the scope's level, without values. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.list", request, blobs).await
    }

    /// Gives a credential a new value; the one before it is accepted for its time of grace. Fields:
    /// name, value, expected_version?, expires_at?, grace_seconds?, rotation_type?.
    #[uniffi::method(default(blobs = []))]
    pub async fn rotate(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.rotate", request, blobs).await
    }

    /// Makes the value of an earlier version the newest one. Fields: name, version, allow_revoked?,
    /// expected_version?, grace_seconds?.
    #[uniffi::method(default(blobs = []))]
    pub async fn rollback(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.rollback", request, blobs).await
    }

    /// Lists the values a credential has had, newest first, without the values. Fields: name,
    /// page?.
    #[uniffi::method(default(blobs = []))]
    pub async fn versions(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.versions", request, blobs).await
    }

    /// Returns every value that is accepted under a name now; audited before they are returned.
    /// Fields: name.
    #[uniffi::method(default(blobs = []))]
    pub async fn accepted(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.accepted", request, blobs).await
    }

    /// Says whether a request that came in is signed with a credential's value, without giving it
    /// away. Fields: name, scheme, headers, body?, body_base64?, tolerance_seconds?.
    #[uniffi::method(default(blobs = []))]
    pub async fn verify_webhook(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.verify_webhook", request, blobs).await
    }

    /// Returns an OAuth client's access token, refreshed where it ends too soon; audited before it
    /// is returned. Fields: name, lasting_seconds?.
    #[uniffi::method(default(blobs = []))]
    pub async fn access_token(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.access_token", request, blobs).await
    }

    /// Ends the time of grace of a version at once. Fields: name, version.
    #[uniffi::method(default(blobs = []))]
    pub async fn revoke(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.revoke", request, blobs).await
    }

    /// Asks a credential's own service whether it works, and keeps the outcome. Fields: name,
    /// header?, project_ref?, service?, url?.
    #[uniffi::method(default(blobs = []))]
    pub async fn test(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.test", request, blobs).await
    }

    /// Gives a credential a new value through a rotation handler, once that is seen to work.
    /// Fields: name, expected_version?, grace_seconds?, handler?.
    #[uniffi::method(default(blobs = []))]
    pub async fn auto_rotate(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.auto_rotate", request, blobs).await
    }

    /// Says every how many days a credential is rotated and by which handler, or that it is not.
    /// Fields: name, grace_seconds?, handler?, interval_days?, next_at?.
    #[uniffi::method(default(blobs = []))]
    pub async fn schedule(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.schedule", request, blobs).await
    }

    /// Lists what expires or has to be rotated soon, and how old the root key is. Fields: limit?,
    /// within_days?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn due(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.due", request, blobs).await
    }

    /// Carries out the rotations that are due, of every user; for a cron. Fields: budget?,
    /// seconds?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn rotate_due(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.rotate_due", request, blobs).await
    }

    /// Keeps which versions the scope sees now, for a conversation; never a value in clear. Fields:
    /// conversation_id, expires_at?, with_values?.
    #[uniffi::method(default(blobs = []))]
    pub async fn snapshot(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.snapshot", request, blobs).await
    }

    /// Makes the versions of a snapshot active again, of credentials at exactly the scope's level.
    /// Fields: id, conversation_id, allow_revoked?, grace_seconds?.
    #[uniffi::method(default(blobs = []))]
    pub async fn restore_snapshot(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.restore_snapshot", request, blobs).await
    }

    /// Lists the snapshots of exactly the scope's level, newest first. Fields: conversation_id?,
    /// page?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn snapshots(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.snapshots", request, blobs).await
    }

    /// Deletes a snapshot of exactly the scope's level. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn delete_snapshot(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.delete_snapshot", request, blobs).await
    }

    /// Deletes a credential of exactly the scope's level. Fields: name.
    #[uniffi::method(default(blobs = []))]
    pub async fn delete(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("vault.delete", request, blobs).await
    }
}

/// The room `audit`.
#[derive(uniffi::Object)]
pub struct AuditRoom(pub(super) Caller);

#[uniffi::export]
impl AuditRoom {
    /// Writes an entry of the app's own into the audit trail. Fields: action, description,
    /// confidence?, details?, files?, outcome?, reasoning?.
    #[uniffi::method(default(blobs = []))]
    pub async fn record(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("audit.record", request, blobs).await
    }

    /// Lists what was done, newest first. Fields: action?, cursor?, limit?, outcome?, project?,
    /// since?, until?, user?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("audit.list", request, blobs).await
    }

    /// Writes the audit trail into a file as JSON Lines, with all that verifies it. Fields: path,
    /// since?, until?.
    #[uniffi::method(default(blobs = []))]
    pub async fn export(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("audit.export", request, blobs).await
    }

    /// Checks that the audit trail is whole and unaltered. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn verify(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("audit.verify", request, blobs).await
    }
}

/// The room `provider`.
#[derive(uniffi::Object)]
pub struct ProviderRoom(pub(super) Caller);

#[uniffi::export]
impl ProviderRoom {
    /// Chats with a model, event by event. Fields: messages, cache_seconds?, conversation?,
    /// effort?, fallback?, first_token_timeout_ms?, idle_timeout_ms?, max_tokens?, model?,
    /// options?, passages?, prefer?, response_schema?, restart?, seed?, stop?, task?, temperature?,
    /// tier?, timeout_ms?, tool_choice?, tools?, top_p?.
    #[uniffi::method(default(blobs = []))]
    pub async fn chat(&self, request: String, blobs: Blobs) -> Answer<Arc<EventStream>> {
        self.0.stream("provider.chat", request, blobs).await
    }

    /// Chats with a model and returns the whole reply. Fields: messages, cache_seconds?,
    /// conversation?, effort?, fallback?, first_token_timeout_ms?, idle_timeout_ms?, max_tokens?,
    /// model?, options?, passages?, prefer?, response_schema?, restart?, seed?, stop?, task?,
    /// temperature?, tier?, timeout_ms?, tool_choice?, tools?, top_p?.
    #[uniffi::method(default(blobs = []))]
    pub async fn complete(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("provider.complete", request, blobs).await
    }

    /// Lists the models on offer. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn models(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("provider.models", request, blobs).await
    }
}

/// The room `route`.
#[derive(uniffi::Object)]
pub struct RouteRoom(pub(super) Caller);

#[uniffi::export]
impl RouteRoom {
    /// Tells where a chat would go now, and why; nothing is asked. Fields: messages,
    /// cache_seconds?, conversation?, effort?, fallback?, first_token_timeout_ms?,
    /// idle_timeout_ms?, max_tokens?, model?, options?, passages?, prefer?, response_schema?,
    /// restart?, seed?, stop?, task?, temperature?, tier?, timeout_ms?, tool_choice?, tools?,
    /// top_p?.
    #[uniffi::method(default(blobs = []))]
    pub async fn explain(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("route.explain", request, blobs).await
    }
}

/// The room `knowledge`.
#[derive(uniffi::Object)]
pub struct KnowledgeRoom(pub(super) Caller);

#[uniffi::export]
impl KnowledgeRoom {
    /// Reads a folder, a file, a text or bytes into the knowledge base, event by event. Fields:
    /// bytes?, exclude?, file?, folder?, include?, max_file_bytes?, remove_missing?, source_type?,
    /// text?, under?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn ingest(&self, request: String, blobs: Blobs) -> Answer<Arc<EventStream>> {
        self.0.stream("knowledge.ingest", request, blobs).await
    }

    /// Finds the chunks that fit a query best. Fields: query, fusion?, limit?, mode?, prefix?,
    /// threshold?.
    #[uniffi::method(default(blobs = []))]
    pub async fn search(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("knowledge.search", request, blobs).await
    }

    /// Answers a question from the documents with citations, event by event. Fields: question,
    /// cache_seconds?, limit?, max_tokens?, model?, prefix?, temperature?.
    #[uniffi::method(default(blobs = []))]
    pub async fn answer(&self, request: String, blobs: Blobs) -> Answer<Arc<EventStream>> {
        self.0.stream("knowledge.answer", request, blobs).await
    }

    /// Gets a document with its text. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn get(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("knowledge.get", request, blobs).await
    }

    /// Lists the documents of exactly the scope's level, by path. Fields: page?, prefix?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("knowledge.list", request, blobs).await
    }

    /// Deletes a document with its chunks and vectors. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn delete(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("knowledge.delete", request, blobs).await
    }

    /// Counts the documents and chunks of exactly the scope's level. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn stats(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("knowledge.stats", request, blobs).await
    }
}

/// The room `cost`.
#[derive(uniffi::Object)]
pub struct CostRoom(pub(super) Caller);

#[uniffi::export]
impl CostRoom {
    /// Adds up what models cost, by service and by model. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn report(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("cost.report", request, blobs).await
    }
}

/// The room `budgets`.
#[derive(uniffi::Object)]
pub struct BudgetsRoom(pub(super) Caller);

#[uniffi::export]
impl BudgetsRoom {
    /// Sets what the user or project may spend on models in a period; a call that might pass it is
    /// refused. Fields: period, limit, allow_unpriced?.
    #[uniffi::method(default(blobs = []))]
    pub async fn set(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("budgets.set", request, blobs).await
    }

    /// Tells how the budgets of exactly the scope's level stand. No fields.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("budgets.list", request, blobs).await
    }

    /// Deletes a budget: nothing limits that period any more. Fields: period.
    #[uniffi::method(default(blobs = []))]
    pub async fn delete(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("budgets.delete", request, blobs).await
    }
}

/// The room `monitor`.
#[derive(uniffi::Object)]
pub struct MonitorRoom(pub(super) Caller);

#[uniffi::export]
impl MonitorRoom {
    /// Makes a monitor of a build or an address. Fields: name, target, alert_threshold?,
    /// auto_fix_enabled?, check_frequency?, recovery_threshold?, severity?.
    #[uniffi::method(default(blobs = []))]
    pub async fn create(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("monitor.create", request, blobs).await
    }

    /// Lists the scope's monitors. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("monitor.list", request, blobs).await
    }

    /// Gets a monitor. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn get(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("monitor.get", request, blobs).await
    }

    /// Deletes a monitor with its observations and alerts. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn delete(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("monitor.delete", request, blobs).await
    }

    /// Checks now and stores what was seen. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn check(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("monitor.check", request, blobs).await
    }

    /// Lists what a monitor saw, newest first. Fields: id, page?.
    #[uniffi::method(default(blobs = []))]
    pub async fn observations(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("monitor.observations", request, blobs).await
    }

    /// Lists the scope's alerts, newest first. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn alerts(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("monitor.alerts", request, blobs).await
    }

    /// Says that a person has seen an alert. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn acknowledge(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("monitor.acknowledge", request, blobs).await
    }
}

/// The room `healer`.
#[derive(uniffi::Object)]
pub struct HealerRoom(pub(super) Caller);

#[uniffi::export]
impl HealerRoom {
    /// Reads a build's log and says what is wrong and what would mend it; changes nothing. Fields:
    /// folder, log.
    #[uniffi::method(default(blobs = []))]
    pub async fn diagnose(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("healer.diagnose", request, blobs).await
    }

    /// Mends a broken build on a branch under guard, event by event. Fields: build, alert?,
    /// autonomy?, carry?, log?.
    #[uniffi::method(default(blobs = []))]
    pub async fn heal(&self, request: String, blobs: Blobs) -> Answer<Arc<EventStream>> {
        self.0.stream("healer.heal", request, blobs).await
    }

    /// Merges a repair that waits for a person. Fields: id, plan_hash, head_commit.
    #[uniffi::method(default(blobs = []))]
    pub async fn approve(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("healer.approve", request, blobs).await
    }

    /// Removes the branch of a repair that waits for a person. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn reject(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("healer.reject", request, blobs).await
    }

    /// Gets a repair. Fields: id.
    #[uniffi::method(default(blobs = []))]
    pub async fn get(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("healer.get", request, blobs).await
    }

    /// Lists the scope's repairs, newest first. Fields: cursor?, limit?.
    #[uniffi::method(default(request = "{}", blobs = []))]
    pub async fn list(&self, request: String, blobs: Blobs) -> Answer<String> {
        self.0.call("healer.list", request, blobs).await
    }
}

#[uniffi::export]
impl Javari {
    /// The room `system`.
    pub fn system(&self) -> Arc<SystemRoom> {
        Arc::new(SystemRoom(self.host_scope()))
    }

    /// The room `users`.
    pub fn users(&self) -> Arc<UsersRoom> {
        Arc::new(UsersRoom(self.host_scope()))
    }

    /// The room `api_keys`.
    pub fn api_keys(&self) -> Arc<ApiKeysRoom> {
        Arc::new(ApiKeysRoom(self.host_scope()))
    }

    /// The room `api`.
    pub fn api(&self) -> Arc<ApiRoom> {
        Arc::new(ApiRoom(self.host_scope()))
    }

    /// The room `vault`.
    pub fn vault(&self) -> Arc<VaultRoom> {
        Arc::new(VaultRoom(self.host_scope()))
    }
}

#[uniffi::export]
impl Scope {
    /// The room `system`.
    pub fn system(&self) -> Arc<SystemRoom> {
        Arc::new(SystemRoom(self.caller()))
    }

    /// The room `users`.
    pub fn users(&self) -> Arc<UsersRoom> {
        Arc::new(UsersRoom(self.caller()))
    }

    /// The room `preferences`.
    pub fn preferences(&self) -> Arc<PreferencesRoom> {
        Arc::new(PreferencesRoom(self.caller()))
    }

    /// The room `projects`.
    pub fn projects(&self) -> Arc<ProjectsRoom> {
        Arc::new(ProjectsRoom(self.caller()))
    }

    /// The room `subprojects`.
    pub fn subprojects(&self) -> Arc<SubprojectsRoom> {
        Arc::new(SubprojectsRoom(self.caller()))
    }

    /// The room `members`.
    pub fn members(&self) -> Arc<MembersRoom> {
        Arc::new(MembersRoom(self.caller()))
    }

    /// The room `api_keys`.
    pub fn api_keys(&self) -> Arc<ApiKeysRoom> {
        Arc::new(ApiKeysRoom(self.caller()))
    }

    /// The room `api`.
    pub fn api(&self) -> Arc<ApiRoom> {
        Arc::new(ApiRoom(self.caller()))
    }

    /// The room `vault`.
    pub fn vault(&self) -> Arc<VaultRoom> {
        Arc::new(VaultRoom(self.caller()))
    }

    /// The room `audit`.
    pub fn audit(&self) -> Arc<AuditRoom> {
        Arc::new(AuditRoom(self.caller()))
    }

    /// The room `provider`.
    pub fn provider(&self) -> Arc<ProviderRoom> {
        Arc::new(ProviderRoom(self.caller()))
    }

    /// The room `route`.
    pub fn route(&self) -> Arc<RouteRoom> {
        Arc::new(RouteRoom(self.caller()))
    }

    /// The room `knowledge`.
    pub fn knowledge(&self) -> Arc<KnowledgeRoom> {
        Arc::new(KnowledgeRoom(self.caller()))
    }

    /// The room `cost`.
    pub fn cost(&self) -> Arc<CostRoom> {
        Arc::new(CostRoom(self.caller()))
    }

    /// The room `budgets`.
    pub fn budgets(&self) -> Arc<BudgetsRoom> {
        Arc::new(BudgetsRoom(self.caller()))
    }

    /// The room `monitor`.
    pub fn monitor(&self) -> Arc<MonitorRoom> {
        Arc::new(MonitorRoom(self.caller()))
    }

    /// The room `healer`.
    pub fn healer(&self) -> Arc<HealerRoom> {
        Arc::new(HealerRoom(self.caller()))
    }
}
