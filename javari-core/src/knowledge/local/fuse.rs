//! Joins the rankings of both legs.

use std::collections::HashMap;

use crate::knowledge::{Fusion, Scores, SearchMode};

/// A chunk with what it is ranked by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranked {
    pub(super) number: i64,
    pub(super) score: f64,
    pub(super) scores: Scores,
}

/// The k of reciprocal rank fusion.
const RANK_OFFSET: f64 = 60.0;

/// How to join: the mode, the rule and the weight of the vectors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) mode: SearchMode,
    pub(super) fusion: Fusion,
    pub(super) weight: f64,
}

/// What a candidate is ranked by.
type Score = dyn Fn(i64, &Scores) -> f64;

/// All candidates, best first; equal scores by number, so that equal searches agree.
/// `vector_of` gives the cosine of a candidate that only the words found.
pub(super) fn fuse(
    lexical: &[(i64, f64)],
    vector: &[(i64, f64)],
    vector_of: impl Fn(i64) -> Option<f64>,
    rule: Rule,
) -> Vec<Ranked> {
    let mut candidates: HashMap<i64, Scores> = HashMap::new();
    for (number, score) in lexical {
        candidates.entry(*number).or_default().lexical = Some(*score);
    }
    for (number, score) in vector {
        candidates.entry(*number).or_default().vector = Some(*score);
    }
    for (number, scores) in &mut candidates {
        scores.vector = scores.vector.or_else(|| vector_of(*number));
    }
    let score: Box<Score> = match (rule.mode, rule.fusion) {
        (SearchMode::Lexical, _) => Box::new(|_, scores| scores.lexical.unwrap_or(0.0)),
        (SearchMode::Vector, _) => Box::new(|_, scores| scores.vector.unwrap_or(0.0)),
        (SearchMode::Hybrid, Fusion::Convex) => {
            let weight = rule.weight.clamp(0.0, 1.0);
            let lexical = Span::of(candidates.values().filter_map(|scores| scores.lexical));
            let vector = Span::of(candidates.values().filter_map(|scores| scores.vector));
            Box::new(move |_, scores| {
                (1.0 - weight) * lexical.place(scores.lexical)
                    + weight * vector.place(scores.vector)
            })
        }
        (SearchMode::Hybrid, Fusion::ReciprocalRank) => {
            let (lexical, vector) = (ranks(lexical), ranks(vector));
            let share = |ranks: &HashMap<i64, f64>, number| {
                ranks.get(&number).map_or(0.0, |rank| (RANK_OFFSET + 1.0) / (RANK_OFFSET + rank))
            };
            Box::new(move |number, _| (share(&lexical, number) + share(&vector, number)) / 2.0)
        }
    };
    let mut ranked: Vec<Ranked> = candidates
        .into_iter()
        .map(|(number, scores)| Ranked { number, score: score(number, &scores), scores })
        .collect();
    ranked.sort_by(|one, other| {
        other.score.total_cmp(&one.score).then(one.number.cmp(&other.number))
    });
    ranked
}

fn ranks(leg: &[(i64, f64)]) -> HashMap<i64, f64> {
    leg.iter().zip(1_u32..).map(|((number, _), rank)| (*number, f64::from(rank))).collect()
}

/// The least and the greatest of a leg's scores.
#[derive(Clone, Copy)]
struct Span {
    least: f64,
    greatest: f64,
}

impl Span {
    fn of(scores: impl Iterator<Item = f64>) -> Self {
        scores.fold(Self { least: f64::INFINITY, greatest: f64::NEG_INFINITY }, |span, score| {
            Self { least: span.least.min(score), greatest: span.greatest.max(score) }
        })
    }

    /// Where a score lies, 0 to 1; 0 without one. A small share stays for the last of a leg, which
    /// is still better than not to be in it.
    fn place(self, score: Option<f64>) -> f64 {
        const IN_LEG: f64 = 0.02;
        let Some(score) = score else { return 0.0 };
        let width = self.greatest - self.least;
        if width <= f64::EPSILON {
            return 1.0;
        }
        IN_LEG + (1.0 - IN_LEG) * (score - self.least) / width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(ranked: &[Ranked]) -> Vec<i64> {
        ranked.iter().map(|ranked| ranked.number).collect()
    }

    #[test]
    fn the_weight_decides_between_legs_that_disagree() {
        let (lexical, vector) = ([(1, 9.0), (2, 1.0)], [(2, 0.9), (1, 0.1)]);
        let with = |weight| {
            let rule = Rule { mode: SearchMode::Hybrid, fusion: Fusion::Convex, weight };
            numbers(&fuse(&lexical, &vector, |_| None, rule))
        };
        assert_eq!(with(0.2), [1, 2]);
        assert_eq!(with(0.8), [2, 1]);
    }

    #[test]
    fn reciprocal_ranks_prefer_what_both_legs_found() {
        let rule = Rule { mode: SearchMode::Hybrid, fusion: Fusion::ReciprocalRank, weight: 0.5 };
        let ranked = fuse(&[(1, 9.0), (3, 5.0)], &[(2, 0.9), (3, 0.8)], |_| None, rule);
        assert_eq!(numbers(&ranked), [3, 1, 2]);
        assert!(ranked.iter().all(|ranked| (0.0..=1.0).contains(&ranked.score)));
    }
}
