//! The catalogue: what is in it, what a name means, and which tables are refused.

use std::fs;

use super::*;
use crate::types::ServiceTier;

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn successor(service: &str, name: &str) -> Option<String> {
    Models::builtin().successor(service, name, now()).map(|model| model.id.clone())
}

#[test]
fn the_builtin_catalogue_is_read_and_names_what_the_services_offer() {
    let models = Models::from_json(include_str!("models.json")).unwrap();
    assert_eq!(&models, Models::builtin());
    assert_eq!(models.version(), "2026-11-22");
    for (service, name) in [
        ("openai", "gpt-6.1-sol"),
        ("openai", "gpt-6-luna"),
        ("openai", "gpt-5.4-mini"),
        ("openai", "gpt-4o"),
        ("openai", "text-embedding-3-small"),
        ("anthropic", "claude-opus-5-5"),
        ("anthropic", "claude-fable-5-1"),
        ("gemini", "gemini-3.8-flash"),
        ("gemini", "gemini-4-argon"),
        ("gemini", "gemini-2.5-flash-lite"),
        ("gemini", "gemini-embedding-001"),
        ("perplexity", "perplexity/sonar"),
        ("perplexity", "sonar-pro"),
        ("perplexity", "pplx-embed-v1-4b"),
    ] {
        let model = models.find(service, name).unwrap();
        assert!(model.price.is_some(), "{service}/{name}");
    }
    assert!(models.is_free("ollama") && models.is_free("local") && !models.is_free("openai"));
}

#[test]
fn a_name_means_a_model_by_its_id_its_other_names_and_its_date() {
    let models = Models::builtin();
    let id = |service, name| models.find(service, name).map(|model| model.id.as_str());
    assert_eq!(id("openai", "gpt-5.6"), Some("gpt-5.6-sol"));
    assert_eq!(id("gemini", "gemini-flash-latest"), Some("gemini-3.8-flash"));
    assert_eq!(id("anthropic", "claude-haiku-4-5-20251001"), Some("claude-haiku-4-5"));
    // A date that the catalogue does not name, and one that is a model of its own.
    assert_eq!(id("openai", "gpt-6-luna-2026-09-01"), Some("gpt-6-luna"));
    assert_eq!(id("openai", "gpt-4o-2024-05-13"), Some("gpt-4o-2024-05-13"));
    for unknown in ["gpt-6-lunar", "gpt-6-luna-2026", "é-2024-07-18", "-2024-07-18", ""] {
        assert_eq!(id("openai", unknown), None, "{unknown}");
    }
    assert_eq!(id("anthropic", "gpt-6-luna"), None);
}

#[test]
fn every_name_that_died_resolves_to_one_that_lives() {
    for (service, dead, alive) in [
        ("openai", "gpt-4-turbo", "gpt-6.1-terra"),
        ("openai", "gpt-4-turbo-preview", "gpt-6.1-terra"),
        ("openai", "gpt-4", "gpt-6.1-terra"),
        ("openai", "gpt-3.5-turbo", "gpt-6-luna"),
        ("anthropic", "claude-3-sonnet-20240229", "claude-sonnet-5-5"),
        ("anthropic", "claude-3-opus", "claude-opus-5-5"),
        ("anthropic", "claude-3-opus-20240229", "claude-opus-5-5"),
        ("anthropic", "claude-3-haiku-20240307", "claude-haiku-5-5"),
        ("gemini", "gemini-pro", "gemini-4-argon"),
        ("perplexity", "sonar", "perplexity/sonar"),
        ("perplexity", "sonar-pro", "perplexity/sonar"),
        ("perplexity", "sonar-reasoning-pro", "perplexity/sonar"),
        ("perplexity", "llama-3.1-sonar-large-128k-online", "perplexity/sonar"),
    ] {
        assert_eq!(successor(service, dead).as_deref(), Some(alive), "{dead}");
    }
    // By way of a model that is retired itself later on.
    let later = "2027-06-01T00:00:00Z".parse().unwrap();
    let last = Models::builtin().successor("gemini", "gemini-3.1-flash-lite-preview", later);
    assert_eq!(last.unwrap().id, "gemini-3.5-flash-lite");
    assert_eq!(successor("openai", "text-embedding-ada-002"), None);
    for model in Models::builtin().all().filter(|model| model.is_retired(now())) {
        let alive = Models::builtin().successor(&model.service, &model.id, now());
        assert!(alive.is_some_and(|alive| !alive.is_retired(now())), "{}", model.id);
    }
}

#[test]
fn a_model_is_retired_from_its_day_on_and_not_before() {
    let model = Models::builtin().find("anthropic", "claude-sonnet-4-5").unwrap();
    let at = |text: &str| model.is_retired(text.parse().unwrap());
    assert!(!at("2026-11-29T23:59:59Z") && at("2026-11-30T00:00:00Z"));
    let gone = Models::builtin().find("anthropic", "claude-2.1").unwrap();
    assert!(gone.is_retired("2020-01-01T00:00:00Z".parse().unwrap()));
}

