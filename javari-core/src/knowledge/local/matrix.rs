//! Vectors in memory: loaded on first use, kept fresh by the partition's counters, bounded.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::sync::Mutex as AsyncMutex;

use super::{
    scan::{Scored, dots},
    store::{self, Owner, Partition, VectorRow},
};
use crate::{
    error::{Error, ErrorKind, Result},
    knowledge::QueryVector,
    storage::Database,
};

/// More parts than this are joined to one.
const MAX_PARTS: usize = 32;
/// Fewer numbers than this are scanned where they are asked; more go to a blocking thread.
const SMALL: usize = 256 * 1_024;

/// Vectors of one partition and one model, in parts that were read at one time each.
#[derive(Clone, Default)]
struct Matrix {
    revision: i64,
    removals: i64,
    last: i64,
    dimensions: usize,
    parts: Vec<Arc<Part>>,
}

/// Rows one after another.
#[derive(Default)]
struct Part {
    /// The chunk of each row, ascending.
    numbers: Arc<Vec<i64>>,
    values: Vec<f32>,
}

#[derive(Default)]
struct Slot {
    matrix: AsyncMutex<Option<Arc<Matrix>>>,
    bytes: AtomicUsize,
    used: AtomicU64,
}

type Key = (i64, String);

/// Every matrix that is in memory.
pub(super) struct Matrices {
    slots: Mutex<HashMap<Key, Arc<Slot>>>,
    turn: AtomicU64,
    limit: usize,
}

impl Matrices {
    /// At most `limit` bytes of vectors; larger partitions are read through at each search.
    pub(super) fn new(limit: usize) -> Self {
        Self { slots: Mutex::default(), turn: AtomicU64::new(0), limit }
    }

    /// The cosine of every chunk of the partition to the query. `query.values` has length 1.
    pub(super) async fn score(
        &self,
        database: &Database,
        owner: Owner,
        partition: &Partition,
        query: &Arc<QueryVector>,
    ) -> Result<Scored> {
        match self.fresh(database, owner, partition, &query.model).await? {
            Some(matrix) => score_in_memory(matrix, Arc::clone(query)).await,
            None => score_in_pages(database, owner, partition, query).await,
        }
    }

    /// The matrix as it is now; nothing when it does not fit into memory.
    async fn fresh(
        &self,
        database: &Database,
        owner: Owner,
        partition: &Partition,
        model: &str,
    ) -> Result<Option<Arc<Matrix>>> {
        let slot = self.slot(&(partition.id, model.to_owned()));
        let mut kept = slot.matrix.lock().await;
        let mut matrix = match kept.as_ref() {
            Some(matrix) if matrix.revision >= partition.revision => {
                return Ok(Some(Arc::clone(matrix)));
            }
            // Chunks are numbered upwards, so what was added lies behind the last one known.
            Some(matrix) if matrix.removals == partition.removals => Matrix::clone(matrix),
            _ => Matrix { removals: partition.removals, ..Matrix::default() },
        };
        // Asked before, so that what does not fit is not read; and told by `extend`, because more
        // may have been written since.
        let place = (partition.id, model);
        let added = store::vector_bytes(database, owner, place, matrix.last).await?;
        let fits = matrix.bytes().saturating_add(added) <= self.limit;
        if !fits || !matrix.extend(database, owner, place, self.limit).await? {
            *kept = None;
            slot.bytes.store(0, Ordering::Relaxed);
            return Ok(None);
        }
        matrix.revision = partition.revision;
        let matrix = Arc::new(matrix);
        slot.bytes.store(matrix.bytes(), Ordering::Relaxed);
        *kept = Some(Arc::clone(&matrix));
        drop(kept);
        self.make_room(&slot);
        Ok(Some(matrix))
    }

    fn slot(&self, key: &Key) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(slots.entry(key.clone()).or_default());
        slot.used.store(self.turn.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        slot
    }

    /// Forgets the least recently used until the rest fits, the one in use at last: who searches
    /// in it has it still.
    fn make_room(&self, used: &Arc<Slot>) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        while held(&slots) > self.limit {
            let oldest = slots
                .iter()
                .min_by_key(|(_, slot)| {
                    (Arc::ptr_eq(slot, used), slot.used.load(Ordering::Relaxed))
                })
                .map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { return };
            slots.remove(&oldest);
        }
    }
}

fn held(slots: &HashMap<Key, Arc<Slot>>) -> usize {
    slots.values().fold(0, |sum, slot| sum.saturating_add(slot.bytes.load(Ordering::Relaxed)))
}

