//! Recorded and hand-written traffic through the decoder, cut at every byte.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use serde_json::{Value, json};

use super::{
    super::testing::{
        self, Decoded, chunks, decode, exchanges, extra, failures, fold, framed, mild_mutations,
        own_fixture, survives,
    },
    Gemini,
};
use crate::{
    error::{ErrorKind, Result, Retry},
    provider::{ChatReply, Source},
    testkit,
    types::{FinishReason, ServiceTier, Usage},
};

fn wire() -> Gemini {
    Gemini { provider: "gemini".to_owned() }
}

/// The end of the first chunk that says why the answer ended.
fn terminal(stream: &[u8]) -> usize {
    let reason = ["\"finishReason\"", "\"blockReason\""]
        .into_iter()
        .find_map(|mark| memchr::memmem::find(stream, mark.as_bytes()));
    let rest = reason.map_or(&[][..], |at| &stream[at..]);
    let line = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
    reason.map_or(stream.len(), |at| at + line)
}

fn decode_every_way(name: &str, stream: &[u8]) -> Decoded {
    testing::decode_every_way(&wire(), name, stream, terminal(stream))
}

fn decode_whole(body: &[u8]) -> Result<ChatReply> {
    testing::decode_whole(&wire(), body)
}

fn streamed(name: &str, stream: &[u8]) -> ChatReply {
    let (events, error) = decode_every_way(name, stream);
    assert_eq!(error, None, "{name}");
    fold(events).unwrap()
}

fn reply(name: &str) -> ChatReply {
    streamed(name, &own_fixture(name))
}

fn calls(reply: &ChatReply) -> Vec<(&str, &str, Value)> {
    let calls = testing::calls(reply).into_iter();
    calls.map(|(id, name, text)| (id, name, serde_json::from_str(text).unwrap())).collect()
}

/// Input, cached, output, reasoning.
fn counts(usage: Usage) -> [u64; 4] {
    assert!(!usage.estimated);
    [usage.input, usage.cached, usage.output, usage.reasoning]
}

/// The parts that go back on the next turn.
fn kept(reply: &ChatReply) -> Option<&Value> {
    extra(reply, "gemini").map(|kept| &kept["content"])
}

#[test]
fn a_stream_and_its_unary_twin_are_one_reply() {
    let streamed = reply("shape__gemini_text.sse");
    assert_eq!(streamed.text, "Café 日本 🦀\n");
    assert_eq!(counts(streamed.usage), [19, 5, 5, 0]);
    assert_eq!(
        (streamed.model.as_str(), &streamed.finish),
        ("gemini-2.5-flash", &FinishReason::Stop)
    );
    assert!(streamed.extras.is_empty(), "nothing is signed, so nothing is kept");
    let unary = own_fixture("shape__gemini_unary.json");
    assert_eq!(decode_whole(&unary).unwrap(), streamed);
    let list = [b"[", unary.as_slice(), b"]"].concat();
    assert_eq!(decode_whole(&list).unwrap(), streamed);
}

#[test]
fn thoughts_are_reasoning_and_what_is_signed_is_kept_whole_and_in_order() {
    let thoughts = reply("shape__gemini_thoughts.sse");
    assert_eq!(
        (thoughts.reasoning.as_str(), thoughts.text.as_str()),
        ("First this.", "I look it up.")
    );
    assert_eq!(calls(&thoughts), [("q1", "weather", json!({ "city": "Zürich" }))]);
    assert_eq!(
        (counts(thoughts.usage), &thoughts.finish),
        ([30, 0, 21, 12], &FinishReason::ToolCalls)
    );
    let call = json!({ "id": "q1", "name": "weather", "args": { "city": "Zürich" } });
    assert_eq!(
        kept(&thoughts),
        Some(&json!([{ "text": "First this.", "thought": true }, { "text": "I look it up." },
            { "functionCall": call, "thoughtSignature": "c2lnbmVk" }]))
    );
    let end = reply("shape__gemini_signed_end.sse");
    assert_eq!(end.text, "289");
    let parts = json!([{ "text": "289" }, { "text": "", "thoughtSignature": "c2lnbmVk" }]);
    assert_eq!(kept(&end), Some(&parts));
}

#[test]
fn calls_made_together_are_told_apart_and_get_the_ids_they_lack() {
    let parallel = reply("shape__gemini_parallel.sse");
    let expected = [("made_r1_0", "alpha", json!({ "a": 1 })), ("made_r1_1", "beta", json!({}))];
    assert_eq!(calls(&parallel), expected);
    assert_eq!((&parallel.finish, parallel.warnings.len()), (&FinishReason::ToolCalls, 0));
}

