-- Documents, their chunks, full-text index and vectors; and what models cost.

-- One for each user and project that has documents. Its chunks are numbered id * 2^32 + n, so that
-- full-text search can be limited to one owner by a range of row ids, inside the index.
-- AUTOINCREMENT: the number of an owner that is gone is never given to another.
CREATE TABLE javari_knowledge_partitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    next_chunk INTEGER NOT NULL DEFAULT 0 CHECK (next_chunk BETWEEN 0 AND 4294967296),
    -- Counts writes, and those that removed something: readers keep vectors in memory by them.
    revision INTEGER NOT NULL DEFAULT 0,
    removals INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX knowledge_partitions_owner
    ON javari_knowledge_partitions (user_id, coalesce(project_id, ''));
CREATE INDEX knowledge_partitions_project ON javari_knowledge_partitions (project_id, user_id);

CREATE TABLE javari_documents (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    partition_id INTEGER NOT NULL
        REFERENCES javari_knowledge_partitions (id) ON DELETE CASCADE,
    source_key TEXT NOT NULL,
    source_type TEXT NOT NULL
        CHECK (source_type IN ('file_upload', 'web_crawl', 'api_integration', 'manual')),
    -- The folder that the document was read from.
    origin TEXT,
    title TEXT,
    media_type TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    byte_size INTEGER NOT NULL CHECK (byte_size >= 0),
    chunk_count INTEGER NOT NULL CHECK (chunk_count >= 0),
    first_chunk INTEGER NOT NULL,
    warnings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warnings)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    -- Last, so that reading the other columns never walks through it.
    text TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
) STRICT;
CREATE UNIQUE INDEX documents_source
    ON javari_documents (user_id, coalesce(project_id, ''), source_key);
CREATE INDEX documents_project ON javari_documents (project_id, user_id);
CREATE INDEX documents_partition ON javari_documents (partition_id);

-- One row a chunk. The seed's UNIQUE (content_hash, project_id) ignored the user and let a NULL
-- project repeat; a chunk is now unique within its document.
CREATE TABLE javari_knowledge_base (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    project_id TEXT,
    document_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    headings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(headings)),
    page INTEGER CHECK (page > 0),
    tokens INTEGER NOT NULL CHECK (tokens >= 0),
    start_char INTEGER NOT NULL,
    end_char INTEGER NOT NULL,
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL,
    content TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    source_type TEXT NOT NULL
        CHECK (source_type IN ('file_upload', 'web_crawl', 'api_integration', 'manual')),
    source_url TEXT,
    relevance_score REAL CHECK (relevance_score BETWEEN 0 AND 1),
    last_accessed_at TEXT,
    access_count INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (0 <= start_char AND start_char < end_char),
    CHECK (0 <= start_byte AND start_byte < end_byte),
    FOREIGN KEY (document_id, user_id)
        REFERENCES javari_documents (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX knowledge_base_document
    ON javari_knowledge_base (document_id, user_id, ordinal);
CREATE INDEX knowledge_base_project ON javari_knowledge_base (project_id, user_id);

CREATE VIRTUAL TABLE javari_knowledge_fts USING fts5 (
    content, headings,
    content = 'javari_knowledge_base', content_rowid = 'number',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
-- Triggers keep the index right for cascades and for SQL that people write.
CREATE TRIGGER knowledge_base_insert AFTER INSERT ON javari_knowledge_base BEGIN
    INSERT INTO javari_knowledge_fts (rowid, content, headings)
    VALUES (new.number, new.content, new.headings);
END;
CREATE TRIGGER knowledge_base_delete AFTER DELETE ON javari_knowledge_base BEGIN
    INSERT INTO javari_knowledge_fts (javari_knowledge_fts, rowid, content, headings)
    VALUES ('delete', old.number, old.content, old.headings);
END;
CREATE TRIGGER knowledge_base_update AFTER UPDATE OF number, content, headings
ON javari_knowledge_base BEGIN
    INSERT INTO javari_knowledge_fts (javari_knowledge_fts, rowid, content, headings)
    VALUES ('delete', old.number, old.content, old.headings);
    INSERT INTO javari_knowledge_fts (rowid, content, headings)
    VALUES (new.number, new.content, new.headings);
END;

-- All vectors of a document in one row: little-endian f32 of length 1, chunk after chunk.
CREATE TABLE javari_knowledge_vectors (
    document_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    project_id TEXT,
    partition_id INTEGER NOT NULL
        REFERENCES javari_knowledge_partitions (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    dimensions INTEGER NOT NULL CHECK (dimensions > 0),
    first_chunk INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    vectors BLOB NOT NULL CHECK (length(vectors) = count * dimensions * 4),
    FOREIGN KEY (document_id, user_id)
        REFERENCES javari_documents (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX knowledge_vectors_partition
    ON javari_knowledge_vectors (partition_id, model, first_chunk);
CREATE INDEX knowledge_vectors_project ON javari_knowledge_vectors (project_id, user_id);

-- What models cost, in whole pico-dollars: the seed's DECIMAL(10,4) rounded small costs to nothing.
CREATE TABLE javari_cost_tracking (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    service TEXT NOT NULL,
    feature_used TEXT,
    model TEXT,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL DEFAULT 0,
    reasoning_tokens INTEGER NOT NULL DEFAULT 0,
    -- Whether the tokens are an estimate.
    estimated INTEGER NOT NULL DEFAULT 0 CHECK (estimated IN (0, 1)),
    -- NULL where the price is not known: unknown is not free.
    cost_usd INTEGER,
    timestamp TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX cost_tracking_user ON javari_cost_tracking (user_id, timestamp);
CREATE INDEX cost_tracking_project ON javari_cost_tracking (project_id, user_id, timestamp);
