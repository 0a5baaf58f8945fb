//! Recorded and hand-written vectors of Gemini, Ollama and Perplexity.

use std::fs;

use serde_json::{Value, json};

use super::{
    super::testing::{exchanges, failures, own_fixture},
    EmbedCall, EmbedWire, GeminiEmbeddings, OllamaEmbeddings, PerplexityEmbeddings,
};
use crate::{
    error::{ErrorKind, Result},
    provider::EmbedPurpose,
    testkit,
    types::Usage,
};

fn encode(wire: &dyn EmbedWire, call: EmbedCall<'_>) -> (String, Value) {
    let call = wire.encode(call).unwrap();
    (call.path, serde_json::from_slice(&call.body).unwrap())
}

fn decode(
    wire: &dyn EmbedWire,
    body: &[u8],
    count: usize,
) -> Result<(Vec<Vec<f32>>, Option<Usage>)> {
    let mut vectors = Vec::new();
    let usage = wire.decode(body, count, &failures(), &mut vectors)?;
    Ok((vectors, usage))
}

const TEXTS: fn() -> Vec<String> = || vec!["one".to_owned(), "two".to_owned()];

fn call<'a>(model: &'a str, texts: &'a [String]) -> EmbedCall<'a> {
    EmbedCall { model, texts, dimensions: None, purpose: EmbedPurpose::Document }
}

#[test]
fn gemini_is_told_the_purpose_as_a_task_and_in_the_second_generation_in_the_text() {
    let texts = TEXTS();
    let first = EmbedCall { dimensions: Some(256), ..call("gemini-embedding-001", &texts) };
    let request = |text: &str| {
        json!({ "model": "models/gemini-embedding-001", "content": { "parts": [{ "text": text }] },
            "taskType": "RETRIEVAL_DOCUMENT", "outputDimensionality": 256 })
    };
    assert_eq!(
        encode(&GeminiEmbeddings, first),
        (
            "models/gemini-embedding-001:batchEmbedContents".to_owned(),
            json!({ "requests": [request("one"), request("two")] })
        )
    );
    let query = EmbedCall { purpose: EmbedPurpose::Query, ..first };
    let (_, body) = encode(&GeminiEmbeddings, query);
    assert_eq!(body["requests"][1]["taskType"], "RETRIEVAL_QUERY");
    let second = EmbedCall { purpose: EmbedPurpose::Query, ..call("gemini-embedding-2", &texts) };
    let (_, body) = encode(&GeminiEmbeddings, second);
    assert_eq!(
        body["requests"][0],
        json!({ "model": "models/gemini-embedding-2",
            "content": { "parts": [{ "text": "task: search result | query: one" }] } })
    );
    let (_, body) = encode(&GeminiEmbeddings, call("gemini-embedding-2", &texts));
    let text = &body["requests"][0]["content"]["parts"][0]["text"];
    assert_eq!(text, "title: none | text: one");
}

#[test]
fn ollama_is_asked_to_cut_no_text_and_perplexity_for_signed_bytes() {
    let texts = TEXTS();
    assert_eq!(
        encode(&OllamaEmbeddings, call("bge-m3", &texts)),
        (
            "embed".to_owned(),
            json!({ "model": "bge-m3", "input": ["one", "two"], "truncate": false })
        )
    );
    let shorter = EmbedCall { dimensions: Some(128), ..call("pplx-embed-v1-4b", &texts) };
    assert_eq!(
        encode(&PerplexityEmbeddings, shorter),
        (
            "embeddings".to_owned(),
            json!({ "model": "pplx-embed-v1-4b", "input": ["one", "two"],
                "encoding_format": "base64_int8", "dimensions": 128 })
        )
    );
}

