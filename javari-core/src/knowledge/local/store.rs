//! The rows of documents, chunks and vectors, and every statement about them.

use serde_json::Value as Json;

use crate::{
    error::{Error, ErrorKind, Result},
    knowledge::{
        Document, DocumentView, DocumentWrite, Fingerprint, Scores, SearchHit, SourceType,
    },
    storage::{Database, Row, Transaction, values},
    types::{DocumentId, ProjectId, ScopeKey, Timestamp, UserId},
};

/// A user, or one project of theirs: what a document belongs to. A member of the project sees what the
/// project has and nothing that is the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) user: UserId,
    pub(super) project: Option<ProjectId>,
    member: Option<UserId>,
}

impl Owner {
    /// The owner that a scope names; a subproject shares its project's documents.
    pub(super) fn of(scope: &ScopeKey, operation: &'static str) -> Result<Self> {
        let user = scope.require_user(operation)?;
        if scope.subproject.is_some() {
            scope.require_project(operation)?;
        }
        Ok(Self { user, project: scope.project, member: scope.member })
    }

    pub(super) fn scope(&self) -> ScopeKey {
        ScopeKey {
            user: Some(self.user),
            project: self.project,
            subproject: None,
            member: self.member,
        }
    }

    /// Whether the user's own documents are seen too.
    fn sees_own(&self) -> bool {
        self.member.is_none()
    }
}

/// Where the chunks of an owner are numbered, and how often they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partition {
    pub(super) id: i64,
    pub(super) revision: i64,
    pub(super) removals: i64,
}

impl Partition {
    /// The first number of a chunk here, and the first beyond.
    pub(super) fn numbers(&self) -> (i64, i64) {
        (first_number(self.id), first_number(self.id.saturating_add(1)))
    }
}

const CHUNKS_IN_PARTITION: i64 = 1 << 32;

fn first_number(partition: i64) -> i64 {
    partition.saturating_mul(CHUNKS_IN_PARTITION)
}

/// The partitions that a scope searches: its project's and the user's own.
pub(super) async fn partitions(database: &Database, owner: Owner) -> Result<Vec<Partition>> {
    let rows = database
        .query(
            &owner.scope(),
            "SELECT id, revision, removals FROM javari_knowledge_partitions
             WHERE user_id = $1 AND (project_id = $2 OR ($3 AND project_id IS NULL))
             ORDER BY id",
            values![owner.user, owner.project, owner.sees_own()],
        )
        .await?;
    rows.iter().map(partition_of).collect()
}

/// Where the next chunks of an owner go.
pub(super) struct Place {
    pub(super) partition: i64,
    pub(super) next_chunk: i64,
}

/// Nobody else writes there until the transaction ends: two that number chunks from the same place
/// would be in each other's way.
pub(super) async fn take_partition(transaction: &mut Transaction, owner: Owner) -> Result<Place> {
    transaction
        .execute(
            "INSERT INTO javari_knowledge_partitions (user_id, project_id) VALUES ($1, $2)
             ON CONFLICT DO NOTHING",
            values![owner.user, owner.project],
        )
        .await?;
    // SQLite has one writer.
    let statement = transaction.dialect().choose(
        "SELECT id, next_chunk FROM javari_knowledge_partitions
         WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2",
        "SELECT id, next_chunk FROM javari_knowledge_partitions
         WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2 FOR UPDATE",
    );
    let row = transaction
        .query_one(statement, values![owner.user, owner.project])
        .await?
        .ok_or_else(|| Error::new(ErrorKind::Storage, "knowledge.upsert", "a row vanished"))?;
    Ok(Place { partition: row.get("id")?, next_chunk: row.get("next_chunk")? })
}

/// Says that something was written, and whether something was removed.
pub(super) async fn touch_partition(
    transaction: &mut Transaction,
    place: &Place,
    removed: bool,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_knowledge_partitions
             SET next_chunk = CASE WHEN next_chunk < $2 THEN $2 ELSE next_chunk END,
                 revision = revision + 1, removals = removals + $3
             WHERE id = $1",
            values![place.partition, place.next_chunk, i64::from(removed)],
        )
        .await
        .map(drop)
}

