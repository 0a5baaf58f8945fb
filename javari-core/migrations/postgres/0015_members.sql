-- Who may act in a project beside its owner, and with which role; and what holds a member's
-- transaction to that project.
CREATE TABLE javari_project_members (
    project_id UUID NOT NULL,
    member_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The owner of the project, as in every row.
    user_id UUID NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'developer', 'admin')),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_id, member_id),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    -- The owner is not a member: nobody takes the project from them by changing a role.
    CHECK (member_id <> user_id)
);
CREATE INDEX project_members_project ON javari_project_members (project_id, user_id);
CREATE INDEX project_members_member ON javari_project_members (member_id, project_id);

-- A key that a member made acts as that member.
ALTER TABLE javari_api_keys ADD COLUMN member_id UUID REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX api_keys_member ON javari_api_keys (member_id);

-- A member's transaction names the owner (`javari.actor`), the project and the member. Nothing is
-- held to a project where none is named.
CREATE FUNCTION javari_project() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('javari.project', true), '')::uuid $$;
CREATE FUNCTION javari_member() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('javari.member', true), '')::uuid $$;
-- Whom the transaction names, whether or not they may.
CREATE FUNCTION javari_actor() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN current_user IN ('anon', 'authenticated') THEN
            (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
        ELSE nullif(nullif(current_setting('javari.actor', true), 'host'), '')::uuid
    END
$$;
-- The same while the member is one of that owner's project; nobody afterwards.
CREATE FUNCTION javari_owner_of_members_project() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
SECURITY INVOKER SET search_path FROM CURRENT
AS $$
    SELECT m.user_id FROM javari_project_members m
    WHERE m.project_id = javari_project() AND m.member_id = javari_member()
      AND m.user_id = javari_actor()
$$;
CREATE OR REPLACE FUNCTION javari_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN javari_project() IS NULL AND javari_member() IS NULL THEN javari_actor()
        ELSE javari_owner_of_members_project()
    END
$$;
CREATE OR REPLACE FUNCTION javari_is_host() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(current_setting('javari.actor', true), '') = 'host'
       AND javari_project() IS NULL AND javari_member() IS NULL
       AND current_user NOT IN ('anon', 'authenticated')
$$;

-- `javari_user` reads this table, so its own policies ask for the settings alone.
ALTER TABLE javari_project_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_project_members FORCE ROW LEVEL SECURITY;
CREATE POLICY project_members_own ON javari_project_members
    USING ((SELECT javari_is_host()) OR user_id = (SELECT javari_actor()));
CREATE POLICY project_members_self ON javari_project_members FOR SELECT
    USING (member_id = (SELECT javari_actor()));

-- Every table: what a member's transaction reaches, beside what its own policy says of users. A
-- restrictive policy takes away and never adds, so those stay as they are.
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        -- What belongs to a project is that project's.
        SELECT c.relname AS name, 'project_id = (SELECT javari_project())' AS reached
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'project_id' AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
          AND c.relname NOT IN ('javari_credentials', 'javari_work_log')
        UNION ALL VALUES
            ('projects'::name, 'id = (SELECT javari_project())'),
            -- What belongs to the user as a whole is no member's.
            ('users', 'FALSE'), ('user_preferences', 'FALSE'), ('javari_identities', 'FALSE'),
            ('javari_credit_ledger', 'FALSE'), ('javari_idempotency_keys', 'FALSE'),
            ('javari_agents', 'FALSE'), ('javari_collaborating_agents', 'FALSE'),
            -- What hangs on another row is seen with it: that row's policies decide.
            ('javari_monitor_observations',
             'EXISTS (SELECT FROM javari_health_monitors p WHERE p.id = monitor_id)'),
            ('messages', 'EXISTS (SELECT FROM conversations p WHERE p.id = conversation_id)'),
            ('artifacts', 'EXISTS (SELECT FROM conversations p WHERE p.id = conversation_id)'),
            ('javari_pii_detections',
             'EXISTS (SELECT FROM conversations p WHERE p.id = conversation_id)'),
            ('conversation_continuations',
             'EXISTS (SELECT FROM conversations p WHERE p.id = parent_id)
              AND EXISTS (SELECT FROM conversations p WHERE p.id = child_id)'),
            ('javari_task_attempts',
             'EXISTS (SELECT FROM javari_task_queue p WHERE p.id = task_id)'),
            ('javari_agent_collaboration',
             'EXISTS (SELECT FROM javari_task_queue p WHERE p.id = task_id)'),
            ('javari_crawl_pages', 'EXISTS (SELECT FROM javari_web_crawls p WHERE p.id = crawl_id)'),
            ('javari_feature_request_votes',
             'EXISTS (SELECT FROM javari_feature_requests p WHERE p.id = feature_request_id)'),
            ('javari_credential_rotations',
             'EXISTS (SELECT FROM javari_credentials p WHERE p.id = credential_id
                      AND p.project_id = (SELECT javari_project()))')
    LOOP
        EXECUTE format(
            'CREATE POLICY %I ON %I AS RESTRICTIVE
                 USING ((SELECT javari_project()) IS NULL OR %s)',
            replace(held.name, 'javari_', '') || '_member', held.name, held.reached);
    END LOOP;
END
$$;

-- A credential that the owner lets the projects inherit is used there, and changed by the owner alone.
CREATE POLICY credentials_member_read ON javari_credentials AS RESTRICTIVE FOR SELECT
    USING ((SELECT javari_project()) IS NULL OR project_id = (SELECT javari_project())
        OR (project_id IS NULL AND is_inherited));
CREATE POLICY credentials_member_insert ON javari_credentials AS RESTRICTIVE FOR INSERT
    WITH CHECK ((SELECT javari_project()) IS NULL OR project_id = (SELECT javari_project()));
CREATE POLICY credentials_member_update ON javari_credentials AS RESTRICTIVE FOR UPDATE
    USING ((SELECT javari_project()) IS NULL OR project_id = (SELECT javari_project()));
CREATE POLICY credentials_member_delete ON javari_credentials AS RESTRICTIVE FOR DELETE
    USING ((SELECT javari_project()) IS NULL OR project_id = (SELECT javari_project()));
CREATE POLICY credential_versions_member_read ON javari_credential_versions AS RESTRICTIVE FOR SELECT
    USING ((SELECT javari_project()) IS NULL
        OR EXISTS (SELECT FROM javari_credentials p WHERE p.id = credential_id));
CREATE POLICY credential_versions_member_insert ON javari_credential_versions
    AS RESTRICTIVE FOR INSERT
    WITH CHECK ((SELECT javari_project()) IS NULL
        OR EXISTS (SELECT FROM javari_credentials p WHERE p.id = credential_id
                   AND p.project_id = (SELECT javari_project())));
CREATE POLICY credential_versions_member_update ON javari_credential_versions
    AS RESTRICTIVE FOR UPDATE
    USING ((SELECT javari_project()) IS NULL
        OR EXISTS (SELECT FROM javari_credentials p WHERE p.id = credential_id
                   AND p.project_id = (SELECT javari_project())));
CREATE POLICY credential_versions_member_delete ON javari_credential_versions
    AS RESTRICTIVE FOR DELETE
    USING ((SELECT javari_project()) IS NULL
        OR EXISTS (SELECT FROM javari_credentials p WHERE p.id = credential_id
                   AND p.project_id = (SELECT javari_project())));

-- A member reads the project's part of the owner's trail, and the last entry, behind which the next
-- one is chained.
CREATE POLICY work_log_member_read ON javari_work_log AS RESTRICTIVE FOR SELECT
    USING ((SELECT javari_project()) IS NULL OR project_id = (SELECT javari_project())
        OR seq = (SELECT h.seq FROM javari_work_log_heads h WHERE h.chain = javari_work_log.chain));
CREATE POLICY work_log_member_insert ON javari_work_log AS RESTRICTIVE FOR INSERT
    WITH CHECK ((SELECT javari_project()) IS NULL OR project_id = (SELECT javari_project()));
