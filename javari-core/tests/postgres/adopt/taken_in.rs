//! What stands in the new tables afterwards.

use javari_core::{
    Javari,
    client::{AdoptRequest, AdoptState, Builder, CheckStatus, ImportSeedRequest},
    config::Settings,
    knowledge::{SearchMode, SearchRequest},
    secret::Secret,
    types::{PageRequest, ScopeKey, UserId},
};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::settings;

use super::world::{
    ANN, OTHER_ANN, Schema, USERS, VALUES, adopt, answered, everything, for_good, old_answers,
    opened, run, seeded, seeded_by_an_owner, texts, theirs, with_faults, with_host,
};

/// The id that the rows give to the n-th of a kind.
async fn made(server: &mut PgConnection, kind: &str, n: u32) -> Uuid {
    let id = format!("SELECT md5('{kind}{n}')::uuid::text");
    texts(server, &id).await[0].parse().unwrap()
}

/// Every credential's value under the number that it was made with, asked of Javari.
pub(super) async fn require_every_value(javari: &Javari, server: &mut PgConnection, users: u32) {
    let credentials = "SELECT user_id || ' ' || coalesce(project_id::text, '-') || ' '
            || coalesce(subproject_id::text, '-') || ' ' || id || ' ' || name
        FROM javari_credentials WHERE name NOT LIKE 'SLACK%' ORDER BY id";
    let rows = texts(server, credentials).await;
    assert_eq!(rows.len(), users as usize * 4);
    let mut numbers = std::collections::HashMap::new();
    for n in 4..(users + 1) * 4 {
        numbers.insert(made(server, "credential", n).await, n as usize);
    }
    for row in rows {
        let words: Vec<&str> = row.splitn(5, ' ').collect();
        let scope = ScopeKey {
            user: words[0].parse().ok(),
            project: words[1].parse().ok(),
            subproject: words[2].parse().ok(),
            member: None,
        };
        let revealed = javari.scope_of(scope).vault().reveal(words[4]).await.unwrap();
        let number = numbers[&words[3].parse::<Uuid>().unwrap()];
        assert_eq!(revealed.value.expose(), VALUES[number % VALUES.len()], "{row}");
    }
}

#[tokio::test]
async fn every_row_every_value_and_every_old_question_are_as_before() {
    let (address, mut server) = seeded(Schema::Ours, USERS).await;
    let before = old_answers(&mut server, 1).await;
    let report = adopt(&address, &for_good(AdoptRequest::default())).await;
    assert_eq!(report.state, AdoptState::Adopted, "{report:?}");
    for table in &report.tables {
        assert_eq!(table.old_rows, table.new_rows, "{table:?}");
    }
    assert_eq!(report.tables.len(), 26);
    let count = |name: &str| report.tables.iter().find(|one| one.table == name).unwrap().old_rows;
    assert_eq!((count("messages"), count("javari_work_log")), (480, 180));
    let after = old_answers(&mut server, 1).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    let javari = opened(&address).await;
    require_every_value(&javari, &mut server, USERS).await;
    let health = javari.system().doctor().await;
    assert!(health.status <= CheckStatus::Warning, "{health:?}");
}