/// Replaces or makes a document; tells its id, when it was made, and whether it replaced one.
pub(super) async fn put_document(
    transaction: &mut Transaction,
    owner: Owner,
    place: &mut Place,
    document: &DocumentWrite,
    (new_id, now): (DocumentId, Timestamp),
) -> Result<(DocumentId, Timestamp, bool)> {
    let before = transaction
        .query_one(
            "DELETE FROM javari_documents WHERE user_id = $1
                 AND project_id IS NOT DISTINCT FROM $2 AND source_key = $3
             RETURNING id, created_at",
            values![owner.user, owner.project, &document.path],
        )
        .await?;
    let (id, created_at) = match &before {
        Some(row) => (row.get("id")?, row.get("created_at")?),
        None => (new_id, now),
    };
    let first_chunk = first_number(place.partition).saturating_add(place.next_chunk);
    place.next_chunk = place.next_chunk.saturating_add(count_of(document.chunks.len()));
    transaction
        .execute(
            "INSERT INTO javari_documents (id, user_id, project_id, partition_id, source_key,
                 source_type, origin, title, media_type, content_hash, byte_size, chunk_count,
                 first_chunk, warnings, created_at, updated_at, text)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            values![
                id,
                owner.user,
                owner.project,
                place.partition,
                &document.path,
                document.source_type.name(),
                document.origin.as_deref(),
                document.title.as_deref(),
                &document.media_type,
                &document.content_hash,
                document.byte_size,
                document.chunks.len(),
                first_chunk,
                Json::from(document.warnings.clone()),
                created_at,
                now,
                &document.text
            ],
        )
        .await?;
    Ok((id, created_at, before.is_some()))
}

/// Writes the chunks of a document, numbered from `first`, in one statement: a statement for each
/// chunk takes several times as long. A chunk is `[id, headings, page, tokens, start_char,
/// end_char, start_byte, end_byte, content, content_hash]`.
pub(super) async fn insert_chunks(
    transaction: &mut Transaction,
    owner: Owner,
    (id, document): (DocumentId, &DocumentWrite),
    (first, chunks): (i64, Json),
    now: Timestamp,
) -> Result<()> {
    const SQLITE: &str = "INSERT INTO javari_knowledge_base (number, id, user_id, project_id,
            document_id, ordinal, headings, page, tokens, start_char, end_char, start_byte,
            end_byte, content, content_hash, source_type, source_url, created_at, updated_at)
        SELECT $5 + chunk.key, chunk.value ->> 0, $1, $2, $3, chunk.key, chunk.value -> 1,
            chunk.value ->> 2, chunk.value ->> 3, chunk.value ->> 4, chunk.value ->> 5,
            chunk.value ->> 6, chunk.value ->> 7, chunk.value ->> 8, chunk.value ->> 9,
            $6, $7, $8, $8
        FROM json_each($4) AS chunk";
    const POSTGRES: &str = "INSERT INTO javari_knowledge_base (number, id, user_id, project_id,
            document_id, ordinal, headings, page, tokens, start_char, end_char, start_byte,
            end_byte, content, content_hash, source_type, source_url, created_at, updated_at)
        SELECT $5 + chunk.place - 1, (chunk.value ->> 0)::uuid, $1, $2, $3, chunk.place - 1,
            chunk.value -> 1, (chunk.value ->> 2)::bigint, (chunk.value ->> 3)::bigint,
            (chunk.value ->> 4)::bigint, (chunk.value ->> 5)::bigint,
            (chunk.value ->> 6)::bigint, (chunk.value ->> 7)::bigint, chunk.value ->> 8,
            chunk.value ->> 9, $6, $7, $8, $8
        FROM jsonb_array_elements($4) WITH ORDINALITY AS chunk (value, place)";
    let statement = transaction.dialect().choose(SQLITE, POSTGRES);
    transaction
        .execute(
            statement,
            values![
                owner.user,
                owner.project,
                id,
                chunks,
                first,
                document.source_type.name(),
                &document.path,
                now
            ],
        )
        .await
        .map(drop)
}

pub(super) async fn insert_vectors(
    transaction: &mut Transaction,
    owner: Owner,
    document: DocumentId,
    (partition, first_chunk): (i64, i64),
    (model, dimensions, count): (&str, usize, usize),
    vectors: Vec<u8>,
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO javari_knowledge_vectors (document_id, user_id, project_id, partition_id,
                 model, dimensions, first_chunk, count, vectors)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                document,
                owner.user,
                owner.project,
                partition,
                model,
                dimensions,
                first_chunk,
                count,
                vectors
            ],
        )
        .await
        .map(drop)
}

/// Deletes a document at exactly the owner's level; tells whether there was one.
pub(super) async fn delete_document(
    transaction: &mut Transaction,
    owner: Owner,
    id: DocumentId,
) -> Result<bool> {
    let deleted = transaction
        .execute(
            "DELETE FROM javari_documents WHERE id = $3 AND user_id = $1
                 AND project_id IS NOT DISTINCT FROM $2",
            values![owner.user, owner.project, id],
        )
        .await?;
    Ok(deleted > 0)
}

