//! JavaScript values as JSON and back, without a detour through text.

use javari_core::Error;
use napi::{
    Env, JsString, JsValue, KeyCollectionMode, KeyConversion, KeyFilter, Property,
    PropertyAttributes, Unknown, ValueType,
    bindgen_prelude::{
        Array, BigInt, FromNapiValue, JsObjectValue, Null, Object, ToNapiValue, TypeName,
        ValidateNapiValue,
    },
    sys,
};
use serde_json::{Map, Number, Value as Json};

use crate::failure::to_js;

/// A JSON value that crosses as a native one.
///
/// On the way in: properties that are `undefined` are left out, whole numbers stay whole, and what
/// JSON cannot say (functions, dates, bytes, `NaN`, text with half a character, cycles) is refused
/// by its place. On the way out every property is the object's own, even one named `__proto__`.
pub struct Plain(pub(crate) Json);

/// Deeper values are refused; a cycle is one.
const DEEPEST: usize = 100;

/// Larger values are refused: a few shared objects can stand for more than the memory holds.
const MOST_VALUES: usize = 1_000_000;

/// Beyond this a JavaScript number no longer tells two neighbouring whole numbers apart.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// As of a property that was simply set.
const OWN: PropertyAttributes = PropertyAttributes::from_bits_retain(
    PropertyAttributes::Writable.bits()
        | PropertyAttributes::Enumerable.bits()
        | PropertyAttributes::Configurable.bits(),
);

impl FromNapiValue for Plain {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        // SAFETY: the caller hands a live value of this environment, as this trait asks.
        let value = unsafe { Unknown::from_raw_unchecked(env, value) };
        let mut reader = Reader { path: Vec::new(), left: MOST_VALUES };
        reader.read(&value).map(Self)
    }
}

impl ToNapiValue for Plain {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> napi::Result<sys::napi_value> {
        write(&Env::from_raw(env), &value.0).map(|value| value.raw())
    }
}

impl TypeName for Plain {
    fn type_name() -> &'static str {
        "unknown"
    }

    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl ValidateNapiValue for Plain {}

/// Walks a JavaScript value and knows where it is.
struct Reader {
    path: Vec<String>,
    left: usize,
}

