// Written by `cargo catalog` from the catalogue; do not edit.

// The rooms of a scope. Included by javari.hpp; include that.

#ifndef JAVARI_ROOMS_HPP
#define JAVARI_ROOMS_HPP

namespace javari {
namespace rooms {

/// The room `system`.
class System : private Caller {
 public:
  explicit System(const Caller& caller) : Caller(caller) {}

  /// Tells the library's version and the operator's notices. No fields.
  std::string version(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_VERSION, request, blobs);
  }

  /// Writes one state of the whole database into a file, while others go on. Fields: path,
  /// overwrite?.
  std::string backup(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_BACKUP, request, blobs);
  }

  /// Puts a backup into a new database, of either engine, whole or not at all. Fields: path.
  std::string restore(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_RESTORE, request, blobs);
  }

  /// Says whether a file is a whole backup that this root key opens. Fields: path.
  std::string verify_backup(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_VERIFY_BACKUP, request, blobs);
  }

  /// Tells how the database is: size, connections, whether it takes writes. No fields.
  std::string health(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_HEALTH, request, blobs);
  }

  /// Looks at everything that can go wrong unseen and says what to do. No fields.
  std::string doctor(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_DOCTOR, request, blobs);
  }

  /// Gives back what deleted rows took. No fields.
  std::string vacuum(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_VACUUM, request, blobs);
  }

  /// Makes another database, one of the seed, one of Javari in its place, or says what that would
  /// do. Fields: database?, drop_old?, dry_run?, emails?, embedding_model?, leave_behind?,
  /// ownerless_owner?, reseal?.
  std::string adopt(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_ADOPT, request, blobs);
  }

  /// Takes a database of the seed into this new one and leaves the old one as it is. Fields:
  /// path, source.
  std::string import_seed(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SYSTEM_IMPORT_SEED, request, blobs);
  }
};

/// The room `users`.
class Users : private Caller {
 public:
  explicit Users(const Caller& caller) : Caller(caller) {}

  /// Finds the user of an e-mail address, or makes one. Fields: email, name?.
  std::string ensure(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_USERS_ENSURE, request, blobs);
  }

  /// Finds out whose request it is, by its headers or by a token. Fields: headers?, token?.
  std::string authenticate(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_USERS_AUTHENTICATE, request, blobs);
  }

  /// Lists every user, the oldest first. Fields: cursor?, limit?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_USERS_LIST, request, blobs);
  }

  /// Gets the scope's user. No fields.
  std::string get(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_USERS_GET, request, blobs);
  }

  /// Changes what is shown of the scope's user; what is left out stays. Fields: avatar_url?,
  /// name?.
  std::string update(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_USERS_UPDATE, request, blobs);
  }

  /// Writes everything of the scope's user as readable files into a folder. Fields: folder.
  std::string export_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_USERS_EXPORT, request, blobs);
  }

  /// Erases a user with everything that is theirs, for good, and keeps a proof of it. Fields:
  /// user, email.
  std::string erase(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_USERS_ERASE, request, blobs);
  }
};

/// The room `preferences`.
class Preferences : private Caller {
 public:
  explicit Preferences(const Caller& caller) : Caller(caller) {}

  /// Gets what the user prefers. No fields.
  std::string get(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PREFERENCES_GET, request, blobs);
  }

  /// Replaces what the user prefers. Fields: autonomy_level?, default_ai_provider?, max_tokens?,
  /// notifications_enabled?, stream_responses?, temperature?, theme?, voice_enabled?.
  std::string put(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PREFERENCES_PUT, request, blobs);
  }
};

/// The room `projects`.
class Projects : private Caller {
 public:
  explicit Projects(const Caller& caller) : Caller(caller) {}

