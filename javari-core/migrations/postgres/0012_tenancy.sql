-- Who sees which row, said once for every table; what outlives a project; and the seed's defaults and
-- function, so that SQL written for its tables goes on working.

-- Whom the transaction acts for. Supabase's own roles act for the user that their token names and
-- never for the host, whatever else they set.
CREATE OR REPLACE FUNCTION javari_is_host() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(current_setting('javari.actor', true), '') = 'host'
       AND current_user NOT IN ('anon', 'authenticated')
$$;
CREATE OR REPLACE FUNCTION javari_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN current_user IN ('anon', 'authenticated') THEN
            (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
        ELSE nullif(nullif(current_setting('javari.actor', true), 'host'), '')::uuid
    END
$$;

-- In a sub-select the two are asked once a statement, not once a row.
DO $$
DECLARE
    owned text;
BEGIN
    FOR owned IN
        SELECT c.relname
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
          AND c.relname <> 'javari_work_log'
          AND (c.relname LIKE 'javari\_%' OR c.relname IN (
              'user_preferences', 'projects', 'subprojects', 'conversations', 'messages',
              'conversation_continuations', 'artifacts'
          ))
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', owned);
        EXECUTE format('DROP POLICY IF EXISTS %I ON %I', replace(owned, 'javari_', '') || '_own', owned);
        EXECUTE format(
            'CREATE POLICY %I ON %I
                 USING ((SELECT javari_is_host()) OR user_id = (SELECT javari_user()))',
            replace(owned, 'javari_', '') || '_own', owned);
    END LOOP;
END
$$;
ALTER POLICY users_own ON users
    USING ((SELECT javari_is_host()) OR id = (SELECT javari_user()));
ALTER POLICY work_log_own ON javari_work_log
    USING ((SELECT javari_is_host()) OR chain = (SELECT javari_user())::text);
ALTER POLICY work_log_heads_own ON javari_work_log_heads
    USING ((SELECT javari_is_host()) OR chain = (SELECT javari_user())::text);

-- A conversation and what things cost outlive their project.
ALTER TABLE javari_cost_tracking DROP CONSTRAINT javari_cost_tracking_project_id_user_id_fkey;
ALTER TABLE javari_cost_tracking ADD FOREIGN KEY (project_id, user_id)
    REFERENCES projects (id, user_id) ON DELETE SET NULL (project_id);
CREATE FUNCTION javari_leave_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversations SET project_id = NULL, subproject_id = NULL
    WHERE project_id = OLD.id AND user_id = OLD.user_id;
    RETURN OLD;
END
$$;
CREATE TRIGGER projects_leave BEFORE DELETE ON projects
    FOR EACH ROW EXECUTE FUNCTION javari_leave_project();
CREATE FUNCTION javari_leave_subproject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversations SET subproject_id = NULL
    WHERE subproject_id = OLD.id AND project_id = OLD.project_id AND user_id = OLD.user_id;
    RETURN OLD;
END
$$;
CREATE TRIGGER subprojects_leave BEFORE DELETE ON subprojects
    FOR EACH ROW EXECUTE FUNCTION javari_leave_subproject();

-- The seed's tables filled in ids and times by themselves; Javari states both.
DO $$
DECLARE
    filled record;
BEGIN
    FOR filled IN
        SELECT c.relname AS name, a.attname AS field, a.atttypid::regtype::text AS type
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attnotnull
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
          AND c.relname IN (
              'users', 'user_preferences', 'projects', 'subprojects', 'conversations', 'messages',
              'conversation_continuations', 'artifacts', 'javari_web_crawls',
              'javari_learned_patterns', 'javari_ab_tests', 'javari_task_queue', 'javari_agents',
              'javari_agent_collaboration', 'javari_cost_tracking', 'javari_cost_forecasts',
              'javari_pii_detections', 'javari_security_scans'
          )
          AND ((a.attname = 'id' AND a.atttypid = 'uuid'::regtype)
               OR (a.atttypid = 'timestamptz'::regtype AND a.attname <> 'leased_until'))
          AND NOT a.atthasdef
    LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %s', filled.name, filled.field,
            CASE filled.type WHEN 'uuid' THEN 'gen_random_uuid()' ELSE 'now()' END);
    END LOOP;
END
$$;

-- A row that is written without naming its owner belongs to the owner of what it hangs on.
CREATE FUNCTION javari_owner_of_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT c.user_id INTO NEW.user_id FROM conversations c WHERE c.id = NEW.conversation_id
    FOR UPDATE;
    IF NEW.seq IS NULL THEN
        SELECT coalesce(max(m.seq), 0) + 1 INTO NEW.seq
        FROM messages m WHERE m.conversation_id = NEW.conversation_id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER messages_owner BEFORE INSERT ON messages
    FOR EACH ROW WHEN (NEW.user_id IS NULL OR NEW.seq IS NULL)
    EXECUTE FUNCTION javari_owner_of_message();
CREATE FUNCTION javari_owner_of_conversation_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT c.user_id INTO NEW.user_id FROM conversations c WHERE c.id = NEW.conversation_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER artifacts_owner BEFORE INSERT ON artifacts
    FOR EACH ROW WHEN (NEW.user_id IS NULL) EXECUTE FUNCTION javari_owner_of_conversation_part();
CREATE TRIGGER pii_detections_owner BEFORE INSERT ON javari_pii_detections
    FOR EACH ROW WHEN (NEW.user_id IS NULL) EXECUTE FUNCTION javari_owner_of_conversation_part();
