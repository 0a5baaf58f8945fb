//! Exact money: published cases, every dimension of a price, and laws that hold for every price.

use proptest::prelude::*;

use super::*;
use crate::{
    models::{Models, Price, TokenKind},
    types::{ModelUsage, SearchContext, ServiceTier},
};

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn cost(service: &str, model: &str, usage: Usage) -> Option<String> {
    Prices::builtin().cost_at(service, model, &usage).map(|cost| cost.to_string())
}

fn dollars(service: &str, model: &str, usage: Usage) -> String {
    cost(service, model, usage).unwrap()
}

/// A price of this text in the form of `models.json`.
fn price(json: &str) -> Price {
    serde_json::from_str(json).unwrap()
}

#[test]
fn cached_tokens_are_not_billed_twice() {
    // litellm issue 14849: 0.7642 was reported.
    let usage = Usage { input: 262_960, cached: 257_955, output: 1_744, ..Usage::default() };
    let own = r#"{"rates": {"input": "1.25", "output": "10", "cached": "0.625"}}"#;
    let prices = Prices::builtin().with("the case", price(own));
    let cost = prices.cost_at("openai", "the case", &usage);
    assert_eq!(cost.unwrap().to_string(), "0.184918125");
    // The list reads from the cache at a tenth of what the case paid.
    assert_eq!(dollars("openai", "gpt-5-2025-08-07", usage), "0.055940625");
}

#[test]
fn tokens_put_into_the_cache_have_their_own_rate_for_each_life() {
    // litellm issue 9812: 0.091311 was reported.
    let written = Usage { input: 12_307, cache_written: 12_304, output: 550, ..Usage::default() };
    assert_eq!(dollars("anthropic", "claude-sonnet-4-5-20250929", written), "0.054399");
    let an_hour = Usage { cache_written_long: 12_304, ..written };
    assert_eq!(dollars("anthropic", "claude-sonnet-4-5-20250929", an_hour), "0.082083");
    let both = Usage { cache_written_long: 4, ..written };
    assert_eq!(dollars("anthropic", "claude-sonnet-4-5-20250929", both), "0.054408");
    // A service that charges nothing for writing charges them as read.
    let free_to_write = Usage { input: 1_000_000, cache_written: 600_000, ..Usage::default() };
    assert_eq!(dollars("openai", "gpt-4o-mini", free_to_write), "0.15");
}

#[test]
fn the_tier_that_served_a_call_sets_its_price() {
    let at = |tier| Usage { input: 1_000_000, output: 100_000, tier, ..Usage::default() };
    let short = |tier| Usage { input: 1_000, output: 100, tier, ..Usage::default() };
    let costs = [
        ("openai", "gpt-6.1-sol", short(ServiceTier::Flex), "0.0015"),
        ("openai", "gpt-6.1-sol", short(ServiceTier::Batch), "0.0015"),
        ("openai", "gpt-6.1-sol", short(ServiceTier::Priority), "0.006"),
        ("openai", "gpt-6.1-sol", short(ServiceTier::Ultrafast), "0.018"),
        ("openai", "gpt-6.1-sol", at(ServiceTier::Ultrafast), "33"),
        // A tier with rates of its own, which are no multiple of the list.
        ("openai", "gpt-4o-mini", at(ServiceTier::Priority), "0.35"),
        ("anthropic", "claude-opus-5-5", at(ServiceTier::Fast), "12"),
        ("gemini", "gemini-3.8-flash", at(ServiceTier::Priority), "2.025"),
    ];
    for (service, model, usage, expected) in costs {
        assert_eq!(dollars(service, model, usage), expected, "{model} at {:?}", usage.tier);
    }
    // The factor of a tier is for every token but where the tier says otherwise.
    let cached = Usage { cached: 1_000_000, ..at(ServiceTier::Flex) };
    assert_eq!(dollars("gemini", "gemini-2.5-flash-lite", cached), "0.03");
}

