-- The audit trail: append-only and hash-chained, one chain a user and one for the host.
-- No foreign key cascades into it: deleting a user must not delete what was done.
CREATE TABLE javari_work_log (
    id UUID PRIMARY KEY,
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    user_id UUID,
    project_id UUID,
    action_type TEXT NOT NULL,
    action_description TEXT NOT NULL,
    reasoning_log TEXT,
    confidence_score DOUBLE PRECISION CHECK (confidence_score BETWEEN 0 AND 1),
    files_modified_json JSONB,
    -- Text, not JSONB: the hash is over these very characters.
    details TEXT NOT NULL DEFAULT '{}' CHECK (details::jsonb IS NOT NULL),
    outcome TEXT NOT NULL CHECK (outcome IN ('success', 'partial_success', 'failure')),
    timestamp TIMESTAMPTZ NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (chain, seq)
);
CREATE INDEX work_log_user ON javari_work_log (user_id, timestamp);
CREATE INDEX work_log_project ON javari_work_log (project_id, timestamp);

-- The end of each chain, so that entries cut off at its end are missed.
CREATE TABLE javari_work_log_heads (
    chain TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE FUNCTION javari_refuse_change() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER work_log_no_change BEFORE UPDATE OR DELETE ON javari_work_log
    FOR EACH ROW EXECUTE FUNCTION javari_refuse_change();
CREATE TRIGGER work_log_no_truncate BEFORE TRUNCATE ON javari_work_log
    FOR EACH STATEMENT EXECUTE FUNCTION javari_refuse_change();

ALTER TABLE javari_work_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_work_log FORCE ROW LEVEL SECURITY;
CREATE POLICY work_log_own ON javari_work_log
    USING (javari_is_host() OR chain = javari_user()::text);
ALTER TABLE javari_work_log_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_work_log_heads FORCE ROW LEVEL SECURITY;
CREATE POLICY work_log_heads_own ON javari_work_log_heads
    USING (javari_is_host() OR chain = javari_user()::text);
