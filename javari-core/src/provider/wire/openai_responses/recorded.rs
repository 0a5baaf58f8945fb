//! Recorded traffic through the decoder, cut at every byte.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

use super::{
    super::testing::{self, Decoded, calls, exchanges, extra, failures, fold, framed, used},
    Dialect, OpenAiResponses,
};
use crate::{
    error::ErrorKind,
    provider::ChatReply,
    testkit,
    types::{FinishReason, ServiceTier, Usage},
};

fn wire() -> OpenAiResponses {
    OpenAiResponses { provider: "openai".to_owned(), dialect: Dialect::OpenAi }
}

/// The recordings, and which of them were read.
struct Recordings {
    folder: PathBuf,
    read: BTreeSet<String>,
}

impl Recordings {
    fn text(&mut self, name: &str) -> String {
        self.read.insert(name.to_owned());
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// The bytes of a stream: as they were, out of a cassette, or framed again.
    fn stream(&mut self, name: &str) -> Vec<u8> {
        let text = self.text(name);
        if name.ends_with(".yaml") {
            return exchanges(&text).remove(0).body.into_bytes();
        }
        if name.ends_with(".chunks.txt") {
            return framed(&text.lines().map(mended).collect::<String>()).into_bytes();
        }
        text.into_bytes()
    }

    fn decoded(&mut self, name: &str) -> Decoded {
        let stream = self.stream(name);
        let terminal = stream.trim_ascii_end().len();
        testing::decode_every_way(&wire(), name, &stream, terminal)
    }

    fn reply(&mut self, name: &str) -> ChatReply {
        let (events, error) = self.decoded(name);
        assert_eq!(error, None, "{name}");
        fold(events).unwrap()
    }
}

/// A line of a recording. Of the one of wrapped calls two lines lack their last brace, which the service
/// cannot have left out.
fn mended(line: &str) -> String {
    let whole = serde_json::from_str::<Value>(line).is_ok();
    format!("{line}{}\n", if whole { "" } else { "}" })
}

fn kept(reply: &ChatReply) -> Vec<Value> {
    let kept = extra(reply, "openai_responses");
    kept.and_then(|kept| kept["content"].as_array().cloned()).unwrap_or_default()
}

fn types(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["type"].as_str().unwrap()).collect()
}

