//! What the server itself holds a member to: raw SQL as the application's role, with the settings of each
//! actor. What a statement forgets to say, the policies say.

use javari_core::{
    Javari,
    accounts::{PutMember, RemoveMember, Role},
    api,
    types::{ProjectId, UserId},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    address, guarded_tables,
    schema::{run, texts},
    world::{Owner, done, world_at},
};

/// Whom a transaction names.
#[derive(Clone, Copy)]
struct Actor {
    owner: Option<UserId>,
    project: Option<ProjectId>,
    member: Option<UserId>,
}

impl Actor {
    fn settings(self) -> String {
        let text = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        format!(
            "SET LOCAL ROLE javari_app; SET LOCAL javari.actor = '{}';
             SET LOCAL javari.project = '{}'; SET LOCAL javari.member = '{}'",
            text(self.owner.map(Into::into)),
            text(self.project.map(Into::into)),
            text(self.member.map(Into::into)),
        )
    }

    async fn count(self, server: &mut PgConnection, from: &str) -> i64 {
        let mut transaction = server.begin().await.unwrap();
        run(&mut transaction, &self.settings()).await.unwrap();
        counted(&mut transaction, from).await
    }

    /// How many rows a statement changed, which is undone.
    async fn changed(self, server: &mut PgConnection, statement: &str) -> Result<i64, String> {
        let mut transaction = server.begin().await.unwrap();
        run(&mut transaction, &self.settings()).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut *transaction);
        done.await.map(|done| done.rows_affected() as i64).map_err(|error| error.to_string())
    }
}

async fn counted(server: &mut PgConnection, from: &str) -> i64 {
    let count = format!("SELECT count(*) FROM {from}");
    sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(server).await.unwrap()
}

/// The rows of a table that belong to a project, by the columns that say so.
fn of_project(table: &str, project: ProjectId) -> Option<String> {
    let by = |parent: &str, column: &str| {
        format!(
            "{table} WHERE {column} IN (SELECT id FROM {parent} WHERE project_id = '{project}')"
        )
    };
    Some(match table {
        "projects" => format!("projects WHERE id = '{project}'"),
        "javari_monitor_observations" => by("javari_health_monitors", "monitor_id"),
        "messages" | "artifacts" | "javari_pii_detections" => {
            by("conversations", "conversation_id")
        }
        "conversation_continuations" => by("conversations", "parent_id"),
        "javari_task_attempts" | "javari_agent_collaboration" => by("javari_task_queue", "task_id"),
        "javari_crawl_pages" => by("javari_web_crawls", "crawl_id"),
        "javari_budget_reservations" => by("javari_budgets", "budget_id"),
        "javari_feature_request_votes" => by("javari_feature_requests", "feature_request_id"),
        "javari_credential_versions" | "javari_credential_rotations" => {
            by("javari_credentials", "credential_id")
        }
        // What is the user's as a whole.
        "users"
        | "user_preferences"
        | "javari_identities"
        | "javari_credit_ledger"
        | "javari_idempotency_keys"
        | "javari_agents"
        | "javari_collaborating_agents" => {
            return None;
        }
        _ => format!("{table} WHERE project_id = '{project}'"),
    })
}

/// What a member reads beside the project's own rows.
fn read_besides(table: &str, owner: UserId, project: ProjectId) -> Option<String> {
    Some(match table {
        "javari_credentials" => format!(
            "javari_credentials WHERE user_id = '{owner}' AND project_id IS NULL AND is_inherited"
        ),
        "javari_credential_versions" => format!(
            "javari_credential_versions WHERE credential_id IN (SELECT id FROM javari_credentials
             WHERE user_id = '{owner}' AND project_id IS NULL AND is_inherited)"
        ),
        // The last entry, behind which the next one is chained.
        "javari_work_log" => format!(
            "javari_work_log WHERE chain = '{owner}' AND project_id IS DISTINCT FROM '{project}'
             AND seq = (SELECT seq FROM javari_work_log_heads WHERE chain = '{owner}')"
        ),
        _ => return None,
    })
}

struct House {
    server: PgConnection,
    javari: Javari,
    ann: UserId,
    /// The project that has members.
    site: ProjectId,
    /// Her other one.
    home: ProjectId,
    members: [UserId; 3],
    former: UserId,
    stranger: UserId,
    _folder: tempfile::TempDir,
}

