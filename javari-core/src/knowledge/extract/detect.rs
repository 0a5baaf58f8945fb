//! Finds the media type of a document from its name and, failing that, from its content.

use super::OPERATION;
use crate::error::{Error, ErrorKind, Result};

pub(super) const PDF: &str = "application/pdf";
pub(super) const DOCX: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(super) const PPTX: &str =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// The media type of a document, by its name's extension and then by its content.
///
/// Content wins where it cannot be mistaken: a PDF or a Word document is one whatever its name.
///
/// ```
/// use javari_core::knowledge::extract::detect;
/// assert_eq!(detect("docs/guide.md", b"# Guide")?, "text/markdown");
/// assert_eq!(detect("README", b"plain words")?, "text/plain");
/// assert_eq!(detect("report", b"%PDF-1.7 ...")?, "application/pdf");
/// # Ok::<(), javari_core::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Unsupported`] when neither tells and the content is binary.
pub fn detect(name: &str, bytes: &[u8]) -> Result<&'static str> {
    if let Some(media_type) = by_signature(bytes) {
        return Ok(media_type);
    }
    if let Some(media_type) = media_type_of_name(name) {
        return Ok(media_type);
    }
    let head = bytes.get(..bytes.len().min(8 * 1024)).unwrap_or_default();
    let is_utf16 = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    if memchr::memchr(0, head).is_some() && !is_utf16 {
        return Err(Error::new(
            ErrorKind::Unsupported,
            OPERATION,
            "the document is binary data of an unknown kind",
        )
        .with("name", name));
    }
    Ok(by_text(bytes, head))
}

/// The media type that the extension of a file name stands for.
pub fn media_type_of_name(name: &str) -> Option<&'static str> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let whole = match file.as_str() {
        "dockerfile" | "containerfile" => Some("text/x-dockerfile"),
        "makefile" | "gnumakefile" => Some("text/x-makefile"),
        "cmakelists.txt" => Some("text/x-cmake"),
        "gemfile" | "rakefile" => Some("text/x-ruby"),
        _ => None,
    };
    whole.or_else(|| by_extension(file.rsplit_once('.')?.1))
}

fn by_extension(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "md" | "markdown" | "mdown" | "mkd" | "mdx" => "text/markdown",
        "txt" | "text" | "log" | "rst" | "adoc" | "asciidoc" | "org" | "tex" | "srt" | "vtt"
        | "eml" | "me" => "text/plain",
        "html" | "htm" | "xhtml" => "text/html",
        "pdf" => PDF,
        "docx" | "docm" => DOCX,
        "csv" => "text/csv",
        "tsv" | "tab" => "text/tab-separated-values",
        "json" | "geojson" | "webmanifest" => "application/json",
        "jsonl" | "ndjson" => "application/x-ndjson",
        "rs" => "text/x-rust",
        "py" | "pyi" => "text/x-python",
        "js" | "mjs" | "cjs" | "jsx" => "text/javascript",
        "ts" | "tsx" | "mts" | "cts" => "text/x-typescript",
        "vue" | "svelte" | "astro" => "text/x-component",
        "go" => "text/x-go",
        "java" => "text/x-java",
        "c" | "h" => "text/x-c",
        "cc" | "cpp" | "cxx" | "hpp" | "hh" | "hxx" | "ino" => "text/x-c++",
        "cs" => "text/x-csharp",
        "rb" => "text/x-ruby",
        "php" => "text/x-php",
        "swift" => "text/x-swift",
        "kt" | "kts" => "text/x-kotlin",
        "scala" | "sc" => "text/x-scala",
        "dart" => "text/x-dart",
        "lua" => "text/x-lua",
        "pl" | "pm" => "text/x-perl",
        "r" => "text/x-r",
        "jl" => "text/x-julia",
        "ex" | "exs" => "text/x-elixir",
        "erl" => "text/x-erlang",
        "hs" => "text/x-haskell",
        "ml" | "mli" => "text/x-ocaml",
        "clj" | "cljs" => "text/x-clojure",
        "zig" => "text/x-zig",
        "sh" | "bash" | "zsh" | "fish" | "ps1" | "bat" | "cmd" => "text/x-shellscript",
        "sql" => "text/x-sql",
        "graphql" | "gql" => "text/x-graphql",
        "proto" => "text/x-protobuf",
        "tf" | "hcl" => "text/x-hcl",
        "nix" => "text/x-nix",
        "toml" => "text/x-toml",
        "yaml" | "yml" => "text/x-yaml",
        "ini" | "cfg" | "conf" | "properties" | "env" | "editorconfig" => "text/x-ini",
        "css" | "scss" | "sass" | "less" => "text/css",
        "xml" | "xsd" | "xsl" | "svg" | "plist" => "text/xml",
        "cmake" => "text/x-cmake",
        "mk" => "text/x-makefile",
        "gradle" | "groovy" => "text/x-groovy",
        // Known by name, read only by a host's extractor.
        "xlsx" | "xlsm" => XLSX,
        "pptx" | "pptm" => PPTX,
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "odp" => "application/vnd.oasis.opendocument.presentation",
        "epub" => "application/epub+zip",
        "rtf" => "application/rtf",
        "doc" => "application/msword",
        "xls" => "application/vnd.ms-excel",
        "ppt" => "application/vnd.ms-powerpoint",
        "zip" => "application/zip",
        "gz" | "tgz" => "application/gzip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "tif" | "tiff" => "image/tiff",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        _ => return None,
    })
}