#[tokio::test]
async fn duplicates_are_renamed_and_values_that_do_not_fit_are_counted() {
    let (address, mut server) = seeded(Schema::Ours, USERS).await;
    with_faults(&mut server).await;
    let report = adopt(&address, &for_good(answered())).await;
    assert_eq!(report.state, AdoptState::Adopted, "{:?}", report.stops);
    let names = "SELECT name FROM projects WHERE user_id = md5('user6')::uuid ORDER BY created_at, updated_at";
    assert_eq!(texts(&mut server, names).await, ["site__2", "site"]);
    let names = "SELECT name || ' ' || (id = md5('credential23')::uuid) FROM javari_credentials
        WHERE user_id = md5('user5')::uuid AND subproject_id IS NULL AND name LIKE 'TOKEN%' ORDER BY name";
    assert_eq!(texts(&mut server, names).await, ["TOKEN true", "TOKEN__2 false"]);
    // A credential in another user's project is its own user's, and nothing inherits it.
    let planted = "SELECT coalesce(project_id::text, '-') || is_inherited FROM javari_credentials
        WHERE id = md5('credential42')::uuid";
    assert_eq!(texts(&mut server, planted).await, ["-false"]);
    let outside = "SELECT count(*)::text FROM messages WHERE NOT confidence_score BETWEEN 0 AND 1";
    assert_eq!(texts(&mut server, outside).await, ["0"]);
    let changed = |table: &str, column: &str| -> u64 {
        let of = |one: &&javari_core::storage::SeedChange| {
            one.table == table && one.column.as_deref() == Some(column)
        };
        report.changes.iter().filter(of).map(|one| one.rows).sum()
    };
    assert_eq!(changed("messages", "confidence_score"), 24);
    assert_eq!(changed("users", "credits_balance"), 6);
    assert_eq!(changed("javari_credentials", "project_id"), 5);
    assert_eq!(changed("projects", "name"), 11);
    assert_eq!(changed("javari_web_crawls", "url"), 1);
    assert!(changed("conversations", "subproject_id") >= 4);
    // Two users are one now, with the credits of both.
    let ann = format!(
        "SELECT email || ' ' || credits_balance::float8 FROM users WHERE lower(email) = 'ann@example.com' AND id = '{ANN}'"
    );
    assert_eq!(texts(&mut server, &ann).await, ["ann@example.com 12"]);
    let gone = format!("SELECT email FROM users WHERE id = '{OTHER_ANN}'");
    assert_eq!(texts(&mut server, &gone).await, Vec::<String>::new());
    let nobodys = format!("SELECT count(*)::text FROM javari_agents WHERE user_id = '{ANN}'");
    assert_eq!(texts(&mut server, &nobodys).await, ["2"]);
    let ids = "SELECT array_length(agent_ids, 1)::text FROM javari_agent_collaboration";
    assert_eq!(texts(&mut server, ids).await, ["3"]);
    let of = |name: &str| report.tables.iter().find(|one| one.table == name).unwrap().clone();
    assert_eq!((of("users").merged_rows, of("conversation_continuations").left_rows), (1, 1));
    let left = "SELECT count(*)::text FROM javari_seed.conversation_continuations WHERE parent_id = child_id";
    assert_eq!(texts(&mut server, left).await, ["1"]);
}

#[tokio::test]
async fn a_question_comes_before_its_answer_although_both_have_one_time() {
    let (address, mut server) = seeded(Schema::Ours, 3).await;
    adopt(&address, &for_good(AdoptRequest::default())).await;
    let order = "SELECT role FROM messages WHERE conversation_id = md5('talk2')::uuid ORDER BY seq";
    assert_eq!(texts(&mut server, order).await, ["user", "assistant", "user", "assistant"]);
}

#[tokio::test]
async fn the_log_stands_in_chains_that_verify_and_break_when_altered() {
    let (address, mut server) = seeded(Schema::Ours, USERS).await;
    adopt(&address, &for_good(AdoptRequest::default())).await;
    let javari = opened(&address).await;
    for n in [1, 6, 11, 23, 39] {
        let user = UserId(made(&mut server, "user", n).await);
        let scope = javari.scope(user);
        let webhooks = u64::from(n % 2 == 0) * 2;
        let verified = scope.audit().verify().await.unwrap();
        assert!(verified.verified, "{n}: {verified:?}");
        assert_eq!(verified.entries, 3 + webhooks);
        let first = scope.audit().list(&PageRequest::default()).await.unwrap().items.pop().unwrap();
        assert_eq!((first.seq, first.action.as_str()), (1, "fix"));
    }
    assert!(javari.scope_of(ScopeKey::HOST).audit().verify().await.unwrap().verified);
    run(
        &mut server,
        "ALTER TABLE javari_work_log DISABLE TRIGGER USER;
        UPDATE javari_work_log SET reasoning_log = 'for fun' WHERE id = md5('entry4')::uuid",
    )
    .await;
    let user = UserId(made(&mut server, "user", 1).await);
    let verified = javari.scope(user).audit().verify().await.unwrap();
    assert_eq!(verified.broken_at, Some(2), "{verified:?}");
}