#[test]
fn every_recording_decodes_to_what_it_shows_under_every_cut() {
    let Some(root) = testkit::fixtures("providers") else { return };
    let folder = root.join("openai_responses");
    let mut all = Recordings { folder, read: BTreeSet::new() };

    let name = "rig__openai__response_identity__responses_nonstreaming_carries_identity.yaml";
    let body = exchanges(&all.text(name)).remove(0).body;
    let identity = testing::decode_whole(&wire(), body.as_bytes()).unwrap();
    assert_eq!((identity.text.as_str(), identity.usage), ("identity probe", used(13, 3)));
    assert_eq!(identity.model, "gpt-4o-2024-08-06");
    assert_eq!(identity.finish, FinishReason::Stop);

    let parallel = all.reply("rig__openai__streaming_grammar__parallel_tool_calls.yaml");
    assert_eq!(
        calls(&parallel),
        [
            ("call_REDACTED_1", "lookup_harbor_label", "{}"),
            ("call_REDACTED_2", "lookup_orchard_label", "{}")
        ]
    );
    assert_eq!((&parallel.finish, parallel.usage), (&FinishReason::ToolCalls, used(160, 49)));

    let cut = all.reply("rig__openai__streaming_grammar__incomplete_max_output_tokens.yaml");
    assert_eq!((cut.text.as_str(), &cut.finish), ("", &FinishReason::Length));
    assert_eq!(cut.usage, Usage { reasoning: 32, ..used(20, 32) });
    assert_eq!(kept(&cut), Vec::<Value>::new(), "nothing followed from the reasoning");

    let cut = all.reply("rig__openai__streaming_grammar__incomplete_mid_tool_call.yaml");
    assert_eq!((calls(&cut), &cut.finish), (vec![], &FinishReason::Length));
    assert_eq!((cut.warnings[0].code.as_str(), cut.usage), ("tool_call_cut_off", used(83, 16)));

    let reasoned = all.reply("rig__openai__streaming_grammar__encrypted_reasoning_multi_part.yaml");
    assert_eq!(
        (reasoned.text.as_str(), reasoned.usage),
        ("125", Usage { reasoning: 52, ..used(37, 59) })
    );
    assert!(reasoned.reasoning.starts_with("**Calculating multiples of three**\n\nI need"));
    assert!(reasoned.reasoning.ends_with("that gives me a difference of 125."));
    let items = kept(&reasoned);
    assert_eq!(types(&items), ["reasoning", "message"]);
    assert_eq!(items[0]["encrypted_content"], "encrypted_content_REDACTED_2");

    let (events, error) = all.decoded("ai__openai__responses__openai-error.1.chunks.txt");
    assert!(events.is_empty(), "{events:?}");
    let error = error.unwrap();
    assert!(error.starts_with("QUOTA_EXHAUSTED at provider.chat"), "{error}");
    assert!(error.contains("You exceeded your current quota"), "{error}");

    let wrapped = all.reply("ai__openai__responses__parallel-tool-call-wrapper.1.chunks.txt");
    assert_eq!(
        calls(&wrapped),
        [
            ("call_parallel_0", "weather", "{\"location\":\"San Francisco\"}"),
            ("call_parallel_1", "cityAttractions", "{\"city\":\"Rome\"}")
        ]
    );
    assert_eq!((&wrapped.finish, wrapped.usage), (&FinishReason::ToolCalls, used(34, 28)));

    let name = "genai__openai_resp__reasoning_stream_completed_empty__response_000.txt";
    let empty = all.reply(name);
    assert!(empty.text.starts_with("The sky looks blue because molecules in Earth’s atmosphere"));
    assert!(empty.text.ends_with("sending more blue light to our eyes."));
    assert_eq!(
        (empty.usage, empty.usage.tier),
        (Usage { reasoning: 8, ..used(21, 45) }, ServiceTier::Standard)
    );
    let items = kept(&empty);
    assert_eq!(types(&items), ["reasoning", "message"]);
    let encrypted = items[0]["encrypted_content"].as_str().unwrap();
    assert!(encrypted.starts_with("gAAAAABpyxPGHE6t"), "of the item that is done");

    let absent = all.reply("genai__openai_resp__tools_completed_no_output_field__response_000.txt");
    let arguments = "{\"city\":\"Paris\",\"country\":\"France\",\"unit\":\"C\"}";
    assert_eq!(calls(&absent), [("call_Y1aseRzSQSAMbKJIpnv6l73i", "get_weather", arguments)]);
    assert_eq!((&absent.finish, absent.usage), (&FinishReason::ToolCalls, used(82, 26)));

    let name = "pyd__test_openai_responses__test_openai_responses_model_http_error.yaml";
    let error = failures().of_body(&refusal(&all.text(name)));
    assert_eq!(error.kind(), ErrorKind::ProviderRefused);
    assert!(error.to_string().contains("param=temperature"), "{error}");
    assert!(error.to_string().contains("Expected a value >= 0, but got -1"), "{error}");

    let files = fs::read_dir(&all.folder).unwrap();
    let unread = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !all.read.contains(name));
    assert_eq!(unread.collect::<Vec<_>>(), Vec::<String>::new());
    println!("decoded {} recordings of responses", all.read.len());
}

/// The body of the one recorded refusal, which its cassette holds as YAML.
fn refusal(cassette: &str) -> Value {
    let lines = cassette.lines().skip_while(|line| line.trim() != "error:").skip(1);
    let fields = lines.take_while(|line| line.trim() != "status:").map(|line| {
        let (name, value) = line.trim().split_once(": ").unwrap();
        let value = value.trim_matches('\'').replace("''", "'");
        (name.to_owned(), Value::String(value))
    });
    serde_json::json!({ "error": fields.collect::<serde_json::Map<_, _>>() })
}
