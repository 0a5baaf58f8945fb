/* Written by `cargo catalog` from the catalogue; do not edit. */

/* The name of every operation, for javari_call and javari_stream. */

#ifndef JAVARI_OPERATIONS_H
#define JAVARI_OPERATIONS_H

/* Tells the library's version and the operator's notices. Needs: host. No fields. */
#define JAVARI_OP_SYSTEM_VERSION "system.version"

/* Writes one state of the whole database into a file, while others go on. Needs: host. Fields:
   path, overwrite?. */
#define JAVARI_OP_SYSTEM_BACKUP "system.backup"

/* Puts a backup into a new database, of either engine, whole or not at all. Needs: host. Fields:
   path. */
#define JAVARI_OP_SYSTEM_RESTORE "system.restore"

/* Says whether a file is a whole backup that this root key opens. Needs: host. Fields: path. */
#define JAVARI_OP_SYSTEM_VERIFY_BACKUP "system.verify_backup"

/* Tells how the database is: size, connections, whether it takes writes. Needs: host. No fields. */
#define JAVARI_OP_SYSTEM_HEALTH "system.health"

/* Looks at everything that can go wrong unseen and says what to do. Needs: host. No fields. */
#define JAVARI_OP_SYSTEM_DOCTOR "system.doctor"

/* Gives back what deleted rows took. Needs: host. No fields. */
#define JAVARI_OP_SYSTEM_VACUUM "system.vacuum"

/* Makes another database, one of the seed, one of Javari in its place, or says what that would
   do. Needs: host. Fields: database?, drop_old?, dry_run?, emails?, embedding_model?,
   leave_behind?, ownerless_owner?, reseal?. */
#define JAVARI_OP_SYSTEM_ADOPT "system.adopt"

/* Takes a database of the seed into this new one and leaves the old one as it is. Needs: host.
   Fields: path, source. */
#define JAVARI_OP_SYSTEM_IMPORT_SEED "system.import_seed"

/* Finds the user of an e-mail address, or makes one. Needs: host. Fields: email, name?. */
#define JAVARI_OP_USERS_ENSURE "users.ensure"

/* Finds out whose request it is, by its headers or by a token. Needs: host. Fields: headers?,
   token?. */
#define JAVARI_OP_USERS_AUTHENTICATE "users.authenticate"

/* Lists every user, the oldest first. Needs: host. Fields: cursor?, limit?. */
#define JAVARI_OP_USERS_LIST "users.list"

/* Gets the scope's user. Needs: user. No fields. */
#define JAVARI_OP_USERS_GET "users.get"

/* Changes what is shown of the scope's user; what is left out stays. Needs: user. Fields:
   avatar_url?, name?. */
#define JAVARI_OP_USERS_UPDATE "users.update"

/* Writes everything of the scope's user as readable files into a folder. Needs: user. Fields:
   folder. */
#define JAVARI_OP_USERS_EXPORT "users.export"

/* Erases a user with everything that is theirs, for good, and keeps a proof of it. Needs: host.
   Fields: user, email. */
#define JAVARI_OP_USERS_ERASE "users.erase"

/* Gets what the user prefers. Needs: user. No fields. */
#define JAVARI_OP_PREFERENCES_GET "preferences.get"

/* Replaces what the user prefers. Needs: user. Fields: autonomy_level?, default_ai_provider?,
   max_tokens?, notifications_enabled?, stream_responses?, temperature?, theme?, voice_enabled?. */
#define JAVARI_OP_PREFERENCES_PUT "preferences.put"

/* Finds the user's project of a name, or makes one. Needs: user. Fields: name, description?,
   repository_url?. */
#define JAVARI_OP_PROJECTS_ENSURE "projects.ensure"

/* Lists the user's projects. Needs: user. Fields: cursor?, limit?. */
#define JAVARI_OP_PROJECTS_LIST "projects.list"

/* Gets the scope's project, with how many subprojects it has. Needs: project. No fields. */
#define JAVARI_OP_PROJECTS_GET "projects.get"