impl Reader {
    fn read(&mut self, value: &Unknown) -> napi::Result<Json> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.fault("holds too much"))?;
        match value.get_type()? {
            ValueType::Null => Ok(Json::Null),
            // SAFETY (here and below): the type was just looked at.
            ValueType::Boolean => Ok(Json::Bool(unsafe { value.cast::<bool>() }?)),
            ValueType::Number => self.number(unsafe { value.cast::<f64>() }?),
            ValueType::BigInt => self.big_number(&unsafe { value.cast::<BigInt>() }?),
            ValueType::String => self.text(unsafe { value.cast::<JsString>() }?),
            ValueType::Object if value.is_array()? => self.list(&unsafe { value.cast() }?),
            ValueType::Object => self.object(&unsafe { value.cast() }?),
            ValueType::Undefined => Err(self.fault("must not be undefined")),
            ValueType::Function => Err(self.fault("must be a value, not a function")),
            _ => Err(self.fault("must be a value of JSON")),
        }
    }

    fn number(&self, number: f64) -> napi::Result<Json> {
        if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE {
            // Exact: the bounds were just checked.
            return Ok(Json::from(number as i64));
        }
        let number = Number::from_f64(number);
        number.map(Json::Number).ok_or_else(|| self.fault("must be a finite number"))
    }

    fn big_number(&self, number: &BigInt) -> napi::Result<Json> {
        let (signed, fits_signed) = number.get_i64();
        let (negative, unsigned, fits_unsigned) = number.get_u64();
        match (fits_signed, fits_unsigned && !negative) {
            (true, _) => Ok(Json::from(signed)),
            (_, true) => Ok(Json::from(unsigned)),
            _ => Err(self.fault("must be a number of at most 64 bits")),
        }
    }

    fn text(&self, text: JsString) -> napi::Result<Json> {
        // Read as UTF-16, for a lone surrogate must be refused, not silently replaced.
        let text = text.into_utf16()?.as_str();
        text.map(Json::String).map_err(|_| self.fault("must be well-formed text"))
    }

    fn list(&mut self, list: &Array) -> napi::Result<Json> {
        let mut items = Vec::new();
        for index in 0..list.len() {
            let item: Unknown = list.get_element(index)?;
            items.push(self.inside(index.to_string(), &item)?);
        }
        Ok(Json::Array(items))
    }

    fn object(&mut self, object: &Object) -> napi::Result<Json> {
        if object.is_date()? {
            return Err(self.fault("must be text: pass a date by its toISOString()"));
        }
        if object.is_promise()? {
            return Err(self.fault("must be a value, not a promise: await it first"));
        }
        if object.is_typedarray()? || object.is_arraybuffer()? || object.is_dataview()? {
            return Err(self.fault("must be a value of JSON: pass bytes in the option `blobs`"));
        }
        let names = object.get_all_property_names(
            KeyCollectionMode::OwnOnly,
            KeyFilter::Enumerable,
            KeyConversion::NumbersToStrings,
        )?;
        let mut fields = Map::new();
        for index in 0..names.get_array_length()? {
            let name: Unknown = names.get_element(index)?;
            if name.get_type()? != ValueType::String {
                continue; // a symbol is no part of JSON
            }
            let name = unsafe { name.cast::<JsString>() }?;
            let value: Unknown = object.get_property(name)?;
            if value.get_type()? != ValueType::Undefined {
                let name = name.into_utf8()?.into_owned()?;
                let value = self.inside(name.clone(), &value)?;
                fields.insert(name, value);
            }
        }
        Ok(Json::Object(fields))
    }

    fn inside(&mut self, name: String, value: &Unknown) -> napi::Result<Json> {
        self.path.push(name);
        if self.path.len() > DEEPEST {
            self.path.truncate(8);
            return Err(self.fault("is nested too deeply, or holds itself"));
        }
        let value = self.read(value);
        self.path.pop();
        value
    }

    /// `INVALID_INPUT` at the place that is being read (RFC 6901).
    fn fault(&self, message: &str) -> napi::Error {
        let escaped = self.path.iter().map(|name| {
            let shown: String = name.chars().take(80).collect();
            format!("/{}", shown.replace('~', "~0").replace('/', "~1"))
        });
        let path: String = escaped.collect();
        let error = Error::invalid("host.call", "the value cannot be written as JSON");
        to_js(&error.with_field(path, message))
    }
}

fn write<'env>(env: &'env Env, value: &Json) -> napi::Result<Unknown<'env>> {
    match value {
        Json::Null => Null.into_unknown(env),
        Json::Bool(value) => (*value).into_unknown(env),
        // Beyond 2^53 it is rounded, as by `JSON.parse`: the types say `number`.
        Json::Number(number) => number.as_f64().unwrap_or_default().into_unknown(env),
        Json::String(text) => text.as_str().into_unknown(env),
        Json::Array(items) => {
            let mut list = env.create_array(u32::try_from(items.len()).unwrap_or(u32::MAX))?;
            for (index, item) in (0..).zip(items) {
                list.set_element(index, write(env, item)?)?;
            }
            Ok(list.to_unknown())
        }
        Json::Object(fields) => {
            let mut object = Object::new(env)?;
            for (name, value) in fields {
                let value = write(env, value)?;
                if name == "__proto__" {
                    // Setting it would change what the object inherits.
                    let own = Property::new().with_utf8_name(name)?.with_value(&value);
                    object.define_properties(&[own.with_property_attributes(OWN)])?;
                } else {
                    object.set_property(env.create_string(name)?, value)?;
                }
            }
            Ok(object.to_unknown())
        }
    }
}