#[test]
fn what_a_model_can_do_is_data() {
    let find = |service, name| Models::builtin().find(service, name).unwrap();
    let sonnet = find("anthropic", "claude-sonnet-5-5");
    assert!(sonnet.can(Ability::Tools) && sonnet.can(Ability::Reasoning));
    for refused in [Ability::Sampling, Ability::ForcedTool, Ability::Prefill, Ability::ReasoningOff]
    {
        assert!(!sonnet.can(refused), "{refused:?}");
    }
    assert_eq!(sonnet.cache_minutes, [5, 60]);
    assert_eq!(find("openai", "gpt-6-luna").cache_minutes, [30, 720]);
    assert!(find("openai", "gpt-6-luna").can(Ability::ReasoningOff));
    assert!(find("openai", "gpt-4o").can(Ability::Sampling));
    let embedding = find("openai", "text-embedding-3-small");
    assert_eq!((embedding.kind, embedding.dimensions), (ModelKind::Embedding, Some(1536)));
}

const OWN: &str = r#"{"version": "mine", "unit": "USD per million tokens", "services": [
    {"service": "vllm", "checked": "2026-11-01", "models": [MODELS]}]}"#;

fn own(models: &str) -> Result<Models> {
    Models::from_json(&OWN.replace("MODELS", models))
}

#[test]
fn a_host_puts_its_own_table_in_the_place_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("models.json");
    let model = r#"{"id": "qwen3", "price": {"rates": {"input": "1", "output": "2"}}}"#;
    fs::write(&file, OWN.replace("MODELS", model)).unwrap();
    let models = Models::from_file(&file).unwrap();
    assert_eq!((models.version(), models.all().count()), ("mine", 1));
    let price = models.find("vllm", "qwen3").unwrap().price.as_ref().unwrap();
    let rate = price.rate(TokenKind::Cached, ServiceTier::Standard, 1).unwrap();
    assert_eq!(rate.to_string(), "1");
    assert!(models.find("openai", "gpt-6-luna").is_none() && !models.is_free("local"));

    fs::write(&file, "{").unwrap();
    let error = Models::from_file(&file).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("models.json"), "{error}");
    let error = Models::from_file(folder.path().join("none")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[test]
fn the_table_in_the_guide_is_one() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/providers.md");
    let guide = fs::read_to_string(guide).unwrap();
    let mut blocks = guide.split("```json\n").skip(1);
    let table = blocks.find(|block| block.contains("\"version\"")).unwrap();
    let models = Models::from_json(table.split("```").next().unwrap()).unwrap();
    assert_eq!(models.successor("vllm", "qwen2", now()).unwrap().id, "qwen3");
}

#[test]
fn a_table_with_a_fault_is_refused_whole_and_the_fault_is_named() {
    let priced = |price: &str| {
        format!(r#"{{"id": "b", "price": {{"rates": {{"input": "1", "output": "2"}}, {price}}}}}"#)
    };
    let faults = [
        (r#"{"id": 7}"#.to_owned(), "invalid type"),
        (r#"{"id": "b", "prise": {}}"#.to_owned(), "unknown field `prise`"),
        (r#"{"id": "b", "can": ["fly"]}"#.to_owned(), "unknown variant `fly`"),
        (r#"{"id": "b", "retired_on": "soon"}"#.to_owned(), "`soon` is no day"),
        (r#"{"id": "a"}"#.to_owned(), "taken by another model"),
        (r#"{"id": "b", "names": [""]}"#.to_owned(), "a name is empty"),
        (r#"{"id": "b", "replaced_by": "c"}"#.to_owned(), "is not there"),
        (r#"{"id": "b", "replaced_by": "b"}"#.to_owned(), "lead back to itself"),
        (r#"{"id": "b", "price": {"rates": {"input": "1"}}}"#.to_owned(), "`input` and `output`"),
        (priced(r#""search": 0.01"#), "expected a string"),
        (priced(r#""search": "1e-2""#), "not an amount"),
        (priced(r#""search": "-1""#), "below nothing"),
        (priced(r#""above": {"tokens": 9, "rates": {"input": "1"}}"#), "`input` and `output`"),
        (priced(r#""tiers": {"slow": {}}"#), "unknown variant `slow`"),
        (priced(r#""tiers": {"standard": {"factor": "2"}}"#), "cannot have one"),
        (priced(r#""tiers": {"flex": {"factor": "0"}}"#), "is no factor"),
        (priced(r#""tiers": {"flex": {"factor": "0.1234567"}}"#), "is no factor"),
        (
            priced(
                r#""above": {"tokens": 9, "rates": {"input": "0.000000000001", "output": "1"}},
                "tiers": {"flex": {"factor": "0.5"}}"#,
            ),
            "not exact",
        ),
    ];
    for (model, named) in faults {
        let error = own(&format!(r#"{{"id": "a"}}, {model}"#)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let told = format!("{error} {:?}", error.context());
        assert!(told.contains(named), "{model}: {told}");
    }
    let unit = OWN.replace("million", "thousand").replace("MODELS", "");
    assert!(Models::from_json(&unit).unwrap_err().message().contains("unit"));
    assert!(own(r#"{"id": "a"}"#).is_ok());
}