  /// Finds the user's project of a name, or makes one. Fields: name, description?,
  /// repository_url?.
  std::string ensure(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PROJECTS_ENSURE, request, blobs);
  }

  /// Lists the user's projects. Fields: cursor?, limit?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PROJECTS_LIST, request, blobs);
  }

  /// Gets the scope's project, with how many subprojects it has. No fields.
  std::string get(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PROJECTS_GET, request, blobs);
  }

  /// Changes the scope's project: name, description, repository; what is left out stays. Fields:
  /// description?, metadata?, name?, repository_url?.
  std::string update(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PROJECTS_UPDATE, request, blobs);
  }

  /// Deletes the scope's project with everything that is in it, keys included, for good. Fields:
  /// name.
  std::string delete_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PROJECTS_DELETE, request, blobs);
  }
};

/// The room `subprojects`.
class Subprojects : private Caller {
 public:
  explicit Subprojects(const Caller& caller) : Caller(caller) {}

  /// Finds the project's subproject of a name, or makes one. Fields: name, description?,
  /// repository_url?.
  std::string ensure(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SUBPROJECTS_ENSURE, request, blobs);
  }

  /// Lists the subprojects of the scope's project. Fields: cursor?, limit?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SUBPROJECTS_LIST, request, blobs);
  }

  /// Gets the scope's subproject. No fields.
  std::string get(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SUBPROJECTS_GET, request, blobs);
  }

  /// Changes the scope's subproject: name and description; what is left out stays. Fields:
  /// description?, metadata?, name?.
  std::string update(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SUBPROJECTS_UPDATE, request, blobs);
  }

  /// Deletes the scope's subproject with everything that is in it, keys included, for good.
  /// Fields: name.
  std::string delete_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_SUBPROJECTS_DELETE, request, blobs);
  }
};

/// The room `members`.
class Members : private Caller {
 public:
  explicit Members(const Caller& caller) : Caller(caller) {}

  /// Lists the project's members and their roles, without the owner. Fields: cursor?, limit?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MEMBERS_LIST, request, blobs);
  }

  /// Makes a user a member of the project, or gives a member another role. Fields: role, email?,
  /// user?.
  std::string put(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MEMBERS_PUT, request, blobs);
  }

  /// Ends a membership, and the keys that the member made for the project. Fields: user.
  std::string remove(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MEMBERS_REMOVE, request, blobs);
  }

  /// Ends the membership of the member who acts. No fields.
  std::string leave(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MEMBERS_LEAVE, request, blobs);
  }

  /// Lists the projects of others that the user is a member of. Fields: cursor?, limit?.
  std::string projects(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MEMBERS_PROJECTS, request, blobs);
  }
};

/// The room `api_keys`.
class ApiKeys : private Caller {
 public:
  explicit ApiKeys(const Caller& caller) : Caller(caller) {}

  /// Makes a key that calls on the user's behalf; it is shown this once. Fields: name,
  /// operations, expires_at?.
  std::string create(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_API_KEYS_CREATE, request, blobs);
  }

  /// Lists the user's keys, without the keys. Fields: cursor?, limit?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_API_KEYS_LIST, request, blobs);
  }

  /// Ends a key at once and for ever. Fields: id.
  std::string revoke(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_API_KEYS_REVOKE, request, blobs);
  }

  /// Finds out whose key it is. Fields: key.
  std::string authenticate(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_API_KEYS_AUTHENTICATE, request, blobs);
  }
};

/// The room `api`.
class Api : private Caller {
 public:
  explicit Api(const Caller& caller) : Caller(caller) {}

  /// Authenticates a request of somebody else, checks what it may call, runs it and answers for
  /// HTTP. Fields: operation, allow?, headers?, project?, request?, subproject?, token?.
  std::string respond(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_API_RESPOND, request, blobs);
  }

  /// Authenticates a request of somebody else, checks what it may call and answers event by
  /// event. Fields: operation, allow?, headers?, project?, request?, subproject?, token?.
  Stream events(std::string_view request, const Blobs& blobs = {}) const {
    return stream(JAVARI_OP_API_EVENTS, request, blobs);
  }
};

