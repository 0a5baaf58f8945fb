//! Our facts beside LiteLLM's, number by number, where its table is at hand. It is read in place.

use std::{collections::BTreeSet, fs};

use serde_json::{Map, Value};

use super::*;
use crate::{
    testkit,
    types::{SearchContext, ServiceTier, Usd},
};

/// What differs on purpose: how the model begins, a part of the field, and why.
const ON_PURPOSE: &[(&str, &str, &str)] = &[
    ("", "audio", "a usage has no count of audio tokens"),
    ("gemini/gemini-embedding-2", "input_cost_per_image_token", "nor of those of images"),
    ("gemini/gemini-embedding-2", "input_cost_per_video_token", "nor of those of videos"),
    ("gemini", "google_maps_grounding_cost_per_query", "nor of questions to a map"),
    ("gpt-6-luna", "_decisions", "no reply names this tier"),
    (
        "perplexity/sonar-deep-research",
        "cost",
        "it charges citation tokens, of which no reply has a count",
    ),
    ("perplexity/pplx-7", "", "long gone: only its successor is named"),
    ("perplexity/sonar-small-", "", "long gone: only its successor is named"),
    ("perplexity/sonar-medium-", "", "long gone: only its successor is named"),
];

/// What one comparison found.
#[derive(Default)]
struct Comparison {
    models: usize,
    facts: usize,
    differences: Vec<String>,
    /// The places in the list of what differs on purpose that do differ.
    on_purpose: BTreeSet<usize>,
}

#[test]
fn every_price_and_date_that_litellm_knows_as_well_is_the_same() {
    let Some(folder) = testkit::fixtures("providers") else { return };
    let text = fs::read_to_string(folder.join("prices/litellm_prices_slice.json")).unwrap();
    let theirs: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let mut comparison = Comparison::default();
    for (key, facts) in &theirs {
        let service = facts["litellm_provider"].as_str().unwrap();
        let name = key.strip_prefix(&format!("{service}/")).unwrap_or(key);
        if let Some(model) = Models::builtin().find(service, name) {
            comparison.models += 1;
            for (field, fact) in facts.as_object().unwrap() {
                comparison.compare(key, model, field, fact);
            }
        }
    }
    assert_eq!(comparison.differences, Vec::<String>::new());
    println!("{} models, {} facts", comparison.models, comparison.facts);
    assert_eq!(comparison.on_purpose.len(), ON_PURPOSE.len(), "{:?}", comparison.on_purpose);
    assert!(comparison.models > 150 && comparison.facts > 1_500);
}