impl House {
    /// Two projects with the same in every table, and members of one of them.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let address = address().await;
        let javari = world_at(&root, &address).await;
        let site = Owner::settled(&javari, &root, "anncanary").await;
        let home = Owner::with_project(&javari, &root, "homecanary", site.own(), false).await;
        let secret = json!({ "name": "PRIVATE", "value": "x", "is_inherited": false });
        done(&javari, "vault.put", site.own(), secret).await;
        done(&javari, "preferences.put", site.own(), json!({})).await;
        let ann = site.own().user.unwrap();
        let (site, home) = (site.key.project.unwrap(), home.key.project.unwrap());
        let mut people = Vec::new();
        for (name, role) in [
            ("admin", Role::Admin),
            ("developer", Role::Developer),
            ("viewer", Role::Viewer),
            ("former", Role::Admin),
        ] {
            let user = javari.ensure_user(&format!("{name}@x")).await.unwrap().id;
            let scope = javari.scope(ann).project(site);
            scope.members().put(&PutMember::new(user, role)).await.unwrap();
            people.push(user);
        }
        let scope = javari.scope(ann).project(home);
        let guest = javari.ensure_user("guest@x").await.unwrap().id;
        scope.members().put(&PutMember::new(guest, Role::Viewer)).await.unwrap();
        for scope in [&scope, &javari.scope(ann).project(site)] {
            let key = json!({ "name": "k", "operations": ["*"] });
            done(&javari, "api_keys.create", *scope.key(), key).await;
        }
        let mut server = PgConnection::connect(&address).await.unwrap();
        for (number, project) in [(1, site), (2, home)] {
            let rows = include_str!("rows_of_a_project.sql")
                .replace("{user}", &ann.to_string())
                .replace("{project}", &project.to_string())
                .replace("{n}", &number.to_string());
            run(&mut server, &rows).await.unwrap();
        }
        let stranger = javari.ensure_user("stranger@x").await.unwrap().id;
        let remove = RemoveMember { user: people[3] };
        javari.scope(ann).project(site).members().remove(&remove).await.unwrap();
        Self {
            server,
            javari,
            ann,
            site,
            home,
            members: [people[0], people[1], people[2]],
            former: people[3],
            stranger,
            _folder: folder,
        }
    }

    fn member(&self, member: UserId, project: ProjectId) -> Actor {
        Actor { owner: Some(self.ann), project: Some(project), member: Some(member) }
    }

    fn owner(&self) -> Actor {
        Actor { owner: Some(self.ann), project: None, member: None }
    }
}

/// What says nothing of any project: which vault it is, where the owner's chain ends, and what a limit
/// has counted.
const OPEN: &[&str] =
    &["javari_kept_keys", "javari_key_registry", "javari_work_log_heads", "javari_rate_limits"];

#[tokio::test]
async fn a_member_sees_the_rows_of_the_project_alone_in_every_table() {
    let mut house = House::new().await;
    for table in guarded_tables(&mut house.server).await {
        let all = house.owner().count(&mut house.server, &table).await;
        if table == "javari_kept_keys" {
            // The host's own: the owner sees none of it either.
            assert_eq!(all, 0);
            continue;
        }
        assert!(all > 0, "{table} is empty: write a row of each project into it");
        if OPEN.contains(&table.as_str()) {
            continue;
        }
        let (own, besides) = match of_project(&table, house.site) {
            None => (0, 0),
            Some(own) => {
                let own = counted(&mut house.server, &own).await;
                let besides = match read_besides(&table, house.ann, house.site) {
                    None => 0,
                    Some(besides) => counted(&mut house.server, &besides).await,
                };
                assert!(own > 0 && own + besides < all, "{table}: {own} and {besides} of {all}");
                (own, besides)
            }
        };
        for member in house.members {
            let actor = house.member(member, house.site);
            assert_eq!(actor.count(&mut house.server, &table).await, own + besides, "{table}");
        }
    }
}

