//! What the chunker promises, on chosen and on hostile texts.

use std::sync::Arc;

use proptest::prelude::*;

use super::{
    super::extract::{Block, BlockKind, ExtractLimits, Extracted, Extractors, Source},
    *,
};

/// One token for each character: sharper than a real tokenizer, and easy to count by hand.
struct Characters;

impl Tokenizer for Characters {
    fn id(&self) -> &'static str {
        "characters"
    }

    fn count(&self, text: &str) -> u32 {
        u32::try_from(text.chars().count()).unwrap()
    }
}

/// One token for each group of letters and each other visible character: white space is free, so
/// lengths hardly grow with the text.
struct Words;

impl Tokenizer for Words {
    fn id(&self) -> &'static str {
        "words"
    }

    fn count(&self, text: &str) -> u32 {
        u32::try_from(text.split_whitespace().count()).unwrap()
    }
}

fn characters(max: u32) -> StructureChunker {
    StructureChunker::new(Arc::new(Characters)).with_max_tokens(max)
}

fn markdown(text: &str) -> Extracted {
    let source = Source::new("a.md", text.to_owned());
    Extractors::default().extract(&source, &ExtractLimits::default()).unwrap()
}

fn cut(chunker: &StructureChunker, text: &str) -> Vec<(String, String)> {
    let document = markdown(text);
    let chunks = chunker.chunk(&document);
    check(chunker, &document, &chunks).unwrap();
    let seen =
        |chunk: &Chunk| (document.text[chunk.range.clone()].to_owned(), chunk.headings.join(" > "));
    chunks.iter().map(seen).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

/// The promises of [`StructureChunker`].
fn check(
    chunker: &StructureChunker,
    document: &Extracted,
    chunks: &[Chunk],
) -> Result<(), TestCaseError> {
    let text = document.text.as_str();
    let mut covered = vec![false; text.len()];
    let mut last = 0..0;
    for chunk in chunks {
        let slice = text.get(chunk.range.clone());
        prop_assert!(slice.is_some(), "{:?} is off a character", chunk.range);
        let slice = slice.unwrap_or_default();
        prop_assert!(!slice.is_empty() && slice.trim() == slice);
        prop_assert_eq!(chunk.tokens, chunker.tokenizer().count(slice));
        let is_single = slice.chars().nth(1).is_none();
        prop_assert!(chunk.tokens <= chunker.max_tokens() || is_single, "{} tokens", chunk.tokens);
        prop_assert!(chunk.range.start >= last.start && chunk.range.end > last.end);
        if chunker.overlap_tokens == 0 {
            prop_assert!(chunk.range.start >= last.end, "{:?} after {:?}", chunk.range, last);
        }
        last = chunk.range.clone();
        covered[chunk.range.clone()].fill(true);
    }
    for (at, character) in text.char_indices() {
        prop_assert!(character.is_whitespace() || covered[at], "{character:?} at {at} is lost");
    }
    Ok(())
}

#[test]
fn whole_blocks_are_packed_within_a_section() {
    let text = "# A\n\nfirst text of a section\n\nsecond text of it\n\nthird\n\n# B\n\nother text of a section that is long";
    assert_eq!(
        cut(&characters(50), text),
        pairs(&[
            ("# A\n\nfirst text of a section\n\nsecond text of it", "A"),
            ("third", "A"),
            ("# B\n\nother text of a section that is long", "B"),
        ])
    );
}

#[test]
fn a_heading_goes_with_the_text_that_follows_it() {
    // The second heading would fit at the end of the first chunk.
    let text = "# A\n\ntwenty-five letters of it\n\n## B\n\nand another twenty-five x";
    assert_eq!(
        cut(&characters(40), text),
        pairs(&[
            ("# A\n\ntwenty-five letters of it", "A"),
            ("## B\n\nand another twenty-five x", "A > B"),
        ])
    );
}

#[test]
fn headings_without_text_of_their_own_go_with_the_next_text() {
    let text =
        "first text of this document here\n\n# A\n\n## B\n\ntext of the second section is long";
    assert_eq!(
        cut(&characters(50), text),
        pairs(&[
            ("first text of this document here", ""),
            ("# A\n\n## B\n\ntext of the second section is long", "A > B"),
        ])
    );
}

#[test]
fn a_heading_before_a_block_that_just_fits_cuts_the_block_instead_of_standing_alone() {
    let text = format!("# Heading\n\n{}", "Five five. ".repeat(9).trim());
    let chunks = cut(&characters(100), &text);
    assert!(chunks[0].0.starts_with("# Heading\n\nFive five."), "{chunks:?}");
    assert!(chunks.iter().all(|(_, headings)| headings == "Heading"));
}

#[test]
fn headings_that_nearly_fill_a_chunk_stand_alone() {
    let text = "## Aaaaaaaaaaaaa\n\n# Aaaaaaaaaaaa\n\n### Aaaaaaaaaaaaaa\n\n## Aaaaaaaa\n\na aaaaaaa aaaaaa aaaaaa.";
    let document = markdown(text);
    let chunks = characters(80).chunk(&document);
    let texts: Vec<&str> = chunks.iter().map(|chunk| &document.text[chunk.range.clone()]).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert_eq!(texts[1], "a aaaaaaa aaaaaa aaaaaa.");
    assert_eq!(chunks[1].headings, ["Aaaaaaaaaaaa", "Aaaaaaaa"]);
}

#[test]
fn the_last_of_many_headings_goes_with_the_text_that_follows_them() {
    let text = "# Aaa\n\n\n\n### Aaaaaaaaaaaaa\n\n\n\n## Aaa\n\n\n\n## Aaaaaa\n\n\n\n## Aaaaaaaaa\n\n\n\n## Pumps outside\n\n\
        Open the valve first and wait until the needle stands still, then begin.";
    let chunks = cut(&characters(80), text);
    assert_eq!(chunks.len(), 3, "{chunks:?}");
    assert!(chunks[1].0.starts_with("## Pumps outside\n\nOpen the valve"), "{chunks:?}");
}

#[test]
fn headings_at_the_end_go_with_the_text_before_them() {
    let text = "# A\n\nsome text that is a quarter or more\n\n# End";
    assert_eq!(cut(&characters(60), text), pairs(&[(text, "A")]));
}

#[test]
fn tiny_neighbours_share_a_chunk_under_their_common_headings() {
    let text = "# A\n\n## B\n\none\n\n## C\n\ntwo";
    assert_eq!(cut(&characters(200), text), pairs(&[(text, "A")]));
}

#[test]
fn large_blocks_are_split_at_sentences_then_words_then_characters() {
    let text = "One sentence here. Another sentence.\n\nseveral words without any end of sentence\n\nUnbrokenlettersunbrokenletters";
    let chunks = cut(&characters(20), text);
    let texts: Vec<&str> = chunks.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "One sentence here.",
            "Another sentence.",
            "several words",
            "without any end of",
            "sentence",
            "Unbrokenlettersunbro",
            "kenletters",
        ]
    );
}

