//! Ingest, the second run, search and opening, over 20 MiB of Markdown in 1,000 files.
//!
//! The text is made here, the same at each run: sentences whose words follow Zipf's law over 20,000
//! made-up words among the common ones of English. Run it with
//! `cargo bench -p javari-core --bench knowledge`; it needs some 150 MB of disk for a while.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use criterion::Criterion;
use javari_core::{
    Javari, Scope,
    knowledge::{IngestReport, IngestRequest, SearchMode, SearchRequest},
};
use tokio::runtime::Runtime;

const FILES: usize = 1_000;
const FILE_BYTES: usize = 20 * 1_024 * 1_024 / FILES;
const QUESTIONS: usize = 256;
/// Opened so often, each time the whole client anew.
const OPENINGS: usize = 21;

fn main() {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    write_corpus(&corpus);
    let database = folder.path().join("javari.db");
    let database = database.to_str().unwrap();

    let javari = runtime.block_on(Javari::open(database)).unwrap();
    let scope = runtime.block_on(scope(&javari));
    let (report, first) = runtime.block_on(ingest(&scope, &corpus));
    let megabytes = (FILES * FILE_BYTES) as f64 / 1e6;
    println!(
        "ingest: {} documents, {} chunks, {megabytes:.1} MB in {:.1} s, {:.0} MB a minute",
        report.added,
        report.chunks,
        first.as_secs_f64(),
        megabytes * 60.0 / first.as_secs_f64()
    );
    let second: Vec<Duration> = (0..5)
        .map(|_| {
            let (report, elapsed) = runtime.block_on(ingest(&scope, &corpus));
            assert_eq!(report.unchanged, FILES as u64);
            elapsed
        })
        .collect();
    println!("second run over {FILES} unchanged files: {}", spread(second));

    search(&runtime, &scope);
    runtime.block_on(javari.close());
    let question = questions().swap_remove(0);
    let openings = (0..OPENINGS).map(|_| runtime.block_on(open_and_find(database, &question)));
    println!("from opening the database to the first hit: {}", spread(openings.collect()));
}

fn search(runtime: &Runtime, scope: &Scope) {
    let questions = questions();
    for mode in [SearchMode::Lexical, SearchMode::Vector, SearchMode::Hybrid] {
        let times = questions.iter().map(|question| {
            let started = Instant::now();
            runtime.block_on(find(scope, question, mode));
            started.elapsed()
        });
        println!("search, {mode:?}, {QUESTIONS} questions: {}", spread(times.collect()));
    }
    let mut criterion = Criterion::default().sample_size(20).without_plots();
    let mut group = criterion.benchmark_group("search");
    for mode in [SearchMode::Lexical, SearchMode::Vector, SearchMode::Hybrid] {
        let mut turn = questions.iter().cycle();
        group.bench_function(format!("{mode:?}"), |bencher| {
            bencher.iter(|| runtime.block_on(find(scope, turn.next().unwrap(), mode)));
        });
    }
    group.finish();
}

async fn scope(javari: &Javari) -> Scope {
    let user = javari.ensure_user("bench@example.com").await.unwrap();
    let project = javari.scope(user.id).ensure_project("bench").await.unwrap();
    javari.scope(user.id).project(project.id)
}

async fn ingest(scope: &Scope, folder: &Path) -> (IngestReport, Duration) {
    use futures::StreamExt;
    use javari_core::knowledge::IngestEvent;

    let started = Instant::now();
    let request = IngestRequest::folder(folder.to_str().unwrap());
    let mut events = scope.knowledge().ingest(request, Vec::new());
    while let Some(event) = events.next().await {
        if let IngestEvent::Finished { report } = event.unwrap() {
            return (report, started.elapsed());
        }
    }
    unreachable!("an ingest ends with its report or an error");
}

async fn find(scope: &Scope, question: &str, mode: SearchMode) {
    let mut request = SearchRequest::new(question);
    request.mode = mode;
    let reply = scope.knowledge().search(request).await.unwrap();
    assert!(!reply.hits.is_empty());
}

async fn open_and_find(database: &str, question: &str) -> Duration {
    let started = Instant::now();
    let javari = Javari::open(database).await.unwrap();
    let scope = scope(&javari).await;
    find(&scope, question, SearchMode::Hybrid).await;
    let elapsed = started.elapsed();
    javari.close().await;
    elapsed
}

/// The median and the extremes.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let milliseconds = |at: usize| times[at].as_secs_f64() * 1e3;
    let (middle, last) = (times.len() / 2, times.len() - 1);
    format!(
        "p50 {:.2} ms, p95 {:.2} ms, from {:.2} to {:.2} ms",
        milliseconds(middle),
        milliseconds(last * 95 / 100),
        milliseconds(0),
        milliseconds(last)
    )
}

const COMMON: [&str; 32] = [
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "as", "was", "with", "be",
    "by", "on", "not", "he", "his", "but", "at", "are", "this", "have", "from", "or", "had", "an",
    "they", "which", "one", "you",
];
const WORDS: usize = 20_000;

/// Words by Zipf's law from a generator of fixed seed.
struct Text {
    state: u64,
    cumulative: Vec<f64>,
}

impl Text {
    fn new(seed: u64) -> Self {
        let mut sum = 0.0;
        let weights = (0..WORDS).map(|rank| {
            sum += 1.0 / (rank as f64 + 2.7);
            sum
        });
        Self { state: seed, cumulative: weights.collect() }
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014), as a number from 0 up to 1.
    fn number(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn word(&mut self) -> String {
        let wanted = self.number() * self.cumulative[WORDS - 1];
        let rank = self.cumulative.partition_point(|sum| *sum < wanted);
        COMMON.get(rank).map_or_else(|| spell(rank), |word| (*word).to_owned())
    }

    fn sentence(&mut self, words: usize) -> String {
        let words: Vec<String> = (0..words).map(|_| self.word()).collect();
        words.join(" ")
    }
}

/// A word that nobody wrote before, of two to four syllables.
fn spell(rank: usize) -> String {
    const ONSETS: [&str; 16] =
        ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "sh"];
    const RIMES: [&str; 8] = ["a", "e", "i", "o", "u", "an", "er", "ol"];
    let mut rest = rank;
    let mut word = String::new();
    while rest > 0 || word.len() < 4 {
        word.push_str(ONSETS[rest % ONSETS.len()]);
        rest /= ONSETS.len();
        word.push_str(RIMES[rest % RIMES.len()]);
        rest /= RIMES.len();
    }
    word
}

fn write_corpus(folder: &Path) {
    let mut text = Text::new(1);
    for file in 0..FILES {
        let mut content = format!("# {}\n", text.sentence(4));
        while content.len() < FILE_BYTES {
            content.push_str(&format!("\n## {}\n", text.sentence(3)));
            for _ in 0..4 {
                let length = 8 + (text.number() * 14.0) as usize;
                content.push('\n');
                for _ in 0..4 {
                    content.push_str(&text.sentence(length));
                    content.push_str(". ");
                }
                content.push('\n');
            }
        }
        let path = folder.join(format!("{:02}/{file:04}.md", file / 50));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &content.as_bytes()[..FILE_BYTES]).unwrap();
    }
}

/// Questions of eight to twelve words of the same language.
fn questions() -> Vec<String> {
    let mut text = Text::new(2);
    (0..QUESTIONS).map(|at| format!("What is {}?", text.sentence(6 + at % 5))).collect()
}
