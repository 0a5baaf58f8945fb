-- Conversations, what was said and made in them, and what was found in it. Column names and meanings
-- are the seed's.
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    subproject_id TEXT,
    title TEXT NOT NULL,
    starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
    last_message_at TEXT NOT NULL,
    total_tokens INTEGER NOT NULL DEFAULT 0 CHECK (total_tokens >= 0),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (subproject_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id),
    FOREIGN KEY (subproject_id, project_id, user_id)
        REFERENCES subprojects (id, project_id, user_id),
    UNIQUE (id, user_id)
) STRICT;
CREATE INDEX conversations_user ON conversations (user_id, status, last_message_at);
CREATE INDEX conversations_project ON conversations (project_id, user_id, last_message_at);
CREATE INDEX conversations_subproject ON conversations (subproject_id, project_id, user_id);

-- The seed's messages of one transaction had the same time; `seq` says which came first.
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    content TEXT NOT NULL,
    -- Parts that are no text: tool calls, images, citations.
    parts TEXT CHECK (json_valid(parts)),
    ai_model TEXT,
    tokens_used INTEGER CHECK (tokens_used >= 0),
    credits_cost INTEGER CHECK (credits_cost >= 0),
    reasoning_log TEXT,
    confidence_score REAL CHECK (confidence_score BETWEEN 0 AND 1),
    created_at TEXT NOT NULL,
    FOREIGN KEY (conversation_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, conversation_id, user_id)
) STRICT;
CREATE UNIQUE INDEX messages_conversation ON messages (conversation_id, user_id, seq);
CREATE INDEX messages_user ON messages (user_id, created_at);

CREATE TABLE conversation_continuations (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    parent_id TEXT NOT NULL,
    child_id TEXT NOT NULL,
    summary TEXT,
    context_tokens INTEGER CHECK (context_tokens >= 0),
    created_at TEXT NOT NULL,
    CHECK (parent_id <> child_id),
    FOREIGN KEY (parent_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (child_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX continuations_parent ON conversation_continuations (parent_id, user_id);
-- A conversation goes on from one other at most.
CREATE UNIQUE INDEX continuations_child ON conversation_continuations (child_id, user_id);

CREATE TABLE artifacts (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    message_id TEXT,
    type TEXT NOT NULL CHECK (type IN ('code', 'document', 'image', 'data')),
    filename TEXT NOT NULL,
    -- A path never climbs out of the folder that artifacts lie in.
    file_path TEXT CHECK ('/' || replace(file_path, '\', '/') || '/' NOT LIKE '%/../%'),
    file_size INTEGER CHECK (file_size >= 0),
    content_hash TEXT,
    language TEXT,
    preview_data TEXT CHECK (json_valid(preview_data)),
    created_at TEXT NOT NULL,
    FOREIGN KEY (conversation_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (message_id, conversation_id, user_id)
        REFERENCES messages (id, conversation_id, user_id)
) STRICT;
CREATE INDEX artifacts_conversation ON artifacts (conversation_id, user_id, created_at);
CREATE INDEX artifacts_message ON artifacts (message_id, conversation_id, user_id);

-- What was found is kept as a keyed hash: a plain one of a number is guessed in no time.
CREATE TABLE javari_pii_detections (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    message_id TEXT,
    pii_type TEXT NOT NULL CHECK (pii_type IN ('email', 'phone', 'ssn', 'credit_card', 'address')),
    detected_text_hash TEXT NOT NULL,
    redaction_applied INTEGER NOT NULL DEFAULT 0 CHECK (redaction_applied IN (0, 1)),
    reported_to_admin INTEGER NOT NULL DEFAULT 0 CHECK (reported_to_admin IN (0, 1)),
    detected_at TEXT NOT NULL,
    FOREIGN KEY (conversation_id, user_id) REFERENCES conversations (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (message_id, conversation_id, user_id)
        REFERENCES messages (id, conversation_id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX pii_detections_conversation
    ON javari_pii_detections (conversation_id, user_id, detected_at);
CREATE INDEX pii_detections_message ON javari_pii_detections (message_id, conversation_id, user_id);
CREATE INDEX pii_detections_user ON javari_pii_detections (user_id, detected_at);
