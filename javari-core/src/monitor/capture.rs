//! Keeps the beginning and the end of an output of any length.

use std::collections::VecDeque;

/// The first and the last bytes of an output, and how many between them were let go.
pub(super) struct Capture {
    limit: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Capture {
    /// Keeps at most `limit` bytes: half from the beginning, half from the end.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit / 2, head: Vec::new(), tail: VecDeque::new(), dropped: 0 }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = self.limit.saturating_sub(self.head.len());
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(first);
        // Of one large piece only its end can still matter.
        let skip = rest.len().saturating_sub(self.limit);
        self.dropped += skip as u64;
        self.tail.extend(rest.iter().skip(skip));
        let over = self.tail.len().saturating_sub(self.limit);
        self.tail.drain(..over);
        self.dropped += over as u64;
    }

    /// Whether something was let go.
    pub(super) fn is_cut(&self) -> bool {
        self.dropped > 0
    }

    /// The text, with a line that says how much is missing between its two parts.
    pub(super) fn into_text(self) -> String {
        let tail: Vec<u8> = self.tail.into();
        if self.dropped == 0 {
            let mut whole = self.head;
            whole.extend(tail);
            return String::from_utf8_lossy(&whole).into_owned();
        }
        format!(
            "{}\n[{} bytes left out]\n{}",
            String::from_utf8_lossy(&self.head),
            self.dropped,
            String::from_utf8_lossy(&tail)
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_fits_is_kept_whole_and_what_does_not_keeps_both_ends(
            pieces in prop::collection::vec(prop::collection::vec(b'a'..=b'z', 0..40), 0..20),
            limit in 2_usize..200,
        ) {
            let mut capture = Capture::new(limit);
            let whole: Vec<u8> = pieces.concat();
            for piece in &pieces {
                capture.push(piece);
            }
            let text = capture.into_text();
            let half = limit / 2;
            if whole.len() <= half * 2 {
                prop_assert_eq!(text.as_bytes(), &whole[..]);
            } else {
                prop_assert!(text.as_bytes().starts_with(&whole[..half]));
                prop_assert!(text.as_bytes().ends_with(&whole[whole.len() - half..]));
                let notice = format!("[{} bytes left out]", whole.len() - 2 * half);
                prop_assert!(text.contains(&notice));
            }
        }
    }
}
