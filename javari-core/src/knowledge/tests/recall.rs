//! How often the right paragraph is among the first, measured on others' questions.

use std::{collections::HashMap, path::PathBuf};

use serde_json::Value as Json;

use super::*;
use crate::testkit;

fn lines(path: PathBuf) -> Vec<Json> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_right_paragraph_is_among_the_first_five_for_nine_of_ten_questions() {
    let Some(folder) = testkit::fixtures("knowledge/squad_norm") else { return };
    let house = house().await;
    let scope = house.ground.project;
    for document in lines(folder.join("docs.jsonl")) {
        let name = format!("{}.txt", document["id"]);
        let text = document["text"].as_str().unwrap();
        let request = IngestRequest::text(name, text);
        let report = house.knowledge.ingest_report(scope, request, None).await.unwrap();
        assert_eq!(report.added, 1);
    }
    let relevant: HashMap<String, String> = std::fs::read_to_string(folder.join("qrels.tsv"))
        .unwrap()
        .lines()
        .map(|line| {
            let mut parts = line.split('\t').map(str::to_owned);
            (parts.next().unwrap(), format!("{}.txt", parts.next().unwrap()))
        })
        .collect();
    let questions = lines(folder.join("queries.jsonl"));
    assert_eq!(questions.len(), 705);
    for mode in [SearchMode::Hybrid, SearchMode::Lexical, SearchMode::Vector] {
        let (mut first, mut first_five) = (0_u32, 0_u32);
        for question in &questions {
            let expected = &relevant[&question["id"].to_string()];
            let query = question["text"].as_str().unwrap();
            let request = SearchRequest::new(query).with_mode(mode).with_limit(5);
            let hits = house.knowledge.search(&scope, request).await.unwrap().hits;
            first += u32::from(hits.first().is_some_and(|hit| hit.path == *expected));
            first_five += u32::from(hits.iter().any(|hit| hit.path == *expected));
        }
        let share = |count: u32| f64::from(count) / questions.len() as f64;
        println!("{mode:?}: first {:.3}, first five {:.3}", share(first), share(first_five));
        if mode == SearchMode::Hybrid {
            assert!(share(first_five) >= 0.9);
        }
    }
}