/// Types that open with bytes no text opens with.
fn by_signature(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"%PDF-") {
        return Some(PDF);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        // The names of a ZIP's entries stand in the clear in its directory, near the end.
        let holds = |name: &str| memchr::memmem::rfind(bytes, name.as_bytes()).is_some();
        return [
            ("word/document.xml", DOCX),
            ("xl/workbook.xml", XLSX),
            ("ppt/presentation.xml", PPTX),
        ]
        .into_iter()
        .find_map(|(name, media_type)| holds(name).then_some(media_type));
    }
    let signatures: [(&[u8], &str); 5] = [
        (b"\x89PNG\r\n\x1A\n", "image/png"),
        (b"\xFF\xD8\xFF", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"\x1F\x8B", "application/gzip"),
        (b"{\\rtf", "application/rtf"),
    ];
    signatures
        .iter()
        .find_map(|(start, media_type)| bytes.starts_with(start).then_some(*media_type))
}

/// Text without a telling name: HTML and JSON are told from plain text.
fn by_text(bytes: &[u8], head: &[u8]) -> &'static str {
    let start = head.trim_ascii_start().to_ascii_lowercase();
    let opens = |words: &[&str]| words.iter().any(|word| start.starts_with(word.as_bytes()));
    if opens(&["<!doctype html", "<html", "<head", "<body"]) {
        return "text/html";
    }
    if opens(&["<?xml"]) {
        return "text/xml";
    }
    if opens(&["{", "["]) && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
        return "application/json";
    }
    "text/plain"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_extension_decides_in_any_case_and_folder() {
        assert_eq!(detect("A/b.c/GUIDE.MD", b"x").unwrap(), "text/markdown");
        assert_eq!(detect("src\\lib.rs", b"x").unwrap(), "text/x-rust");
        assert_eq!(detect("deploy/Dockerfile", b"x").unwrap(), "text/x-dockerfile");
    }

    #[test]
    fn a_signature_wins_over_a_wrong_name() {
        assert_eq!(detect("notes.txt", b"%PDF-1.4\n").unwrap(), PDF);
        assert_eq!(detect("notes.txt", b"PK\x03\x04..word/document.xml..").unwrap(), DOCX);
    }

    #[test]
    fn text_without_an_extension_is_told_by_its_content() {
        assert_eq!(detect("page", b" <!DOCTYPE HTML><p>").unwrap(), "text/html");
        assert_eq!(detect("data", b"{\"a\": 1}").unwrap(), "application/json");
        assert_eq!(detect("note", b"[see below] more").unwrap(), "text/plain");
    }

    #[test]
    fn unknown_binary_data_is_unsupported() {
        let error = detect("blob", b"\x00\x01\x02\x03").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    proptest! {
        #[test]
        fn no_name_and_no_bytes_make_it_panic(name in ".{0,20}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = detect(&name, &bytes);
        }
    }
}
