//! Removes what a reader of the page does not see, and the frame around its content.
//!
//! Hidden text is a known way to give instructions to a model behind the reader's back. Found are
//! attributes, inline styles and simple rules of the page's own style sheets; not found are
//! external style sheets, scripts, and text in the colour of its background.

use dom_query::{Document, NodeRef};

/// Elements that hold no text for a reader.
const NOT_TEXT: &str = "script, style, noscript, template, iframe, object, embed, svg, canvas, \
    math annotation, audio, video, textarea, select, input, button, datalist, dialog:not([open]), \
    head, [hidden], [aria-hidden=true], .sr-only, .visually-hidden, .screen-reader-text";

/// Elements around the content.
const FRAME: &str = "nav, aside, body > header, body > footer, footer, [role=navigation], \
    [role=banner], [role=contentinfo], [role=search], [role=complementary]";

/// Removes hidden text and everything that is not text.
pub(super) fn remove(page: &Document) {
    for selector in hiding_selectors(&page.select("style").text()) {
        if let Some(found) = page.try_select(&selector) {
            found.remove();
        }
    }
    if let Some(found) = page.try_select(NOT_TEXT) {
        found.remove();
    }
    for node in page.select("[style]").nodes() {
        if node.attr("style").is_some_and(|style| hides(&style)) {
            node.remove_from_parent();
        }
    }
}

/// Removes navigation, header, footer and side bars of the page.
pub(super) fn remove_frame(page: &Document) {
    if let Some(found) = page.try_select(FRAME) {
        found.remove();
    }
}

/// Removes navigation and side bars inside an element.
pub(super) fn remove_frame_inside(element: &NodeRef<'_>) {
    for node in element.descendants() {
        let name = node.node_name();
        if matches!(name.as_deref(), Some("nav" | "aside" | "footer")) {
            node.remove_from_parent();
        }
    }
}

/// Whether declarations of CSS take an element out of sight.
fn hides(style: &str) -> bool {
    let declarations = style.split(';').filter_map(|declaration| declaration.split_once(':'));
    let mut is_positioned = false;
    let mut is_far_off = false;
    for (property, value) in declarations {
        let value = value.replace("!important", "").trim().to_ascii_lowercase();
        let number =
            || value.trim_end_matches(|c: char| c.is_alphabetic() || c == '%').parse::<f32>();
        match property.trim().to_ascii_lowercase().as_str() {
            "display" if value == "none" => return true,
            "visibility" if value == "hidden" || value == "collapse" => return true,
            "font-size" | "opacity" if number().is_ok_and(|number| number <= 0.01) => return true,
            "text-indent" if number().is_ok_and(|number| number <= -500.0) => return true,
            "clip" if value.replace(' ', "").starts_with("rect(0") => return true,
            "clip-path" if value.replace(' ', "").starts_with("inset(50%") => return true,
            "position" => is_positioned = value == "absolute" || value == "fixed",
            "left" | "top" | "right" | "bottom" | "margin-left" => {
                is_far_off |= number().is_ok_and(|number| number <= -500.0);
            }
            _ => {}
        }
    }
    is_positioned && is_far_off
}

/// The simple selectors (`.class`, `#id`) of rules that hide, outside of `@` rules.
fn hiding_selectors(css: &str) -> Vec<String> {
    const MAX_SELECTORS: usize = 200;
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    let mut selector = "";
    for (at, byte) in css.bytes().enumerate() {
        match byte {
            b'{' => {
                if depth == 0 {
                    selector = css.get(start..at).unwrap_or_default();
                    start = at + 1;
                }
                depth += 1;
            }
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let rule = css.get(start..at).unwrap_or_default();
                    if !selector.contains('@') && hides(rule) {
                        found.extend(selector.split(',').filter_map(simple));
                    }
                    start = at + 1;
                }
            }
            b';' if depth == 0 => start = at + 1,
            _ => {}
        }
        if found.len() > MAX_SELECTORS {
            break;
        }
    }
    found
}

fn simple(selector: &str) -> Option<String> {
    // A comment may stand before the selector.
    let selector = selector.rsplit("*/").next().unwrap_or(selector).trim();
    let name = selector.strip_prefix(['.', '#'])?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then(|| selector.to_owned())
}