#[test]
fn arguments_that_come_piece_by_piece_are_handed_over_whole() {
    let pieces = reply("shape__gemini_partial_arguments.sse");
    assert_eq!(
        calls(&pieces),
        [
            ("made_r1_0", "now", json!({})),
            ("made_r1_1", "read", json!({ "id": "A1" })),
            ("made_r1_2", "read", json!({ "lines": [7], "all": true })),
        ]
    );
    assert_eq!(pieces.usage.tier, ServiceTier::Reserved);
    let parts = kept(&pieces).unwrap();
    assert_eq!(parts[1]["functionCall"], json!({ "name": "read", "args": { "id": "A1" } }));
    let cut = br#"data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"read",
        "willContinue":true}}]},"finishReason":"MAX_TOKENS"}]}"#;
    let stream = String::from_utf8(cut.to_vec()).unwrap().replace('\n', "");
    let (events, error) = decode(&wire(), &[stream.as_bytes()]);
    assert_eq!(error, None);
    let cut = fold(events).unwrap();
    assert_eq!((cut.tool_calls.len(), cut.warnings[0].code.as_str()), (0, "tool_call_cut_off"));
}

#[test]
fn what_comes_after_a_first_finish_is_part_of_the_answer() {
    let twice = reply("shape__gemini_two_terminals.sse");
    assert_eq!(twice.text, "It is 42.");
    let names: Vec<_> = twice.extras.iter().map(|extra| extra.name.as_str()).collect();
    assert_eq!(names, ["executableCode", "codeExecutionResult"]);
    assert_eq!(twice.extras[1].value["output"], "42\n");
    assert_eq!(counts(twice.usage), [59, 0, 35, 25]);
}

#[test]
fn each_reason_to_end_has_its_meaning() {
    let length = reply("shape__gemini_max_tokens.sse");
    assert_eq!((length.text.as_str(), length.finish), ("Half a sent", FinishReason::Length));
    let safety = reply("shape__gemini_safety.sse");
    assert_eq!((safety.text.as_str(), safety.finish), ("Well, ", FinishReason::ContentFilter));
    let malformed = reply("shape__gemini_malformed_call.sse");
    assert_eq!(malformed.finish, FinishReason::Other("MALFORMED_FUNCTION_CALL".to_owned()));
    assert_eq!(malformed.warnings[0].message, "Malformed function call: print(f(");
    let blocked = reply("shape__gemini_blocked.sse");
    assert_eq!(blocked.finish, FinishReason::ContentFilter);
    assert_eq!((blocked.text.as_str(), blocked.refusal.as_str()), ("", "The prompt was blocked."));
    assert_eq!(blocked.extras[0].name, "promptFeedback");
    assert_eq!(blocked.extras[0].value["blockReason"], "PROHIBITED_CONTENT");
}

#[test]
fn sources_are_told_once_and_searches_are_counted() {
    let grounded = reply("shape__gemini_grounded.sse");
    let web = Source { title: Some("a.example".into()), ..Source::at("https://a.example") };
    let file = Source {
        title: Some("b.pdf".into()),
        quote: Some("A river.".into()),
        ..Source::at("files/b")
    };
    assert_eq!(grounded.sources, [web, file, Source::at("https://c.example")]);
    assert_eq!((grounded.usage.searches, grounded.usage.input), (2, 18));
    assert_eq!(grounded.extras[0].name, "groundingMetadata");
}

#[test]
fn an_error_ends_a_stream_with_data_before_it_and_without() {
    for name in ["shape__gemini_error_in_stream.sse", "shape__gemini_bare_error.sse"] {
        let (events, error) = decode_every_way(name, &own_fixture(name));
        assert_eq!(events.len(), 2, "{name}");
        let error = error.unwrap();
        assert!(error.starts_with("PROVIDER_OVERLOADED at provider.chat"), "{name}: {error}");
        assert!(error.contains("Please try again later"), "{name}: {error}");
    }
    for body in ["{}", "[]", "{\"promptFeedback\":{\"safetyRatings\":[]}}", "<html>"] {
        let error = decode_whole(body.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderFailed, "{body}");
    }
}

