-- What a user, or a project of theirs, may spend on models in a period. A call reserves beforehand what
-- it may cost at most, so that calls which run at once do not pass the limit together.
CREATE TABLE javari_budgets (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month', 'total')),
    limit_usd NUMERIC(24, 12) NOT NULL CHECK (limit_usd >= 0),
    -- Whether models may be asked whose price is not known, and which the limit does not count.
    allow_unpriced BOOLEAN NOT NULL DEFAULT FALSE,
    -- What was spent since `period_start`; a period that began later has spent nothing yet.
    spent_usd NUMERIC(24, 12) NOT NULL DEFAULT 0 CHECK (spent_usd >= 0),
    period_start TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX budgets_of_user ON javari_budgets (user_id, period) WHERE project_id IS NULL;
CREATE UNIQUE INDEX budgets_of_project ON javari_budgets (project_id, user_id, period)
    WHERE project_id IS NOT NULL;
CREATE INDEX budgets_user ON javari_budgets (user_id);
CREATE INDEX budgets_project ON javari_budgets (project_id, user_id);

-- What calls that run may cost at most. One that is not settled by its time was lost with its process.
CREATE TABLE javari_budget_reservations (
    id UUID NOT NULL,
    budget_id UUID NOT NULL REFERENCES javari_budgets (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    amount_usd NUMERIC(24, 12) NOT NULL CHECK (amount_usd >= 0),
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id, budget_id)
);
CREATE INDEX budget_reservations_budget ON javari_budget_reservations (budget_id, expires_at);
CREATE INDEX budget_reservations_user ON javari_budget_reservations (user_id);

ALTER TABLE javari_budgets ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_budgets FORCE ROW LEVEL SECURITY;
CREATE POLICY budgets_own ON javari_budgets
    USING ((SELECT javari_is_host()) OR user_id = (SELECT javari_user()));
CREATE POLICY budgets_member ON javari_budgets AS RESTRICTIVE
    USING ((SELECT javari_project()) IS NULL OR project_id = (SELECT javari_project()));
ALTER TABLE javari_budget_reservations ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_budget_reservations FORCE ROW LEVEL SECURITY;
CREATE POLICY budget_reservations_own ON javari_budget_reservations
    USING ((SELECT javari_is_host()) OR user_id = (SELECT javari_user()));
CREATE POLICY budget_reservations_member ON javari_budget_reservations AS RESTRICTIVE
    USING ((SELECT javari_project()) IS NULL
        OR EXISTS (SELECT FROM javari_budgets p WHERE p.id = budget_id));

DO $$
DECLARE
    role text;
BEGIN
    FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
        EXECUTE format(
            'REVOKE TRUNCATE, REFERENCES, TRIGGER ON javari_budgets, javari_budget_reservations FROM %I',
            role);
    END LOOP;
END
$$;