/// The room `vault`.
class Vault : private Caller {
 public:
  explicit Vault(const Caller& caller) : Caller(caller) {}

  /// Makes a new root key and tells its id; nothing is stored. No fields.
  std::string make_key(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_MAKE_KEY, request, blobs);
  }

  /// Makes a copy of the root key that only a passphrase opens, to be printed and kept. Fields:
  /// passphrase, key?.
  std::string recovery_copy(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_RECOVERY_COPY, request, blobs);
  }

  /// Opens a recovery copy with its passphrase and returns the root key. Fields: copy,
  /// passphrase.
  std::string open_recovery_copy(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_OPEN_RECOVERY_COPY, request, blobs);
  }

  /// Makes another root key the one that everything is sealed with, while others read and write.
  /// Fields: give_up_unfinished?, key?, key_file?, passphrase?.
  std::string rotate_root_key(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_ROTATE_ROOT_KEY, request, blobs);
  }

  /// Seals what is in the seed's format in the present one, and refuses that format where asked
  /// to. Fields: raise_minimum?, seconds?.
  std::string reseal(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_RESEAL, request, blobs);
  }

  /// Gives exactly the scope's level another data key and seals what is there with it. Fields:
  /// seconds?.
  std::string rotate_data_key(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_ROTATE_DATA_KEY, request, blobs);
  }

  /// Stores a credential at the scope's level. Fields: name, value, allow_override?,
  /// description?, expected_version?, expires_at?, hosts?, is_inherited?, type?.
  std::string put(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_PUT, request, blobs);
  }

  /// Stores many credentials at the scope's level at once: a .env text, JSON or rows of the seed.
  /// Fields: text, dry_run?, format?, on_existing?, seed_key?, type?.
  std::string import_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_IMPORT, request, blobs);
  }

  /// Says to which hosts a credential may be sent where a header names it. Fields: name, hosts,
  /// expected_version?.
  std::string bind(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_BIND, request, blobs);
  }

  /// Gets a credential of exactly the scope's level, without its value. Fields: name.
  std::string get(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_GET, request, blobs);
  }

  /// Tells which credential the scope sees under a name, and why. Fields: name.
  std::string resolve(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_RESOLVE, request, blobs);
  }

  /// Returns a credential's value; audited before it is returned. Fields: name.
  std::string reveal(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_REVEAL, request, blobs);
  }

  /// Lists the credentials of exactly the scope's level, without values. Fields: cursor?, limit?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_LIST, request, blobs);
  }

  /// Gives a credential a new value; the one before it is accepted for its time of grace. Fields:
  /// name, value, expected_version?, expires_at?, grace_seconds?, rotation_type?.
  std::string rotate(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_ROTATE, request, blobs);
  }

  /// Makes the value of an earlier version the newest one. Fields: name, version, allow_revoked?,
  /// expected_version?, grace_seconds?.
  std::string rollback(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_ROLLBACK, request, blobs);
  }

  /// Lists the values a credential has had, newest first, without the values. Fields: name,
  /// page?.
  std::string versions(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_VERSIONS, request, blobs);
  }

  /// Returns every value that is accepted under a name now; audited before they are returned.
  /// Fields: name.
  std::string accepted(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_ACCEPTED, request, blobs);
  }

  /// Says whether a request that came in is signed with a credential's value, without giving it
  /// away. Fields: name, scheme, headers, body?, body_base64?, tolerance_seconds?.
  std::string verify_webhook(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_VERIFY_WEBHOOK, request, blobs);
  }

  /// Returns an OAuth client's access token, refreshed where it ends too soon; audited before it
  /// is returned. Fields: name, lasting_seconds?.
  std::string access_token(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_ACCESS_TOKEN, request, blobs);
  }

  /// Ends the time of grace of a version at once. Fields: name, version.
  std::string revoke(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_REVOKE, request, blobs);
  }

  /// Asks a credential's own service whether it works, and keeps the outcome. Fields: name,
  /// header?, project_ref?, service?, url?.
  std::string test(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_TEST, request, blobs);
  }

  /// Gives a credential a new value through a rotation handler, once that is seen to work.
  /// Fields: name, expected_version?, grace_seconds?, handler?.
  std::string auto_rotate(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_AUTO_ROTATE, request, blobs);
  }

  /// Says every how many days a credential is rotated and by which handler, or that it is not.
  /// Fields: name, grace_seconds?, handler?, interval_days?, next_at?.
  std::string schedule(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_SCHEDULE, request, blobs);
  }

  /// Lists what expires or has to be rotated soon, and how old the root key is. Fields: limit?,
  /// within_days?.
  std::string due(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_DUE, request, blobs);
  }

  /// Carries out the rotations that are due, of every user; for a cron. Fields: budget?,
  /// seconds?.
  std::string rotate_due(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_ROTATE_DUE, request, blobs);
  }

  /// Keeps which versions the scope sees now, for a conversation; never a value in clear. Fields:
  /// conversation_id, expires_at?, with_values?.
  std::string snapshot(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_SNAPSHOT, request, blobs);
  }

  /// Makes the versions of a snapshot active again, of credentials at exactly the scope's level.
  /// Fields: id, conversation_id, allow_revoked?, grace_seconds?.
  std::string restore_snapshot(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_RESTORE_SNAPSHOT, request, blobs);
  }

  /// Lists the snapshots of exactly the scope's level, newest first. Fields: conversation_id?,
  /// page?.
  std::string snapshots(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_SNAPSHOTS, request, blobs);
  }

  /// Deletes a snapshot of exactly the scope's level. Fields: id.
  std::string delete_snapshot(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_DELETE_SNAPSHOT, request, blobs);
  }

  /// Deletes a credential of exactly the scope's level. Fields: name.
  std::string delete_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_VAULT_DELETE, request, blobs);
  }
};

