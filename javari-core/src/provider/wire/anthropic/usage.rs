//! What a call used, as Anthropic counts it: `input_tokens` leaves out what its cache served and took
//! in, and each later count of a stream stands for all so far.

use serde::Deserialize;
use serde_json::Value;

use super::super::lenient::{Loose, Number, Text};
use crate::types::{ModelUsage, ServiceTier, Usage};

/// The counts of a message, or of one of the models that worked at it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage<'a> {
    input_tokens: Number,
    output_tokens: Number,
    cache_creation_input_tokens: Number,
    cache_read_input_tokens: Number,
    cache_creation: Loose<CacheCreation>,
    output_tokens_details: Loose<OutputDetails>,
    server_tool_use: Loose<ServerTools>,
    #[serde(borrow)]
    service_tier: Text<'a>,
    #[serde(borrow)]
    speed: Text<'a>,
    /// What each model used, where the service handed the call on or worked in several steps.
    iterations: Option<Value>,
    /// The model of an iteration.
    #[serde(borrow)]
    model: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CacheCreation {
    ephemeral_5m_input_tokens: Number,
    ephemeral_1h_input_tokens: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    thinking_tokens: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ServerTools {
    web_search_requests: Number,
}

/// What a call used so far.
#[derive(Debug, Default)]
pub(super) struct Running {
    fresh: u64,
    output: u64,
    cached: u64,
    cache_written: u64,
    cache_written_long: u64,
    reasoning: u64,
    searches: u64,
    tier: ServiceTier,
    iterations: Vec<ModelUsage>,
    /// Whether anything was told.
    pub(super) is_told: bool,
}

impl Running {
    /// Takes in what is told; what is not told again stays.
    pub(super) fn take(&mut self, told: &WireUsage<'_>) {
        let CacheCreation { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long } =
            told.cache_creation.0;
        // Where only the parts are told, they are the whole.
        let parts = short.count().unwrap_or(0).saturating_add(long.count().unwrap_or(0));
        let written = told.cache_creation_input_tokens.count();
        let written = written.or(Some(parts).filter(|parts| *parts > 0));
        for (count, told) in [
            (&mut self.fresh, told.input_tokens.count()),
            (&mut self.output, told.output_tokens.count()),
            (&mut self.cached, told.cache_read_input_tokens.count()),
            (&mut self.cache_written, written),
            (&mut self.cache_written_long, long.count()),
            (&mut self.reasoning, told.output_tokens_details.0.thinking_tokens.count()),
            (&mut self.searches, told.server_tool_use.0.web_search_requests.count()),
        ] {
            if let Some(told) = told {
                *count = told;
                self.is_told = true;
            }
        }
        // The speed sets the price, whatever capacity served it.
        if told.speed.0 == "fast" {
            self.tier = ServiceTier::Fast;
        } else if !told.service_tier.is_empty() && self.tier != ServiceTier::Fast {
            self.tier = ServiceTier::named(&told.service_tier.0);
        }
        if let Some(iterations) = told.iterations.as_ref().and_then(Value::as_array) {
            self.iterations = iterations.iter().filter_map(iteration).collect();
        }
    }

    /// What the call used, and the part of each model where there are several. `model` is the one
    /// that answers.
    pub(super) fn usage(&self, model: &str) -> (Usage, Vec<ModelUsage>) {
        let whole = self.whole();
        let mut by_model = Vec::<ModelUsage>::new();
        for iteration in &self.iterations {
            let name = if iteration.model.is_empty() { model } else { &iteration.model };
            let usage = Usage { tier: self.tier, ..iteration.usage };
            match by_model.iter_mut().find(|known| known.model == name) {
                Some(known) => known.usage += usage,
                None => by_model.push(ModelUsage { model: name.to_owned(), usage }),
            }
        }
        // These are told for the call alone; the last model is the one that answered.
        if let Some(ModelUsage { usage, .. }) = by_model.last_mut() {
            usage.reasoning = whole.reasoning.min(usage.output);
            usage.searches = whole.searches;
        }
        let mut sum = Usage::default();
        by_model.iter().for_each(|part| sum += part.usage);
        // The counts of the message leave out a model that declined and what was spent to make the
        // conversation shorter. A sum below them lacks a part, so it is not the sum.
        if sum.input < whole.input || sum.output < whole.output {
            return (whole, Vec::new());
        }
        let by_model = if by_model.len() > 1 { by_model } else { Vec::new() };
        (sum, by_model)
    }

    fn whole(&self) -> Usage {
        Usage {
            input: self.fresh.saturating_add(self.cached).saturating_add(self.cache_written),
            output: self.output,
            cached: self.cached,
            cache_written: self.cache_written,
            cache_written_long: self.cache_written_long.min(self.cache_written),
            reasoning: self.reasoning,
            searches: self.searches,
            tier: self.tier,
            estimated: false,
            search_context: None,
        }
    }
}

/// One step of a call, by the model that took it; without a name it is the one that answers.
fn iteration(told: &Value) -> Option<ModelUsage> {
    let told = WireUsage::deserialize(told).ok()?;
    let mut counts = Running::default();
    counts.take(&told);
    Some(ModelUsage { model: told.model.0.into_owned(), usage: counts.whole().capped() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn running(told: &[Value]) -> Running {
        let mut running = Running::default();
        for told in told {
            running.take(&WireUsage::deserialize(told).unwrap());
        }
        running
    }

    #[test]
    fn what_the_cache_served_and_took_in_is_part_of_the_input() {
        let begun = json!({ "input_tokens": 3, "cache_creation_input_tokens": 300,
            "cache_read_input_tokens": 1000, "output_tokens": 1, "service_tier": "standard",
            "cache_creation": { "ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200 } });
        let ended = json!({ "output_tokens": 50, "cache_read_input_tokens": null,
            "output_tokens_details": { "thinking_tokens": 20 },
            "server_tool_use": { "web_search_requests": 2 } });
        let expected = Usage {
            input: 1303,
            output: 50,
            cached: 1000,
            cache_written: 300,
            cache_written_long: 200,
            reasoning: 20,
            searches: 2,
            ..Usage::default()
        };
        assert_eq!(running(&[begun, ended]).usage("m"), (expected, Vec::new()));
    }

    #[test]
    fn a_call_that_was_handed_on_is_the_sum_of_its_models() {
        let told = json!({ "input_tokens": 412, "output_tokens": 264, "speed": "fast",
            "output_tokens_details": { "thinking_tokens": 9 }, "iterations": [
            { "type": "message", "model": "a", "input_tokens": 408, "output_tokens": 0 },
            { "type": "message", "input_tokens": 12, "output_tokens": 4 },
            { "type": "fallback_message", "model": "b", "input_tokens": 400, "output_tokens": 260,
                "cache_read_input_tokens": 5 },
        ] });
        let (sum, by_model) = running(&[told]).usage("b");
        assert_eq!((sum.input, sum.output, sum.cached, sum.reasoning), (825, 264, 5, 9));
        assert_eq!(sum.tier, ServiceTier::Fast);
        let parts: Vec<_> =
            by_model.iter().map(|part| (part.model.as_str(), part.usage.input)).collect();
        assert_eq!(parts, [("a", 408), ("b", 417)]);
    }

    #[test]
    fn steps_of_one_model_are_one_usage_and_steps_that_fall_short_are_none() {
        let told = json!({ "input_tokens": 10, "output_tokens": 5, "iterations": [
            { "type": "compaction", "input_tokens": 100, "output_tokens": 7 },
            { "type": "message", "input_tokens": 10, "output_tokens": 5 } ] });
        let (sum, by_model) = running(&[told]).usage("m");
        assert_eq!((sum.input, sum.output, by_model.len()), (110, 12, 0));
        let short = json!({ "input_tokens": 10, "output_tokens": 5, "iterations": ["odd", {}] });
        assert_eq!(running(&[short]).usage("m").0.input, 10);
    }
}