/// The document, where the scope sees it.
pub(super) async fn document(
    database: &Database,
    owner: Owner,
    id: DocumentId,
) -> Result<Option<Document>> {
    let row = database
        .query_one(
            &owner.scope(),
            "SELECT id, source_key, source_type, title, media_type, content_hash, byte_size,
                    chunk_count, warnings, created_at, updated_at, text
             FROM javari_documents
             WHERE id = $3 AND user_id = $1 AND (project_id = $2 OR ($4 AND project_id IS NULL))",
            values![owner.user, owner.project, id, owner.sees_own()],
        )
        .await?;
    row.map(|row| Ok(Document { view: view_of(&row)?, text: row.get("text")? })).transpose()
}

pub(super) async fn documents(
    database: &Database,
    owner: Owner,
    (prefix, after, limit): (Option<&str>, Option<&str>, u32),
) -> Result<Vec<DocumentView>> {
    let rows = database
        .query(
            &owner.scope(),
            "SELECT id, source_key, source_type, title, media_type, content_hash, byte_size,
                    chunk_count, warnings, created_at, updated_at
             FROM javari_documents
             WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2
                 AND ($3 IS NULL OR substr(source_key, 1, length($3)) = $3)
                 AND ($4 IS NULL OR source_key > $4)
             ORDER BY source_key LIMIT $5",
            values![owner.user, owner.project, prefix, after, limit],
        )
        .await?;
    rows.iter().map(view_of).collect()
}

pub(super) async fn fingerprints(database: &Database, owner: Owner) -> Result<Vec<Fingerprint>> {
    let rows = database
        .query(
            &owner.scope(),
            "SELECT id, source_key, origin, content_hash FROM javari_documents
             WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2",
            values![owner.user, owner.project],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Fingerprint {
                id: row.get("id")?,
                path: row.get("source_key")?,
                origin: row.get("origin")?,
                content_hash: row.get("content_hash")?,
            })
        })
        .collect()
}

/// The numbers `first..first + count` of documents whose path begins with `prefix`, ascending.
pub(super) async fn ranges(
    database: &Database,
    owner: Owner,
    prefix: &str,
) -> Result<Vec<(i64, i64)>> {
    let rows = database
        .query(
            &owner.scope(),
            "SELECT first_chunk, chunk_count FROM javari_documents
             WHERE user_id = $1 AND (project_id = $2 OR ($4 AND project_id IS NULL))
                 AND substr(source_key, 1, length($3)) = $3 AND chunk_count > 0
             ORDER BY first_chunk",
            values![owner.user, owner.project, prefix, owner.sees_own()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let first: i64 = row.get("first_chunk")?;
            Ok((first, first.saturating_add(row.get::<i64>("chunk_count")?)))
        })
        .collect()
}

/// How many bytes the vectors of the documents numbered after `after` take in memory, with the
/// numbers of their chunks.
pub(super) async fn vector_bytes(
    database: &Database,
    owner: Owner,
    (partition, model): (i64, &str),
    after: i64,
) -> Result<usize> {
    let row = database
        .query_one(
            &owner.scope(),
            "SELECT coalesce(sum(count * (dimensions * 4 + 8)), 0) AS size
             FROM javari_knowledge_vectors
             WHERE partition_id = $1 AND model = $2 AND first_chunk > $3",
            values![partition, model, after],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("size"))
}

/// The vectors of one document.
pub(super) struct VectorRow {
    pub(super) first_chunk: i64,
    pub(super) dimensions: usize,
    pub(super) count: usize,
    pub(super) bytes: Vec<u8>,
}

/// Documents, and bytes unless one document has more, of one page of vectors.
const PAGE: i64 = 1_024;
const PAGE_BYTES: i64 = 8 * 1024 * 1024;

/// The vectors of the next documents numbered after `after`: a page of them, none at the end.
pub(super) async fn vectors(
    database: &Database,
    owner: Owner,
    (partition, model): (i64, &str),
    after: i64,
) -> Result<Vec<VectorRow>> {
    // The sizes are summed without reading the vectors themselves.
    let rows = database
        .query(
            &owner.scope(),
            "SELECT first_chunk, dimensions, count, vectors FROM javari_knowledge_vectors
             WHERE partition_id = $1 AND model = $2 AND first_chunk > $3 AND first_chunk <= (
                 SELECT max(first_chunk) FROM (
                     SELECT first_chunk, row_number() OVER page AS place,
                            sum(count * dimensions * 4) OVER page AS size
                     FROM (
                         SELECT first_chunk, count, dimensions FROM javari_knowledge_vectors
                         WHERE partition_id = $1 AND model = $2 AND first_chunk > $3
                         ORDER BY first_chunk LIMIT $4
                     ) AS next
                     WINDOW page AS (ORDER BY first_chunk)
                 ) AS sized
                 WHERE place = 1 OR size <= $5
             )
             ORDER BY first_chunk",
            values![partition, model, after, PAGE, PAGE_BYTES],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(VectorRow {
                first_chunk: row.get("first_chunk")?,
                dimensions: row.get("dimensions")?,
                count: row.get("count")?,
                bytes: row.get("vectors")?,
            })
        })
        .collect()
}

