-- Where the seed's tables go, untouched, and what the adoption knows and finds on its way. Everything
-- here is one transaction: whoever is killed in it has changed nothing.
CREATE SCHEMA javari_seed;
-- Here stand values and rows of everybody, without row-level security: the owner's alone.
REVOKE ALL ON SCHEMA javari_seed FROM PUBLIC;

CREATE TABLE javari_seed.adoption (
    single BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (single),
    -- The schema that the tables stood in, and the new ones stand in.
    home TEXT NOT NULL DEFAULT current_schema(),
    request JSONB NOT NULL,
    report TEXT,
    adopted_at TIMESTAMPTZ NOT NULL
);

-- The seed's columns: what stands in its tables beside them is the host's.
CREATE TABLE javari_seed.adoption_columns (
    place INTEGER GENERATED ALWAYS AS IDENTITY,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    type TEXT NOT NULL,
    PRIMARY KEY (table_name, column_name)
);

-- Whose rows become whose: everybody's own, but where the host says that two are one.
CREATE TABLE javari_seed.adoption_owners (
    old_id UUID PRIMARY KEY,
    id UUID NOT NULL,
    email TEXT NOT NULL
);
CREATE INDEX adoption_owners_id ON javari_seed.adoption_owners (id);

-- Names that have to be unique now. The newest keeps its own, the others become `name__2`, …
CREATE TABLE javari_seed.adoption_names (
    kind TEXT NOT NULL,
    id UUID NOT NULL,
    scope TEXT NOT NULL,
    old_name TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE UNIQUE INDEX adoption_names_name ON javari_seed.adoption_names (kind, scope, md5(name));

-- What was found in a value and what was done about it.
CREATE TABLE javari_seed.adoption_notes (
    place INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name TEXT NOT NULL,
    column_name TEXT,
    note TEXT NOT NULL,
    row_count BIGINT NOT NULL
);

-- What keeps the database from being adopted until the host has decided.
CREATE TABLE javari_seed.adoption_stops (
    place INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    row_count BIGINT
);

-- What the host made upon the seed's tables, with the statement that makes it upon the new ones.
CREATE TABLE javari_seed.adoption_dependents (
    place INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Lower ranks are made first.
    rank INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    statement TEXT,
    -- Shown beside it in the report.
    note TEXT
);

CREATE TABLE javari_seed.adoption_counts (
    table_name TEXT PRIMARY KEY,
    old_rows BIGINT NOT NULL,
    new_rows BIGINT NOT NULL DEFAULT 0,
    -- Two that became one, and what has no place in the new table and stays here.
    merged_rows BIGINT NOT NULL DEFAULT 0,
    left_rows BIGINT NOT NULL DEFAULT 0
);

CREATE FUNCTION javari_seed.note(text, text, text, bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO javari_seed.adoption_notes (table_name, column_name, note, row_count)
    SELECT $1, $2, $3, $4 WHERE $4 > 0
$$;
CREATE FUNCTION javari_seed.stop(text, text, text, bigint DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO javari_seed.adoption_stops (kind, name, reason, row_count) VALUES ($1, $2, $3, $4)
$$;
-- A share between 0 and 1; NULL stays NULL.
CREATE FUNCTION javari_seed.share(numeric) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN $1 IS NOT NULL THEN LEAST(GREATEST($1, 0), 1)::double precision END
$$;
-- A count or an amount that is not below 0; NULL stays NULL.
CREATE FUNCTION javari_seed.least_zero(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN $1 IS NOT NULL THEN GREATEST($1, 0) END
$$;
-- What the host asked for under a name.
CREATE FUNCTION javari_seed.asked(text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT request -> $1 FROM javari_seed.adoption
$$;

-- Gives a name to every row that was entered with none: the first of a name in a scope keeps it.
CREATE FUNCTION javari_seed.give_name(kind text, id uuid, scope text, wanted text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    given text := wanted;
    number integer := 1;
BEGIN
    WHILE EXISTS (
        SELECT FROM javari_seed.adoption_names n
        WHERE n.kind = give_name.kind AND n.scope = give_name.scope AND md5(n.name) = md5(given)
    ) LOOP
        number := number + 1;
        given := wanted || '__' || number;
    END LOOP;
    INSERT INTO javari_seed.adoption_names VALUES (kind, id, scope, wanted, given);
    RETURN given;
END
$$;