CREATE FUNCTION javari_owner_of_continuation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT c.user_id INTO NEW.user_id FROM conversations c WHERE c.id = NEW.parent_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER continuations_owner BEFORE INSERT ON conversation_continuations
    FOR EACH ROW WHEN (NEW.user_id IS NULL) EXECUTE FUNCTION javari_owner_of_continuation();
CREATE FUNCTION javari_owner_of_project_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT p.user_id INTO NEW.user_id FROM projects p WHERE p.id = NEW.project_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER subprojects_owner BEFORE INSERT ON subprojects
    FOR EACH ROW WHEN (NEW.user_id IS NULL) EXECUTE FUNCTION javari_owner_of_project_part();
CREATE TRIGGER security_scans_owner BEFORE INSERT ON javari_security_scans
    FOR EACH ROW WHEN (NEW.user_id IS NULL) EXECUTE FUNCTION javari_owner_of_project_part();
CREATE FUNCTION javari_owner_of_collaboration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT t.user_id INTO NEW.user_id FROM javari_task_queue t WHERE t.id = NEW.task_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER collaboration_owner BEFORE INSERT ON javari_agent_collaboration
    FOR EACH ROW WHEN (NEW.user_id IS NULL) EXECUTE FUNCTION javari_owner_of_collaboration();

CREATE FUNCTION javari_mirror_agents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid := coalesce(NEW.collaboration_id, OLD.collaboration_id);
BEGIN
    UPDATE javari_agent_collaboration SET agent_ids = ARRAY(
        SELECT m.agent_id FROM javari_collaborating_agents m
        WHERE m.collaboration_id = changed ORDER BY m.agent_id
    ) WHERE id = changed;
    RETURN NULL;
END
$$;
CREATE TRIGGER collaborating_agents_mirror AFTER INSERT OR DELETE ON javari_collaborating_agents
    FOR EACH ROW EXECUTE FUNCTION javari_mirror_agents();

-- The seed's `updated_at` never moved. Javari writes it; for everybody else the server does.
CREATE FUNCTION javari_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
DO $$
DECLARE
    touched text;
BEGIN
    FOREACH touched IN ARRAY ARRAY['users', 'user_preferences', 'projects', 'subprojects',
        'conversations', 'javari_credentials', 'javari_knowledge_base']
    LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW WHEN (
                 OLD.updated_at = NEW.updated_at
                 AND coalesce(current_setting(''javari.actor'', true), '''') = '''')
             EXECUTE FUNCTION javari_touch()', touched || '_touch', touched);
    END LOOP;
END
$$;

CREATE FUNCTION javari_refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER credit_ledger_no_update BEFORE UPDATE ON javari_credit_ledger
    FOR EACH ROW EXECUTE FUNCTION javari_refuse_ledger_change();

-- What a scope sees of its credentials: the outermost locked one of a name, else the innermost.
-- The seed's function failed on every call, asked for no user and never read `allow_override`.
CREATE FUNCTION get_credentials_with_inheritance(
    p_user_id UUID, p_project_id UUID, p_subproject_id UUID
) RETURNS TABLE (
    id UUID, name TEXT, version INTEGER, encrypted_value TEXT, encryption_iv TEXT,
    encryption_tag TEXT, source TEXT
) LANGUAGE sql STABLE SECURITY INVOKER SET search_path FROM CURRENT AS $$
    WITH offered AS (
        SELECT c.*, CASE
            WHEN c.subproject_id IS NOT NULL THEN 3 WHEN c.project_id IS NOT NULL THEN 2 ELSE 1
        END AS level
        FROM javari_credentials c
        WHERE c.user_id = p_user_id AND (c.expires_at IS NULL OR c.expires_at > now()) AND (
            (c.subproject_id = p_subproject_id AND c.project_id = p_project_id)
            OR (c.subproject_id IS NULL AND c.project_id = p_project_id
                AND (p_subproject_id IS NULL OR c.is_inherited))
            OR (c.project_id IS NULL AND (p_project_id IS NULL OR c.is_inherited))
        )
    ), ranked AS (
        SELECT o.*, row_number() OVER (
            PARTITION BY o.name
            ORDER BY o.allow_override, CASE WHEN o.allow_override THEN -o.level ELSE o.level END
        ) AS place
        FROM offered o
    )
    SELECT r.id, r.name, r.current_version, r.encrypted_value, r.encryption_iv, r.encryption_tag,
           (ARRAY['user', 'project', 'subproject'])[r.level]
    FROM ranked r WHERE r.place = 1
$$;
-- The seed's own signature; the project is that of the subproject where only this is given.
CREATE FUNCTION get_credentials_with_inheritance(p_project_id UUID, p_subproject_id UUID)
RETURNS TABLE (
    id UUID, name TEXT, encrypted_value TEXT, encryption_iv TEXT, encryption_tag TEXT, source TEXT
) LANGUAGE sql STABLE SECURITY INVOKER SET search_path FROM CURRENT AS $$
    SELECT c.id, c.name, c.encrypted_value, c.encryption_iv, c.encryption_tag, c.source
    FROM get_credentials_with_inheritance(
        javari_user(),
        coalesce(p_project_id, (SELECT s.project_id FROM subprojects s WHERE s.id = p_subproject_id)),
        p_subproject_id
    ) c
$$;
