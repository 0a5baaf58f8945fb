//! Plays the stories of `tests/cases` through the catalogue; every language's door plays the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::HashMap, fs, path::Path};

use javari_core::{Result, host::Host};
use serde_json::{Map, Value as Json, json};

#[tokio::test]
async fn every_story_ends_as_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut played = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let story: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        if story.get("steps").is_some() {
            play(&story).await;
            played += 1;
        }
    }
    assert!(played > 0, "there is no story in tests/cases");
}

async fn play(story: &Json) {
    let settings = json!({ "database": ":memory:", "environment": false });
    let javari = Host::open(settings).await.unwrap();
    let mut saved = HashMap::new();
    for (number, step) in story["steps"].as_array().unwrap().iter().enumerate() {
        let told = format!("{} step {}: {step}", story["name"], number + 1);
        let outcome = act(&javari, step, &saved).await;
        if let Some(code) = step.get("error") {
            let error = outcome.expect_err(&told);
            assert_eq!(error.code(), code.as_str().unwrap(), "{told}: {error}");
            if let Some(fields) = step.get("fields") {
                let found: Vec<&str> =
                    error.fields().iter().map(|fault| fault.path.as_str()).collect();
                assert_eq!(&json!(found), fields, "{told}");
            }
            continue;
        }
        let reply = outcome.unwrap_or_else(|error| panic!("{told}: {error}"));
        for (pointer, expected) in expectations(step) {
            let expected = filled(expected, &saved);
            let found = reply.pointer(pointer).cloned().unwrap_or(Json::Null);
            assert_eq!(found, expected, "{told}: at {pointer} of {reply}");
        }
        for (name, pointer) in step.get("save").and_then(Json::as_object).into_iter().flatten() {
            saved.insert(name.clone(), reply.pointer(pointer.as_str().unwrap()).unwrap().clone());
        }
    }
}

/// The reply of a call, or of a stream its last event, after its events were compared.
async fn act(javari: &Host, step: &Json, saved: &HashMap<String, Json>) -> Result<Json> {
    let part = |name: &str| filled(step.get(name).unwrap_or(&Json::Object(Map::new())), saved);
    if let Some(name) = step.get("call") {
        return javari
            .call(name.as_str().unwrap().to_owned(), part("scope"), part("request"), vec![])
            .await;
    }
    let name = step["stream"].as_str().unwrap();
    let events = javari.stream(name.to_owned(), part("scope"), part("request"), vec![]).await?;
    let (mut kinds, mut last) = (Vec::<Json>::new(), Json::Null);
    while let Some(event) = events.next().await? {
        last = event;
        if kinds.last() != Some(&last["type"]) {
            kinds.push(last["type"].clone());
        }
    }
    if let Some(expected) = step.get("expect_events") {
        assert_eq!(&Json::Array(kinds), expected, "{step}");
    }
    Ok(last)
}

fn expectations(step: &Json) -> impl Iterator<Item = (&String, &Json)> {
    ["expect", "expect_last"]
        .into_iter()
        .filter_map(|name| step.get(name).and_then(Json::as_object))
        .flatten()
}

/// The value with every `"$name"` replaced by what was saved under that name.
fn filled(value: &Json, saved: &HashMap<String, Json>) -> Json {
    match value {
        Json::String(text) => match text.strip_prefix('$') {
            Some(name) => saved.get(name).cloned().unwrap_or_else(|| value.clone()),
            None => value.clone(),
        },
        Json::Array(items) => items.iter().map(|item| filled(item, saved)).collect(),
        Json::Object(fields) => {
            fields.iter().map(|(name, field)| (name.clone(), filled(field, saved))).collect()
        }
        _ => value.clone(),
    }
}
