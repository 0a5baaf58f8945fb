//! What the rooms are to each other: what is owed when a caller leaves a stream, whose keys and prices
//! count, what is written at the end.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;

use super::*;
use crate::{
    audit::{ExportTrail, ListEntries, RecordEntry},
    config::{OpenAiSettings, ProviderSettings, ServiceName},
    cost::Prices,
    error::ErrorKind,
    knowledge::{
        AnswerEvent, AnswerReply, AnswerRequest, IngestReport, IngestRequest, SearchRequest,
    },
    models::Price,
    provider::{ChatEvent, ChatReply, ChatRequest},
    secret::{Secret, SecretRequest, SecretSource},
    storage::{scratch, values},
    testkit::{ProviderServer, Reply, ScriptedProvider},
    types::{Page, PageRequest, Usd},
    vault::{CredentialView, PutCredential, Resolution, Revealed},
};

async fn opened(location: &str) -> (Javari, Scope, Arc<ScriptedProvider>) {
    let provider = Arc::new(ScriptedProvider::new("fake"));
    let mut settings = Settings::for_database(location);
    if location.starts_with("postgres://") {
        settings.root_key = Some(Secret::new("07".repeat(32)));
    }
    let builder = Builder::new(settings).with_provider(provider.clone());
    let javari = builder.open().await.unwrap();
    let user = javari.ensure_user("ann@x").await.unwrap();
    let scope = javari.scope(user.id);
    (javari, scope, provider)
}

/// A pooler has few connections of the server for all of them.
#[tokio::test]
async fn many_open_one_database_at_once() {
    let location = scratch().await;
    opened(&location).await.0.close().await;
    for _ in 0..3 {
        let all = futures::future::join_all((0..16).map(|_| opened(&location))).await;
        for (javari, ..) in all {
            javari.close().await;
        }
    }
}

/// Pulls until the first text has come.
async fn pull_one_text(chat: &mut crate::provider::ChatStream) {
    while let Some(event) = chat.next().await {
        if matches!(event.unwrap(), ChatEvent::Text { .. }) {
            return;
        }
    }
    panic!("no text came");
}

#[tokio::test]
async fn a_chat_that_is_dropped_after_its_first_delta_is_charged_by_an_estimate() {
    let (javari, scope, provider) = opened(&scratch().await).await;
    provider.push_text(&["Four", "score", "and seven years ago"]);
    let mut chat = scope.chat(ChatRequest::ask("Twelve bytes")).await.unwrap();
    pull_one_text(&mut chat).await;
    assert_eq!(scope.costs().await.unwrap().calls, 0);
    drop(chat);
    javari.rooms().ledger.settled().await;
    let report = scope.costs().await.unwrap();
    let line = &report.by_model[0];
    assert_eq!((line.name.as_str(), line.input_tokens, line.output_tokens), ("scripted-1", 3, 1));
    assert_eq!((report.calls, report.by_service[0].name.as_str()), (1, "fake"));
}

#[tokio::test]
async fn an_answer_that_is_dropped_after_its_first_delta_is_charged_by_an_estimate() {
    let (javari, scope, provider) = opened(&scratch().await).await;
    let request = IngestRequest::text("guide.md", "Refunds are paid within 30 days.");
    IngestReport::from_stream(scope.knowledge().ingest(request, Vec::new())).await.unwrap();
    provider.push_text(&["Thirty ", "days [1]."]);
    let mut answer = scope.knowledge().answer(AnswerRequest::new("When are refunds paid?"));
    while !matches!(answer.next().await.unwrap().unwrap(), AnswerEvent::Text { .. }) {}
    drop(answer);
    javari.rooms().ledger.settled().await;
    let report = scope.costs().await.unwrap();
    let line = &report.by_model[0];
    assert_eq!((report.calls, line.name.as_str(), line.output_tokens), (1, "scripted-1", 2));
    // The question and the passage were sent.
    assert!(line.input_tokens >= 10, "{line:?}");
}