#[test]
fn the_quota_of_a_day_is_not_waited_for() {
    let json = serde_json::from_slice(&own_fixture("shape__gemini_daily_quota.json")).unwrap();
    let error = failures().of_body(&json);
    assert_eq!((error.kind(), error.retry()), (ErrorKind::QuotaExhausted, Retry::Never));
}

#[test]
fn no_unknown_field_null_or_other_type_breaks_the_decoder() {
    let mut tried = 0;
    for name in ["thoughts", "partial_arguments", "grounded", "blocked"] {
        let chunks = chunks(&own_fixture(&format!("shape__gemini_{name}.sse")));
        assert!(!chunks.is_empty());
        tried += survives(&wire(), &chunks, mild_mutations);
    }
    assert!(tried > 700, "{tried}");
}

/// The recorded files of Gemini, and which were looked at.
struct Recordings<'a> {
    folder: &'a Path,
    seen: BTreeSet<String>,
}

impl Recordings<'_> {
    fn text(&mut self, name: &str) -> String {
        self.seen.insert(name.to_owned());
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// The last answer of a model in a cassette.
    fn answer(&mut self, name: &str) -> (u16, String) {
        let exchanges = exchanges(&self.text(name));
        let exchange = exchanges.into_iter().rfind(|one| one.path.contains("/models/")).unwrap();
        (exchange.status, exchange.body)
    }

    fn stream(&mut self, name: &str) -> ChatReply {
        let (status, body) = self.answer(name);
        assert_eq!(status, 200, "{name}");
        streamed(name, body.as_bytes())
    }

    /// One chunk in each line, its framing taken off.
    fn lines(&mut self, name: &str) -> ChatReply {
        streamed(name, framed(&self.text(name)).as_bytes())
    }

    fn error(&mut self, name: &str) -> (u16, crate::error::Error) {
        let (status, body) = self.answer(name);
        (status, failures().of_body(&serde_json::from_str(&body).unwrap()))
    }
}

