-- Users, their preferences, projects and subprojects. Column names and meanings are the seed's.
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT,
    avatar_url TEXT,
    plan TEXT NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro', 'enterprise')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    last_active_at TEXT NOT NULL
) STRICT;
-- The seed's UNIQUE kept a@x and A@X apart.
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE user_preferences (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    default_ai_provider TEXT,
    temperature REAL NOT NULL DEFAULT 0.7 CHECK (temperature BETWEEN 0 AND 2),
    max_tokens INTEGER NOT NULL DEFAULT 2000 CHECK (max_tokens > 0),
    stream_responses INTEGER NOT NULL DEFAULT 1 CHECK (stream_responses IN (0, 1)),
    voice_enabled INTEGER NOT NULL DEFAULT 1 CHECK (voice_enabled IN (0, 1)),
    theme TEXT NOT NULL DEFAULT 'dark' CHECK (theme IN ('light', 'dark', 'system')),
    notifications_enabled INTEGER NOT NULL DEFAULT 1 CHECK (notifications_enabled IN (0, 1)),
    autonomy_level TEXT NOT NULL DEFAULT 'approve_critical'
        CHECK (autonomy_level IN ('full_auto', 'approve_critical', 'manual')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    repository_url TEXT,
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (user_id, name),
    -- The target of composite keys: a row cannot name a project of another user.
    UNIQUE (id, user_id)
) STRICT;

CREATE TABLE subprojects (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (project_id, name),
    UNIQUE (id, project_id, user_id)
) STRICT;
CREATE INDEX subprojects_project ON subprojects (project_id, user_id);