#[tokio::test]
async fn closing_waits_for_what_a_dropped_stream_owes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db").to_string_lossy().into_owned();
    let (javari, scope, _) = opened(&file).await;
    let mut chat = scope.chat(ChatRequest::ask("Hello")).await.unwrap();
    pull_one_text(&mut chat).await;
    drop(chat);
    javari.close().await;
    let (_, scope, _) = opened(&file).await;
    assert_eq!(scope.costs().await.unwrap().calls, 1);
}

#[test]
fn a_stream_that_is_dropped_outside_the_runtime_is_charged_on_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (javari, scope, chat) = runtime.block_on(async {
        let (javari, scope, _) = opened(&scratch().await).await;
        let mut chat = scope.chat(ChatRequest::ask("Hello")).await.unwrap();
        pull_one_text(&mut chat).await;
        (javari, scope, chat)
    });
    drop(chat);
    runtime.block_on(async {
        javari.rooms().ledger.settled().await;
        assert_eq!(scope.costs().await.unwrap().calls, 1);
    });
}

#[tokio::test]
async fn the_database_and_the_key_are_never_documents_and_roots_bound_the_rest() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("a.md"), "Some words.").unwrap();
    std::fs::write(outside.path().join("b.md"), "Other words.").unwrap();
    let mut settings = Settings::for_database(at("a.db"));
    let open = |settings: Settings| async move {
        let javari = Builder::new(settings).open().await.unwrap();
        let user = javari.ensure_user("ann@example.com").await.unwrap().id;
        javari.scope(user)
    };
    let ingest = |scope: &Scope, request| {
        IngestReport::from_stream(scope.knowledge().ingest(request, Vec::new()))
    };
    let scope = open(settings.clone()).await;
    for name in ["a.db", "a.db-wal", "a.db.key"] {
        let error = ingest(&scope, IngestRequest::file(at(name))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{name}");
    }
    let report = ingest(&scope, IngestRequest::folder(at(""))).await.unwrap();
    assert_eq!((report.found, report.added), (1, 1), "{report:?}");
    let foreign = IngestRequest::folder(outside.path().display().to_string());
    assert_eq!(ingest(&scope, foreign.clone()).await.unwrap().added, 1);
    scope.javari().close().await;

    settings.document_roots = Some(vec![at("")]);
    let scope = open(settings).await;
    let error = ingest(&scope, foreign).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let error = ingest(&scope, IngestRequest::file("/etc/passwd")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(ingest(&scope, IngestRequest::file(at("a.md"))).await.unwrap().added, 1);
}

/// A vault of the host: one credential for everybody, in a place of its own.
struct HostVault(Scope);

#[async_trait]
impl Vault for HostVault {
    async fn put(&self, _: &ScopeKey, request: PutCredential) -> Result<CredentialView> {
        self.0.vault().put(request).await
    }

    async fn get(&self, _: &ScopeKey, name: &str) -> Result<CredentialView> {
        self.0.vault().get(name).await
    }

    async fn resolve(&self, _: &ScopeKey, name: &str) -> Result<Resolution> {
        self.0.vault().resolve(name).await
    }

    async fn reveal(&self, _: &ScopeKey, name: &str) -> Result<Revealed> {
        self.0.vault().reveal(name).await
    }

    async fn list(&self, _: &ScopeKey, page: &PageRequest) -> Result<Page<CredentialView>> {
        self.0.vault().list(page).await
    }

    async fn delete(&self, _: &ScopeKey, name: &str) -> Result<()> {
        self.0.vault().delete(name).await
    }
}

/// Settings for an OpenAI-compatible server.
fn settings_at(server: &ProviderServer) -> Settings {
    let mut settings = Settings::for_database(":memory:");
    settings.openai = Some(OpenAiSettings {
        base_url: Some(server.base_url()),
        chat_model: Some("gpt-4o-mini".to_owned()),
        ..OpenAiSettings::default()
    });
    settings
}

#[tokio::test]
async fn a_key_of_the_settings_goes_to_its_service_alone() {
    let (one, other) =
        (ProviderServer::start().await.unwrap(), ProviderServer::start().await.unwrap());
    let mut settings = settings_at(&one);
    settings.openai.as_mut().unwrap().api_key = Some(Secret::new("sk-of-one"));
    settings.openai.as_mut().unwrap().base_url = Some(one.base_url());
    settings.providers = vec![ProviderSettings {
        name: Some("other".to_owned()),
        base_url: Some(other.base_url()),
        ..ProviderSettings::of(ServiceName::Compatible, None)
    }];
    let javari = Builder::new(settings.clone()).open().await.unwrap();
    let scope = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
    for model in ["other/m", "compatible/m"] {
        let chat = scope.chat(ChatRequest::ask("x").with_model(model)).await.unwrap();
        ChatReply::from_stream(chat).await.unwrap();
    }
    assert_eq!(other.requests()[0].header("authorization"), None);
    assert_eq!(one.requests()[0].header("authorization"), Some("Bearer sk-of-one"));
    // What names a service that nobody set up goes to the default, and nowhere else.
    let asked = ChatRequest::ask("x").with_model("anthropic/claude-haiku-5-5");
    let route = scope.route(&asked);
    assert_eq!(route.candidates[0].target, "compatible/anthropic/claude-haiku-5-5");

    settings.providers.push(settings.providers[0].clone());
    let error = Builder::new(settings).open().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("name=other"), "{error}");
}

