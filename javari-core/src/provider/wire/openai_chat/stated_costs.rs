//! What services say a call cost beside what our price list makes of the same reply.

use std::fs;

use super::{
    super::testing::{self, decode, exchanges, fold, own_fixture},
    OpenAiChat,
};
use crate::{
    cost::Prices,
    provider::ChatReply,
    testkit,
    types::{SearchContext, Usage, Usd},
};

fn wire() -> OpenAiChat {
    OpenAiChat {
        provider: "perplexity".to_owned(),
        strict: false,
        done_marker: true,
        stream_usage: true,
    }
}

/// The reply of a recording's only, or first, exchange.
fn recorded(name: &str) -> Option<ChatReply> {
    let folder = testkit::fixtures("providers")?;
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let body = if name.ends_with(".yaml") { exchanges(&text).remove(0).body } else { text };
    if body.contains("data: ") {
        let (events, error) = decode(&wire(), &[body.as_bytes()]);
        assert_eq!(error, None, "{name}");
        return Some(fold(events).unwrap());
    }
    Some(testing::decode_whole(&wire(), body.as_bytes()).unwrap())
}

fn computed(service: &str, model: &str, usage: &Usage) -> Option<Usd> {
    Prices::builtin().cost_at(service, model, usage)
}

#[test]
fn the_size_of_what_was_searched_is_read_and_sets_the_fee() {
    let reply = testing::decode_whole(&wire(), &own_fixture("shape__sonar_cost.json")).unwrap();
    assert_eq!(reply.usage.search_context, Some(SearchContext::High));
    assert_eq!(reply.cost.unwrap().to_string(), "0.01305");
    assert_eq!(computed("perplexity", &reply.model, &reply.usage), reply.cost);
    let of_another_size = Usage { search_context: Some(SearchContext::Low), ..reply.usage };
    let cost = computed("perplexity", &reply.model, &of_another_size);
    assert_eq!(cost.unwrap().to_string(), "0.00605");
}

#[test]
fn a_recorded_sonar_costs_what_it_says() {
    let name = "perplexity/rig__perplexity__agent__completion_smoke.yaml";
    let Some(reply) = recorded(name) else { return };
    assert_eq!(reply.cost.unwrap().to_string(), "0.00512");
    assert_eq!(computed("perplexity", &reply.model, &reply.usage), reply.cost);

    // Perplexity rounds each of the three parts that it adds up to a hundred-thousandth of a dollar.
    let name = "perplexity/rig__perplexity__migration_pain_points__output_schema_is_dropped_instead_of_sent_as_response_format.yaml";
    let reply = recorded(name).unwrap();
    assert_eq!(reply.cost.unwrap().to_string(), "0.00504");
    assert_eq!((reply.usage.input, reply.usage.output), (14, 28));
    let cost = computed("perplexity", &reply.model, &reply.usage).unwrap();
    assert_eq!(cost.to_string(), "0.005042");
    let parts = [
        Usage { output: 0, ..reply.usage },
        Usage { input: 0, ..reply.usage },
        Usage { input: 0, output: 0, ..reply.usage },
    ];
    let [input, output, fee] =
        parts.map(|part| computed("perplexity", &reply.model, &part).unwrap());
    let rounded = |amount: Usd| {
        const UNIT: i128 = 10_000_000;
        Usd::from_picos((amount.picos() + UNIT / 2).div_euclid(UNIT) * UNIT)
    };
    assert_eq!(Some(rounded(input - fee) + rounded(output - fee) + fee), reply.cost);

    // This one does not say how much it searched, so that its cost is not known.
    let reply = recorded("perplexity/ai__perplexity__perplexity-citations.json").unwrap();
    assert_eq!((reply.cost, computed("perplexity", &reply.model, &reply.usage)), (None, None));
}

#[test]
fn a_recorded_openrouter_costs_what_the_list_of_the_service_behind_it_says() {
    for (name, service, model) in [
        (
            "compat/rig__openrouter__raw_stream_capture_matrix__stream_raw_exposes_terminal_cost_and_provider.yaml",
            "openai",
            "gpt-4o-mini",
        ),
        (
            "compat/rig__openrouter__reasoning_tool_order_matrix__streaming_signed_agent_roundtrip.yaml",
            "anthropic",
            "claude-haiku-4-5",
        ),
    ] {
        let Some(reply) = recorded(name) else { return };
        assert_eq!(computed(service, model, &reply.usage), reply.cost, "{name}");
    }
}