/* Changes the scope's project: name, description, repository; what is left out stays. Needs:
   project. Fields: description?, metadata?, name?, repository_url?. */
#define JAVARI_OP_PROJECTS_UPDATE "projects.update"

/* Deletes the scope's project with everything that is in it, keys included, for good. Needs:
   project. Fields: name. */
#define JAVARI_OP_PROJECTS_DELETE "projects.delete"

/* Finds the project's subproject of a name, or makes one. Needs: project. Fields: name,
   description?, repository_url?. */
#define JAVARI_OP_SUBPROJECTS_ENSURE "subprojects.ensure"

/* Lists the subprojects of the scope's project. Needs: project. Fields: cursor?, limit?. */
#define JAVARI_OP_SUBPROJECTS_LIST "subprojects.list"

/* Gets the scope's subproject. Needs: project. No fields. */
#define JAVARI_OP_SUBPROJECTS_GET "subprojects.get"

/* Changes the scope's subproject: name and description; what is left out stays. Needs: project.
   Fields: description?, metadata?, name?. */
#define JAVARI_OP_SUBPROJECTS_UPDATE "subprojects.update"

/* Deletes the scope's subproject with everything that is in it, keys included, for good. Needs:
   project. Fields: name. */
#define JAVARI_OP_SUBPROJECTS_DELETE "subprojects.delete"

/* Lists the project's members and their roles, without the owner. Needs: project. Fields:
   cursor?, limit?. */
#define JAVARI_OP_MEMBERS_LIST "members.list"

/* Makes a user a member of the project, or gives a member another role. Needs: project. Fields:
   role, email?, user?. */
#define JAVARI_OP_MEMBERS_PUT "members.put"

/* Ends a membership, and the keys that the member made for the project. Needs: project. Fields:
   user. */
#define JAVARI_OP_MEMBERS_REMOVE "members.remove"

/* Ends the membership of the member who acts. Needs: project. No fields. */
#define JAVARI_OP_MEMBERS_LEAVE "members.leave"

/* Lists the projects of others that the user is a member of. Needs: user. Fields: cursor?,
   limit?. */
#define JAVARI_OP_MEMBERS_PROJECTS "members.projects"

/* Makes a key that calls on the user's behalf; it is shown this once. Needs: user. Fields: name,
   operations, expires_at?. */
#define JAVARI_OP_API_KEYS_CREATE "api_keys.create"

/* Lists the user's keys, without the keys. Needs: user. Fields: cursor?, limit?. */
#define JAVARI_OP_API_KEYS_LIST "api_keys.list"

/* Ends a key at once and for ever. Needs: user. Fields: id. */
#define JAVARI_OP_API_KEYS_REVOKE "api_keys.revoke"

/* Finds out whose key it is. Needs: host. Fields: key. */
#define JAVARI_OP_API_KEYS_AUTHENTICATE "api_keys.authenticate"

/* Authenticates a request of somebody else, checks what it may call, runs it and answers for
   HTTP. Needs: host. Fields: operation, allow?, headers?, project?, request?, subproject?,
   token?. */
#define JAVARI_OP_API_RESPOND "api.respond"

/* Authenticates a request of somebody else, checks what it may call and answers event by event.
   Streams. Needs: host. Fields: operation, allow?, headers?, project?, request?, subproject?,
   token?. */
#define JAVARI_OP_API_EVENTS "api.events"

/* Makes a new root key and tells its id; nothing is stored. Needs: host. No fields. */
#define JAVARI_OP_VAULT_MAKE_KEY "vault.make_key"

/* Makes a copy of the root key that only a passphrase opens, to be printed and kept. Needs:
   host. Fields: passphrase, key?. */
#define JAVARI_OP_VAULT_RECOVERY_COPY "vault.recovery_copy"

/* Opens a recovery copy with its passphrase and returns the root key. Needs: host. Fields: copy,
   passphrase. */
#define JAVARI_OP_VAULT_OPEN_RECOVERY_COPY "vault.open_recovery_copy"

/* Makes another root key the one that everything is sealed with, while others read and write.
   Needs: host. Fields: give_up_unfinished?, key?, key_file?, passphrase?. */