#[test]
fn tables_and_code_are_split_between_lines() {
    let text = "```\nlet one = 1. + 2.;\nlet two = 3. + 4.;\n```";
    let texts: Vec<String> = cut(&characters(24), text).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["```\nlet one = 1. + 2.;", "let two = 3. + 4.;\n```"]);
}

#[test]
fn overlap_repeats_the_last_sentences_of_the_chunk_before() {
    let text = "One is here. Two is here. Three is here. Four is here.";
    let chunker = characters(30).with_overlap_tokens(15);
    let texts: Vec<String> = cut(&chunker, text).into_iter().map(|(text, _)| text).collect();
    assert_eq!(
        texts,
        [
            "One is here. Two is here.",
            "Two is here. Three is here.",
            "Three is here. Four is here."
        ]
    );
}

#[test]
fn text_of_two_pages_is_never_in_one_chunk() {
    let text = "foot of one\n\nhead of two";
    let block = |range, page| Block {
        kind: BlockKind::Paragraph,
        range,
        headings: Arc::new([]),
        page: Some(page),
    };
    let document = Extracted {
        title: None,
        media_type: "application/pdf".into(),
        text: text.into(),
        blocks: vec![block(0..11, 1), block(13..24, 2)],
        warnings: Vec::new(),
    };
    let pages: Vec<_> =
        characters(100).chunk(&document).into_iter().map(|chunk| chunk.page).collect();
    assert_eq!(pages, [Some(1), Some(2)]);
}

