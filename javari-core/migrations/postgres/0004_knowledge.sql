-- Documents, their chunks, full-text index and vectors; and what models cost.

-- English stems and no stop words: a question of such words alone finds too.
CREATE TEXT SEARCH DICTIONARY javari_stem (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION javari (COPY = english);
ALTER TEXT SEARCH CONFIGURATION javari ALTER MAPPING
    FOR asciiword, word, numword WITH javari_stem;

-- One for each user and project that has documents. Its chunks are numbered id * 2^32 + n, as in
-- SQLite, where full-text search is limited to one owner by a range of numbers.
CREATE TABLE javari_knowledge_partitions (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    next_chunk BIGINT NOT NULL DEFAULT 0 CHECK (next_chunk BETWEEN 0 AND 4294967296),
    -- Counts writes, and those that removed something: readers keep vectors in memory by them.
    revision BIGINT NOT NULL DEFAULT 0,
    removals BIGINT NOT NULL DEFAULT 0,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX knowledge_partitions_owner
    ON javari_knowledge_partitions (user_id, project_id) NULLS NOT DISTINCT;
CREATE INDEX knowledge_partitions_project ON javari_knowledge_partitions (project_id, user_id);

CREATE TABLE javari_documents (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    partition_id BIGINT NOT NULL
        REFERENCES javari_knowledge_partitions (id) ON DELETE CASCADE,
    source_key TEXT NOT NULL,
    source_type TEXT NOT NULL
        CHECK (source_type IN ('file_upload', 'web_crawl', 'api_integration', 'manual')),
    -- The folder that the document was read from.
    origin TEXT,
    title TEXT,
    media_type TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    byte_size BIGINT NOT NULL CHECK (byte_size >= 0),
    chunk_count BIGINT NOT NULL CHECK (chunk_count >= 0),
    first_chunk BIGINT NOT NULL,
    warnings JSONB NOT NULL DEFAULT '[]',
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    text TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
);
-- A path may be longer than an index row holds.
CREATE UNIQUE INDEX documents_source
    ON javari_documents (user_id, project_id, md5(source_key)) NULLS NOT DISTINCT;
CREATE INDEX documents_project ON javari_documents (project_id, user_id);
CREATE INDEX documents_partition ON javari_documents (partition_id);

-- One row a chunk. The seed's UNIQUE (content_hash, project_id) ignored the user and let a NULL
-- project repeat; a chunk is now unique within its document.
CREATE TABLE javari_knowledge_base (
    number BIGINT PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    user_id UUID NOT NULL,
    project_id UUID,
    document_id UUID NOT NULL,
    ordinal BIGINT NOT NULL CHECK (ordinal >= 0),
    headings JSONB NOT NULL DEFAULT '[]',
    page BIGINT CHECK (page > 0),
    tokens BIGINT NOT NULL CHECK (tokens >= 0),
    start_char BIGINT NOT NULL,
    end_char BIGINT NOT NULL,
    start_byte BIGINT NOT NULL,
    end_byte BIGINT NOT NULL,
    content TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    source_type TEXT NOT NULL
        CHECK (source_type IN ('file_upload', 'web_crawl', 'api_integration', 'manual')),
    source_url TEXT,
    relevance_score DOUBLE PRECISION CHECK (relevance_score BETWEEN 0 AND 1),
    last_accessed_at TIMESTAMPTZ,
    access_count BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    -- Words as SQLite's index cuts them: at everything that is neither letter nor digit.
    words TSVECTOR GENERATED ALWAYS AS (to_tsvector('javari',
        regexp_replace(content || ' ' || headings::text, '[^[:alnum:]]+', ' ', 'g'))) STORED,
    CHECK (0 <= start_char AND start_char < end_char),
    CHECK (0 <= start_byte AND start_byte < end_byte),
    FOREIGN KEY (document_id, user_id)
        REFERENCES javari_documents (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX knowledge_base_document
    ON javari_knowledge_base (document_id, user_id, ordinal);
CREATE INDEX knowledge_base_project ON javari_knowledge_base (project_id, user_id);
CREATE INDEX knowledge_base_words ON javari_knowledge_base USING gin (words);

-- All vectors of a document in one row: little-endian f32 of length 1, chunk after chunk.
CREATE TABLE javari_knowledge_vectors (
    document_id UUID PRIMARY KEY,
    user_id UUID NOT NULL,
    project_id UUID,
    partition_id BIGINT NOT NULL
        REFERENCES javari_knowledge_partitions (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    dimensions BIGINT NOT NULL CHECK (dimensions > 0),
    first_chunk BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count > 0),
    vectors BYTEA NOT NULL CHECK (length(vectors) = count * dimensions * 4),
    FOREIGN KEY (document_id, user_id)
        REFERENCES javari_documents (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE INDEX knowledge_vectors_partition
    ON javari_knowledge_vectors (partition_id, model, first_chunk);
CREATE INDEX knowledge_vectors_project ON javari_knowledge_vectors (project_id, user_id);

-- What models cost, to the pico-dollar: the seed's DECIMAL(10,4) rounded small costs to nothing.
CREATE TABLE javari_cost_tracking (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    service TEXT NOT NULL,
    feature_used TEXT,
    model TEXT,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL DEFAULT 0,
    reasoning_tokens BIGINT NOT NULL DEFAULT 0,
    -- Whether the tokens are an estimate.
    estimated BOOLEAN NOT NULL DEFAULT FALSE,
    -- NULL where the price is not known: unknown is not free.
    cost_usd NUMERIC(24, 12),
    timestamp TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE INDEX cost_tracking_user ON javari_cost_tracking (user_id, timestamp);
CREATE INDEX cost_tracking_project ON javari_cost_tracking (project_id, user_id, timestamp);

ALTER TABLE javari_knowledge_partitions ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_knowledge_partitions FORCE ROW LEVEL SECURITY;
CREATE POLICY knowledge_partitions_own ON javari_knowledge_partitions
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_documents FORCE ROW LEVEL SECURITY;
CREATE POLICY documents_own ON javari_documents
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_knowledge_base ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_knowledge_base FORCE ROW LEVEL SECURITY;
CREATE POLICY knowledge_base_own ON javari_knowledge_base
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_knowledge_vectors ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_knowledge_vectors FORCE ROW LEVEL SECURITY;
CREATE POLICY knowledge_vectors_own ON javari_knowledge_vectors
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_cost_tracking ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_cost_tracking FORCE ROW LEVEL SECURITY;
CREATE POLICY cost_tracking_own ON javari_cost_tracking
    USING (javari_is_host() OR user_id = javari_user());