impl Comparison {
    fn compare(&mut self, key: &str, model: &Model, field: &str, fact: &Value) {
        let on_purpose = ON_PURPOSE
            .iter()
            .any(|(of, start, _)| (of.is_empty() || *of == key) && field.starts_with(start));
        if on_purpose {
            return;
        }
        let price = model.price.as_ref();
        let ours = match field {
            "max_input_tokens" => model.context_tokens.map(|tokens| tokens.to_string()),
            "max_output_tokens" if model.kind == ModelKind::Chat => {
                model.output_tokens.map(|tokens| tokens.to_string())
            }
            "output_vector_size" => model.dimensions.map(|size| size.to_string()),
            "deprecation_date" => model.retired_on.map(|day| format!("{:.10}", day.to_string())),
            "output_cost_per_reasoning_token" => price
                .and_then(|price| price.rate(TokenKind::Output, ServiceTier::Standard, 1))
                .map(per_token),
            "regional_processing_uplift_multiplier_eu" => region(price, "eu"),
            "regional_processing_uplift_multiplier_us" => region(price, "us"),
            "search_context_cost_per_query" => price.and_then(search_fees),
            "provider_specific_entry" => price.map(extras),
            _ if field.contains("cost") => match Dimension::of(field) {
                Some(dimension) => price.and_then(|price| dimension.rate(price)).map(per_token),
                None => Some("a field that this test does not know".to_owned()),
            },
            _ => return,
        };
        self.facts += 1;
        let theirs = match fact {
            Value::Number(number) if field.contains("cost") => {
                picos(number.as_f64().unwrap()).to_string()
            }
            Value::Number(number) if field.starts_with("max_") => {
                (number.as_f64().unwrap() as u64).to_string()
            }
            Value::Object(parts) => parts_of(parts),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if ours.as_deref() == Some(theirs.as_str()) {
            return;
        }
        let on_purpose = ON_PURPOSE
            .iter()
            .position(|(start, part, _)| key.starts_with(start) && field.contains(part));
        match on_purpose {
            Some(place) => drop(self.on_purpose.insert(place)),
            None => {
                self.differences.push(format!("{key} {field}: ours {ours:?}, theirs {theirs}"));
            }
        }
    }
}

/// Which price a field of theirs is: `cache_read_input_token_cost_above_272k_tokens_flex`.
struct Dimension {
    kind: TokenKind,
    above: Option<u64>,
    tier: ServiceTier,
}

impl Dimension {
    fn of(field: &str) -> Option<Self> {
        let (mut kind, mut rest) = [
            ("input_cost_per_token", TokenKind::Input),
            ("output_cost_per_token", TokenKind::Output),
            ("cache_read_input_token_cost", TokenKind::Cached),
            ("cache_creation_input_token_cost", TokenKind::Written),
        ]
        .into_iter()
        .find_map(|(start, kind)| Some((kind, field.strip_prefix(start)?)))?;
        for life in ["_above_1hr", "_above_12hr"] {
            if let Some(behind) = rest.strip_prefix(life) {
                (kind, rest) = (TokenKind::WrittenLong, behind);
            }
        }
        let mut above = None;
        if let Some((thousands, behind)) =
            rest.strip_prefix("_above_").and_then(|rest| rest.split_once("k_tokens"))
        {
            above = Some(thousands.parse::<u64>().ok()? * 1_000);
            rest = behind;
        }
        let tier = match rest {
            "" => ServiceTier::Standard,
            "_batches" => ServiceTier::Batch,
            word => ServiceTier::named(word.strip_prefix('_')?),
        };
        (tier != ServiceTier::Unknown).then_some(Self { kind, above, tier })
    }

    /// Our price, at the edge: the last call that is not long, or the first one that is.
    fn rate(&self, price: &Price) -> Option<Usd> {
        let long = price.above.as_ref().map(|above| above.tokens);
        match (self.above, long) {
            (None, None) => price.rate(self.kind, self.tier, u64::MAX),
            (None, Some(edge)) => price.rate(self.kind, self.tier, edge),
            (Some(theirs), Some(edge)) if theirs == edge => {
                price.rate(self.kind, self.tier, edge + 1)
            }
            _ => None,
        }
    }
}

/// Theirs is a float of dollars for a token; every one of them means whole pico-dollars.
fn picos(dollars: f64) -> i128 {
    let picos = dollars * 1e12;
    assert!((picos - picos.round()).abs() < 1e-4 * picos.max(1.0), "{dollars}");
    picos.round() as i128
}

fn per_token(rate: Usd) -> String {
    assert_eq!(rate.picos() % 1_000_000, 0);
    (rate.picos() / 1_000_000).to_string()
}

fn region(price: Option<&Price>, region: &str) -> Option<String> {
    Some(price?.regions.get(region)?.to_string())
}

fn search_fees(price: &Price) -> Option<String> {
    let fee = |context| match price.request {
        Some(fees) => Some(fees.of(context)),
        None => price.search.or(price.searching_call),
    };
    let fees = [SearchContext::High, SearchContext::Low, SearchContext::Medium].map(fee);
    let fees = fees.into_iter().map(|fee| fee.map(|fee| fee.picos().to_string()));
    Some(fees.collect::<Option<Vec<_>>>()?.join(" "))
}

/// A tier and a region that they keep apart from the rest.
fn extras(price: &Price) -> String {
    let fast = price.tiers.get(&ServiceTier::Fast).and_then(|tier| tier.factor);
    let us = price.regions.get("us").copied();
    let factors = [fast, us].into_iter().flatten().map(|factor| factor.millionths().to_string());
    factors.collect::<Vec<_>>().join(" ")
}

/// The numbers of an object in the order of its names: dollars in pico-dollars, factors in millionths.
fn parts_of(parts: &Map<String, Value>) -> String {
    let numbers = parts.iter().map(|(name, number)| {
        let number = number.as_f64().unwrap();
        let scale = if name.starts_with("search") { 1e12 } else { 1e6 };
        ((number * scale).round() as i128).to_string()
    });
    numbers.collect::<Vec<_>>().join(" ")
}