#[test]
fn words_outside_of_every_block_are_still_in_a_chunk() {
    let document = Extracted {
        title: None,
        media_type: "text/plain".into(),
        text: "before inside after".into(),
        blocks: vec![Block {
            kind: BlockKind::Paragraph,
            range: 7..13,
            headings: Arc::new([]),
            page: None,
        }],
        warnings: Vec::new(),
    };
    let chunker = characters(100);
    check(&chunker, &document, &chunker.chunk(&document)).unwrap();
}

#[test]
fn endless_white_space_unbroken_text_and_huge_letters_keep_the_promises() {
    let chunker = StructureChunker::default().with_max_tokens(32);
    let texts = [
        format!("a{}b", " ".repeat(100_000)),
        format!("a{}b", "\n".repeat(50_000)),
        "x".repeat(20_000),
        "世界".repeat(5_000),
        format!("e{}", "\u{301}".repeat(5_000)),
        "👩‍👩‍👧‍👦".repeat(500),
        "\u{FEFF}\u{200B}\u{202E}".repeat(500),
        format!("# {}\n\nx", "long heading ".repeat(500)),
    ];
    for text in texts {
        cut(&chunker, &text);
    }
    cut(&characters(16), "a.aaaaaa aaaaaaa 👩\u{200D}👩\u{200D}👧aaaaaa a.");
}

#[test]
fn the_documents_of_the_project_keep_the_promises() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/documents");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = Source::new(name, std::fs::read(&path).unwrap());
        let Ok(document) = Extractors::default().extract(&source, &ExtractLimits::default()) else {
            continue;
        };
        for max in [16, 60, 400] {
            let chunker = StructureChunker::default().with_max_tokens(max);
            check(&chunker, &document, &chunker.chunk(&document)).unwrap();
        }
    }
}

/// Pieces that make trouble: marks, joiners, direction changes, white space of every kind.
fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9}[ .]",
        1 => prop::sample::select(vec![
            "\n\n", "\n", "# ", "\n\n# Head\n\n", "\n\n## Sub\n\n", "- item\n", "> ", "```\n", "| a | b |\n",
            "e\u{301}\u{302}", "👩‍👩‍👧", "🇩🇪🇫🇷", "\u{200B}", "\u{202E}", "\u{2028}", "\u{3000}", "世界。", "नि", "\r\n",
            "                                        ", "\u{FEFF}", "\u{1F}", "ﷺ", "Dr. X. ", "?!\" ", "\t\t",
        ]).prop_map(str::to_owned),
        1 => "\\PC{1,12}",
        1 => any::<char>().prop_map(String::from),
    ];
    // Too many control characters would make it binary data, which no extractor lets through.
    let is_text = |c: &char| c.is_whitespace() || !c.is_control();
    prop::collection::vec(piece, 0..120)
        .prop_map(move |pieces| pieces.concat().chars().filter(is_text).collect())
}

fn any_blocks() -> impl Strategy<Value = Vec<Block>> {
    let block = (0_usize..600, 0_usize..200, 0_u8..6, 0_usize..3, prop::option::of(1_u32..3))
        .prop_map(|(start, length, kind, path, page)| Block {
            kind: match kind {
                0 => BlockKind::Heading { level: 1 },
                1 => BlockKind::Code,
                2 => BlockKind::List,
                _ => BlockKind::Paragraph,
            },
            range: start..start + length,
            headings: ["A", "B"][..path.min(2)].iter().map(|title| (*title).to_owned()).collect(),
            page,
        });
    prop::collection::vec(block, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testkit::rounds(200)))]
    #[test]
    fn hostile_documents_keep_the_promises(text in hostile_text(), max in 16_u32..80, overlap in 0_u32..40) {
        let document = markdown(&text);
        for tokenizer in [Arc::new(Characters) as Arc<dyn Tokenizer>, Arc::new(Words), Arc::new(Tiktoken::o200k_base())] {
            for overlap in [0, overlap] {
                let chunker = StructureChunker::new(tokenizer.clone())
                    .with_max_tokens(max)
                    .with_overlap_tokens(overlap);
                let chunks = chunker.chunk(&document);
                check(&chunker, &document, &chunks)?;
                prop_assert_eq!(&chunks, &chunker.chunk(&document));
            }
        }
    }

    #[test]
    fn impossible_blocks_keep_the_promises_too(text in hostile_text(), blocks in any_blocks(), max in 16_u32..80) {
        let document = Extracted { title: None, media_type: String::new(), text, blocks, warnings: Vec::new() };
        let chunker = characters(max);
        check(&chunker, &document, &chunker.chunk(&document))?;
    }
}