/// The room `audit`.
class Audit : private Caller {
 public:
  explicit Audit(const Caller& caller) : Caller(caller) {}

  /// Writes an entry of the app's own into the audit trail. Fields: action, description,
  /// confidence?, details?, files?, outcome?, reasoning?.
  std::string record(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_AUDIT_RECORD, request, blobs);
  }

  /// Lists what was done, newest first. Fields: action?, cursor?, limit?, outcome?, project?,
  /// since?, until?, user?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_AUDIT_LIST, request, blobs);
  }

  /// Writes the audit trail into a file as JSON Lines, with all that verifies it. Fields: path,
  /// since?, until?.
  std::string export_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_AUDIT_EXPORT, request, blobs);
  }

  /// Checks that the audit trail is whole and unaltered. No fields.
  std::string verify(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_AUDIT_VERIFY, request, blobs);
  }
};

/// The room `provider`.
class Provider : private Caller {
 public:
  explicit Provider(const Caller& caller) : Caller(caller) {}

  /// Chats with a model, event by event. Fields: messages, cache_seconds?, conversation?,
  /// effort?, fallback?, first_token_timeout_ms?, idle_timeout_ms?, max_tokens?, model?,
  /// options?, passages?, prefer?, response_schema?, restart?, seed?, stop?, task?, temperature?,
  /// tier?, timeout_ms?, tool_choice?, tools?, top_p?.
  Stream chat(std::string_view request, const Blobs& blobs = {}) const {
    return stream(JAVARI_OP_PROVIDER_CHAT, request, blobs);
  }

  /// Chats with a model and returns the whole reply. Fields: messages, cache_seconds?,
  /// conversation?, effort?, fallback?, first_token_timeout_ms?, idle_timeout_ms?, max_tokens?,
  /// model?, options?, passages?, prefer?, response_schema?, restart?, seed?, stop?, task?,
  /// temperature?, tier?, timeout_ms?, tool_choice?, tools?, top_p?.
  std::string complete(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PROVIDER_COMPLETE, request, blobs);
  }

  /// Lists the models on offer. No fields.
  std::string models(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_PROVIDER_MODELS, request, blobs);
  }
};