#[test]
fn every_recording_of_gemini_means_what_its_manifest_says() {
    let Some(root) = testkit::fixtures("providers") else { return };
    let folder = root.join("gemini");
    let mut files = Recordings { folder: &folder, seen: BTreeSet::new() };

    let (status, unary) = files.answer("rig__gemini__agent__completion_smoke.yaml");
    let unary = decode_whole(unary.as_bytes()).unwrap();
    assert!(status == 200 && unary.text.starts_with("Rust is a systems programming language"));
    assert_eq!((counts(unary.usage), &unary.finish), ([29, 0, 240, 183], &FinishReason::Stop));

    let raw = files.text("genai__gemini__tool_stream__response_000.txt");
    let tool = streamed("tool_stream", raw.as_bytes());
    assert!(tool.reasoning.starts_with("**Defining the Problem**"));
    assert!(tool.text.starts_with("To determine which of these three cities is in Africa, let's"));
    let arguments = json!({ "country": "Egypt", "unit": "C", "city": "Cairo" });
    assert_eq!(calls(&tool), [("u959pftr", "get_weather", arguments)]);
    assert_eq!((counts(tool.usage), &tool.finish), ([135, 0, 362, 226], &FinishReason::ToolCalls));
    let parts = kept(&tool).unwrap().as_array().unwrap();
    assert_eq!((parts.len(), parts[0]["thought"].as_bool()), (3, Some(true)));
    assert_eq!(
        (&parts[1]["text"], parts[2]["functionCall"]["id"].as_str()),
        (&json!(tool.text), Some("u959pftr"))
    );
    assert!(parts[2]["thoughtSignature"].as_str().unwrap().starts_with("EpoICpcIAQ"));

    let pieces = files.lines("ai__google__google-stream-no-args-tool-call.chunks.txt");
    let read = |number: u8, id: &str| {
        (format!("made__vr4aYiWEJnYodAPkujX0QM_{number}"), json!({ "id": id }))
    };
    let expected = [read(1, "A"), read(2, "B"), read(3, "C")];
    let found = calls(&pieces);
    assert_eq!((found[0].1, &found[0].2), ("read_theme", &json!({})));
    let later: Vec<_> = found[1..]
        .iter()
        .map(|(id, name, arguments)| {
            assert_eq!(*name, "read_screen");
            ((*id).to_owned(), arguments.clone())
        })
        .collect();
    assert_eq!(later, expected);
    assert_eq!(
        (counts(pieces.usage), pieces.usage.tier),
        ([249, 0, 241, 183], ServiceTier::Reserved)
    );
    assert_eq!(kept(&pieces).unwrap().as_array().unwrap().len(), 5);

    let third = files.lines("ai__google__google-tool-call-gemini3.chunks.txt");
    assert_eq!(
        calls(&third),
        [("made_QHiLaa6LBrb8vdIPoNztsAg_0", "weather", json!({ "location": "San Francisco" }))]
    );
    assert_eq!(
        (counts(third.usage), third.model.as_str()),
        ([29, 0, 819, 804], "gemini-3-pro-preview")
    );

    let thinking = files.stream("rig__gemini__streaming_grammar__thinking_then_tool_call.yaml");
    assert!(
        thinking.reasoning.starts_with("**Calculating Divisibility**") && thinking.text.is_empty()
    );
    assert_eq!(calls(&thinking), [("call_966934", "lookup_harbor_label", json!({}))]);
    assert_eq!(counts(thinking.usage), [120, 0, 356, 343]);
    assert_eq!(kept(&thinking).unwrap()[1]["thoughtSignature"], "signature_REDACTED_1");

    let parallel = files.stream("rig__gemini__streaming_grammar__parallel_function_calls.yaml");
    let names: Vec<_> = calls(&parallel).into_iter().map(|(_, name, _)| name.to_owned()).collect();
    assert_eq!(names, ["lookup_harbor_label", "lookup_orchard_label"]);
    assert_eq!(
        (counts(parallel.usage), &parallel.finish),
        ([170, 0, 26, 0], &FinishReason::ToolCalls)
    );

    let length = files.stream("rig__gemini__streaming_grammar__max_tokens_truncation.yaml");
    assert!(
        length.text.starts_with("Thomas, the lighthouse") && length.text.ends_with("The smell of")
    );
    assert_eq!((counts(length.usage), &length.finish), ([15, 0, 24, 0], &FinishReason::Length));

    let twice = files.stream(
        "rig__gemini__stream_terminal_matrix__two_terminal_stream_keeps_the_text_after_the_first_finish.yaml",
    );
    assert_eq!(twice.text, "The first number is 121932631112635269.\nThe second number is 63.");
    let names: Vec<_> = twice.extras.iter().map(|extra| extra.name.as_str()).collect();
    let pair = ["executableCode", "codeExecutionResult"];
    assert_eq!(names, [pair, pair].concat());
    assert_eq!(counts(twice.usage), [665, 0, 304, 211]);

    let signed = files.stream(
        "rig__gemini__thought_text_matrix__streaming_twin_agrees_on_a_trailing_thought_signature.yaml",
    );
    let parts =
        json!([{ "text": "289" }, { "text": "", "thoughtSignature": "signature_REDACTED_1" }]);
    assert_eq!((signed.text.as_str(), kept(&signed)), ("289", Some(&parts)));
    assert_eq!(counts(signed.usage), [14, 0, 46, 43]);

    let cached = files.stream("rig__gemini__cached_content_matrix__use_streaming.yaml");
    assert_eq!((cached.text.as_str(), counts(cached.usage)), ("streamed", [1087, 1081, 2, 0]));

    let (status, refused) =
        files.error("rig__gemini__response_identity__auth_rejection_keeps_transport_shape.yaml");
    assert_eq!((status, refused.kind()), (400, ErrorKind::CredentialRefused));
    let (status, missing) =
        files.error("rig__gemini__embedding_matrix__error_preserves_provider_body.yaml");
    assert_eq!((status, missing.kind()), (404, ErrorKind::ModelNotFound));
    let limited = files.text("ai__google__google-429-retry-info.json");
    let limited = failures().of_body(&serde_json::from_str(&limited).unwrap());
    let wait = Retry::After(Duration::from_millis(34_400));
    assert_eq!((limited.kind(), limited.retry()), (ErrorKind::RateLimited, wait));

    // Another API of Google's, which this wire does not speak.
    let name = "rig__gemini__interactions_api__streaming_interaction.yaml";
    let other = exchanges(&files.text(name)).pop().unwrap().body;
    let (events, error) = testing::decode_every_way(&wire(), name, other.as_bytes(), other.len());
    assert!(events.is_empty() && error.unwrap().contains("ended before it was complete"));

    // Read in the tests of the embeddings.
    files.seen.insert("rig__gemini__embedding_matrix__dimensions_request.yaml".to_owned());
    let stored = fs::read_dir(&folder).unwrap();
    let stored: BTreeSet<_> =
        stored.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files.seen, stored, "every recording is looked at");
}