#[test]
fn a_price_that_is_not_known_stays_unknown() {
    let usage = Usage { input: 1_000, output: 10, ..Usage::default() };
    let at = |tier| Usage { tier, ..usage };
    for tier in [ServiceTier::Reserved, ServiceTier::Unknown] {
        assert_eq!(cost("openai", "gpt-6.1-sol", at(tier)), None, "{tier:?}");
    }
    assert_eq!(cost("openai", "gpt-6-luna", at(ServiceTier::Ultrafast)), None);
    assert_eq!(cost("openai", "a model nobody knows", usage), None);
    assert_eq!(cost("compatible", "gpt-6-luna", usage), None);
    assert_eq!(cost("anthropic", "claude-3-opus-20240229", usage), None);
    // Searches that the list has no price for.
    assert_eq!(cost("perplexity", "perplexity/sonar", Usage { searches: 1, ..usage }), None);
    // How much its searches read was not told.
    assert_eq!(cost("perplexity", "sonar", usage), None);
    // Priority of a long call is not sold.
    let long = Usage { input: 272_001, tier: ServiceTier::Priority, ..Usage::default() };
    assert_eq!(cost("openai", "gpt-5.4", long), None);
    assert_eq!(cost("openai", "gpt-5.4", Usage { input: 272_000, ..long }).unwrap(), "1.36");
    // The longer life has no price where only the shorter one has.
    let one_life = r#"{"rates": {"input": "1", "output": "1", "written": "2"}}"#;
    let prices = Prices::builtin().with("m", price(one_life));
    let written = Usage { input: 9, cache_written: 9, ..Usage::default() };
    assert_eq!(prices.cost_at("x", "m", &written), Some(usd("0.000018")));
    let long = Usage { cache_written_long: 1, ..written };
    assert_eq!(prices.cost_at("x", "m", &long), None);
}

#[test]
fn a_long_call_is_charged_whole_by_the_higher_list_from_the_first_token_beyond() {
    for (service, model, edge, below, above) in [
        ("openai", "gpt-6.1-sol", 272_000, "0.5441", "1.088154"),
        ("anthropic", "claude-haiku-5-5", 100_000, "0.010005", "0.0500255"),
        ("gemini", "gemini-2.5-pro", 200_000, "0.2501", "0.5001525"),
    ] {
        let usage = Usage { input: edge, output: 10, ..Usage::default() };
        assert_eq!(dollars(service, model, usage), below, "{model}");
        let usage = Usage { input: edge + 1, ..usage };
        assert_eq!(dollars(service, model, usage), above, "{model}");
    }
    // What is read from the cache counts for the length.
    let cached = Usage { input: 272_001, cached: 272_001, ..Usage::default() };
    assert_eq!(dollars("openai", "gpt-6.1-sol", cached), "0.0544002");
}

#[test]
fn searches_are_charged_each_or_once_or_with_the_call_as_the_service_does() {
    let usage = Usage { input: 1_000, searches: 3, ..Usage::default() };
    assert_eq!(dollars("anthropic", "claude-sonnet-5-5", usage), "0.032");
    assert_eq!(dollars("gemini", "gemini-3.8-flash", usage), "0.04275");
    assert_eq!(dollars("gemini", "gemini-2.5-flash-lite", usage), "0.0351");
    for (context, fee) in [
        (SearchContext::Low, "0.006"),
        (SearchContext::Medium, "0.009"),
        (SearchContext::High, "0.013"),
    ] {
        let usage = Usage { search_context: Some(context), ..usage };
        assert_eq!(dollars("perplexity", "sonar", usage), fee, "{context:?}");
    }
}

