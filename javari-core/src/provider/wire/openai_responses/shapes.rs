//! Hand-written traffic through the decoder, cut at every byte.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{
    super::testing::{self, Decoded, calls, chunks, decoder, extra, fold, mutations, own_fixture},
    Dialect, OpenAiResponses,
};
use crate::{
    http::SseEvent,
    provider::{ChatEvent, ChatReply, Source},
    types::{FinishReason, ServiceTier, Usage},
};

fn wire(dialect: Dialect) -> OpenAiResponses {
    OpenAiResponses { provider: "openai".to_owned(), dialect }
}

fn decode_every_way(name: &str, dialect: Dialect) -> Decoded {
    let stream = own_fixture(name);
    let terminal = stream.trim_ascii_end().len();
    testing::decode_every_way(&wire(dialect), name, &stream, terminal)
}

fn reply_of(name: &str, dialect: Dialect) -> ChatReply {
    let (events, error) = decode_every_way(name, dialect);
    assert_eq!(error, None, "{name}");
    fold(events).unwrap()
}

fn reply(name: &str) -> ChatReply {
    reply_of(name, Dialect::OpenAi)
}

fn whole_of(name: &str, dialect: Dialect) -> ChatReply {
    testing::decode_whole(&wire(dialect), &own_fixture(name)).unwrap()
}

fn whole(name: &str) -> ChatReply {
    whole_of(name, Dialect::OpenAi)
}

fn whole_error(name: &str, dialect: Dialect) -> String {
    testing::decode_whole(&wire(dialect), &own_fixture(name)).unwrap_err().to_string()
}

