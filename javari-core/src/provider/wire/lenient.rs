//! Reads the loose types of compatible servers: what does not fit is empty, never a fault.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::Value;

/// A text, borrowed from the reply where it holds no escapes. Null and other types are empty, a
/// number is its digits, and a list of text parts (Mistral) is their texts.
#[derive(Debug, Default)]
pub(in crate::provider::wire) struct Text<'a>(pub(super) Cow<'a, str>);

impl Text<'_> {
    pub(in crate::provider::wire) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text as its own, nothing when it is empty.
    pub(in crate::provider::wire) fn into_some(self) -> Option<String> {
        if self.is_empty() { None } else { Some(self.0.into_owned()) }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Text::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Text::default())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut whole = String::new();
        while let Some(part) = parts.next_element::<Text<'de>>()? {
            whole.push_str(&part.0);
        }
        Ok(Text(Cow::Owned(whole)))
    }

    /// A part `{"type":"text","text":…}`.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut text = Text::default();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            if key.0 == "text" {
                text = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(text)
    }
}

/// A tool's arguments: JSON text, or from some servers the JSON itself.
#[derive(Debug, Default)]
pub(in crate::provider::wire) struct Arguments<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Arguments<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArgumentsVisitor)
    }
}

struct ArgumentsVisitor;

impl<'de> Visitor<'de> for ArgumentsVisitor {
    type Value = Arguments<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the arguments of a tool")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Arguments(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Arguments(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Arguments::default())
    }

    fn visit_bool<E>(self, json: bool) -> Result<Self::Value, E> {
        Ok(Arguments(Cow::Owned(json.to_string())))
    }

    fn visit_u64<E>(self, json: u64) -> Result<Self::Value, E> {
        Ok(Arguments(Cow::Owned(json.to_string())))
    }

    fn visit_i64<E>(self, json: i64) -> Result<Self::Value, E> {
        Ok(Arguments(Cow::Owned(json.to_string())))
    }

    fn visit_f64<E>(self, json: f64) -> Result<Self::Value, E> {
        Ok(Arguments(Cow::Owned(json.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        let json = Value::deserialize(SeqAccessDeserializer::new(items))?;
        Ok(Arguments(Cow::Owned(json.to_string())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let json = Value::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Arguments(Cow::Owned(json.to_string())))
    }
}

/// A count of tokens: null and other types are 0, a fraction is cut off.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::provider::wire) struct Count(pub(super) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Number::deserialize(deserializer).map(|number| Self(number.count().unwrap_or(0)))
    }
}

/// A flag: only `true` is.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::provider::wire) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Value::deserialize(deserializer)? == Value::Bool(true)))
    }
}

/// Any JSON value, kept when it is a number.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::provider::wire) struct Number(pub(super) Option<Digits>);

impl Number {
    /// The number where it is a whole one from 0 on.
    pub(in crate::provider::wire) fn whole(self) -> Option<u64> {
        match self.0? {
            Digits::Whole(whole) => Some(whole),
            Digits::Float(_) => None,
        }
    }

    /// The number as a count, nothing where there was none. A fraction is cut off.
    pub(in crate::provider::wire) fn count(self) -> Option<u64> {
        // A float's cast saturates and takes NaN for 0.
        self.0.map(|digits| match digits {
            Digits::Whole(whole) => whole,
            Digits::Float(float) => float as u64,
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub(in crate::provider::wire) enum Digits {
    Whole(u64),
    Float(f64),
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(Number(Some(Digits::Whole(number))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(Number(Some(Digits::Whole(u64::try_from(number).unwrap_or(0)))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
        Ok(Number(Some(Digits::Float(number))))
    }

    fn visit_str<E>(self, _: &str) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_unit<E>(self) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Number, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Number(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Number(None))
    }
}

/// An object of the shape `T`; null and other types are nothing.
#[derive(Debug)]
pub(in crate::provider::wire) struct Shape<T>(pub(super) Option<T>);

impl<T> Default for Shape<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shape<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor(PhantomData)).map(Self)
    }
}

struct ShapeVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ShapeVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Option<T>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Option<T>, E> {
        Ok(None)
    }
}

/// An object of the shape `T`; null and other types are one without fields.
#[derive(Debug, Default)]
pub(in crate::provider::wire) struct Loose<T>(pub(super) T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Shape::deserialize(deserializer).map(|Shape(found)| Self(found.unwrap_or_default()))
    }
}
