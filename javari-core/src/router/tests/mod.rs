//! The router as a caller sees it.

mod chaos;
mod failing;
mod limiting;
mod remembering;

use super::*;
use crate::{
    provider::{LocalProvider, ProviderExt},
    testkit::ScriptedProvider,
};

#[tokio::test]
async fn a_model_may_name_its_provider_and_the_default_answers_otherwise() {
    let router = Router::new(Arc::new(LocalProvider));
    let scripted = ScriptedProvider::new("mine");
    scripted.push_text(&["from mine"]);
    router.add("mine", Arc::new(scripted)).unwrap();
    let reply = router.complete(ChatRequest::ask("x").with_model("mine/any")).await.unwrap();
    assert_eq!(reply.text, "from mine");
    let reply = router.complete(ChatRequest::ask("x")).await.unwrap();
    assert_eq!(reply.provider, "local");
}

#[test]
fn a_taken_or_unfit_name_is_refused() {
    let router = Router::new(Arc::new(LocalProvider));
    for name in ["", "a/b", "local"] {
        assert!(router.add(name, Arc::new(LocalProvider)).is_err(), "{name}");
    }
}

/// Cannot be reached.
struct Away;

#[async_trait]
impl Provider for Away {
    fn name(&self) -> &str {
        "away"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { generates: true, ..Capabilities::default() }
    }

    async fn stream(&self, _: ChatRequest) -> Result<ChatStream> {
        Err(Error::new(ErrorKind::Network, "provider.chat", "away"))
    }

    async fn models(&self, _: ScopeKey) -> Result<Vec<ModelInfo>> {
        Err(Error::new(ErrorKind::Network, "provider.models", "away"))
    }
}

#[tokio::test]
async fn one_provider_that_fails_hides_no_models_and_all_that_fail_are_an_error() {
    let router = Router::new(Arc::new(Away));
    let error = router.models(ScopeKey::HOST).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    router.add("local", Arc::new(LocalProvider)).unwrap();
    let models = router.models(ScopeKey::HOST).await.unwrap();
    assert!(!models.is_empty() && models.iter().all(|model| model.id.starts_with("local/")));
}

#[test]
fn what_can_be_done_is_asked_of_the_provider_that_the_model_names() {
    let router = Router::new(Arc::new(LocalProvider));
    router.add("away", Arc::new(Away)).unwrap();
    assert!(!router.capabilities().generates);
    assert!(router.capabilities_for(Some("away/x")).generates);
    assert!(!router.capabilities_for(Some("local/x")).generates);
}

#[tokio::test]
async fn a_model_that_does_not_answer_any_more_gives_way_to_its_successor_with_a_warning() {
    let openai = Arc::new(ScriptedProvider::new("openai"));
    let router = Router::new(openai.clone());
    let request = ChatRequest::ask("x").with_model("openai/gpt-4-turbo");
    let reply = router.complete(request).await.unwrap();
    assert_eq!(openai.requests()[0].model.as_deref(), Some("gpt-6.1-terra"));
    assert_eq!(reply.warnings[0].code, "model_retired");
    assert_eq!(
        reply.warnings[0].message,
        "`gpt-4-turbo` does not answer any more; `gpt-6.1-terra` is asked in its place"
    );
}

#[test]
fn a_request_that_is_longer_than_a_model_reads_passes_it_over() {
    let router = Router::new(Arc::new(ScriptedProvider::new("openai")));
    let mut request = ChatRequest::ask("word ".repeat(300_000));
    request.fallback = vec!["openai/gpt-4o".into(), "openai/gpt-6-luna".into()];
    let route = router.explain(&request);
    let eligible: Vec<bool> = route.candidates.iter().map(|one| one.eligible).collect();
    assert_eq!(eligible, [false, true], "{}", route.sentence);
    assert!(route.candidates[0].reason.starts_with("it reads 128000 tokens"));
}

#[test]
fn the_cheapest_goes_first_where_that_is_preferred() {
    let router = Router::new(Arc::new(ScriptedProvider::new("openai")));
    let mut request = ChatRequest::ask("x");
    request.fallback =
        ["mine", "openai/gpt-6.1-sol", "openai/gpt-6-luna"].map(String::from).to_vec();
    request.prefer = Some(crate::provider::Preference::Cheapest);
    router.add("mine", Arc::new(ScriptedProvider::new("mine"))).unwrap();
    let route = router.explain(&request);
    let order: Vec<&str> = route.candidates.iter().map(|one| one.target.as_str()).collect();
    assert_eq!(order, ["openai/gpt-6-luna", "openai/gpt-6.1-sol", "mine"]);
    assert!(route.candidates[0].estimated_cost < route.candidates[1].estimated_cost);
    assert_eq!(route.candidates[2].estimated_cost, None);
}