#[tokio::test]
async fn a_service_opened_to_users_is_asked_with_their_own_key_and_only_by_name() {
    let mut settings = Settings::for_database(":memory:");
    settings.user_services = vec![ServiceName::Anthropic];
    let javari = Builder::new(settings).open().await.unwrap();
    let scope = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
    let asked = ChatRequest::ask("x").with_model("anthropic/claude-haiku-5-5");
    let error = scope.chat(asked).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let unnamed = scope.route(&ChatRequest::ask("x"));
    let targets: Vec<&str> = unnamed.candidates.iter().map(|one| one.target.as_str()).collect();
    assert_eq!(targets, ["local"]);
}

#[tokio::test]
async fn a_hosts_own_vault_gives_the_providers_their_keys() {
    let (_elsewhere, elsewhere, _) = opened(&scratch().await).await;
    let server = ProviderServer::start().await.unwrap();
    server.push(Reply::text(&["Hello."]));
    let builder = Builder::new(settings_at(&server)).with_vault(Arc::new(HostVault(elsewhere)));
    let javari = builder.open().await.unwrap();
    let scope = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
    let key = PutCredential::new("OPENAI_API_KEY", Secret::new("sk-of-the-host"));
    scope.vault().put(key).await.unwrap();
    let chat = scope.chat(ChatRequest::ask("Hello?")).await.unwrap();
    ChatReply::from_stream(chat).await.unwrap();
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer sk-of-the-host"));
}

#[tokio::test]
async fn calls_are_charged_by_the_hosts_own_file_of_models_and_a_broken_one_opens_nothing() {
    let server = ProviderServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("models.json");
    let table = r#"{"version": "1", "unit": "USD per million tokens", "services": [{"service":
        "compatible", "checked": "2026-11-01", "models": [{"id": "gpt-4o-mini", "price":
        {"rates": {"input": "1000000", "output": "1000000"}}}]}]}"#;
    std::fs::write(&file, table).unwrap();
    let settings =
        || Settings { models_file: Some(file.display().to_string()), ..settings_at(&server) };
    let javari = Builder::new(settings()).open().await.unwrap();
    let scope = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
    server.push(Reply::text(&["Hello."]));
    let chat = scope.chat(ChatRequest::ask("Hello?").with_model("gpt-4o-mini")).await.unwrap();
    let reply = ChatReply::from_stream(chat).await.unwrap();
    let tokens = reply.usage.input + reply.usage.output;
    assert_eq!(reply.cost, Some("1".parse::<Usd>().unwrap().times(tokens)));

    let two_origins = Builder::new(settings()).with_prices(Prices::builtin()).open().await;
    assert!(two_origins.err().unwrap().message().contains("two origins"));
    std::fs::write(&file, &table[1..]).unwrap();
    let error = Builder::new(settings()).open().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("models.json"), "{error}");
}

