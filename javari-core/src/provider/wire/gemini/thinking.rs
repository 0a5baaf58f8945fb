//! How long Gemini thinks: a level from the third generation on, a budget of tokens in 2.5.

use serde::Serialize;

use super::super::message::bare_name;
use crate::provider::{Effort, Warning};

#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThinkingConfig {
    /// Thoughts are shown to whom asks for them by asking for an effort.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    include_thoughts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u32>,
}

/// What to say of `effort` to this model, and what of it cannot be had.
pub(super) fn thinking(
    effort: Option<Effort>,
    model: &str,
) -> (Option<ThinkingConfig>, Option<Warning>) {
    let Some(effort) = effort else { return (None, None) };
    let include_thoughts = effort != Effort::None;
    let warning = |why| Some(Warning::new("effort", why));
    match generation(model) {
        Some(generation) if generation < 2.5 => {
            let warning = warning("this model does not think; `effort` is left out");
            (None, warning.filter(|_| include_thoughts))
        }
        Some(generation) if generation < 3.0 => {
            let always = is_pro(model) && effort == Effort::None;
            let config = ThinkingConfig {
                // The models that cannot do without begin at 128.
                include_thoughts,
                thinking_budget: Some(if always { 128 } else { budget(effort) }),
                ..ThinkingConfig::default()
            };
            (Some(config), warning(ALWAYS).filter(|_| always))
        }
        _ => {
            let thinking_level = Some(level(effort));
            let config =
                ThinkingConfig { include_thoughts, thinking_level, ..ThinkingConfig::default() };
            (Some(config), warning(ALWAYS).filter(|_| !include_thoughts))
        }
    }
}

const ALWAYS: &str = "this model always thinks; it is asked to think as little as it can";

/// Whether Gemini refuses a call of a tool, said back to it, without the signature of its thought.
pub(super) fn wants_signatures(model: &str) -> bool {
    bare_name(model).starts_with("gemini")
        && generation(model).is_none_or(|generation| generation >= 3.0)
}

/// 2.5 of `models/gemini-2.5-flash`; nothing for names without a number, such as
/// `gemini-flash-latest`, which are the newest.
pub(super) fn generation(model: &str) -> Option<f32> {
    bare_name(model).strip_prefix("gemini-")?.split('-').next()?.parse().ok()
}

fn is_pro(model: &str) -> bool {
    model.contains("-pro")
}

/// Every model takes these three; the finer ones are refused by many.
fn level(effort: Effort) -> &'static str {
    match effort {
        Effort::None | Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High | Effort::Xhigh | Effort::Max => "high",
    }
}

/// Within what every model of 2.5 that thinks takes: 512 to 24,576.
fn budget(effort: Effort) -> u32 {
    match effort {
        Effort::None => 0,
        Effort::Minimal => 512,
        Effort::Low => 1_024,
        Effort::Medium => 8_192,
        Effort::High => 16_384,
        Effort::Xhigh | Effort::Max => 24_576,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(effort: Effort, model: &str) -> (serde_json::Value, bool) {
        let (config, warning) = thinking(Some(effort), model);
        (serde_json::to_value(config).unwrap(), warning.is_some())
    }

    #[test]
    fn effort_is_a_level_from_the_third_generation_on_and_a_budget_before() {
        let high = json!({ "includeThoughts": true, "thinkingLevel": "high" });
        for model in ["gemini-3.8-flash", "models/gemini-4-argon", "gemini-flash-latest"] {
            assert_eq!(said(Effort::Max, model), (high.clone(), false), "{model}");
        }
        assert_eq!(
            said(Effort::Low, "gemini-2.5-pro"),
            (json!({ "includeThoughts": true, "thinkingBudget": 1024 }), false)
        );
        assert_eq!(thinking(None, "gemini-3.8-flash"), (None, None));
    }

    #[test]
    fn not_thinking_is_said_where_it_can_be_and_warned_of_where_it_cannot() {
        let off = json!({ "thinkingBudget": 0 });
        assert_eq!(said(Effort::None, "gemini-2.5-flash"), (off, false));
        assert_eq!(said(Effort::None, "gemini-2.5-pro"), (json!({ "thinkingBudget": 128 }), true));
        assert_eq!(
            said(Effort::None, "gemini-3.8-flash"),
            (json!({ "thinkingLevel": "low" }), true)
        );
        assert_eq!(said(Effort::None, "gemini-2.0-flash"), (json!(null), false));
        assert_eq!(said(Effort::High, "gemini-2.0-flash"), (json!(null), true));
    }
}
