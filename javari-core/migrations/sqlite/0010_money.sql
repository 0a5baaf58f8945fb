-- Balances with the ledger behind them, forecasts, and what keeps calls from being made twice or too
-- often. Money is exact to the pico-dollar; the seed rounded small sums to nothing.
ALTER TABLE users ADD COLUMN credits_balance INTEGER NOT NULL DEFAULT 10000000000000
    CHECK (credits_balance >= 0);
ALTER TABLE users ADD COLUMN monthly_allowance INTEGER NOT NULL DEFAULT 10000000000000
    CHECK (monthly_allowance >= 0);
ALTER TABLE users ADD COLUMN allowance_reset_date TEXT;
-- The day of the month that resets fall on: a month after the 31st of January is not the 28th for ever.
ALTER TABLE users ADD COLUMN allowance_anchor_day INTEGER CHECK (allowance_anchor_day BETWEEN 1 AND 31);

-- Every change of a balance, append-only; the balance of a user is that of the last entry.
CREATE TABLE javari_credit_ledger (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq > 0),
    amount INTEGER NOT NULL,
    balance_after INTEGER NOT NULL CHECK (balance_after >= 0),
    reason TEXT NOT NULL CHECK (reason IN (
        'opening', 'allowance', 'purchase', 'usage', 'refund', 'reservation', 'release', 'adjustment'
    )),
    -- What it was for: the id of a message, a call or a payment.
    reference TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX credit_ledger_user ON javari_credit_ledger (user_id, seq);
CREATE INDEX credit_ledger_reference ON javari_credit_ledger (user_id, reference);

CREATE TABLE javari_cost_forecasts (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    forecast_period TEXT NOT NULL
        CHECK (forecast_period IN ('daily', 'weekly', 'monthly', 'yearly')),
    predicted_cost_usd INTEGER NOT NULL CHECK (predicted_cost_usd >= 0),
    low_cost_usd INTEGER CHECK (low_cost_usd >= 0),
    high_cost_usd INTEGER CHECK (high_cost_usd >= 0),
    -- How probable it is that the cost falls between the two.
    confidence_interval REAL CHECK (confidence_interval BETWEEN 0 AND 1),
    cost_breakdown_json TEXT CHECK (json_valid(cost_breakdown_json)),
    recommendations TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(recommendations)),
    generated_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX cost_forecasts_user
    ON javari_cost_forecasts (user_id, forecast_period, generated_at);
CREATE INDEX cost_forecasts_project ON javari_cost_forecasts (project_id, user_id);

CREATE TABLE javari_idempotency_keys (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    operation TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    -- Nothing while the call runs. A reply that holds a secret is not kept.
    reply TEXT CHECK (json_valid(reply)),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_keys_expiry ON javari_idempotency_keys (expires_at);

-- One row a bucket: the theoretical arrival time of the generic cell rate algorithm.
CREATE TABLE javari_rate_limits (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    bucket TEXT NOT NULL CHECK (length(bucket) BETWEEN 1 AND 255),
    arrival_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (user_id, bucket)
) STRICT;
CREATE INDEX rate_limits_idle ON javari_rate_limits (arrival_at);
