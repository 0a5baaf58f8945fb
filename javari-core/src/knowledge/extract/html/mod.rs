//! Web pages: the main content without menus, as text with headings, lists, tables and code.
//!
//! The page's `<main>` or only `<article>` is taken at its word; otherwise a readability analysis
//! (dom_smoothie) chooses the main content, and where that finds too little, the whole body is read
//! without navigation, header, footer and side bars. Text that a reader cannot see is dropped.

mod hidden;
mod walk;

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

use super::{
    ExtractLimits, Extracted, Extractor, Source, deadline::within, draft::Draft, encoding::decode,
};
use crate::error::Result;

/// Deeper pages are read without the readability analysis, which calls itself for every level.
const MAX_ANALYSED_DEPTH: usize = 200;
/// Longer pages likewise, because the analysis goes over the page many times.
const MAX_ANALYSED_BYTES: usize = 4 * 1024 * 1024;
/// Main content shorter than this is not believed.
const MIN_MAIN_CHARS: usize = 140;

/// Reads `text/html`.
#[derive(Debug, Clone, Copy, Default)]
pub struct HtmlExtractor;

impl Extractor for HtmlExtractor {
    fn accepts(&self, media_type: &str) -> bool {
        media_type == "text/html"
    }

    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        let declared = declared_charset(&source.bytes);
        let decoded = decode(source, declared.as_deref())?;
        let limits = limits.clone();
        // The parser needs quadratic time for nesting that no browser would show.
        within(limits.max_seconds, &source.bytes, move || {
            Ok(read(&decoded.text, &limits, decoded.warnings))
        })
    }
}

fn read(html: &str, limits: &ExtractLimits, warnings: Vec<String>) -> Extracted {
    let page = Document::from(html);
    let title = page.select_single("head > title").text().trim().to_owned();
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    hidden::remove(&page);
    let mut draft = Draft::new(limits);
    if let Some(main) = stated_main(&page) {
        walk::write(&main, &mut draft);
    } else if let Some(article) = analysed_main(&page, html.len()) {
        walk::write(&article.root(), &mut draft);
    } else {
        hidden::remove_frame(&page);
        walk::write(&page.body().unwrap_or_else(|| page.root()), &mut draft);
    }
    draft.finish("text/html", Some(title), warnings)
}

/// The element that the page itself calls its main content.
fn stated_main(page: &Document) -> Option<NodeRef<'_>> {
    for selector in ["main, [role=main]", "article"] {
        let found = page.select(selector);
        let [only] = found.nodes() else { continue };
        let content = only.text();
        if content.split_whitespace().map(str::len).sum::<usize>() >= MIN_MAIN_CHARS {
            let only = *only;
            hidden::remove_frame_inside(&only);
            return Some(only);
        }
    }
    None
}

/// The main content by its looks, when it holds a fair part of the page's words.
fn analysed_main(page: &Document, length: usize) -> Option<Document> {
    if length > MAX_ANALYSED_BYTES || walk::depth(&page.root()) > MAX_ANALYSED_DEPTH {
        return None;
    }
    let framed = page.clone();
    hidden::remove_frame(&framed);
    let whole = visible_length(&framed.body()?.text());
    // The analysis makes second-level headings of first-level ones, so levels are noted before.
    for level in 1..=6 {
        page.select(&format!("h{level}")).set_attr(walk::LEVEL, &level.to_string());
    }
    let config = Config { keep_classes: true, ..Config::default() };
    let article =
        Readability::with_document(page.clone(), None, Some(config)).ok()?.parse().ok()?;
    let content = Document::from(article.content.as_ref());
    let found = visible_length(&content.text());
    (found >= MIN_MAIN_CHARS && found * 10 >= whole * 3).then_some(content)
}

fn visible_length(text: &str) -> usize {
    text.split_whitespace().map(str::len).sum()
}