/// The chunks of these numbers that the scope sees, with their numbers; without scores.
/// `CROSS JOIN` keeps the order of the tables: left to itself SQLite begins with all documents.
pub(super) async fn chunks(
    database: &Database,
    owner: Owner,
    numbers: &[i64],
) -> Result<Vec<(i64, SearchHit)>> {
    const SQLITE: &str = "SELECT k.number, k.id, k.document_id, d.source_key, d.title, k.headings,
            k.page, k.start_char, k.end_char, k.content, k.tokens
        FROM json_each($3) AS wanted
        CROSS JOIN javari_knowledge_base AS k ON k.number = wanted.value
        CROSS JOIN javari_documents AS d ON d.id = k.document_id AND d.user_id = k.user_id
        WHERE k.user_id = $1 AND (k.project_id = $2 OR ($4 AND k.project_id IS NULL))";
    const POSTGRES: &str = "SELECT k.number, k.id, k.document_id, d.source_key, d.title,
            k.headings, k.page, k.start_char, k.end_char, k.content, k.tokens
        FROM jsonb_array_elements($3) AS wanted
        JOIN javari_knowledge_base AS k ON k.number = wanted::bigint
        JOIN javari_documents AS d ON d.id = k.document_id AND d.user_id = k.user_id
        WHERE k.user_id = $1 AND (k.project_id = $2 OR ($4 AND k.project_id IS NULL))";
    let statement = database.dialect().choose(SQLITE, POSTGRES);
    let values = values![owner.user, owner.project, Json::from(numbers), owner.sees_own()];
    let rows = database.query(&owner.scope(), statement, values).await?;
    rows.iter()
        .map(|row| {
            let hit = SearchHit {
                chunk_id: row.get("id")?,
                document_id: row.get("document_id")?,
                path: row.get("source_key")?,
                title: row.get("title")?,
                headings: strings(&row.get::<Json>("headings")?),
                page: row.get("page")?,
                start: row.get("start_char")?,
                end: row.get("end_char")?,
                text: row.get("content")?,
                tokens: row.get("tokens")?,
                score: 0.0,
                scores: Scores::default(),
            };
            Ok((row.get("number")?, hit))
        })
        .collect()
}

/// Adds up how often chunks were found.
pub(super) async fn count_accesses(
    transaction: &mut Transaction,
    accesses: &[(i64, u64)],
    now: Timestamp,
) -> Result<()> {
    const SQLITE: &str = "UPDATE javari_knowledge_base
        SET access_count = access_count + found.times, last_accessed_at = $2
        FROM (SELECT value ->> 0 AS number, value ->> 1 AS times FROM json_each($1)) AS found
        WHERE javari_knowledge_base.number = found.number";
    const POSTGRES: &str = "UPDATE javari_knowledge_base
        SET access_count = access_count + found.times, last_accessed_at = $2
        FROM (SELECT (value ->> 0)::bigint AS number, (value ->> 1)::bigint AS times
              FROM jsonb_array_elements($1)) AS found
        WHERE javari_knowledge_base.number = found.number";
    let statement = transaction.dialect().choose(SQLITE, POSTGRES);
    transaction.execute(statement, values![serde_json::json!(accesses), now]).await.map(drop)
}

pub(super) fn count_of(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn partition_of(row: &Row) -> Result<Partition> {
    Ok(Partition {
        id: row.get("id")?,
        revision: row.get("revision")?,
        removals: row.get("removals")?,
    })
}

fn view_of(row: &Row) -> Result<DocumentView> {
    Ok(DocumentView {
        id: row.get("id")?,
        path: row.get("source_key")?,
        source_type: SourceType::from_name(&row.get::<String>("source_type")?).unwrap_or_default(),
        title: row.get("title")?,
        media_type: row.get("media_type")?,
        content_hash: row.get("content_hash")?,
        byte_size: row.get("byte_size")?,
        chunk_count: row.get("chunk_count")?,
        warnings: strings(&row.get::<Json>("warnings")?),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn strings(json: &Json) -> Vec<String> {
    let list = json.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}