/// The room `route`.
class Route : private Caller {
 public:
  explicit Route(const Caller& caller) : Caller(caller) {}

  /// Tells where a chat would go now, and why; nothing is asked. Fields: messages,
  /// cache_seconds?, conversation?, effort?, fallback?, first_token_timeout_ms?,
  /// idle_timeout_ms?, max_tokens?, model?, options?, passages?, prefer?, response_schema?,
  /// restart?, seed?, stop?, task?, temperature?, tier?, timeout_ms?, tool_choice?, tools?,
  /// top_p?.
  std::string explain(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_ROUTE_EXPLAIN, request, blobs);
  }
};

/// The room `knowledge`.
class Knowledge : private Caller {
 public:
  explicit Knowledge(const Caller& caller) : Caller(caller) {}

  /// Reads a folder, a file, a text or bytes into the knowledge base, event by event. Fields:
  /// bytes?, exclude?, file?, folder?, include?, max_file_bytes?, remove_missing?, source_type?,
  /// text?, under?.
  Stream ingest(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return stream(JAVARI_OP_KNOWLEDGE_INGEST, request, blobs);
  }

  /// Finds the chunks that fit a query best. Fields: query, fusion?, limit?, mode?, prefix?,
  /// threshold?.
  std::string search(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_KNOWLEDGE_SEARCH, request, blobs);
  }

  /// Answers a question from the documents with citations, event by event. Fields: question,
  /// cache_seconds?, limit?, max_tokens?, model?, prefix?, temperature?.
  Stream answer(std::string_view request, const Blobs& blobs = {}) const {
    return stream(JAVARI_OP_KNOWLEDGE_ANSWER, request, blobs);
  }

  /// Gets a document with its text. Fields: id.
  std::string get(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_KNOWLEDGE_GET, request, blobs);
  }

  /// Lists the documents of exactly the scope's level, by path. Fields: page?, prefix?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_KNOWLEDGE_LIST, request, blobs);
  }

  /// Deletes a document with its chunks and vectors. Fields: id.
  std::string delete_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_KNOWLEDGE_DELETE, request, blobs);
  }

  /// Counts the documents and chunks of exactly the scope's level. No fields.
  std::string stats(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_KNOWLEDGE_STATS, request, blobs);
  }
};

/// The room `cost`.
class Cost : private Caller {
 public:
  explicit Cost(const Caller& caller) : Caller(caller) {}

  /// Adds up what models cost, by service and by model. No fields.
  std::string report(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_COST_REPORT, request, blobs);
  }
};

/// The room `budgets`.
class Budgets : private Caller {
 public:
  explicit Budgets(const Caller& caller) : Caller(caller) {}

  /// Sets what the user or project may spend on models in a period; a call that might pass it is
  /// refused. Fields: period, limit, allow_unpriced?.
  std::string set(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_BUDGETS_SET, request, blobs);
  }

  /// Tells how the budgets of exactly the scope's level stand. No fields.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_BUDGETS_LIST, request, blobs);
  }

  /// Deletes a budget: nothing limits that period any more. Fields: period.
  std::string delete_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_BUDGETS_DELETE, request, blobs);
  }
};

/// The room `monitor`.
class Monitor : private Caller {
 public:
  explicit Monitor(const Caller& caller) : Caller(caller) {}