#[tokio::test]
async fn webhooks_stand_in_the_vault_and_plain_hashes_nowhere() {
    let (address, mut server) = seeded(Schema::Ours, 5).await;
    let report = adopt(&address, &for_good(AdoptRequest::default())).await;
    assert_eq!(report.credentials.webhooks, 4);
    let named =
        "SELECT slack_webhook FROM javari_health_monitors WHERE user_id = md5('user2')::uuid
        ORDER BY length(slack_webhook)";
    assert_eq!(
        texts(&mut server, named).await,
        ["{{cred:SLACK_WEBHOOK}}", "{{cred:SLACK_WEBHOOK__2}}"]
    );
    let javari = opened(&address).await;
    let user = UserId(made(&mut server, "user", 2).await);
    let project = made(&mut server, "project", 4).await.into();
    let vault = javari.scope(user).project(project);
    let mut values = Vec::new();
    for name in ["SLACK_WEBHOOK", "SLACK_WEBHOOK__2"] {
        values.push(vault.vault().reveal(name).await.unwrap().value.expose().to_owned());
    }
    values.sort();
    assert_eq!(values, ["https://hooks.example.com/T2/0", "https://hooks.example.com/T2/1"]);
    let plain = "SELECT count(*)::text FROM (
        SELECT detected_text_hash AS hash FROM javari_pii_detections
        UNION ALL SELECT new_value_hash FROM javari_credential_rotations) AS kept WHERE length(hash) <> 64";
    assert_eq!(texts(&mut server, plain).await, ["0"]);
    // Equal ones are still equal: users 1 and 4 have one text.
    let equal = "SELECT count(DISTINCT detected_text_hash)::text FROM javari_pii_detections";
    assert_eq!(texts(&mut server, equal).await, ["3"]);
    let listed =
        javari.scope(user).project(project).monitor().list(&PageRequest::default()).await.unwrap();
    assert_eq!(listed.items.len(), 2);
}

#[tokio::test]
async fn texts_are_found_by_their_words_and_their_old_vectors_are_kept() {
    let (address, mut server) = seeded(Schema::Ours, 12).await;
    let report = adopt(&address, &for_good(AdoptRequest::default())).await;
    assert_eq!((report.vectors_kept, report.vectors_missing), (4, 20));
    let javari = opened(&address).await;
    let user = UserId(made(&mut server, "user", 1).await);
    let scope = javari.scope(user).project(made(&mut server, "project", 2).await.into());
    let mut request = SearchRequest::new("valve right");
    request.mode = SearchMode::Lexical;
    let hits = scope.knowledge().search(request).await.unwrap().hits;
    assert!(hits[0].text.contains("right, 漢字 and all."), "{hits:?}");
    assert!(hits[0].path.starts_with("https://example.com/1#"), "{hits:?}");
    let kept = "SELECT DISTINCT model || ' ' || dimensions || ' ' || length(vectors) FROM javari_knowledge_vectors";
    assert_eq!(texts(&mut server, kept).await, ["text-embedding-ada-002 1536 6144"]);
    // Little-endian, of length 1: the first number, asked of pgvector.
    let first = "SELECT encode(substring(v.vectors FROM 1 FOR 4), 'hex') || ' '
            || ((l2_normalize(k.embedding)::real[])[1])
        FROM javari_knowledge_vectors v JOIN javari_knowledge_base k USING (document_id) ORDER BY 1 LIMIT 1";
    let told = texts(&mut server, first).await.remove(0);
    let (hex, number) = told.split_once(' ').unwrap();
    let bytes: Vec<u8> =
        (0..4).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let ours = f32::from_le_bytes(bytes.try_into().unwrap());
    assert!((ours - number.parse::<f32>().unwrap()).abs() < 1e-6, "{told}");
}