/// The encoding that the page states in its first kilobyte: `<meta charset=…>` or `http-equiv`.
fn declared_charset(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(1024))?.to_ascii_lowercase();
    let at = memchr::memmem::find(&head, b"charset=")? + b"charset=".len();
    let label = head.get(at..)?.trim_ascii_start();
    let label = label.strip_prefix(b"\"").or_else(|| label.strip_prefix(b"'")).unwrap_or(label);
    let is_label = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte);
    let end = label.iter().position(|byte| !is_label(byte)).unwrap_or(label.len());
    String::from_utf8(label.get(..end)?.to_vec()).ok().filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::knowledge::extract::BlockKind;

    fn read_page(html: &str) -> Extracted {
        HtmlExtractor
            .extract(&Source::new("a.html", html.to_owned()), &ExtractLimits::default())
            .unwrap()
    }

    #[test]
    fn a_short_page_is_read_whole_without_its_frame() {
        let read = read_page(
            "<title> A &amp; B </title><nav>menu</nav><h1>Head</h1>words <b>bold</b>,\n more<br>line<footer>foot</footer>",
        );
        assert_eq!(read.title.as_deref(), Some("A & B"));
        assert_eq!(read.text, "Head\n\nwords bold, more\nline");
    }

    #[test]
    fn lists_tables_code_and_quotes_keep_their_shape() {
        let read = read_page(
            "<ul><li>one<ol><li>in</li><li>side</li></ol></li><li><p>two</p></li></ul><table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table><pre>x\n  y</pre><blockquote><p>said</p></blockquote>",
        );
        assert_eq!(read.text, "- one\n  1. in\n  2. side\n- two\n\nA | B\n1 | 2\n\nx\n  y\n\nsaid");
        let kinds: Vec<BlockKind> = read.blocks.iter().map(|block| block.kind).collect();
        assert_eq!(kinds, [BlockKind::List, BlockKind::Table, BlockKind::Code, BlockKind::Quote]);
    }

    #[test]
    fn the_main_content_is_chosen_and_its_headings_keep_their_levels() {
        let words = "Many words about one thing, which make this the main content of the page. ";
        let read = read_page(&format!(
            "<div class=menu><a href=/a>Prices</a> <a href=/b>Jobs</a></div><div><h1>First</h1><p>{0}</p><p>{0}</p><h2>Second</h2><p>{0}</p></div>",
            words.repeat(4)
        ));
        assert!(!read.text.contains("Prices"), "{}", read.text);
        let last = read.blocks.last().unwrap();
        assert_eq!(*last.headings, ["First", "Second"]);
    }

    #[test]
    fn a_table_that_only_lays_out_the_page_is_read_as_text() {
        let read = read_page(
            "<table><tr><td><h2>Head</h2><p>one</p></td><td><p>two</p></td></tr></table>",
        );
        assert_eq!(read.text, "Head\n\none\n\ntwo");
    }

    #[test]
    fn hidden_text_is_dropped_however_it_is_hidden() {
        let hidden = [
            "<p hidden>SECRET</p>",
            "<p style='Display : none'>SECRET</p>",
            "<p style='visibility:hidden'>SECRET</p>",
            "<p style='font-size:0px'>SECRET</p>",
            "<p style='opacity:0'>SECRET</p>",
            "<p style='position:absolute; left:-9999px'>SECRET</p>",
            "<p aria-hidden=true>SECRET</p>",
            "<p class='sr-only'>SECRET</p>",
            "<style>.x, #y { color: red; display:none }</style><p class='a x'>SECRET</p><p id=y>SECRET</p>",
            "<script>SECRET</script><noscript>SECRET</noscript><template>SECRET</template>",
            "<!-- SECRET --><textarea>SECRET</textarea><select><option>SECRET</select>",
            "<svg><text>SECRET</text></svg><iframe>SECRET</iframe>",
        ];
        for html in hidden {
            let read = read_page(&format!("<p>seen</p>{html}<p>also</p>"));
            assert_eq!(read.text, "seen\n\nalso", "{html}");
        }
        let shown = "<style>@media print { .x { display:none } }</style><p class=x>seen</p>";
        assert_eq!(read_page(shown).text, "seen");
        assert_eq!(read_page("<p style='opacity:0.9; left:-1px'>seen</p>").text, "seen");
    }

    #[test]
    fn the_charset_of_the_page_is_respected() {
        let read = HtmlExtractor
            .extract(
                &Source::new("a.html", &b"<meta charset=\"iso-8859-2\"><p>\xB1\xE6</p>"[..]),
                &ExtractLimits::default(),
            )
            .unwrap();
        assert_eq!(read.text, "ąć");
    }

    #[test]
    fn nesting_beyond_reason_neither_overflows_nor_loses_the_words() {
        let read = read_page(&format!("{}deep{}", "<div>".repeat(3_000), "</div>".repeat(3_000)));
        assert_eq!(read.text, "deep");
        let read = read_page(&format!("{}deep", "<ul><li>".repeat(1_500)));
        assert!(read.text.contains("deep"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(crate::testkit::rounds(64)))]
        #[test]
        fn any_tag_soup_gives_sound_blocks(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<p>", "</p>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "</table>", "<h1>", "</h1>",
                "<pre>", "</pre>", "word ", "é🌍", "\n", "<blockquote>", "<br>", "<main>", "<style>", "{", "<a", "&amp", "<!--",
            ]), 0..60)
        ) {
            prop_assert!(read_page(&parts.concat()).check().is_ok());
        }
    }
}
