//! What is known of Claude's models by their names: how much they write and how they are told to
//! think. A name that says nothing is taken for a model of today.

use crate::provider::Effort;

/// The most tokens of an answer by a model that is not known: every model writes as many.
const LEAST_LIMIT: u64 = 4096;

/// How a model is told to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Thinking {
    /// It is given a number of tokens to think with; later ones decide themselves, by effort.
    pub(super) by_budget: bool,
    /// How thinking is turned off.
    pub(super) off: Off,
    /// Its thinking is bound to what was said before: once that is changed the service refuses it.
    pub(super) bound: bool,
}

/// How thinking is turned off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Off {
    Disabled,
    /// Short notes between the calls of tools stay.
    BetweenTools,
    Never,
}

/// The most tokens that a model writes in one answer: 128,000 since 4.6, 64,000 for 4.5, 32,000 for 4,
/// and 4,096 for a model that is not known.
pub(super) fn most_tokens(model: &str) -> u64 {
    match named(model) {
        Some((_, generation)) if generation >= (4, 6) => 128_000,
        Some((_, (4, 5))) => 64_000,
        Some((_, (4, _))) => 32_000,
        _ => LEAST_LIMIT,
    }
}

/// How a model is told to think.
pub(super) fn thinking(model: &str) -> Thinking {
    let Some((family, generation)) = named(model) else {
        return Thinking { by_budget: false, off: Off::Disabled, bound: false };
    };
    let off = match family {
        "fable" | "mythos" => Off::Never,
        "opus" if generation >= (5, 5) => Off::Never,
        "sonnet" if generation >= (5, 5) => Off::BetweenTools,
        _ => Off::Disabled,
    };
    Thinking { by_budget: generation < (4, 6), off, bound: generation >= (5, 1) }
}

/// The word for an effort; a model that cannot be stopped from thinking gets the least one.
pub(super) fn effort_word(effort: Effort) -> &'static str {
    match effort {
        Effort::None | Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Xhigh => "xhigh",
        Effort::Max => "max",
    }
}

/// Tokens to think with, for models that are told a number: at least 1,024, and fewer than the whole
/// answer may have.
pub(super) fn budget(effort: Effort, max_tokens: u64) -> Option<u64> {
    const LEAST: u64 = 1024;
    let wanted = match effort {
        Effort::None => return None,
        Effort::Minimal => LEAST,
        Effort::Low => 2048,
        Effort::Medium => 8192,
        Effort::High => 16_384,
        Effort::Xhigh => 24_576,
        Effort::Max => 31_999,
    };
    (max_tokens > LEAST).then(|| wanted.min(max_tokens / 2).max(LEAST))
}

/// `("sonnet", (4, 5))` of `anthropic/claude-sonnet-4-5-20250929`.
fn named(model: &str) -> Option<(&str, (u32, u32))> {
    let (_, name) = model.split_once("claude-")?;
    let mut parts = name.split(['-', '@', ':', '.']);
    let family = parts.next().filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    // A longer number is a date.
    let mut number = || parts.next().filter(|part| part.len() <= 2)?.parse::<u32>().ok();
    let major = number()?;
    Some((family, (major, number().unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_family_and_the_generation() {
        for (model, known) in [
            ("claude-haiku-5-5", Some(("haiku", (5, 5)))),
            ("anthropic/claude-sonnet-4-5-20250929", Some(("sonnet", (4, 5)))),
            ("anthropic.claude-opus-4-20250514-v1:0", Some(("opus", (4, 0)))),
            ("claude-opus-4.8", Some(("opus", (4, 8)))),
            ("claude-3-5-sonnet-20241022", None),
            ("claude-mythos-preview", None),
            ("kimi-k3", None),
        ] {
            assert_eq!(named(model), known, "{model}");
        }
        let limits = ["claude-opus-5", "claude-haiku-4-5", "claude-opus-4-1", "kimi"];
        assert_eq!(limits.map(most_tokens), [128_000, 64_000, 32_000, 4096]);
    }

    #[test]
    fn a_budget_leaves_room_for_the_answer() {
        assert_eq!(budget(Effort::Max, 64_000), Some(31_999));
        assert_eq!(budget(Effort::High, 4096), Some(2048));
        assert_eq!(budget(Effort::High, 1025), Some(1024));
        assert_eq!(budget(Effort::High, 1024), None);
    }
}