#[tokio::test]
async fn what_the_host_built_stands_on_the_new_tables() {
    let (address, mut server) = seeded(Schema::Ours, USERS).await;
    with_faults(&mut server).await;
    with_host(&mut server).await;
    let views = ["spend", "big_spend", "per_plan", "first_users_projects"];
    let mut before = Vec::new();
    for view in views {
        let rows = format!(
            "SELECT count(*) || ' ' || (SELECT count(*) FROM users WHERE credits_balance > 0) FROM {view}"
        );
        before.push(texts(&mut server, &rows).await);
    }
    let spent = "SELECT string_agg(email || usd, ',' ORDER BY email) FROM big_spend";
    let spent_before = texts(&mut server, spent).await;
    let sure = "SELECT confidence::text FROM confidence WHERE conversation_id = md5('talk2')::uuid";
    let sure_before = texts(&mut server, sure).await;
    let report = adopt(&address, &for_good(answered())).await;
    assert_eq!(report.state, AdoptState::Adopted, "{:?}", report.stops);
    assert_eq!(texts(&mut server, spent).await, spent_before);
    assert_eq!(texts(&mut server, sure).await, sure_before);
    assert_eq!(
        texts(&mut server, "SELECT name FROM first_users_projects ORDER BY 1").await,
        ["shop", "site"]
    );
    assert_eq!(
        texts(&mut server, "SELECT obj_description('big_spend'::regclass)").await,
        ["who spends"]
    );
    run(&mut server, "REFRESH MATERIALIZED VIEW CONCURRENTLY per_plan").await;
    // The column with its values and its key, and the check.
    let company = "SELECT c.name FROM users u JOIN companies c ON c.id = u.company_id WHERE u.email = 'User1@example.com'";
    assert_eq!(texts(&mut server, company).await, ["Other"]);
    let ticket = "SELECT ticket FROM javari_work_log WHERE id = md5('entry4')::uuid";
    assert_eq!(texts(&mut server, ticket).await, ["T-Fixed 1"]);
    for refused in [
        "UPDATE users SET company_id = 99",
        "UPDATE projects SET description = 'forbidden'",
        "INSERT INTO notes (author, body) VALUES (gen_random_uuid(), 'x')",
    ] {
        let mut transaction = server.begin().await.unwrap();
        let done = sqlx::raw_sql(refused).execute(&mut *transaction).await;
        assert!(done.is_err(), "{refused}");
    }
    // The notes of a user who became another are the other's; a deleted user takes them along.
    let notes = format!("SELECT count(*)::text FROM notes WHERE author = '{ANN}'");
    assert_eq!(texts(&mut server, &notes).await, ["2"]);
    // Whoever comes new is counted on.
    let numbered = "SELECT (count(DISTINCT number) = count(*) AND max(number) < nextval('projects_number_seq'))::text
        FROM projects";
    assert_eq!(texts(&mut server, numbered).await, ["true"]);
    // The trigger looks at new rows and saw none of the copied ones.
    assert_eq!(texts(&mut server, "SELECT count(*)::text FROM seen").await, ["0"]);
    run(&mut server, &format!("INSERT INTO projects (user_id, name) VALUES ('{ANN}', 'newest')"))
        .await;
    assert_eq!(texts(&mut server, "SELECT what FROM seen").await, ["newest"]);
    let told = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_publication_tables WHERE schemaname = 'public'";
    assert_eq!(texts(&mut server, told).await, ["conversations messages"]);
    // A table of the host's that only begins as Javari's do is left alone.
    let host = "SELECT relrowsecurity::text || relforcerowsecurity FROM pg_class WHERE relname = 'javari_favourites'";
    assert_eq!(texts(&mut server, host).await, ["falsefalse"]);
    let policies: Vec<&str> =
        report.dependents.iter().filter(|one| !one.restored).map(|one| one.kind.as_str()).collect();
    assert_eq!(policies, ["policy"; 3]);
    let javari = opened(&address).await;
    let user = made(&mut server, "user", 1).await.into();
    assert!(javari.scope(user).audit().verify().await.unwrap().verified);
    javari.ensure_user("new@example.com").await.unwrap();
}