fn kept_types(reply: &ChatReply, wire: &str) -> Vec<String> {
    let content = extra(reply, wire).map(|kept| &kept["content"]);
    let items = content.and_then(Value::as_array).into_iter().flatten();
    items.map(|item| item["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_stream_and_its_unary_twin_are_one_reply() {
    let streamed = reply("shape__responses_text.sse");
    assert_eq!(streamed.text, "Café 日本 🦀\n");
    assert_eq!(streamed.model, "gpt-6-luna-2026-09-01");
    assert_eq!(streamed.finish, FinishReason::Stop);
    let usage =
        Usage { input: 19, output: 7, cached: 5, tier: ServiceTier::Priority, ..Usage::default() };
    assert_eq!(streamed.usage, usage);
    let source =
        Source { title: Some("Cafés".to_owned()), ..Source::at("https://a.example/cafes") };
    assert_eq!(streamed.sources, [source]);
    assert_eq!(extra(&streamed, "annotations").unwrap()[0]["end_index"], 4);
    assert_eq!(extra(&streamed, "openai_responses"), None);
    assert_eq!(whole("shape__responses_text_unary.json"), streamed);
}

#[test]
fn parallel_calls_are_told_apart_by_place_and_id() {
    let parallel = reply("shape__responses_parallel_tools.sse");
    assert_eq!(
        calls(&parallel),
        [("call_a", "alpha", "{\"a\":1}"), ("call_b", "beta", "{\"b\":2}")]
    );
    assert_eq!(parallel.finish, FinishReason::ToolCalls);
    assert_eq!(extra(&parallel, "openai_responses"), None);
}

#[test]
fn a_call_that_wraps_several_is_several_calls_and_is_never_shown_itself() {
    let (events, error) = decode_every_way("shape__responses_wrapped_tools.sse", Dialect::OpenAi);
    assert_eq!(error, None);
    let shown = |event: &ChatEvent| match event {
        ChatEvent::ToolCallDelta { name, .. } => name.clone(),
        _ => None,
    };
    let names: Vec<_> = events.iter().filter_map(shown).collect();
    assert_eq!(names, ["alpha", "beta"]);
    let reply = fold(events).unwrap();
    assert_eq!(
        calls(&reply),
        [("call_w_0", "alpha", "{\"a\":1}"), ("call_w_1", "beta", "{\"b\":\"ü\"}")]
    );
    assert_eq!(reply.finish, FinishReason::ToolCalls);
}

#[test]
fn a_tool_of_the_hosts_own_that_is_named_parallel_is_one_call() {
    let arguments = "{\"tool_uses\":[{\"recipient_name\":\"other.f\"}]}";
    let item = json!({ "type": "function_call", "call_id": "c", "name": "parallel",
        "arguments": arguments });
    let body = json!({ "status": "completed", "output": [item] }).to_string();
    let reply = testing::decode_whole(&wire(Dialect::OpenAi), body.as_bytes()).unwrap();
    assert_eq!(calls(&reply), [("c", "parallel", arguments)]);
}

#[test]
fn reasoning_is_shown_in_paragraphs_and_kept_whole_with_its_last_encryption() {
    let streamed = reply("shape__responses_reasoning.sse");
    assert_eq!(streamed.reasoning, "**Counting**\n\nOne, two.\n\n**Checking**\n\nYes.");
    assert_eq!((streamed.text.as_str(), streamed.usage.reasoning), ("Two.", 80));
    let kept = extra(&streamed, "openai_responses").unwrap();
    assert_eq!(kept["model"], "gpt-6.1-sol");
    assert_eq!(kept["content"][0]["encrypted_content"], "gAAA-whole");
    assert_eq!(kept["content"][1]["phase"], "final_answer");
    assert_eq!(whole("shape__responses_reasoning_unary.json"), streamed);
}

#[test]
fn a_refusal_is_no_text() {
    let refusal = reply("shape__responses_refusal.sse");
    assert_eq!((refusal.refusal.as_str(), refusal.text.as_str()), ("I cannot do that.", ""));
    assert_eq!(refusal.finish, FinishReason::Stop);
}

#[test]
fn an_answer_that_is_cut_short_says_why() {
    let cut = reply("shape__responses_incomplete.sse");
    assert_eq!((cut.text.as_str(), &cut.finish), ("Lighthouses are", &FinishReason::Length));
    let filtered = whole("shape__responses_incomplete_unary.json");
    assert_eq!(
        (filtered.text.as_str(), &filtered.finish),
        ("So far", &FinishReason::ContentFilter)
    );
    let silent: &[u8] = b"data: {\"type\":\"response.incomplete\"}\n\n";
    let (events, error) = testing::decode(&wire(Dialect::OpenAi), &[silent]);
    assert_eq!(error, None);
    assert_eq!(fold(events).unwrap().finish, FinishReason::Other("incomplete".to_owned()));
}

#[test]
fn a_call_that_is_cut_short_is_neither_handed_over_nor_kept_with_what_led_to_it() {
    let cut = reply("shape__responses_incomplete_tool.sse");
    assert_eq!(cut.finish, FinishReason::Length);
    assert_eq!(calls(&cut), [("call_8", "alpha", "{\"a\":1}")]);
    assert_eq!(cut.warnings[0].code, "tool_call_cut_off");
    assert_eq!(kept_types(&cut, "openai_responses"), ["reasoning", "function_call"]);
}

#[test]
fn a_failure_is_one_error_in_whatever_shape_it_comes() {
    let (events, error) =
        decode_every_way("shape__responses_error_then_failed.sse", Dialect::OpenAi);
    assert!(events.is_empty(), "{events:?}");
    let error = error.unwrap();
    assert!(error.starts_with("RATE_LIMITED at provider.chat"), "{error}");
    assert!(error.contains("Rate limit reached for gpt-6-luna."), "{error}");
    let (events, error) = decode_every_way("shape__responses_flat_error.sse", Dialect::OpenAi);
    assert_eq!(events.len(), 2, "what was said stays said");
    let error = error.unwrap();
    assert!(error.starts_with("PROVIDER_OVERLOADED at provider.chat"), "{error}");
    assert!(error.contains("delivered="), "{error}");
    let (_, error) = decode_every_way("shape__responses_failed.sse", Dialect::OpenAi);
    let error = error.unwrap();
    assert!(error.starts_with("PROVIDER_REFUSED") && error.contains("was flagged"), "{error}");
    let error = whole_error("shape__responses_failed_unary.json", Dialect::OpenAi);
    assert!(error.starts_with("PROVIDER_FAILED") && error.contains("The model broke."), "{error}");
    let named: &[u8] = b"event: error\ndata: {\"message\":\"slow\",\"code\":429}\n\n";
    let (_, error) = testing::decode(&wire(Dialect::OpenAi), &[named]);
    assert!(error.unwrap().starts_with("RATE_LIMITED"));
}

#[test]
fn a_reply_without_an_answer_is_an_error() {
    for body in ["{}", "{\"status\":\"in_progress\",\"output\":[]}", "{\"status\":\"cancelled\"}"] {
        let error = testing::decode_whole(&wire(Dialect::OpenAi), body.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("PROVIDER_FAILED"), "{body}: {error}");
    }
    let done: &[u8] = b"data: [DONE]\n\n";
    let (_, error) = testing::decode(&wire(Dialect::OpenAi), &[done]);
    assert!(error.unwrap().contains("ended before it was complete"));
}

#[test]
fn an_answer_is_whole_with_its_output_alone_and_with_its_pieces_alone() {
    let pieces = reply("shape__responses_completed_without_output.sse");
    assert_eq!((pieces.text.as_str(), calls(&pieces)), ("Wait.", vec![("call_15", "now", "{}")]));
    let output = reply_of("shape__responses_without_deltas.sse", Dialect::Compatible);
    assert_eq!((output.reasoning.as_str(), output.text.as_str()), ("Hm.", "All at once."));
    assert_eq!(calls(&output), [("call_16", "now", "{}")]);
    assert_eq!(kept_types(&output, "openai_responses"), ["reasoning", "message", "function_call"]);
}

#[test]
fn calls_without_any_id_get_one_and_stay_one_call() {
    let item =
        |arguments: &str| json!({ "type": "function_call", "name": "f", "arguments": arguments });
    let events = [
        json!({ "type": "response.created", "response": { "id": "r" } }),
        json!({ "type": "response.output_item.added", "output_index": 0, "item": item("") }),
        json!({ "type": "response.function_call_arguments.delta", "output_index": 0,
            "delta": "{\"a\"" }),
        json!({ "type": "response.output_item.done", "output_index": 0,
            "item": item("{\"a\":1}") }),
        json!({ "type": "response.completed", "response": { "output": [item("{\"a\":1}")] } }),
    ];
    let stream: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let (events, _) = testing::decode(&wire(Dialect::Compatible), &[stream.as_bytes()]);
    assert_eq!(calls(&fold(events).unwrap()), [("call_r_0", "f", "{\"a\":1}")]);
}

#[test]
fn tokens_written_to_the_cache_are_counted_by_how_long_they_stay() {
    let usage = whole("shape__responses_cache_writes_unary.json").usage;
    assert_eq!((usage.input, usage.cached), (5000, 1000));
    assert_eq!((usage.cache_written, usage.cache_written_long), (3000, 2000));
    assert_eq!(usage.tier, ServiceTier::Flex);
}

#[test]
fn searches_are_counted_as_charged_and_their_sources_told_once() {
    let searched = reply("shape__responses_web_search.sse");
    assert_eq!(searched.usage.searches, 2);
    let page = Source { title: Some("A".to_owned()), ..Source::at("https://a.example") };
    let file = Source { title: Some("report.pdf".to_owned()), ..Source::default() };
    assert_eq!(searched.sources, [page, file]);
    assert_eq!(extra(&searched, "web_search_call").unwrap()["action"]["query"], "lighthouses");
    assert_eq!(
        kept_types(&searched, "openai_responses"),
        ["web_search_call", "web_search_call", "message"]
    );
}

#[test]
fn perplexity_tells_its_thoughts_sources_searches_and_bill() {
    let agent = reply_of("shape__perplexity_agent.sse", Dialect::Perplexity);
    assert_eq!(agent.reasoning, "I look it up.\n\nThat is enough.");
    assert_eq!(agent.text, "Rust is safe [1].");
    let urls: Vec<_> = agent.sources.iter().map(|source| source.url.as_str()).collect();
    assert_eq!(urls, ["https://a.example/rust", "https://b.example/memory", "https://c.example"]);
    assert_eq!(agent.sources[0].quote.as_deref(), Some("A language – schnell."));
    assert_eq!(agent.sources[1].date.as_deref(), Some("2026-03-04"));
    assert_eq!(agent.cost.unwrap().to_string(), "0.0058625");
    assert_eq!((agent.usage.input, agent.usage.cached, agent.usage.searches), (1200, 200, 2));
    assert_eq!(extra(&agent, "search_queries"), Some(&json!(["rust safety"])));
    assert_eq!(extra(&agent, "fetch_urls"), Some(&json!(["https://c.example"])));
    assert_eq!(extra(&agent, "perplexity_agent"), None);
    let unary = whole_of("shape__perplexity_agent_unary.json", Dialect::Perplexity);
    assert_eq!(
        (&unary.text, &unary.sources, unary.cost),
        (&agent.text, &agent.sources, agent.cost)
    );
    assert_eq!(unary.usage, agent.usage);
}

#[test]
fn perplexity_fails_in_its_own_shapes() {
    let (events, error) =
        decode_every_way("shape__perplexity_agent_failed.sse", Dialect::Perplexity);
    assert!(events.is_empty());
    let error = error.unwrap();
    assert!(error.starts_with("MODEL_NOT_FOUND") && error.contains("openai/none"), "{error}");
    let error = whole_error("shape__perplexity_agent_failed_unary.json", Dialect::Perplexity);
    assert!(error.starts_with("RATE_LIMITED"), "{error}");
}

#[test]
fn of_perplexity_only_what_it_takes_back_is_kept() {
    let signed = whole_of("shape__perplexity_agent_signed_call_unary.json", Dialect::Perplexity);
    assert_eq!(signed.finish, FinishReason::ToolCalls);
    assert_eq!(kept_types(&signed, "perplexity_agent"), ["function_call"]);
    assert_eq!(
        extra(&signed, "perplexity_agent").unwrap()["content"][0]["thought_signature"],
        "c2ln"
    );
}

/// Puts nulls, other types, unknown values and unknown fields in every place of every event.
#[test]
fn no_unknown_field_null_or_other_type_breaks_the_decoder() {
    let mut tried = 0;
    for name in [
        "shape__responses_parallel_tools.sse",
        "shape__responses_reasoning.sse",
        "shape__responses_web_search.sse",
        "shape__perplexity_agent.sse",
    ] {
        let events = chunks(&own_fixture(name));
        assert!(events.len() >= 10, "{name}");
        for event in events.iter().flat_map(mutations).filter(Value::is_object) {
            let data = event.to_string();
            let mut decoder = decoder(&wire(Dialect::Compatible));
            let event = SseEvent { name: b"", data: data.as_bytes() };
            let result = decoder.event(event, &mut VecDeque::new());
            let fault = result.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!fault.contains("not its protocol"), "{data}: {fault}");
            // Only what says that it failed is a failure.
            let told = ["{}", "\"odd\"", "{\"odd\":[1]}"];
            let told = told.iter().any(|error| data.contains(&format!("\"error\":{error}")));
            let failed = told && data.contains("\"type\":\"response.completed\"");
            assert_eq!(!fault.is_empty(), failed, "{data}: {fault}");
            tried += 1;
        }
    }
    assert!(tried > 5_000, "{tried}");
}
