-- Users, their preferences, projects and subprojects. Column names and meanings are the seed's.

-- Where the connection's own role is above row-level security (a superuser, Supabase's postgres),
-- every statement runs as this one, which is not.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)) THEN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'javari_app') THEN
            BEGIN
                CREATE ROLE javari_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                -- Another database of this server was opened at the same moment.
                NULL;
            END;
        END IF;
        -- A superuser takes it anyway, and a grant would keep other databases of this server waiting
        -- for as long as this transaction lasts.
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            EXECUTE format('GRANT javari_app TO %I', current_user);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO javari_app', current_schema());
        EXECUTE format('GRANT SELECT ON %I.javari_schema TO javari_app', current_schema());
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO javari_app', current_schema());
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I
            GRANT USAGE ON SEQUENCES TO javari_app', current_schema());
    END IF;
END
$$;

-- Whom the transaction acts for: the host, which sees all, or one user.
CREATE FUNCTION javari_is_host() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('javari.actor', true), '') = 'host' $$;
CREATE FUNCTION javari_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(nullif(current_setting('javari.actor', true), 'host'), '')::uuid $$;

CREATE TABLE users (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT,
    avatar_url TEXT,
    plan TEXT NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro', 'enterprise')),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    last_active_at TIMESTAMPTZ NOT NULL
);
-- The seed's UNIQUE kept a@x and A@X apart.
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE user_preferences (
    user_id UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    default_ai_provider TEXT,
    temperature DOUBLE PRECISION NOT NULL DEFAULT 0.7 CHECK (temperature BETWEEN 0 AND 2),
    max_tokens INTEGER NOT NULL DEFAULT 2000 CHECK (max_tokens > 0),
    stream_responses BOOLEAN NOT NULL DEFAULT TRUE,
    voice_enabled BOOLEAN NOT NULL DEFAULT TRUE,
    theme TEXT NOT NULL DEFAULT 'dark' CHECK (theme IN ('light', 'dark', 'system')),
    notifications_enabled BOOLEAN NOT NULL DEFAULT TRUE,
    autonomy_level TEXT NOT NULL DEFAULT 'approve_critical'
        CHECK (autonomy_level IN ('full_auto', 'approve_critical', 'manual')),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE projects (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    repository_url TEXT,
    metadata JSONB NOT NULL DEFAULT '{}',
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (user_id, name),
    -- The target of composite keys: a row cannot name a project of another user.
    UNIQUE (id, user_id)
);

CREATE TABLE subprojects (
    id UUID PRIMARY KEY,
    project_id UUID NOT NULL,
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    metadata JSONB NOT NULL DEFAULT '{}',
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (project_id, name),
    UNIQUE (id, project_id, user_id)
);
CREATE INDEX subprojects_project ON subprojects (project_id, user_id);

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY users_own ON users USING (javari_is_host() OR id = javari_user());
ALTER TABLE user_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY user_preferences_own ON user_preferences
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
CREATE POLICY projects_own ON projects USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE subprojects ENABLE ROW LEVEL SECURITY;
ALTER TABLE subprojects FORCE ROW LEVEL SECURITY;
CREATE POLICY subprojects_own ON subprojects USING (javari_is_host() OR user_id = javari_user());