/// What `statement` gives to a role of Supabase's that acts for a user.
async fn as_role(
    server: &mut PgConnection,
    role: &str,
    user: &str,
    statement: &str,
) -> Vec<String> {
    let mut transaction = server.begin().await.unwrap();
    let claims = format!(
        "SET LOCAL ROLE {role}; SET LOCAL request.jwt.claims = '{{\"sub\": \"{user}\", \"role\": \"{role}\"}}'"
    );
    run(&mut transaction, &claims).await;
    texts(&mut transaction, statement).await
}

#[tokio::test]
async fn supabases_roles_see_exactly_their_own_rows() {
    let (address, mut server) = seeded(Schema::Ours, 12).await;
    with_host(&mut server).await;
    adopt(&address, &for_good(AdoptRequest::default())).await;
    let owned = "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'javari_favourites' ORDER BY 1";
    let owned = texts(&mut server, owned).await;
    let user = made(&mut server, "user", 1).await.to_string();
    for table in &owned {
        let own = format!("SELECT count(*)::text FROM {table} WHERE user_id = '{user}'");
        let own = texts(&mut server, &own).await;
        let seen = format!("SELECT count(*)::text FROM {table}");
        assert_eq!(as_role(&mut server, "authenticated", &user, &seen).await, own, "{table}");
        let granted = format!("SELECT has_table_privilege('anon', '{table}', 'SELECT')::text");
        if texts(&mut server, &granted).await == ["true"] {
            let mut transaction = server.begin().await.unwrap();
            run(&mut transaction, "SET LOCAL ROLE anon").await;
            assert_eq!(texts(&mut transaction, &seen).await, ["0"], "{table}");
        }
    }
    assert!(owned.len() > 40, "{owned:?}");
    // What the host had taken from a role is not given back by what the schema gives by default.
    let kept = "SELECT has_table_privilege('anon', 'javari_work_log', 'SELECT')::text
        || has_table_privilege('anon', 'messages', 'SELECT')";
    assert_eq!(texts(&mut server, kept).await, ["falsetrue"]);
    let seen = as_role(&mut server, "authenticated", &user, "SELECT email FROM users").await;
    assert_eq!(seen, ["User1@example.com"]);
    // A view runs with the rights of who asks, and a host's policy looks into the new tables.
    let seen = as_role(&mut server, "authenticated", &user, "SELECT email FROM spend").await;
    assert_eq!(seen, ["User1@example.com"]);
    let seen =
        as_role(&mut server, "authenticated", &user, "SELECT count(*)::text FROM notes").await;
    assert_eq!(seen, ["2"]);
    // Neither the old rows nor what has no rows of anybody's.
    for closed in [
        "SELECT email FROM javari_seed.users",
        "SELECT name FROM javari_schema",
        "TRUNCATE messages",
    ] {
        let mut transaction = server.begin().await.unwrap();
        run(&mut transaction, "SET LOCAL ROLE authenticated").await;
        let error = sqlx::raw_sql(closed).execute(&mut *transaction).await.unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{closed}: {error}");
    }
    // Both functions of the seed's answer a user.
    let function = format!(
        "SELECT name || ' ' || source FROM get_credentials_with_inheritance('{}', '{}') ORDER BY name",
        made(&mut server, "project", 2).await,
        made(&mut server, "part", 2).await
    );
    let seen = as_role(&mut server, "authenticated", &user, &function).await;
    assert_eq!(seen, ["SHARED project", "TOKEN subproject"]);
    let matching = "SELECT count(*)::text FROM match_knowledge(
        (SELECT embedding FROM javari_knowledge_base LIMIT 1), 0.0, 10, md5('project2')::uuid)";
    assert_eq!(as_role(&mut server, "authenticated", &user, matching).await, ["2"]);
    let other = made(&mut server, "user", 11).await.to_string();
    assert_eq!(as_role(&mut server, "authenticated", &other, matching).await, ["0"]);
}

