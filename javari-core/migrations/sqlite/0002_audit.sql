-- The audit trail: append-only and hash-chained, one chain a user and one for the host.
-- No foreign key cascades into it: deleting a user must not delete what was done.
CREATE TABLE javari_work_log (
    id TEXT PRIMARY KEY,
    chain TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    user_id TEXT,
    project_id TEXT,
    action_type TEXT NOT NULL,
    action_description TEXT NOT NULL,
    reasoning_log TEXT,
    confidence_score REAL CHECK (confidence_score BETWEEN 0 AND 1),
    files_modified_json TEXT CHECK (json_valid(files_modified_json)),
    details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details)),
    outcome TEXT NOT NULL CHECK (outcome IN ('success', 'partial_success', 'failure')),
    timestamp TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (chain, seq)
) STRICT;
CREATE INDEX work_log_user ON javari_work_log (user_id, timestamp);
CREATE INDEX work_log_project ON javari_work_log (project_id, timestamp);

-- The end of each chain, so that entries cut off at its end are missed.
CREATE TABLE javari_work_log_heads (
    chain TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE TRIGGER work_log_no_update BEFORE UPDATE ON javari_work_log
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER work_log_no_delete BEFORE DELETE ON javari_work_log
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