#[tokio::test]
async fn a_member_changes_and_deletes_the_rows_of_the_project_alone_and_moves_none_out_of_it() {
    let mut house = House::new().await;
    let actor = house.member(house.members[0], house.site);
    let (site, home) = (house.site, house.home);
    for table in guarded_tables(&mut house.server).await {
        if OPEN.contains(&table.as_str()) {
            continue;
        }
        let own = match of_project(&table, site) {
            None => 0,
            Some(own) => counted(&mut house.server, &own).await,
        };
        let column = match table.as_str() {
            "users" | "projects" => "id",
            "javari_work_log" => "chain",
            _ => "user_id",
        };
        let update = format!("UPDATE {table} SET {column} = {column}");
        let delete = format!("DELETE FROM {table}");
        for statement in [update, delete] {
            match actor.changed(&mut house.server, &statement).await {
                Ok(changed) => assert_eq!(changed, own, "{statement}"),
                // The trail; and a project, which its conversations would have to outlive.
                Err(refused) => assert!(
                    refused.contains("append-only")
                        || (table == "projects" && refused.contains("row-level security")),
                    "{statement}: {refused}"
                ),
            }
        }
        let has_project = format!(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass
             AND attname = 'project_id'"
        );
        if table == "javari_work_log" || texts(&mut house.server, &has_project).await.is_empty() {
            continue;
        }
        for elsewhere in [format!("'{home}'"), "NULL".to_owned()] {
            let moved = format!("UPDATE {table} SET project_id = {elsewhere}");
            let refused = actor.changed(&mut house.server, &moved).await.unwrap_err();
            assert!(refused.contains("row-level security"), "{moved}: {refused}");
        }
    }
}

#[tokio::test]
async fn a_member_plants_no_row_elsewhere() {
    let mut house = House::new().await;
    let actor = house.member(house.members[0], house.site);
    let (ann, home, site) = (house.ann, house.home, house.site);
    let (eve, bob) = (house.stranger, house.stranger);
    let of_home = texts(
        &mut house.server,
        &format!("SELECT id::text FROM javari_credentials WHERE project_id = '{home}'"),
    )
    .await
    .remove(0);
    let inherited = texts(
        &mut house.server,
        &format!(
            "SELECT id::text FROM javari_credentials
             WHERE user_id = '{ann}' AND project_id IS NULL AND is_inherited"
        ),
    )
    .await
    .remove(0);
    let credential = |user: UserId, project: &str| {
        format!(
            "INSERT INTO javari_credentials (id, user_id, project_id, name, encrypted_value,
                 encryption_iv, encryption_tag, enc_suite, current_version, created_at, updated_at)
             VALUES (gen_random_uuid(), '{user}', {project}, 'PLANTED', 'v', 'i', 't', 2, 1, now(), now())"
        )
    };
    let version = |credential: &str| {
        format!(
            "INSERT INTO javari_credential_versions (credential_id, user_id, version, state,
                 enc_suite, encrypted_value, encryption_iv, encryption_tag, flags, credential_type,
                 created_at)
             VALUES ('{credential}', '{ann}', 99, 'revoked', 2, 'v', 'i', 't', '', 'custom', now())"
        )
    };
    let entry = |chain: UserId, project: &str| {
        format!(
            "INSERT INTO javari_work_log (id, chain, seq, project_id, action_type,
                 action_description, outcome, timestamp, previous_hash, hash)
             VALUES (gen_random_uuid(), '{chain}', 9999, {project}, 'a.b', 'c', 'success', now(), '', '')"
        )
    };
    for planted in [
        credential(ann, &format!("'{home}'")),
        credential(ann, "NULL"),
        credential(bob, "NULL"),
        version(&of_home),
        version(&inherited),
        entry(ann, &format!("'{home}'")),
        entry(ann, "NULL"),
        entry(bob, &format!("'{site}'")),
        format!(
            "INSERT INTO javari_project_members (project_id, member_id, user_id, role, created_at,
                 updated_at) VALUES ('{home}', '{eve}', '{ann}', 'admin', now(), now())"
        ),
        format!("INSERT INTO projects (user_id, name) VALUES ('{ann}', 'planted')"),
        format!("INSERT INTO users (email) VALUES ('planted@x')"),
        format!(
            "INSERT INTO subprojects (project_id, user_id, name) VALUES ('{home}', '{ann}', 'planted')"
        ),
        format!("INSERT INTO conversations (user_id, title) VALUES ('{ann}', 'planted')"),
        format!(
            "INSERT INTO messages (conversation_id, user_id, seq, role, content)
             VALUES ('00000000-0000-4000-8000-000000000201', '{ann}', 9, 'user', 'planted')"
        ),
    ] {
        let refused = actor.changed(&mut house.server, &planted).await.unwrap_err();
        assert!(refused.contains("row-level security"), "{planted}: {refused}");
    }
    // The same in the project is the member's to write.
    let put = credential(ann, &format!("'{site}'"));
    assert_eq!(actor.changed(&mut house.server, &put).await, Ok(1));
}