#[tokio::test]
async fn values_are_sealed_anew_on_request_and_the_old_tables_go_on_request() {
    let (address, mut server) = seeded(Schema::Ours, 12).await;
    adopt(&address, &for_good(AdoptRequest::default())).await;
    let suites =
        "SELECT DISTINCT enc_suite::text FROM javari_credentials WHERE name NOT LIKE 'SLACK%'";
    assert_eq!(texts(&mut server, suites).await, ["1"]);
    let mut request = for_good(AdoptRequest::default());
    request.reseal = true;
    let report = adopt(&address, &request).await;
    assert_eq!(report.state, AdoptState::AdoptedBefore);
    assert_eq!(
        (report.credentials.resealed, report.credentials.left_in_seed_format),
        (48, Some(0))
    );
    assert_eq!(texts(&mut server, suites).await, ["2"]);
    let again = adopt(&address, &request).await;
    assert_eq!((again.credentials.resealed, again.credentials.left_in_seed_format), (0, Some(0)));
    let mirrored =
        "SELECT count(*)::text FROM javari_credentials c JOIN javari_credential_versions v
        ON v.credential_id = c.id AND v.state = 'active' AND v.encrypted_value = c.encrypted_value
           AND v.encryption_iv = c.encryption_iv AND v.encryption_tag = c.encryption_tag";
    let all = "SELECT count(*)::text FROM javari_credentials";
    assert_eq!(texts(&mut server, mirrored).await, texts(&mut server, all).await);
    let javari = opened(&address).await;
    require_every_value(&javari, &mut server, 12).await;
    // A row in the seed's format that somebody puts there now is none of the vault's.
    run(
        &mut server,
        "UPDATE javari_credentials c SET enc_suite = 1, encrypted_value = o.encrypted_value,
        encryption_iv = o.encryption_iv, encryption_tag = o.encryption_tag
        FROM javari_seed.javari_credentials o WHERE o.id = c.id",
    )
    .await;
    let user = UserId(made(&mut server, "user", 1).await);
    let scope = javari.scope(user).project(made(&mut server, "project", 2).await.into());
    assert!(scope.vault().reveal("SHARED").await.is_err());
    javari.close().await;
    request.drop_old = true;
    let report = adopt(&address, &request).await;
    assert!(report.old_dropped);
    let there = "SELECT count(*)::text FROM pg_namespace WHERE nspname = 'javari_seed'";
    assert_eq!(texts(&mut server, there).await, ["0"]);
    assert_eq!(adopt(&address, &request).await.state, AdoptState::NothingToDo);
}

#[tokio::test]
async fn a_new_database_takes_in_what_adopting_would_have_made_and_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let (address, mut server) = seeded(Schema::Ours, 12).await;
    with_faults(&mut server).await;
    let before = everything(&mut server).await;
    let mut settings = Settings::for_database(folder.path().join("new.db").display().to_string());
    settings.root_key = Some(Secret::new("07".repeat(32)));
    let javari = Builder::new(settings).open().await.unwrap();
    let mut request: ImportSeedRequest = serde_json::from_value(serde_json::json!({
        "path": folder.path().join("seed.backup"),
        "source": { "database": address, "ownerless_owner": ANN, "leave_behind": true,
            "emails": { OTHER_ANN: ANN } },
    }))
    .unwrap();
    let dry = javari.system().import_seed(&request).await.unwrap();
    assert_eq!((dry.report.state, dry.backup), (AdoptState::DryRun, None));
    request.source.dry_run = false;
    let taken = javari.system().import_seed(&request).await.unwrap();
    assert_eq!(taken.report.state, AdoptState::Adopted, "{:?}", taken.report.stops);
    let backup = taken.backup.unwrap();
    assert_eq!((backup.tables["users"], backup.tables["messages"]), (13, 96));
    assert_eq!(everything(&mut server).await, before);
    let user = UserId(made(&mut server, "user", 1).await);
    let scope = javari.scope(user).project(made(&mut server, "project", 2).await.into());
    assert_eq!(scope.vault().reveal("SHARED").await.unwrap().value.expose(), VALUES[2]);
    assert!(scope.audit().verify().await.unwrap().verified);
    let mut search = SearchRequest::new("valve left");
    search.mode = SearchMode::Lexical;
    assert!(!scope.knowledge().search(search).await.unwrap().hits.is_empty());
    let error = javari.system().import_seed(&request).await.unwrap_err();
    assert_eq!(error.code(), "ALREADY_EXISTS", "{error}");
}

