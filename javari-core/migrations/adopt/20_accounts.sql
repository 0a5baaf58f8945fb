-- Users, preferences, projects and subprojects.
INSERT INTO users (id, email, name, avatar_url, plan, created_at, updated_at, last_active_at,
    credits_balance, monthly_allowance, allowance_reset_date, allowance_anchor_day)
SELECT o.id, o.email, u.name, u.avatar_url, coalesce(u.plan, 'free'),
    coalesce(u.created_at, u.updated_at, u.last_active_at, now()),
    coalesce(u.updated_at, u.created_at, now()), coalesce(u.last_active_at, u.updated_at, now()),
    -- Two that become one keep the credits of both.
    theirs.balance, greatest(coalesce(u.monthly_allowance, 0), 0), u.allowance_reset_date,
    extract(day FROM u.allowance_reset_date)::integer
FROM javari_seed.adoption_owners o
JOIN javari_seed.users u ON u.id = o.old_id
JOIN (
    SELECT every.id, sum(greatest(coalesce(v.credits_balance, 0), 0)) AS balance
    FROM javari_seed.adoption_owners every JOIN javari_seed.users v ON v.id = every.old_id
    GROUP BY every.id
) AS theirs ON theirs.id = o.id
WHERE o.id = o.old_id;
-- The seed's key, which `ON CONFLICT (email)` of old statements names.
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);

INSERT INTO user_preferences (user_id, default_ai_provider, temperature, max_tokens,
    stream_responses, voice_enabled, theme, notifications_enabled, autonomy_level, created_at,
    updated_at)
SELECT DISTINCT ON (o.id) o.id, p.default_ai_provider, coalesce(p.temperature, 0.7),
    CASE WHEN p.max_tokens > 0 THEN p.max_tokens ELSE 2000 END, coalesce(p.stream_responses, TRUE),
    coalesce(p.voice_enabled, TRUE), coalesce(p.theme, 'dark'),
    coalesce(p.notifications_enabled, TRUE), coalesce(p.autonomy_level, 'approve_critical'),
    coalesce(p.created_at, p.updated_at, now()), coalesce(p.updated_at, p.created_at, now())
FROM javari_seed.user_preferences p
JOIN javari_seed.adoption_owners o ON o.old_id = p.user_id
ORDER BY o.id, p.user_id = o.id DESC, p.updated_at DESC NULLS LAST;
UPDATE javari_seed.adoption_counts SET merged_rows = (
    SELECT count(*) FROM javari_seed.adoption_owners o WHERE o.id <> o.old_id
) WHERE table_name = 'users';
UPDATE javari_seed.adoption_counts SET merged_rows = old_rows - (SELECT count(*) FROM user_preferences)
WHERE table_name = 'user_preferences';

-- Unique names: the newest of a name keeps it.
CREATE VIEW javari_seed.adoption_projects AS
SELECT p.*, o.id AS owner_id, row_number() OVER (
    PARTITION BY o.id, p.name ORDER BY p.updated_at DESC NULLS LAST, p.created_at DESC NULLS LAST, p.id
) AS nth
FROM javari_seed.projects p JOIN javari_seed.adoption_owners o ON o.old_id = p.user_id;
INSERT INTO javari_seed.adoption_names
SELECT 'projects', p.id, p.owner_id::text, p.name, p.name FROM javari_seed.adoption_projects p WHERE p.nth = 1;
DO $$ BEGIN
    PERFORM javari_seed.give_name('projects', p.id, p.owner_id::text, p.name)
    FROM (SELECT * FROM javari_seed.adoption_projects WHERE nth > 1 ORDER BY owner_id, name, nth) p;
END $$;
INSERT INTO projects (id, user_id, name, description, repository_url, metadata, created_at, updated_at)
SELECT p.id, p.owner_id, n.name, p.description, p.repository_url, coalesce(p.metadata, '{}'),
    coalesce(p.created_at, p.updated_at, now()), coalesce(p.updated_at, p.created_at, now())
FROM javari_seed.adoption_projects p
JOIN javari_seed.adoption_names n ON n.kind = 'projects' AND n.id = p.id;

CREATE VIEW javari_seed.adoption_subprojects AS
SELECT s.*, row_number() OVER (
    PARTITION BY s.project_id, s.name ORDER BY s.updated_at DESC NULLS LAST, s.created_at DESC NULLS LAST, s.id
) AS nth
FROM javari_seed.subprojects s;
INSERT INTO javari_seed.adoption_names
SELECT 'subprojects', s.id, s.project_id::text, s.name, s.name
FROM javari_seed.adoption_subprojects s WHERE s.nth = 1;
DO $$ BEGIN
    PERFORM javari_seed.give_name('subprojects', s.id, s.project_id::text, s.name)
    FROM (SELECT * FROM javari_seed.adoption_subprojects WHERE nth > 1 ORDER BY project_id, name, nth) s;
END $$;
INSERT INTO subprojects (id, project_id, user_id, name, description, metadata, created_at, updated_at)
SELECT s.id, s.project_id, p.user_id, n.name, s.description, coalesce(s.metadata, '{}'),
    coalesce(s.created_at, s.updated_at, now()), coalesce(s.updated_at, s.created_at, now())
FROM javari_seed.subprojects s
JOIN projects p ON p.id = s.project_id
JOIN javari_seed.adoption_names n ON n.kind = 'subprojects' AND n.id = s.id;
ANALYZE javari_seed.adoption_owners, javari_seed.adoption_names, users, projects, subprojects;
