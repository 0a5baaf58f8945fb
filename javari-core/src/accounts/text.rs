//! What people write about themselves and their projects: names, descriptions, addresses.

use serde_json::{Map, Value as Json};

use crate::error::{Error, Result};

/// A text that may be missing: where it stands in a request, and how long it may be.
pub(super) struct Text {
    path: &'static str,
    most: usize,
    is_link: bool,
}

/// The name to show of a user.
pub(super) const NAME: Text = Text { path: "/name", most: 200, is_link: false };
/// Where a picture of a user is. Pages show it, so it is nothing that a browser would run.
pub(super) const AVATAR: Text = Text { path: "/avatar_url", most: 2_048, is_link: true };
/// What a project is for.
pub(super) const DESCRIPTION: Text = Text { path: "/description", most: 10_000, is_link: false };
/// A repository, as git names it.
pub(super) const REPOSITORY: Text = Text { path: "/repository_url", most: 2_048, is_link: false };

/// The most bytes of what a host keeps beside a project.
const MOST_METADATA: usize = 65_536;

/// The name of a project or a key, which has one.
///
/// # Errors
/// `INVALID_INPUT` naming the field.
pub(super) fn required_name<'a>(operation: &'static str, name: &'a str) -> Result<&'a str> {
    let name = name.trim();
    if !name.is_empty() && name.chars().count() <= 200 && !name.contains('\0') {
        return Ok(name);
    }
    Err(Error::invalid(operation, "the name does not fit")
        .with_field("/name", "must have 1 to 200 characters"))
}

/// Puts what was given in the place of what was there: nothing for an empty text, and what was there
/// where nothing was given.
///
/// # Errors
/// `INVALID_INPUT` naming the field.
pub(super) fn change(
    operation: &'static str,
    text: &Text,
    there: &mut Option<String>,
    given: Option<&str>,
) -> Result<()> {
    let Some(given) = given.map(str::trim) else { return Ok(()) };
    let wrong = |words: String| {
        Err(Error::invalid(operation, "a text does not fit").with_field(text.path, words))
    };
    if given.chars().count() > text.most || given.contains('\0') {
        return wrong(format!("must have at most {} characters", text.most));
    }
    let is_link = || given.starts_with("https://") || given.starts_with("http://");
    if text.is_link && !given.is_empty() && (!is_link() || url::Url::parse(given).is_err()) {
        return wrong("must be an address that begins with https:// or http://".to_owned());
    }
    *there = (!given.is_empty()).then(|| given.to_owned());
    Ok(())
}

/// Puts the values that a host keeps in the place of those that were there.
///
/// # Errors
/// `INVALID_INPUT` when they are too many.
pub(super) fn change_metadata(
    operation: &'static str,
    there: &mut Json,
    given: Option<&Map<String, Json>>,
) -> Result<()> {
    let Some(given) = given else { return Ok(()) };
    let given = Json::Object(given.clone());
    if given.to_string().len() > MOST_METADATA {
        return Err(Error::invalid(operation, "there is too much beside the project")
            .with_field("/metadata", "must have at most 65536 bytes"));
    }
    *there = given;
    Ok(())
}