#[tokio::test]
async fn a_server_elsewhere_is_not_billed_at_openais_list_price_but_at_the_hosts() {
    let server = ProviderServer::start().await.unwrap();
    let dollar: Usd = "1".parse().unwrap();
    let price = Price::new(dollar, dollar);
    let own = Prices::builtin().with("gpt-4o-mini", price);
    for (prices, is_priced) in [(None, false), (Some(own), true)] {
        let mut builder = Builder::new(settings_at(&server));
        if let Some(prices) = prices {
            builder = builder.with_prices(prices);
        }
        let javari = builder.open().await.unwrap();
        let scope = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
        server.push(Reply::text(&["Hello."]));
        let chat = scope.chat(ChatRequest::ask("Hello?").with_model("gpt-4o-mini")).await.unwrap();
        let reply = ChatReply::from_stream(chat).await.unwrap();
        assert_eq!((reply.provider.as_str(), reply.cost.is_some()), ("compatible", is_priced));
        let request = IngestRequest::text("guide.md", "Refunds are paid within 30 days.");
        IngestReport::from_stream(scope.knowledge().ingest(request, Vec::new())).await.unwrap();
        server.push(Reply::text(&["Within 30 days [1]."]));
        let question = AnswerRequest::new("When are refunds paid?");
        let reply = AnswerReply::from_stream(scope.knowledge().answer(question)).await.unwrap();
        assert_eq!(reply.cost.is_some(), is_priced);
        let report = scope.costs().await.unwrap();
        assert_eq!((report.calls, report.unpriced_calls), (2, if is_priced { 0 } else { 2 }));
    }
}

#[tokio::test]
async fn closing_writes_how_often_credentials_and_chunks_were_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db").to_string_lossy().into_owned();
    let (javari, scope, _) = opened(&file).await;
    scope.vault().put(PutCredential::new("KEY", Secret::new("x"))).await.unwrap();
    let request = IngestRequest::text("guide.md", "Refunds are paid within 30 days.");
    IngestReport::from_stream(scope.knowledge().ingest(request, Vec::new())).await.unwrap();
    javari.rooms().local.secret(SecretRequest::new(*scope.key(), "KEY")).await.unwrap();
    let found = scope.knowledge().search(SearchRequest::new("refunds")).await.unwrap();
    assert_eq!(found.hits.len(), 1);
    javari.close().await;
    let (javari, scope, _) = opened(&file).await;
    assert_eq!(scope.vault().get("KEY").await.unwrap().use_count, 1);
    let counted = "SELECT access_count FROM javari_knowledge_base";
    let row = javari.rooms().database.query_one(scope.key(), counted, values![]).await;
    assert_eq!(row.unwrap().unwrap().get::<u64>("access_count").unwrap(), 1);
}

