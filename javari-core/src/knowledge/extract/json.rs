//! JSON and lines of JSON: one line for each value, with the path that leads to it.
//!
//! The document is streamed into text and never held as a tree, so a file of nested small values
//! needs no more memory than its text. Nesting deeper than 128 is refused by the parser.

use std::{fmt, fmt::Write as _};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{
    BlockKind, ExtractLimits, Extracted, Extractor, Source, draft::Draft, encoding::decode,
    text::lines, unreadable,
};
use crate::error::Result;

const LINES: &str = "application/x-ndjson";

/// Reads `application/json` (also `+json` types) and `application/x-ndjson` as lines of
/// `path.to[0].value: content`. A block is a member of the outermost object or array, or an object
/// or array inside such a member.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonExtractor;

impl Extractor for JsonExtractor {
    fn accepts(&self, media_type: &str) -> bool {
        media_type == "application/json" || media_type == LINES || media_type.ends_with("+json")
    }

    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        let decoded = decode(source, None)?;
        let stated = source.media_type.as_deref().unwrap_or_default();
        let name = source.name.to_ascii_lowercase();
        let by_line =
            stated.starts_with(LINES) || name.ends_with(".jsonl") || name.ends_with(".ndjson");
        let mut writer = Writer {
            draft: Draft::new(limits),
            path: String::new(),
            block: String::new(),
            was_container: false,
        };
        if by_line {
            for (number, (_, line)) in lines(&decoded.text).enumerate() {
                if !line.trim().is_empty() && !writer.draft.is_full() {
                    writer.document(line, 2).map_err(|error| error.with("line", number + 1))?;
                    writer.end_block();
                }
            }
        } else {
            writer.document(&decoded.text, 0)?;
        }
        writer.end_block();
        let media_type = if by_line { LINES } else { "application/json" };
        Ok(writer.draft.finish(media_type, None, decoded.warnings))
    }
}

struct Writer {
    draft: Draft,
    path: String,
    block: String,
    /// Whether the value written last was an object or an array.
    was_container: bool,
}

impl Writer {
    /// Writes one JSON document; `depth` 0 makes a block of each outermost member.
    fn document(&mut self, text: &str, depth: usize) -> Result<()> {
        let mut parser = serde_json::Deserializer::from_str(text);
        Value { writer: self, depth }
            .deserialize(&mut parser)
            .and_then(|()| parser.end())
            .map_err(|fault| unreadable("the document is not valid JSON").with_source(fault))
    }

    fn line(&mut self, value: impl fmt::Display) {
        if self.draft.is_full() {
            return;
        }
        if !self.path.is_empty() {
            self.block.push_str(&self.path);
            self.block.push_str(": ");
        }
        // Writing to a String cannot fail.
        let _ = writeln!(self.block, "{value}");
        // One huge member must not collect lines that the limit will throw away.
        if self.block.len() > 1 << 20 {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        self.draft.block(BlockKind::List, &self.block);
        self.block.clear();
    }
}

/// One value at the writer's path.
struct Value<'a> {
    writer: &'a mut Writer,
    depth: usize,
}

impl Value<'_> {
    /// Runs `inner` for a member whose step was added to the path.
    fn member<E>(
        &mut self,
        step: fmt::Arguments<'_>,
        inner: impl FnOnce(Value<'_>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let length = self.writer.path.len();
        let _ = self.writer.path.write_fmt(step);
        self.writer.was_container = false;
        let outcome = inner(Value { writer: self.writer, depth: self.depth + 1 });
        self.writer.path.truncate(length);
        if self.depth == 0 || (self.depth == 1 && self.writer.was_container) {
            self.writer.end_block();
        }
        self.writer.was_container = true;
        outcome
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> std::result::Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<(), E> {
        self.writer.line(value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<(), E> {
        self.writer.line(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<(), E> {
        self.writer.line(value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<(), E> {
        self.writer.line(value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<(), E> {
        if !value.trim().is_empty() {
            self.writer.line(value.trim());
        }
        Ok(())
    }

    /// `null` says that there is nothing to find.
    fn visit_unit<E>(self) -> std::result::Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> std::result::Result<(), A::Error> {
        for index in 0_usize.. {
            let mut more = false;
            self.member(format_args!("[{index}]"), |value| {
                more = items.next_element_seed(value)?.is_some();
                Ok(())
            })?;
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> std::result::Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            // A long key is repeated before every value under it.
            let key: String = key.chars().take(200).collect();
            let dot = if self.writer.path.is_empty() { "" } else { "." };
            self.member(format_args!("{dot}{key}"), |value| members.next_value_seed(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn read(name: &str, file: &str) -> Result<Extracted> {
        JsonExtractor.extract(&Source::new(name, file.to_owned()), &ExtractLimits::default())
    }

    #[test]
    fn each_value_stands_on_a_line_after_its_path() {
        let read =
            read("a.json", r#"{"a": {"b": [1, {"c": "x"}]}, "d": null, "e": -1.5}"#).unwrap();
        assert_eq!(read.text, "a.b[0]: 1\na.b[1].c: x\n\ne: -1.5");
        assert_eq!(read.blocks.len(), 2);
    }

    #[test]
    fn each_object_of_a_list_inside_an_object_is_one_block() {
        let read = read("a.json", r#"{"items": [{"n": 1, "t": "x"}, {"n": 2}], "sizes": [3, 4]}"#);
        assert_eq!(
            read.unwrap().text,
            "items[0].n: 1\nitems[0].t: x\n\nitems[1].n: 2\n\nsizes[0]: 3\nsizes[1]: 4"
        );
    }

    #[test]
    fn each_line_of_jsonl_is_one_block() {
        let read = read("a.jsonl", "{\"a\": 1, \"b\": true}\n\n[2]\n\"words\"\n").unwrap();
        assert_eq!(read.text, "a: 1\nb: true\n\n[0]: 2\n\nwords");
        assert_eq!(read.blocks.len(), 3);
    }

    #[test]
    fn what_is_not_json_or_nested_too_deeply_is_unreadable() {
        for file in ["{", "{} x", "[1,]", &"[".repeat(100_000)] {
            assert_eq!(read("a.json", file).unwrap_err().kind(), ErrorKind::Unreadable);
        }
    }

    #[test]
    fn long_keys_deep_down_cannot_blow_up_the_text() {
        let key = "k".repeat(5_000);
        let file = format!("{{\"{key}\": [{}1]}}", "1,".repeat(20_000));
        let limits = ExtractLimits { max_text_bytes: 100_000, ..ExtractLimits::default() };
        let read = JsonExtractor.extract(&Source::new("a.json", file), &limits).unwrap();
        assert!(read.text.len() <= 100_000);
        assert_eq!(read.warnings.len(), 1);
    }
}
