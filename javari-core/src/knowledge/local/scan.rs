//! Exact dot products over many rows, written so that the compiler uses vector instructions.

use std::{cmp::Ordering, sync::Arc};

/// Numbers summed side by side.
const LANES: usize = 8;

/// The score of every chunk: numbers and scores, part by part.
#[derive(Default)]
pub(super) struct Scored(pub(super) Vec<(Arc<Vec<i64>>, Vec<f32>)>);

impl Scored {
    /// The best `depth` whose numbers lie in `allowed` (ascending ranges), best first.
    pub(super) fn best(&self, depth: usize, allowed: Option<&[(i64, i64)]>) -> Vec<(i64, f64)> {
        let mut best: Vec<(i64, f32)> = Vec::with_capacity(depth * 2);
        let mut least = f32::NEG_INFINITY;
        for (numbers, scores) in &self.0 {
            for (number, score) in numbers.iter().zip(scores) {
                if *score <= least || !allowed.is_none_or(|ranges| holds(ranges, *number)) {
                    continue;
                }
                best.push((*number, *score));
                if best.len() == depth * 2 {
                    best.select_nth_unstable_by(depth - 1, descending);
                    best.truncate(depth);
                    least = best.last().map_or(least, |(_, score)| *score);
                }
            }
        }
        best.sort_unstable_by(descending);
        best.truncate(depth);
        best.into_iter().map(|(number, score)| (number, f64::from(score))).collect()
    }

    /// The score of a chunk.
    pub(super) fn of(&self, number: i64) -> Option<f64> {
        self.0.iter().find_map(|(numbers, scores)| {
            let at = numbers.binary_search(&number).ok()?;
            scores.get(at).map(|score| f64::from(*score))
        })
    }
}

fn descending(one: &(i64, f32), other: &(i64, f32)) -> Ordering {
    other.1.total_cmp(&one.1).then(one.0.cmp(&other.0))
}

fn holds(ranges: &[(i64, i64)], number: i64) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= number);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, beyond)| number < *beyond)
}

/// The dot product of each row of `rows` with `query`.
pub(super) fn dots(rows: &[f32], query: &[f32]) -> Vec<f32> {
    if query.is_empty() {
        return Vec::new();
    }
    rows.chunks_exact(query.len()).map(|row| dot(row, query)).collect()
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (ones, one_rest) = one.as_chunks::<LANES>();
    let (others, other_rest) = other.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (one, other) in ones.iter().zip(others) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += one * other;
        }
    }
    let rest: f32 = one_rest.iter().zip(other_rest).map(|(one, other)| one * other).sum();
    sums.iter().sum::<f32>() + rest
}

/// The vector with length 1; nothing when it has no length or holds what is no number.
pub(super) fn normalised(values: &[f32]) -> Option<Vec<f32>> {
    let length = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    (length.is_finite() && length > 0.0)
        .then(|| values.iter().map(|value| (f64::from(*value) / length) as f32).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_are_those_of_a_full_sort(
            scores in prop::collection::vec(-1.0_f32..1.0, 0..400),
            depth in 1_usize..20,
            cut in 0_i64..400,
        ) {
            let numbers: Vec<i64> = (0..scores.len() as i64).collect();
            let mut expected: Vec<(i64, f32)> = numbers.iter().copied().zip(scores.clone())
                .filter(|(number, _)| *number < cut).collect();
            expected.sort_by(descending);
            expected.truncate(depth);
            let scored = Scored(vec![(Arc::new(numbers), scores)]);
            let best = scored.best(depth, Some(&[(0, cut)]));
            let best: Vec<(i64, f32)> = best.into_iter().map(|(n, s)| (n, s as f32)).collect();
            prop_assert_eq!(best, expected);
        }

        #[test]
        fn a_dot_product_is_that_of_the_plain_sum(
            pairs in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 1..70)
        ) {
            let (one, other): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let plain: f64 = one.iter().zip(&other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            prop_assert!((f64::from(dot(&one, &other)) - plain).abs() < 1e-4);
        }
    }

    #[test]
    fn what_has_no_length_is_not_normalised() {
        assert_eq!(normalised(&[0.0, 0.0]), None);
        assert_eq!(normalised(&[f32::NAN, 1.0]), None);
        assert_eq!(normalised(&[3.0, 4.0]), Some(vec![0.6, 0.8]));
    }
}
