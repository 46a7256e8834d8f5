//! Canonical JSON (RFC 8785) of the part of JSON that entries use.
//!
//! Comes in: strings, booleans, whole numbers up to 2^53 - 1, arrays, objects with ASCII keys.
//! Goes out: the one spelling in bytes. Absent: null, fractions, other keys: they are refused.

use serde_json::{Map, Value};

use crate::{Error, Result};

/// The largest whole number that every JSON reader keeps exactly.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The canonical bytes of a value.
///
/// # Errors
/// If the value holds null, a fraction, a number beyond 2^53 - 1 or a key that is not ASCII.
///
/// ```
/// let value = serde_json::json!({"b": [1, true], "a": "é\n"});
/// let bytes = register::canonical::to_bytes(&value)?;
/// assert_eq!(bytes, "{\"a\":\"é\\n\",\"b\":[1,true]}".as_bytes());
/// # Ok::<(), register::Error>(())
/// ```
pub fn to_bytes(value: &Value) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(value, &mut bytes)?;
    Ok(bytes)
}

/// Reads an object from its canonical bytes.
///
/// # Errors
/// If the bytes are not JSON, not an object, or not the canonical spelling of it.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>> {
    let object: Map<String, Value> = serde_json::from_slice(bytes)
        .map_err(|error| Error::new(format!("it is not a json object: {error}")))?;
    let value = Value::Object(object);
    if to_bytes(&value)? != bytes {
        return Err(Error::new("its json is not in canonical form (rfc 8785)"));
    }
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Error::new("it is not a json object")),
    }
}

fn write(value: &Value, bytes: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Bool(_) | Value::String(_) => write_plain(value, bytes),
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if size.is_none_or(|size| size > MAX_INTEGER) {
                return Err(Error::new(format!(
                    "`{number}` cannot be recorded: use a whole number below 2^53, or a string"
                )));
            }
            write_plain(value, bytes)
        }
        Value::Array(items) => {
            bytes.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    bytes.push(b',');
                }
                write(item, bytes)?;
            }
            bytes.push(b']');
            Ok(())
        }
        Value::Object(object) => write_object(object, bytes),
        Value::Null => Err(Error::new("`null` cannot be recorded: leave the field out")),
    }
}

/// Keys are sorted here and not left to the map, whose order is a build option of its crate.
/// Among ASCII keys, order by byte is order by UTF-16 unit, which the RFC asks for.
fn write_object(object: &Map<String, Value>, bytes: &mut Vec<u8>) -> Result<()> {
    let mut fields: Vec<_> = object.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    bytes.push(b'{');
    for (place, (key, value)) in fields.into_iter().enumerate() {
        if !key.is_ascii() {
            return Err(Error::new(format!("the field `{key}` needs a name in plain ascii")));
        }
        if place > 0 {
            bytes.push(b',');
        }
        write_plain(key, bytes)?;
        bytes.push(b':');
        write(value, bytes)?;
    }
    bytes.push(b'}');
    Ok(())
}

/// Strings, whole numbers and booleans: serde_json spells these as RFC 8785 does.
fn write_plain<T: serde::Serialize + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(bytes, value).map_err(|error| Error::new(error.to_string()))
}
