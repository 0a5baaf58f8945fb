/* Written by `cargo catalog` from the catalogue; do not edit. */

/* The name of every operation, for javari_call and javari_stream. */

#ifndef JAVARI_OPERATIONS_H
#define JAVARI_OPERATIONS_H

/* Tells the library's version and the operator's notices. Needs: host. No fields. */
#define JAVARI_OP_SYSTEM_VERSION "system.version"

/* Finds the user of an e-mail address, or makes one. Needs: host. Fields: email, name?. */
#define JAVARI_OP_USERS_ENSURE "users.ensure"

/* Gets the scope's user. Needs: user. No fields. */
#define JAVARI_OP_USERS_GET "users.get"

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

/* Finds the project's subproject of a name, or makes one. Needs: project. Fields: name,
   description?, repository_url?. */
#define JAVARI_OP_SUBPROJECTS_ENSURE "subprojects.ensure"

/* Stores a credential at the scope's level. Needs: user. Fields: name, value, allow_override?,
   description?, expires_at?, is_inherited?, type?. */
#define JAVARI_OP_VAULT_PUT "vault.put"

/* Gets a credential of exactly the scope's level, without its value. Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_GET "vault.get"

/* Tells which credential the scope sees under a name, and why. Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_RESOLVE "vault.resolve"

/* Returns a credential's value; audited before it is returned. Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_REVEAL "vault.reveal"

/* Lists the credentials of exactly the scope's level, without values. Needs: user. Fields:
   cursor?, limit?. */
#define JAVARI_OP_VAULT_LIST "vault.list"

/* Deletes a credential of exactly the scope's level. Needs: user. Fields: name. */
#define JAVARI_OP_VAULT_DELETE "vault.delete"

/* Lists what was done, newest first. Needs: user. Fields: cursor?, limit?. */
#define JAVARI_OP_AUDIT_LIST "audit.list"

/* Checks that the audit trail is whole and unaltered. Needs: user. No fields. */
#define JAVARI_OP_AUDIT_VERIFY "audit.verify"

/* Chats with a model, event by event. Streams. Needs: user. Fields: messages, max_tokens?,
   model?, passages?, response_schema?, stop?, temperature?, timeout_ms?, tool_choice?, tools?. */
#define JAVARI_OP_PROVIDER_CHAT "provider.chat"

/* Chats with a model and returns the whole reply. Needs: user. Fields: messages, max_tokens?,
   model?, passages?, response_schema?, stop?, temperature?, timeout_ms?, tool_choice?, tools?. */
#define JAVARI_OP_PROVIDER_COMPLETE "provider.complete"

/* Lists the models on offer. Needs: user. No fields. */
#define JAVARI_OP_PROVIDER_MODELS "provider.models"

#endif
