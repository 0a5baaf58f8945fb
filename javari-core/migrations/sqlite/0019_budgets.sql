-- What a user, or a project of theirs, may spend on models in a period. A call reserves beforehand what
-- it may cost at most, so that calls which run at once do not pass the limit together.
CREATE TABLE javari_budgets (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month', 'total')),
    limit_usd INTEGER NOT NULL CHECK (limit_usd >= 0),
    -- Whether models may be asked whose price is not known, and which the limit does not count.
    allow_unpriced INTEGER NOT NULL DEFAULT 0 CHECK (allow_unpriced IN (0, 1)),
    -- What was spent since `period_start`; a period that began later has spent nothing yet.
    spent_usd INTEGER NOT NULL DEFAULT 0 CHECK (spent_usd >= 0),
    period_start TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX budgets_of_user ON javari_budgets (user_id, period) WHERE project_id IS NULL;
CREATE UNIQUE INDEX budgets_of_project ON javari_budgets (project_id, user_id, period)
    WHERE project_id IS NOT NULL;
CREATE INDEX budgets_user ON javari_budgets (user_id);
CREATE INDEX budgets_project ON javari_budgets (project_id, user_id);

-- What calls that run may cost at most. One that is not settled by its time was lost with its process.
CREATE TABLE javari_budget_reservations (
    id TEXT NOT NULL,
    budget_id TEXT NOT NULL REFERENCES javari_budgets (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    amount_usd INTEGER NOT NULL CHECK (amount_usd >= 0),
    expires_at TEXT NOT NULL,
    PRIMARY KEY (id, budget_id)
) STRICT;
CREATE INDEX budget_reservations_budget ON javari_budget_reservations (budget_id, expires_at);
CREATE INDEX budget_reservations_user ON javari_budget_reservations (user_id);