#[test]
fn a_region_and_the_hosts_own_machines_have_their_price() {
    let usage = Usage { input: 1_000_000, searches: 1, ..Usage::default() };
    assert_eq!(dollars("anthropic", "claude-sonnet-5-5", usage), "2.01");
    // The region is dearer for tokens, not for searches.
    assert_eq!(dollars("anthropic@us", "claude-sonnet-5-5", usage), "2.21");
    assert_eq!(
        dollars("openai@eu", "gpt-6-luna", Usage { input: 100, ..Usage::default() }),
        "0.000011"
    );
    assert_eq!(cost("openai@moon", "gpt-6-luna", usage), None);
    for service in ["local", "ollama"] {
        assert_eq!(dollars(service, "whatever", usage), "0");
    }
}

#[test]
fn the_list_of_one_service_is_no_price_of_another_and_the_hosts_own_is_one_everywhere() {
    let usage = Usage { input: 1_000_000, ..Usage::default() };
    assert!(cost("openai", "gpt-4o-mini", usage).is_some());
    let prices = Prices::builtin().with("gpt-4o-mini", Price::new(usd("1"), usd("2")));
    for service in ["openai", "compatible", "ollama"] {
        assert_eq!(prices.cost_at(service, "gpt-4o-mini", &usage), Some(usd("1")), "{service}");
    }
}

#[test]
fn each_of_several_models_is_priced_by_its_own_and_one_unknown_makes_the_whole_unknown() {
    let part = |model: &str, usage| ModelUsage { model: model.to_owned(), usage };
    let half = Usage { input: 1_000, output: 100, ..Usage::default() };
    let mut usage = half;
    usage += half;
    usage.searches = 2;
    let by_model = [part("claude-fable-5-1", half), part("claude-haiku-5-5", half)];
    let prices = Prices::builtin();
    let cost = |by_model: &[ModelUsage], usage| {
        prices.cost_by_model("anthropic", "claude-haiku-5-5", &usage, by_model)
    };
    // 0.015 and 0.00015, and two searches that belong to neither.
    assert_eq!(cost(&by_model, usage).unwrap().to_string(), "0.03515");
    // The call's tier is that of its parts.
    let batch = Usage { tier: ServiceTier::Batch, searches: 0, ..usage };
    assert_eq!(cost(&by_model, batch).unwrap().to_string(), "0.007575");
    assert_eq!(cost(&[by_model[0].clone(), part("nobody's", half)], usage), None);
    assert_eq!(cost(&[], usage), prices.cost_at("anthropic", "claude-haiku-5-5", &usage));
}

#[test]
fn less_than_a_pico_dollar_is_rounded_up_once() {
    let prices = Prices::builtin().with("m", Price::new(usd("0.000000000001"), usd("0.0000005")));
    let cost = |input, output| {
        let usage = Usage { input, output, ..Usage::default() };
        prices.cost_at("x", "m", &usage).unwrap().picos()
    };
    assert_eq!([cost(0, 0), cost(1, 0), cost(1_000_000, 0), cost(1_000_001, 0)], [0, 1, 1, 2]);
    assert_eq!([cost(0, 1), cost(0, 2), cost(1, 1)], [1, 1, 1]);
}

#[test]
fn what_a_service_states_beyond_its_own_sum_is_not_charged() {
    let lie = Usage {
        input: 10,
        cached: 8,
        cache_written: 99,
        cache_written_long: 99,
        ..Usage::default()
    };
    // Eight read from the cache, two put into it for an hour.
    assert_eq!(dollars("anthropic", "claude-sonnet-4-5", lie), "0.0000144");
    let most = u64::MAX;
    let huge = Usage { input: most, output: most, searches: most, ..Usage::default() };
    assert!(cost("openai", "gpt-6-astra", huge).is_some());
}

/// Every price of the catalogue, at every tier it has.
fn every_price() -> Vec<(&'static Price, ServiceTier)> {
    let prices = Models::builtin().all().filter_map(|model| model.price.as_ref());
    prices
        .flat_map(|price| {
            let tiers = price.tiers.keys().copied();
            tiers.chain([ServiceTier::Standard]).map(move |tier| (price, tier))
        })
        .collect()
}