/// Sections of any length under headings of any level, some without text.
fn sectioned_text() -> impl Strategy<Value = String> {
    let section = (
        1_usize..4,
        "[A-Z][a-z]{0,12}",
        prop::collection::vec("[a-z]{1,8}( [a-z]{1,8}){0,30}\\.", 0..5),
    );
    prop::collection::vec(section, 1..12).prop_map(|sections| {
        let write = |(level, title, texts): (usize, String, Vec<String>)| {
            format!("{} {title}\n\n{}\n\n", "#".repeat(level), texts.join("\n\n"))
        };
        sections.into_iter().map(write).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testkit::rounds(200)))]
    #[test]
    fn headings_lead_text_and_only_tiny_sections_meet(text in sectioned_text(), max in 80_u32..300) {
        let document = markdown(&text);
        let chunker = characters(max);
        let chunks = chunker.chunk(&document);
        check(&chunker, &document, &chunks)?;
        for chunk in chunks.iter().rev().skip(1) {
            let inside: Vec<&Block> = document.blocks.iter()
                .filter(|block| block.range.start < chunk.range.end && block.range.end > chunk.range.start)
                .collect();
            let is_text = |block: &&&Block| !matches!(block.kind, BlockKind::Heading { .. });
            let texts: Vec<&&Block> = inside.iter().filter(is_text).collect();
            // Headings that leave less than a quarter of the chunk to their text stand alone.
            let fills = texts.is_empty() && chunk.tokens + 4 > max - max / 4;
            let ends_with_text = inside.last().is_some_and(|last| is_text(&last));
            prop_assert!(ends_with_text || fills, "a heading ends {chunk:?}");
            if texts.iter().any(|text| text.headings != texts[0].headings) {
                // At most a quarter on the left, a quarter on the right, and the gap between.
                prop_assert!(chunk.tokens <= max / 2 + 40, "{} tokens cross a heading", chunk.tokens);
            }
        }
    }
}

/// `cargo test -p javari-core chunking_speed -- --ignored --nocapture` prints MB/s.
#[test]
#[ignore = "prints speeds; a time is never asserted"]
fn chunking_speed() {
    let started = std::time::Instant::now();
    Tiktoken::o200k_base().count("");
    Tiktoken::o200k_base().count("a");
    println!("loading o200k_base: {:?}", started.elapsed());
    let section = "## Taking over\n\nThe leaving engineer reads every open alert aloud, names its owner, and signs the sheet. An alert without an owner after ten minutes is escalated.\n\n- first item of the list\n- second item\n\n```sh\nwillow status --all\n```\n\nA longer paragraph follows. It explains the rules of the night shift in some detail, and then it ends.\n\n";
    for megabytes in [1, 10] {
        let text = section.repeat(megabytes * 1_000_000 / section.len());
        let started = std::time::Instant::now();
        let document = markdown(&text);
        let extracted = started.elapsed();
        for chunker in [StructureChunker::default(), characters(1600)] {
            let started = std::time::Instant::now();
            let count = chunker.chunk(&document).len();
            let speed = text.len() as f64 / 1e6 / started.elapsed().as_secs_f64();
            println!(
                "{megabytes} MB by {}: {count} chunks, {speed:.1} MB/s (extraction {extracted:?})",
                chunker.tokenizer().id()
            );
        }
    }
    let unbroken = "x1".repeat(500_000);
    let started = std::time::Instant::now();
    let count = StructureChunker::default().chunk(&markdown(&unbroken)).len();
    println!("1 MB without white space: {count} chunks, {:?}", started.elapsed());
}