#[tokio::test]
async fn who_is_no_member_of_exactly_that_project_reaches_no_row_of_it() {
    let mut house = House::new().await;
    let (ann, site, home) = (Some(house.ann), Some(house.site), Some(house.home));
    let member = Some(house.members[0]);
    let (former, stranger) = (Some(house.former), Some(house.stranger));
    let nobody = None;
    for (who, owner, project, member) in [
        ("a former member", ann, site, former),
        ("a stranger", ann, site, stranger),
        ("the owner as a member", ann, site, ann),
        ("a member in the other project", ann, home, member),
        ("a member of a project of another", stranger, site, member),
        ("a member without a project", ann, None, member),
        ("a project without a member", ann, site, None),
        ("nobody's member", nobody, site, member),
        ("a former member at home", former, None, None),
        ("nobody", nobody, None, None),
    ] {
        let actor = Actor { owner, project, member };
        for table in guarded_tables(&mut house.server).await {
            // Their own row and trail, and which vault it is; and who the members are, by which it
            // is known that this is none: the settings alone decide there.
            let known = [
                "users",
                "javari_work_log",
                "javari_work_log_heads",
                "javari_key_registry",
                "javari_project_members",
            ];
            let from = match table.as_str() {
                "users" => format!("users WHERE id = '{}'", house.ann),
                "javari_work_log" | "javari_work_log_heads" => {
                    format!("{table} WHERE chain = '{}'", house.ann)
                }
                _ if known.contains(&table.as_str()) => continue,
                _ => table.clone(),
            };
            assert_eq!(actor.count(&mut house.server, &from).await, 0, "{table} to {who}");
            // What they have of their own is theirs to delete.
            let of_others = match table.as_str() {
                "users" | "javari_work_log_heads" => from,
                _ => table.clone(),
            };
            let delete = format!("DELETE FROM {of_others}");
            let changed = actor.changed(&mut house.server, &delete).await;
            assert!(
                changed == Ok(0) || changed.is_err_and(|it| it.contains("append-only")),
                "{table} to {who}"
            );
        }
    }
    // A host that names a member is no host.
    let settings = "SET LOCAL ROLE javari_app; SET LOCAL javari.actor = 'host'";
    let mut transaction = house.server.begin().await.unwrap();
    run(&mut transaction, settings).await.unwrap();
    assert!(counted(&mut transaction, "projects").await > 0);
    let named = format!("SET LOCAL javari.member = '{}'", house.members[0]);
    run(&mut transaction, &named).await.unwrap();
    assert_eq!(counted(&mut transaction, "projects").await, 0);
}

#[tokio::test]
async fn a_removed_member_who_is_still_remembered_by_a_process_reaches_nothing() {
    let house = House::new().await;
    let member = house.members[0];
    let scope = house.javari.scope(house.ann).project(house.site).key().acted_by(member);
    done(&house.javari, "vault.list", scope, json!({})).await;
    // As another process removes them: this one is not told.
    let mut server = house.server;
    let gone = format!("DELETE FROM javari_project_members WHERE member_id = '{member}'");
    run(&mut server, &gone).await.unwrap();
    let listed = api::call(&house.javari, "vault.list", scope, json!({}), vec![]).await.unwrap();
    assert_eq!(listed["items"], json!([]));
    let put = json!({ "name": "PLANTED", "value": "x" });
    let error = api::call(&house.javari, "vault.put", scope, put, vec![]).await.unwrap_err();
    assert!(!format!("{error:?}").contains("PLANTED"), "{error:?}");
    let planted = "javari_credentials WHERE name = 'PLANTED'";
    assert_eq!(counted(&mut server, planted).await, 0);
}

#[tokio::test]
async fn every_table_holds_a_members_transaction_by_a_policy_that_only_takes_away() {
    let mut server = PgConnection::connect(&{
        let address = address().await;
        super::open(&address).await.close().await;
        address
    })
    .await
    .unwrap();
    let bare = "SELECT c.relname::text FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
          AND c.relname <> 'javari_schema' AND NOT EXISTS (
            SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive
                AND pg_get_expr(coalesce(p.polqual, p.polwithcheck), c.oid) LIKE '%javari_project()%')
        ORDER BY 1";
    // What says nothing of any project; each new name here is a decision.
    let mut open = OPEN.to_vec();
    open.sort_unstable();
    assert_eq!(texts(&mut server, bare).await, open);
    // Asked once a statement, not once a row.
    let by_row = "SELECT polname::text FROM pg_policy
        WHERE replace(replace(replace(
            pg_get_expr(coalesce(polqual, polwithcheck), polrelid),
            '( SELECT javari_project()', ''), '( SELECT javari_user()', ''),
            '( SELECT javari_is_host()', '') ~ 'javari_(project|user|is_host)\\(\\)'
        ORDER BY 1";
    assert_eq!(texts(&mut server, by_row).await, ["key_registry_write"]);
}
