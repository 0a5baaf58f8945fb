-- Balances with the ledger behind them, forecasts, and what keeps calls from being made twice or too
-- often. Money is exact to the pico-dollar; the seed rounded small sums to nothing.
ALTER TABLE users ADD COLUMN credits_balance NUMERIC(24, 12) NOT NULL DEFAULT 10
    CHECK (credits_balance >= 0);
ALTER TABLE users ADD COLUMN monthly_allowance NUMERIC(24, 12) NOT NULL DEFAULT 10
    CHECK (monthly_allowance >= 0);
ALTER TABLE users ADD COLUMN allowance_reset_date TIMESTAMPTZ;
-- The day of the month that resets fall on: a month after the 31st of January is not the 28th for ever.
ALTER TABLE users ADD COLUMN allowance_anchor_day INTEGER CHECK (allowance_anchor_day BETWEEN 1 AND 31);

-- Every change of a balance, append-only; the balance of a user is that of the last entry.
CREATE TABLE javari_credit_ledger (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL CHECK (seq > 0),
    amount NUMERIC(24, 12) NOT NULL,
    balance_after NUMERIC(24, 12) NOT NULL CHECK (balance_after >= 0),
    reason TEXT NOT NULL CHECK (reason IN (
        'opening', 'allowance', 'purchase', 'usage', 'refund', 'reservation', 'release', 'adjustment'
    )),
    -- What it was for: the id of a message, a call or a payment.
    reference TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX credit_ledger_user ON javari_credit_ledger (user_id, seq);
CREATE INDEX credit_ledger_reference ON javari_credit_ledger (user_id, reference);

CREATE TABLE javari_cost_forecasts (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    forecast_period TEXT NOT NULL
        CHECK (forecast_period IN ('daily', 'weekly', 'monthly', 'yearly')),
    predicted_cost_usd NUMERIC(24, 12) NOT NULL CHECK (predicted_cost_usd >= 0),
    low_cost_usd NUMERIC(24, 12) CHECK (low_cost_usd >= 0),
    high_cost_usd NUMERIC(24, 12) CHECK (high_cost_usd >= 0),
    -- How probable it is that the cost falls between the two.
    confidence_interval DOUBLE PRECISION CHECK (confidence_interval BETWEEN 0 AND 1),
    cost_breakdown_json JSONB,
    recommendations TEXT[] NOT NULL DEFAULT '{}',
    generated_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE INDEX cost_forecasts_user
    ON javari_cost_forecasts (user_id, forecast_period, generated_at);
CREATE INDEX cost_forecasts_project ON javari_cost_forecasts (project_id, user_id);

CREATE TABLE javari_idempotency_keys (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    operation TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    -- Nothing while the call runs. A reply that holds a secret is not kept.
    reply JSONB,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_expiry ON javari_idempotency_keys (expires_at);

-- One row a bucket: the theoretical arrival time of the generic cell rate algorithm.
CREATE TABLE javari_rate_limits (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    bucket TEXT NOT NULL CHECK (length(bucket) BETWEEN 1 AND 255),
    arrival_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, bucket)
);
CREATE INDEX rate_limits_idle ON javari_rate_limits (arrival_at);