fn usages() -> impl Strategy<Value = Usage> {
    (0..600_000_u64, 0..600_000_u64, 0..600_000_u64, 0..600_000_u64, 0..200_000_u64, 0..9_u64)
        .prop_map(|(input, cached, written, long, output, searches)| {
            let cached = cached.min(input);
            let written = written.min(input - cached);
            Usage {
                input,
                cached,
                cache_written: written,
                cache_written_long: long.min(written),
                output,
                searches,
                search_context: Some(SearchContext::Medium),
                ..Usage::default()
            }
        })
}

proptest! {
    #[test]
    fn more_of_anything_never_costs_less(usage in usages(), more in 1..100_000_u64) {
        for (price, tier) in every_price() {
            let prices = Prices::builtin().with("m", price.clone());
            let cost = |usage: Usage| prices.cost_at("x", "m", &Usage { tier, ..usage });
            let Some(before) = cost(usage) else { continue };
            for dearer in [
                Usage { input: usage.input + more, ..usage },
                Usage { output: usage.output + more, ..usage },
                Usage { searches: usage.searches + more, ..usage },
                Usage { input: usage.input + more, cached: usage.cached + more, ..usage },
                Usage { input: usage.input + more, cache_written: usage.cache_written + more, ..usage },
                Usage { cache_written_long: usage.cache_written, ..usage },
            ] {
                // A long call may be beyond what a tier's price is known for.
                if let Some(after) = cost(dearer) {
                    prop_assert!(after >= before, "{price:?} {tier:?} {dearer:?}: {after} < {before}");
                }
            }
        }
    }

    #[test]
    fn two_short_calls_cost_what_one_of_both_costs(one in usages(), other in usages()) {
        // Half of the shortest limit of any list, so that the sum is short as well.
        let short = |usage: Usage| Usage {
            input: usage.input / 12,
            cached: usage.cached / 12 / 4,
            cache_written: usage.cache_written / 12 / 4,
            cache_written_long: usage.cache_written_long / 12 / 4,
            ..usage
        };
        let (one, other) = (short(one), short(other));
        let mut both = one;
        both += other;
        for (price, tier) in every_price() {
            // A fee for the call is paid for each.
            if price.request.is_some() || price.searching_call.is_some() {
                continue;
            }
            let prices = Prices::builtin().with("m", price.clone());
            let cost = |usage: Usage| prices.cost_at("x", "m", &Usage { tier, ..usage });
            let sum = cost(one).zip(cost(other)).map(|(one, other)| one + other);
            prop_assert_eq!(cost(both), sum, "{:?} {:?}", price, tier);
        }
    }

    #[test]
    fn no_table_of_any_amounts_breaks_a_cost(picos in any::<[i64; 5]>(), counts in any::<[u64; 6]>()) {
        let amount = |at: usize| Some(Usd::from_picos(i128::from(picos[at].unsigned_abs()) << 32));
        let mut price = Price::default();
        price.rates.input = amount(0);
        price.rates.output = amount(1);
        price.rates.cached = amount(2);
        price.rates.written = amount(3);
        price.search = amount(4);
        let usage = Usage {
            input: counts[0],
            output: counts[1],
            cached: counts[2],
            cache_written: counts[3],
            cache_written_long: counts[4],
            searches: counts[5],
            ..Usage::default()
        };
        let prices = Prices::builtin().with("m", price);
        let _ = prices.cost_at("x", "m", &usage);
        let _ = prices.cost_at("x", "m", &usage.capped());
    }
}

#[test]
fn every_rate_of_the_catalogue_is_exact_to_the_token() {
    let mut rates = 0;
    for (price, tier) in every_price() {
        for read in [1, 10_000_000] {
            for rate in TokenKind::ALL.into_iter().filter_map(|kind| price.rate(kind, tier, read)) {
                assert_eq!(rate.picos() % 1_000_000, 0, "{price:?} {tier:?}");
                rates += 1;
            }
        }
    }
    assert!(rates > 1_000, "{rates}");
}