#[tokio::test]
async fn an_owner_without_further_rights_adopts_and_sees_every_row() {
    let (address, mut server) = seeded_by_an_owner(12).await;
    // Forced upon the owner too, it would hide every row from who copies them.
    run(&mut server, "ALTER TABLE messages ENABLE ROW LEVEL SECURITY; ALTER TABLE messages FORCE ROW LEVEL SECURITY").await;
    let report =
        adopt(&address, &for_good(AdoptRequest { reseal: true, ..AdoptRequest::default() })).await;
    assert_eq!(report.state, AdoptState::Adopted, "{:?}", report.stops);
    for table in &report.tables {
        assert_eq!(table.old_rows, table.new_rows, "{table:?}");
    }
    let javari = opened(&address).await;
    require_every_value(&javari, &mut server, 12).await;
}

#[tokio::test]
async fn what_node_sealed_opens_with_the_key_of_then() {
    let text = include_str!("../../../../tests/fixtures/vault/v1_seed_node.json");
    let made_by_node: serde_json::Value = serde_json::from_str(text).unwrap();
    let (address, mut server) = seeded(Schema::Ours, 1).await;
    run(&mut server, "DELETE FROM javari_credentials").await;
    let rows = made_by_node["valid"].as_array().unwrap();
    for row in rows {
        sqlx::query(
            "INSERT INTO javari_credentials (user_id, project_id, name, encrypted_value, encryption_iv, encryption_tag)
             VALUES (md5('user1')::uuid, md5('project2')::uuid, 'N' || $1, $2, $3, $4)",
        )
        .bind(row["id"].to_string())
        .bind(row["encrypted"].as_str().unwrap())
        .bind(row["iv"].as_str().unwrap())
        .bind(row["authTag"].as_str().unwrap())
        .execute(&mut server)
        .await
        .unwrap();
    }
    let mut with_key = settings(&address);
    with_key.root_key = Some(Secret::new(made_by_node["master_key"].as_str().unwrap()));
    let request = for_good(AdoptRequest::default());
    let report = Builder::new(with_key.clone()).adopt(&request).await.unwrap();
    assert_eq!((report.credentials.opened, report.credentials.unopened), (rows.len() as u64, 0));
    let javari = Builder::new(with_key).open().await.unwrap();
    let user = UserId(made(&mut server, "user", 1).await);
    let scope = javari.scope(user).project(made(&mut server, "project", 2).await.into());
    for row in rows {
        let revealed = scope.vault().reveal(&format!("N{}", row["id"])).await.unwrap();
        assert_eq!(revealed.value.expose(), row["plaintext"].as_str().unwrap(), "{}", row["id"]);
    }
}

#[tokio::test]
async fn the_seeds_own_schema_is_adopted_as_ours_is() {
    // The text is another's and stands beside the fixtures, where there are any.
    let Some(_) = theirs() else { return };
    let (address, mut server) = seeded(Schema::Theirs, 12).await;
    with_faults(&mut server).await;
    with_host(&mut server).await;
    let before = old_answers(&mut server, 1).await;
    let report = adopt(&address, &for_good(answered())).await;
    assert_eq!(report.state, AdoptState::Adopted, "{:?}", report.stops);
    for (before, after) in before.iter().zip(&old_answers(&mut server, 1).await) {
        assert_eq!(before, after);
    }
}