  /// Makes a monitor of a build or an address. Fields: name, target, alert_threshold?,
  /// auto_fix_enabled?, check_frequency?, recovery_threshold?, severity?.
  std::string create(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MONITOR_CREATE, request, blobs);
  }

  /// Lists the scope's monitors. Fields: cursor?, limit?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MONITOR_LIST, request, blobs);
  }

  /// Gets a monitor. Fields: id.
  std::string get(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MONITOR_GET, request, blobs);
  }

  /// Deletes a monitor with its observations and alerts. Fields: id.
  std::string delete_(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MONITOR_DELETE, request, blobs);
  }

  /// Checks now and stores what was seen. Fields: id.
  std::string check(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MONITOR_CHECK, request, blobs);
  }

  /// Lists what a monitor saw, newest first. Fields: id, page?.
  std::string observations(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MONITOR_OBSERVATIONS, request, blobs);
  }

  /// Lists the scope's alerts, newest first. Fields: cursor?, limit?.
  std::string alerts(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MONITOR_ALERTS, request, blobs);
  }

  /// Says that a person has seen an alert. Fields: id.
  std::string acknowledge(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_MONITOR_ACKNOWLEDGE, request, blobs);
  }
};

/// The room `healer`.
class Healer : private Caller {
 public:
  explicit Healer(const Caller& caller) : Caller(caller) {}

  /// Reads a build's log and says what is wrong and what would mend it; changes nothing. Fields:
  /// folder, log.
  std::string diagnose(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_HEALER_DIAGNOSE, request, blobs);
  }

  /// Mends a broken build on a branch under guard, event by event. Fields: build, alert?,
  /// autonomy?, carry?, log?.
  Stream heal(std::string_view request, const Blobs& blobs = {}) const {
    return stream(JAVARI_OP_HEALER_HEAL, request, blobs);
  }

  /// Merges a repair that waits for a person. Fields: id, plan_hash, head_commit.
  std::string approve(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_HEALER_APPROVE, request, blobs);
  }

  /// Removes the branch of a repair that waits for a person. Fields: id.
  std::string reject(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_HEALER_REJECT, request, blobs);
  }

  /// Gets a repair. Fields: id.
  std::string get(std::string_view request, const Blobs& blobs = {}) const {
    return call(JAVARI_OP_HEALER_GET, request, blobs);
  }

  /// Lists the scope's repairs, newest first. Fields: cursor?, limit?.
  std::string list(std::string_view request = "{}", const Blobs& blobs = {}) const {
    return call(JAVARI_OP_HEALER_LIST, request, blobs);
  }
};

/// The rooms that need no user.
class OfHost : public Caller {
 public:
  using Caller::Caller;

  rooms::System system() const { return rooms::System(*this); }
  rooms::Users users() const { return rooms::Users(*this); }
  rooms::ApiKeys api_keys() const { return rooms::ApiKeys(*this); }
  rooms::Api api() const { return rooms::Api(*this); }
  rooms::Vault vault() const { return rooms::Vault(*this); }
};

/// Every room.
class OfScope : public Caller {
 public:
  using Caller::Caller;

  rooms::System system() const { return rooms::System(*this); }
  rooms::Users users() const { return rooms::Users(*this); }
  rooms::Preferences preferences() const { return rooms::Preferences(*this); }
  rooms::Projects projects() const { return rooms::Projects(*this); }
  rooms::Subprojects subprojects() const { return rooms::Subprojects(*this); }
  rooms::Members members() const { return rooms::Members(*this); }
  rooms::ApiKeys api_keys() const { return rooms::ApiKeys(*this); }
  rooms::Api api() const { return rooms::Api(*this); }
  rooms::Vault vault() const { return rooms::Vault(*this); }
  rooms::Audit audit() const { return rooms::Audit(*this); }
  rooms::Provider provider() const { return rooms::Provider(*this); }
  rooms::Route route() const { return rooms::Route(*this); }
  rooms::Knowledge knowledge() const { return rooms::Knowledge(*this); }
  rooms::Cost cost() const { return rooms::Cost(*this); }
  rooms::Budgets budgets() const { return rooms::Budgets(*this); }
  rooms::Monitor monitor() const { return rooms::Monitor(*this); }
  rooms::Healer healer() const { return rooms::Healer(*this); }
};

}  // namespace rooms
}  // namespace javari

#endif
