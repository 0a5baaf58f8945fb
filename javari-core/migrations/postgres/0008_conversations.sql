-- Conversations, what was said and made in them, and what was found in it. Column names and meanings
-- are the seed's.
CREATE TABLE conversations (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    subproject_id UUID,
    title TEXT NOT NULL,
    starred BOOLEAN NOT NULL DEFAULT FALSE,
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
    last_message_at TIMESTAMPTZ NOT NULL,
    total_tokens BIGINT NOT NULL DEFAULT 0 CHECK (total_tokens >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (subproject_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id),
    FOREIGN KEY (subproject_id, project_id, user_id)
        REFERENCES subprojects (id, project_id, user_id),
    UNIQUE (id, user_id)
);
CREATE INDEX conversations_user ON conversations (user_id, status, last_message_at);
CREATE INDEX conversations_project ON conversations (project_id, user_id, last_message_at);
CREATE INDEX conversations_subproject ON conversations (subproject_id, project_id, user_id);

-- The seed's messages of one transaction had the same time; `seq` says which came first.
CREATE TABLE messages (
    id UUID PRIMARY KEY,
    conversation_id UUID NOT NULL,
    user_id UUID NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    content TEXT NOT NULL,
    -- Parts that are no text: tool calls, images, citations.
    parts JSONB,
    ai_model TEXT,
    tokens_used BIGINT CHECK (tokens_used >= 0),
    credits_cost NUMERIC(24, 12) CHECK (credits_cost >= 0),
    reasoning_log TEXT,
    confidence_score DOUBLE PRECISION CHECK (confidence_score BETWEEN 0 AND 1),
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (conversation_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, conversation_id, user_id)
);
CREATE UNIQUE INDEX messages_conversation ON messages (conversation_id, user_id, seq);
CREATE INDEX messages_user ON messages (user_id, created_at);

CREATE TABLE conversation_continuations (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL,
    parent_id UUID NOT NULL,
    child_id UUID NOT NULL,
    summary TEXT,
    context_tokens BIGINT CHECK (context_tokens >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    CHECK (parent_id <> child_id),
    FOREIGN KEY (parent_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (child_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE
);
CREATE INDEX continuations_parent ON conversation_continuations (parent_id, user_id);
-- A conversation goes on from one other at most.
CREATE UNIQUE INDEX continuations_child ON conversation_continuations (child_id, user_id);

CREATE TABLE artifacts (
    id UUID PRIMARY KEY,
    conversation_id UUID NOT NULL,
    user_id UUID NOT NULL,
    message_id UUID,
    type TEXT NOT NULL CHECK (type IN ('code', 'document', 'image', 'data')),
    filename TEXT NOT NULL,
    -- A path never climbs out of the folder that artifacts lie in.
    file_path TEXT CHECK ('/' || replace(file_path, '\', '/') || '/' NOT LIKE '%/../%'),
    file_size BIGINT CHECK (file_size >= 0),
    content_hash TEXT,
    language TEXT,
    preview_data JSONB,
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (conversation_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (message_id, conversation_id, user_id)
        REFERENCES messages (id, conversation_id, user_id) ON DELETE SET NULL (message_id)
);
CREATE INDEX artifacts_conversation ON artifacts (conversation_id, user_id, created_at);
CREATE INDEX artifacts_message ON artifacts (message_id, conversation_id, user_id);

-- What was found is kept as a keyed hash: a plain one of a number is guessed in no time.
CREATE TABLE javari_pii_detections (
    id UUID PRIMARY KEY,
    conversation_id UUID NOT NULL,
    user_id UUID NOT NULL,
    message_id UUID,
    pii_type TEXT NOT NULL CHECK (pii_type IN ('email', 'phone', 'ssn', 'credit_card', 'address')),
    detected_text_hash TEXT NOT NULL,
    redaction_applied BOOLEAN NOT NULL DEFAULT FALSE,
    reported_to_admin BOOLEAN NOT NULL DEFAULT FALSE,
    detected_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (conversation_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (message_id, conversation_id, user_id)
        REFERENCES messages (id, conversation_id, user_id) ON DELETE CASCADE
);
CREATE INDEX pii_detections_conversation
    ON javari_pii_detections (conversation_id, user_id, detected_at);
CREATE INDEX pii_detections_message ON javari_pii_detections (message_id, conversation_id, user_id);
CREATE INDEX pii_detections_user ON javari_pii_detections (user_id, detected_at);