#[test]
fn vectors_come_in_the_order_of_the_texts() {
    let plain = vec![vec![0.5, -0.25], vec![0.125, 1.0]];
    let body = own_fixture("shape__gemini_embeddings.json");
    assert_eq!(decode(&GeminiEmbeddings, &body, 2).unwrap(), (plain.clone(), None));
    let body = own_fixture("shape__ollama_embeddings.json");
    let (vectors, usage) = decode(&OllamaEmbeddings, &body, 2).unwrap();
    assert_eq!((vectors, usage.unwrap().input), (plain, 7));
    let body = own_fixture("shape__perplexity_embeddings.json");
    let (vectors, usage) = decode(&PerplexityEmbeddings, &body, 2).unwrap();
    assert_eq!(vectors, [[1.0, -1.0], [0.0, -1.0 / 127.0]]);
    assert_eq!(usage.unwrap().input, 9);
}

#[test]
fn a_reply_that_does_not_fit_its_texts_is_refused() {
    for (wire, name) in [
        (&GeminiEmbeddings as &dyn EmbedWire, "shape__gemini_embeddings.json"),
        (&OllamaEmbeddings, "shape__ollama_embeddings.json"),
        (&PerplexityEmbeddings, "shape__perplexity_embeddings.json"),
    ] {
        let body = own_fixture(name);
        assert_eq!(decode(wire, &body, 3).unwrap_err().kind(), ErrorKind::ProviderFailed, "{name}");
        for body in [
            "{}",
            "[]",
            "no JSON",
            "{\"error\":\"no\"}",
            "{\"embeddings\":[[]]}",
            "{\"embeddings\":[{\"values\":null}]}",
            "{\"data\":[{\"embedding\":\"\"}]}",
        ] {
            let error = decode(wire, body.as_bytes(), 1).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ProviderFailed, "{name}: {body}");
        }
        for length in 0..body.trim_ascii_end().len() {
            assert!(decode(wire, &body[..length], 2).is_err(), "{name} of {length} bytes");
        }
    }
}

#[test]
fn known_models_have_known_limits() {
    let known =
        |wire: &dyn EmbedWire, model: &str| (wire.own_dimensions(model), wire.max_tokens(model));
    assert_eq!(known(&GeminiEmbeddings, "gemini-embedding-001"), (Some(3_072), 2_048));
    assert_eq!(known(&GeminiEmbeddings, "gemini-embedding-2"), (Some(3_072), 8_192));
    assert_eq!(known(&PerplexityEmbeddings, "pplx-embed-v1-0.6b"), (Some(1_024), 32_768));
    assert_eq!(known(&PerplexityEmbeddings, "pplx-embed-v1-4b"), (Some(2_560), 32_768));
    assert_eq!(known(&OllamaEmbeddings, "bge-m3:latest"), (Some(1_024), 8_192));
    assert_eq!(known(&OllamaEmbeddings, "of-tomorrow").0, None);
}

#[test]
fn the_recorded_vectors_of_gemini_are_read_and_asked_for_as_they_were() {
    let Some(root) = testkit::fixtures("providers") else { return };
    let name = "rig__gemini__embedding_matrix__dimensions_request.yaml";
    let exchange =
        exchanges(&fs::read_to_string(root.join("gemini").join(name)).unwrap()).remove(0);
    let (vectors, _) = decode(&GeminiEmbeddings, exchange.body.as_bytes(), 3).unwrap();
    assert_eq!(vectors.iter().map(Vec::len).collect::<Vec<_>>(), [256; 3]);
    assert!((vectors[0][0] + 0.004_573_147).abs() < f32::EPSILON);

    let mut recorded: Value = serde_json::from_str(&exchange.request).unwrap();
    let mut texts = Vec::new();
    for request in recorded["requests"].as_array_mut().unwrap() {
        let text = request["content"]["parts"][0]["text"].as_str().unwrap();
        texts.push(text.to_owned());
        let map = request.as_object_mut().unwrap();
        // Google takes the field by both names; a task was not asked for.
        let dimensions = map.remove("output_dimensionality").unwrap();
        map.insert("outputDimensionality".to_owned(), dimensions);
        map.insert("taskType".to_owned(), json!("RETRIEVAL_DOCUMENT"));
    }
    let asked = EmbedCall { dimensions: Some(256), ..call("gemini-embedding-001", &texts) };
    let (path, body) = encode(&GeminiEmbeddings, asked);
    assert_eq!((format!("/v1beta/{path}"), body), (exchange.path, recorded));
}