#define JAVARI_OP_VAULT_ROTATE_ROOT_KEY "vault.rotate_root_key"

/* Seals what is in the seed's format in the present one, and refuses that format where asked to.
   Needs: host. Fields: raise_minimum?, seconds?. */
#define JAVARI_OP_VAULT_RESEAL "vault.reseal"

/* Gives exactly the scope's level another data key and seals what is there with it. Needs: user.
   Fields: seconds?. */
#define JAVARI_OP_VAULT_ROTATE_DATA_KEY "vault.rotate_data_key"

/* Stores a credential at the scope's level. Needs: user. Fields: name, value, allow_override?,
   description?, expected_version?, expires_at?, hosts?, is_inherited?, type?. */
#define JAVARI_OP_VAULT_PUT "vault.put"

/* Stores many credentials at the scope's level at once: a .env text, JSON or rows of the seed.
   Needs: user. Fields: text, dry_run?, format?, on_existing?, seed_key?, type?. */
#define JAVARI_OP_VAULT_IMPORT "vault.import"

/* Says to which hosts a credential may be sent where a header names it. Needs: user. Fields:
   name, hosts, expected_version?. */
#define JAVARI_OP_VAULT_BIND "vault.bind"

/* Gets a credential of exactly the scope's level, without its value. Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_GET "vault.get"

/* Tells which credential the scope sees under a name, and why. Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_RESOLVE "vault.resolve"

/* Returns a credential's value; audited before it is returned. Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_REVEAL "vault.reveal"

/* Lists the credentials of exactly the scope's level, without values. Needs: user. Fields:
   cursor?, limit?. */
#define JAVARI_OP_VAULT_LIST "vault.list"

/* Gives a credential a new value; the one before it is accepted for its time of grace. Needs:
   user. Fields: name, value, expected_version?, expires_at?, grace_seconds?, rotation_type?. */
#define JAVARI_OP_VAULT_ROTATE "vault.rotate"

/* Makes the value of an earlier version the newest one. Needs: user. Fields: name, version,
   allow_revoked?, expected_version?, grace_seconds?. */
#define JAVARI_OP_VAULT_ROLLBACK "vault.rollback"

/* Lists the values a credential has had, newest first, without the values. Needs: user. Fields:
   name, page?. */
#define JAVARI_OP_VAULT_VERSIONS "vault.versions"

/* Returns every value that is accepted under a name now; audited before they are returned.
   Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_ACCEPTED "vault.accepted"

/* Says whether a request that came in is signed with a credential's value, without giving it
   away. Needs: user. Fields: name, scheme, headers, body?, body_base64?, tolerance_seconds?. */
#define JAVARI_OP_VAULT_VERIFY_WEBHOOK "vault.verify_webhook"

/* Returns an OAuth client's access token, refreshed where it ends too soon; audited before it is
   returned. Needs: user. Fields: name, lasting_seconds?. */
#define JAVARI_OP_VAULT_ACCESS_TOKEN "vault.access_token"

/* Ends the time of grace of a version at once. Needs: user. Fields: name, version. */
#define JAVARI_OP_VAULT_REVOKE "vault.revoke"

/* Asks a credential's own service whether it works, and keeps the outcome. Needs: user. Fields:
   name, header?, project_ref?, service?, url?. */
#define JAVARI_OP_VAULT_TEST "vault.test"

/* Gives a credential a new value through a rotation handler, once that is seen to work. Needs:
   user. Fields: name, expected_version?, grace_seconds?, handler?. */
#define JAVARI_OP_VAULT_AUTO_ROTATE "vault.auto_rotate"

/* Says every how many days a credential is rotated and by which handler, or that it is not.
   Needs: user. Fields: name, grace_seconds?, handler?, interval_days?, next_at?. */
#define JAVARI_OP_VAULT_SCHEDULE "vault.schedule"

/* Lists what expires or has to be rotated soon, and how old the root key is. Needs: user.
   Fields: limit?, within_days?. */
#define JAVARI_OP_VAULT_DUE "vault.due"

