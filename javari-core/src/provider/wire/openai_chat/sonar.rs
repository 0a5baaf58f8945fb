//! Perplexity's older Sonar, a dialect of chat completions, recorded and hand-written.

use std::fs;

use super::{
    super::testing::{self, exchanges, fold, own_fixture},
    OpenAiChat,
};
use crate::{
    provider::{ChatReply, Source},
    testkit,
    types::FinishReason,
};

fn wire() -> OpenAiChat {
    OpenAiChat {
        provider: "perplexity".to_owned(),
        strict: false,
        done_marker: true,
        stream_usage: true,
    }
}

/// The last chunk, which ends in `mark`, says that it is the last, whether or not `[DONE]` follows.
fn streamed(name: &str, mark: &str) -> ChatReply {
    let stream = own_fixture(name);
    let terminal = testing::end_of(&stream, mark);
    let (events, error) = testing::decode_every_way(&wire(), name, &stream, terminal);
    assert_eq!(error, None, "{name}");
    fold(events).unwrap()
}

fn whole(body: &[u8]) -> ChatReply {
    testing::decode_whole(&wire(), body).unwrap()
}

fn cost(reply: &ChatReply) -> String {
    reply.cost.map(|cost| cost.to_string()).unwrap_or_default()
}

#[test]
fn a_stream_is_read_from_its_deltas_and_ends_where_it_says() {
    let plain = streamed("shape__sonar.sse", "\"total_cost\":0.005}}}");
    assert_eq!((plain.text.as_str(), cost(&plain).as_str()), ("One two", "0.005"));
    assert_eq!(plain.sources, [Source::at("https://a.example")]);
    let full = streamed("shape__perplexity_sonar.sse", "\"COMPLETED\"}");
    assert_eq!(full.text, "Rust ist schnell.");
    assert_eq!((cost(&full).as_str(), full.usage.searches), ("0.005011", 2));
    assert_eq!(full.finish, FinishReason::Stop);
    let source = Source {
        title: Some("Rust".to_owned()),
        quote: Some("A language – schnell.".to_owned()),
        date: Some("2026-01-02".to_owned()),
        ..Source::at("https://a.example/rust")
    };
    assert_eq!(full.sources, [source]);
    let unary = whole(&own_fixture("shape__perplexity_sonar_unary.json"));
    assert_eq!(unary, full);
}

#[test]
fn recorded_replies_are_read_with_their_sources_and_cost() {
    let Some(root) = testkit::fixtures("providers") else { return };
    let recorded = |name: &str| fs::read_to_string(root.join("perplexity").join(name)).unwrap();
    let plain = whole(recorded("ai__perplexity__perplexity-citations.json").as_bytes());
    assert!(plain.text.starts_with("The most recent estimates for San Francisco's"));
    assert_eq!((plain.usage.input, plain.usage.output), (10, 251));
    assert_eq!((plain.sources.len(), plain.cost), (7, None));
    assert_eq!(plain.sources[0].url, "https://populationstat.com/united-states/san-francisco");
    for (name, sources, exact, tokens, date) in [
        ("rig__perplexity__agent__completion_smoke.yaml", 8, "0.00512", (27, 93), "2010-10-30"),
        (
            "rig__perplexity__migration_pain_points__output_schema_is_dropped_instead_of_sent_as_\
             response_format.yaml",
            7,
            "0.00504",
            (14, 28),
            "2026-02-01",
        ),
    ] {
        let exchange = exchanges(&recorded(name)).remove(0);
        let reply = whole(exchange.body.as_bytes());
        assert!(reply.text.starts_with("Rust "), "{name}: {}", reply.text);
        assert_eq!(reply.sources.len(), sources, "{name}");
        assert!(reply.sources[0].title.is_some() && reply.sources[0].quote.is_some(), "{name}");
        assert_eq!(reply.sources[0].date.as_deref(), Some(date), "{name}");
        assert_eq!(cost(&reply), exact, "{name}");
        assert_eq!((reply.usage.input, reply.usage.output), tokens, "{name}");
        assert_eq!((reply.model.as_str(), &reply.finish), ("sonar", &FinishReason::Stop));
    }
    let files = fs::read_dir(root.join("perplexity")).unwrap().count();
    println!("decoded {files} recordings of Sonar");
    assert_eq!(files, 3, "a new recording of Perplexity is read by no test");
}
