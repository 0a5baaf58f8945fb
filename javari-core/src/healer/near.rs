//! Which of several names somebody meant, when that is beyond doubt.

/// The answer to "which one was meant".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Nearest<'a> {
    /// This one: near enough, and clearly nearer than any other.
    One(&'a str, usize),
    /// Several could be meant.
    Several(Vec<&'a str>),
    /// Nothing is near.
    None,
}

/// Names longer than this are not compared.
const NAME_LIMIT: usize = 200;

/// How many slips of the hand lie between two names: letters put in, left out, exchanged or
/// swapped with their neighbour (Damerau 1964, in the form without edits inside a swap).
pub(super) fn slips(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len() > NAME_LIMIT || other.len() > NAME_LIMIT {
        return if one == other { 0 } else { NAME_LIMIT };
    }
    let width = other.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (row, a) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(NAME_LIMIT);
            let mut least = (at(&last, column + 1) + 1)
                .min(at(&current, column) + 1)
                .min(at(&last, column) + usize::from(a != b));
            let swapped = row > 0
                && column > 0
                && one.get(row - 1) == Some(b)
                && other.get(column - 1) == Some(a);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or_default()
}

/// How many slips a name of this length may hold: a short name is too soon another one.
fn slips_allowed(name: &str) -> usize {
    match name.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=11 => 2,
        _ => 3,
    }
}

/// The candidate that `wanted` stands for. A runner-up has to be more than twice as far away.
///
/// Both are compared part by part at `/`, so that each part of a path is near by itself; a file
/// name's extension does not make it longer.
pub(super) fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Nearest<'a> {
    let mut scored: Vec<(usize, bool, &str)> = candidates
        .into_iter()
        .filter(|candidate| *candidate != wanted)
        .filter_map(|candidate| {
            let (total, near) = distance(wanted, candidate)?;
            Some((total, near, candidate))
        })
        .collect();
    scored.sort_unstable();
    scored.dedup();
    let Some(&(least, _, best)) = scored.iter().find(|(_, near, _)| *near) else {
        return Nearest::None;
    };
    let rivals: Vec<_> = scored
        .iter()
        .filter(|(total, _, name)| *total <= least * 2 && *name != best)
        .map(|(_, _, name)| *name)
        .take(4)
        .collect();
    if rivals.is_empty() {
        return Nearest::One(best, least);
    }
    Nearest::Several([vec![best], rivals].concat())
}

fn distance(wanted: &str, candidate: &str) -> Option<(usize, bool)> {
    let (parts, others) = (wanted.split('/'), candidate.split('/'));
    if parts.clone().count() != others.clone().count() {
        return None;
    }
    let (mut total, mut near) = (0, true);
    for (part, other) in parts.zip(others) {
        let found = slips(part, other);
        let stem = part.split('.').next().unwrap_or(part);
        near &= found <= slips_allowed(stem);
        total += found;
    }
    Some((total, near && total <= 3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_swap_counts_as_one_slip() {
        assert_eq!(slips("componnets", "components"), 1);
        assert_eq!(slips("helpres", "helpers"), 1);
        assert_eq!(slips("button", "buton"), 1);
        assert_eq!(slips("abc", "abc"), 0);
        assert_eq!(slips("", "abc"), 3);
    }

    #[test]
    fn the_one_meant_is_found_among_names_that_are_far() {
        let candidates = ["components/button.mjs", "components/table.mjs", "main.mjs"];
        assert_eq!(
            nearest("componnets/button.mjs", candidates),
            Nearest::One("components/button.mjs", 1)
        );
    }

    #[test]
    fn two_that_are_nearly_as_near_are_left_to_a_person() {
        for candidates in [["button", "butons"], ["buton1", "buton2"]] {
            assert!(matches!(nearest("buton", candidates), Nearest::Several(_)), "{candidates:?}");
        }
    }

    #[test]
    fn short_names_and_far_names_are_not_guessed() {
        assert_eq!(nearest("db", ["bd"]), Nearest::None);
        assert_eq!(nearest("lib/db", ["lib/pq"]), Nearest::None);
        assert_eq!(nearest("config", ["banana"]), Nearest::None);
    }

    proptest! {
        #[test]
        fn slips_are_a_measure(a in "[abc]{0,8}", b in "[abc]{0,8}") {
            prop_assert_eq!(slips(&a, &b), slips(&b, &a));
            prop_assert_eq!(slips(&a, &b) == 0, a == b);
            prop_assert!(slips(&a, &b) <= a.len().max(b.len()));
        }

        #[test]
        fn the_order_of_the_candidates_changes_nothing(
            wanted in "[abc]{0,6}", mut names in prop::collection::vec("[abc]{0,6}", 0..6),
        ) {
            let forward = format!("{:?}", nearest(&wanted, names.iter().map(String::as_str)));
            names.reverse();
            prop_assert_eq!(forward, format!("{:?}", nearest(&wanted, names.iter().map(String::as_str))));
        }

        #[test]
        fn any_text_is_compared_without_a_panic(a in any::<String>(), b in any::<String>()) {
            let _ = nearest(&a, [b.as_str()]);
        }
    }
}