/* Carries out the rotations that are due, of every user; for a cron. Needs: host. Fields:
   budget?, seconds?. */
#define JAVARI_OP_VAULT_ROTATE_DUE "vault.rotate_due"

/* Keeps which versions the scope sees now, for a conversation; never a value in clear. Needs:
   user. Fields: conversation_id, expires_at?, with_values?. */
#define JAVARI_OP_VAULT_SNAPSHOT "vault.snapshot"

/* Makes the versions of a snapshot active again, of credentials at exactly the scope's level.
   Needs: user. Fields: id, conversation_id, allow_revoked?, grace_seconds?. */
#define JAVARI_OP_VAULT_RESTORE_SNAPSHOT "vault.restore_snapshot"

/* Lists the snapshots of exactly the scope's level, newest first. Needs: user. Fields:
   conversation_id?, page?. */
#define JAVARI_OP_VAULT_SNAPSHOTS "vault.snapshots"

/* Deletes a snapshot of exactly the scope's level. Needs: user. Fields: id. */
#define JAVARI_OP_VAULT_DELETE_SNAPSHOT "vault.delete_snapshot"

/* Deletes a credential of exactly the scope's level. Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_DELETE "vault.delete"

/* Writes an entry of the app's own into the audit trail. Needs: user. Fields: action,
   description, confidence?, details?, files?, outcome?, reasoning?. */
#define JAVARI_OP_AUDIT_RECORD "audit.record"

/* Lists what was done, newest first. Needs: user. Fields: action?, cursor?, limit?, outcome?,
   project?, since?, until?, user?. */
#define JAVARI_OP_AUDIT_LIST "audit.list"

/* Writes the audit trail into a file as JSON Lines, with all that verifies it. Needs: user.
   Fields: path, since?, until?. */
#define JAVARI_OP_AUDIT_EXPORT "audit.export"

/* Checks that the audit trail is whole and unaltered. Needs: user. No fields. */
#define JAVARI_OP_AUDIT_VERIFY "audit.verify"

/* Chats with a model, event by event. Streams. Needs: user. Fields: messages, cache_seconds?,
   conversation?, effort?, fallback?, first_token_timeout_ms?, idle_timeout_ms?, max_tokens?,
   model?, options?, passages?, prefer?, response_schema?, restart?, seed?, stop?, task?,
   temperature?, tier?, timeout_ms?, tool_choice?, tools?, top_p?. */
#define JAVARI_OP_PROVIDER_CHAT "provider.chat"

/* Chats with a model and returns the whole reply. Needs: user. Fields: messages, cache_seconds?,
   conversation?, effort?, fallback?, first_token_timeout_ms?, idle_timeout_ms?, max_tokens?,
   model?, options?, passages?, prefer?, response_schema?, restart?, seed?, stop?, task?,
   temperature?, tier?, timeout_ms?, tool_choice?, tools?, top_p?. */
#define JAVARI_OP_PROVIDER_COMPLETE "provider.complete"

/* Tells where a chat would go now, and why; nothing is asked. Needs: user. Fields: messages,
   cache_seconds?, conversation?, effort?, fallback?, first_token_timeout_ms?, idle_timeout_ms?,
   max_tokens?, model?, options?, passages?, prefer?, response_schema?, restart?, seed?, stop?,
   task?, temperature?, tier?, timeout_ms?, tool_choice?, tools?, top_p?. */
#define JAVARI_OP_ROUTE_EXPLAIN "route.explain"

/* Lists the models on offer. Needs: user. No fields. */
#define JAVARI_OP_PROVIDER_MODELS "provider.models"

/* Reads a folder, a file, a text or bytes into the knowledge base, event by event. Streams.
   Needs: user. Fields: bytes?, exclude?, file?, folder?, include?, max_file_bytes?,
   remove_missing?, source_type?, text?, under?. */
#define JAVARI_OP_KNOWLEDGE_INGEST "knowledge.ingest"

/* Finds the chunks that fit a query best. Needs: user. Fields: query, fusion?, limit?, mode?,
   prefix?, threshold?. */
#define JAVARI_OP_KNOWLEDGE_SEARCH "knowledge.search"