#[tokio::test]
async fn a_project_root_of_one_user_is_open_to_that_user_alone() {
    use crate::monitor::{BuildTarget, CreateMonitorRequest, Target};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db").to_string_lossy().into_owned();
    let (javari, ann, _) = opened(&file).await;
    let bob = javari.ensure_user("bob@x").await.unwrap().id;
    javari.close().await;
    let (hers, all) = (folder.path().join("hers"), folder.path().join("all"));
    for root in [&hers, &all] {
        std::fs::create_dir(root).unwrap();
    }
    let builder = Builder::new(Settings::for_database(&file))
        .project_root_for(ann.key().user.unwrap(), &hers)
        .project_root(&all);
    let javari = builder.open().await.unwrap();
    let (ann, bob) = (javari.scope_of(*ann.key()), javari.scope(bob));
    let request = |root: &std::path::Path| {
        let target = BuildTarget::new(root.to_str().unwrap(), ["true"]);
        CreateMonitorRequest::new(root.display().to_string(), Target::Build(target))
    };
    for root in [&hers, &all] {
        ann.monitor().create(&request(root)).await.unwrap();
    }
    bob.monitor().create(&request(&all)).await.unwrap();
    let error = bob.monitor().create(&request(&hers)).await.unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_monitor_sends_a_credential_to_the_host_that_it_is_bound_to_and_never_shows_it() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use crate::{
        monitor::{CreateMonitorRequest, ObservationStatus, Target, UptimeTarget},
        vault::BindCredential,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // A service that lets nobody in without its token.
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(socket.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let is_known = head.contains("authorization: Bearer t-canary\r\n");
            let status = if is_known { "200 OK" } else { "401 Unauthorized" };
            let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n");
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let mut settings = Settings::for_database(":memory:");
    settings.allow_private = vec![address.clone()];
    let javari = Builder::new(settings).open().await.unwrap();
    let scope = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
    let url = format!("http://{address}/");
    let raw = UptimeTarget::new(&url).with_header("Authorization", "Bearer t-canary");
    let raw = CreateMonitorRequest::new("raw", Target::Uptime(raw));
    let error = scope.monitor().create(&raw).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/headers/Authorization");
    let named = UptimeTarget::new(&url).with_header("Authorization", "Bearer {{cred:TOKEN}}");
    let named = CreateMonitorRequest::new("status", Target::Uptime(named));
    let monitor = scope.monitor().create(&named).await.unwrap();
    let seen = async || {
        let outcome = scope.monitor().check(monitor.id).await.unwrap().observation;
        assert!(!format!("{outcome:?}").contains("canary"), "{outcome:?}");
        (outcome.status, outcome.summary)
    };
    // Nobody knows whether it is up as long as it cannot be asked.
    let (status, words) = seen().await;
    assert_eq!(status, ObservationStatus::Unknown);
    assert!(words.contains("NOT_FOUND") || words.contains("no such credential"), "{words}");
    let token = PutCredential::new("TOKEN", Secret::new("t-canary"));
    scope.vault().put(token.with_host("elsewhere.example")).await.unwrap();
    let (status, words) = seen().await;
    assert_eq!(status, ObservationStatus::Unknown);
    assert!(words.contains("vault.bind"), "{words}");
    let here = BindCredential::new("TOKEN", [format!("http://{address}")]);
    scope.vault().bind(&here).await.unwrap();
    assert_eq!(seen().await.0, ObservationStatus::Up);
    let stored = scope.monitor().get(monitor.id).await.unwrap();
    assert!(format!("{stored:?}").contains("{{cred:TOKEN}}"));
    javari.close().await;
}

#[tokio::test]
async fn a_trail_takes_no_entry_of_somebody_who_is_not_there_and_no_name_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| ExportTrail::to(folder.path().join(name).display().to_string());
    let (javari, scope, _) = opened(&folder.path().join("a.db").display().to_string()).await;
    let nobody = javari.scope(UserId(uuid::Uuid::from_u128(7)));
    let entry = || RecordEntry::new("app.tried", "tried");
    let error = nobody.audit().record(entry()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = nobody.audit().export(&at("nobodys.jsonl")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(nobody.audit().list(ListEntries::default()).await.unwrap().items.is_empty());
    scope.audit().record(entry()).await.unwrap();
    for name in ["a.db", "a.db-wal", "a.db-shm"] {
        let error = scope.audit().export(&at(name)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{name}: {error}");
    }
    let reply = scope.audit().export(&at("trail.jsonl")).await.unwrap();
    assert!(reply.verified && reply.entries > 0, "{reply:?}");
    javari.close().await;
}