impl Matrix {
    /// Reads what was written since; false as soon as it is more than `limit` bytes in all.
    async fn extend(
        &mut self,
        database: &Database,
        owner: Owner,
        (partition, model): (i64, &str),
        limit: usize,
    ) -> Result<bool> {
        let mut part = Part::default();
        let mut numbers = Vec::new();
        let known = self.bytes();
        loop {
            let place = (partition, model);
            let rows = store::vectors(database, owner, place, self.last).await?;
            let Some(last) = rows.last() else { break };
            self.last = last.first_chunk;
            for row in rows {
                if self.dimensions == 0 {
                    self.dimensions = row.dimensions;
                }
                append(&row, self.dimensions, &mut numbers, &mut part.values)?;
            }
            if known.saturating_add(bytes_of(&numbers, &part.values)) > limit {
                return Ok(false);
            }
        }
        if !numbers.is_empty() {
            part.numbers = Arc::new(numbers);
            self.parts.push(Arc::new(part));
        }
        if self.parts.len() > MAX_PARTS {
            self.join();
        }
        Ok(true)
    }

    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| bytes_of(&part.numbers, &part.values)).sum()
    }

    fn join(&mut self) {
        let mut numbers = Vec::new();
        let mut values = Vec::new();
        for part in self.parts.drain(..) {
            numbers.extend_from_slice(&part.numbers);
            values.extend_from_slice(&part.values);
        }
        self.parts.push(Arc::new(Part { numbers: Arc::new(numbers), values }));
    }
}

async fn score_in_memory(matrix: Arc<Matrix>, query: Arc<QueryVector>) -> Result<Scored> {
    if matrix.parts.is_empty() {
        return Ok(Scored::default());
    }
    check_dimensions(matrix.dimensions, &query)?;
    let size: usize = matrix.parts.iter().map(|part| part.values.len()).sum();
    let scan = move || {
        let parts = matrix.parts.iter();
        Scored(parts.map(|p| (Arc::clone(&p.numbers), dots(&p.values, &query.values))).collect())
    };
    if size <= SMALL {
        return Ok(scan());
    }
    tokio::task::spawn_blocking(scan).await.map_err(|stopped| {
        Error::new(ErrorKind::Unexpected, "knowledge.search", "the scan of vectors stopped")
            .with_source(stopped)
    })
}

async fn score_in_pages(
    database: &Database,
    owner: Owner,
    partition: &Partition,
    query: &QueryVector,
) -> Result<Scored> {
    let (first, _) = partition.numbers();
    let mut after = first.saturating_sub(1);
    let mut scored = Scored::default();
    loop {
        let place = (partition.id, query.model.as_str());
        let rows = store::vectors(database, owner, place, after).await?;
        let Some(last) = rows.last() else { return Ok(scored) };
        after = last.first_chunk;
        for row in rows {
            check_dimensions(row.dimensions, query)?;
            let (mut numbers, mut values) = (Vec::new(), Vec::new());
            append(&row, row.dimensions, &mut numbers, &mut values)?;
            scored.0.push((Arc::new(numbers), dots(&values, &query.values)));
        }
    }
}

/// What rows take in memory.
fn bytes_of(numbers: &[i64], values: &[f32]) -> usize {
    size_of_val(numbers).saturating_add(size_of_val(values))
}

fn append(
    row: &VectorRow,
    dimensions: usize,
    numbers: &mut Vec<i64>,
    values: &mut Vec<f32>,
) -> Result<()> {
    if row.dimensions != dimensions || row.bytes.len() != row.count * dimensions * 4 {
        return Err(Error::new(
            ErrorKind::StorageCorrupt,
            "knowledge.search",
            "a document's vectors have another size than its model's",
        )
        .with("dimensions", row.dimensions)
        .with("expected", dimensions));
    }
    numbers.extend((0..store::count_of(row.count)).map(|at| row.first_chunk.saturating_add(at)));
    let (words, _) = row.bytes.as_chunks::<4>();
    values.extend(words.iter().map(|word| f32::from_le_bytes(*word)));
    Ok(())
}

fn check_dimensions(stored: usize, query: &QueryVector) -> Result<()> {
    if stored == query.values.len() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Configuration,
        "knowledge.search",
        "the embedding model gives vectors of another size than the stored ones of its name; \
         ingest the documents again or use another model id",
    )
    .with("model", &query.model)
    .with("stored", stored)
    .with("query", query.values.len()))
}

#[cfg(test)]
impl Matrices {
    /// How many bytes are kept.
    pub(super) fn held(&self) -> usize {
        held(&self.slots.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