/* Answers a question from the documents with citations, event by event. Streams. Needs: user.
   Fields: question, cache_seconds?, limit?, max_tokens?, model?, prefix?, temperature?. */
#define JAVARI_OP_KNOWLEDGE_ANSWER "knowledge.answer"

/* Gets a document with its text. Needs: user. Fields: id. */
#define JAVARI_OP_KNOWLEDGE_GET "knowledge.get"

/* Lists the documents of exactly the scope's level, by path. Needs: user. Fields: page?,
   prefix?. */
#define JAVARI_OP_KNOWLEDGE_LIST "knowledge.list"

/* Deletes a document with its chunks and vectors. Needs: user. Fields: id. */
#define JAVARI_OP_KNOWLEDGE_DELETE "knowledge.delete"

/* Counts the documents and chunks of exactly the scope's level. Needs: user. No fields. */
#define JAVARI_OP_KNOWLEDGE_STATS "knowledge.stats"

/* Adds up what models cost, by service and by model. Needs: user. No fields. */
#define JAVARI_OP_COST_REPORT "cost.report"

/* Sets what the user or project may spend on models in a period; a call that might pass it is
   refused. Needs: user. Fields: period, limit, allow_unpriced?. */
#define JAVARI_OP_BUDGETS_SET "budgets.set"

/* Tells how the budgets of exactly the scope's level stand. Needs: user. No fields. */
#define JAVARI_OP_BUDGETS_LIST "budgets.list"

/* Deletes a budget: nothing limits that period any more. Needs: user. Fields: period. */
#define JAVARI_OP_BUDGETS_DELETE "budgets.delete"

/* Makes a monitor of a build or an address. Needs: user. Fields: name, target, alert_threshold?,
   auto_fix_enabled?, check_frequency?, recovery_threshold?, severity?. */
#define JAVARI_OP_MONITOR_CREATE "monitor.create"

/* Lists the scope's monitors. Needs: user. Fields: cursor?, limit?. */
#define JAVARI_OP_MONITOR_LIST "monitor.list"

/* Gets a monitor. Needs: user. Fields: id. */
#define JAVARI_OP_MONITOR_GET "monitor.get"

/* Deletes a monitor with its observations and alerts. Needs: user. Fields: id. */
#define JAVARI_OP_MONITOR_DELETE "monitor.delete"

/* Checks now and stores what was seen. Needs: user. Fields: id. */
#define JAVARI_OP_MONITOR_CHECK "monitor.check"

/* Lists what a monitor saw, newest first. Needs: user. Fields: id, page?. */
#define JAVARI_OP_MONITOR_OBSERVATIONS "monitor.observations"

/* Lists the scope's alerts, newest first. Needs: user. Fields: cursor?, limit?. */
#define JAVARI_OP_MONITOR_ALERTS "monitor.alerts"

/* Says that a person has seen an alert. Needs: user. Fields: id. */
#define JAVARI_OP_MONITOR_ACKNOWLEDGE "monitor.acknowledge"

/* Reads a build's log and says what is wrong and what would mend it; changes nothing. Needs:
   user. Fields: folder, log. */
#define JAVARI_OP_HEALER_DIAGNOSE "healer.diagnose"

/* Mends a broken build on a branch under guard, event by event. Streams. Needs: user. Fields:
   build, alert?, autonomy?, carry?, log?. */
#define JAVARI_OP_HEALER_HEAL "healer.heal"

/* Merges a repair that waits for a person. Needs: user. Fields: id, plan_hash, head_commit. */
#define JAVARI_OP_HEALER_APPROVE "healer.approve"

/* Removes the branch of a repair that waits for a person. Needs: user. Fields: id. */
#define JAVARI_OP_HEALER_REJECT "healer.reject"

/* Gets a repair. Needs: user. Fields: id. */
#define JAVARI_OP_HEALER_GET "healer.get"

/* Lists the scope's repairs, newest first. Needs: user. Fields: cursor?, limit?. */
#define JAVARI_OP_HEALER_LIST "healer.list"

#endif
