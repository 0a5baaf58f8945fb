-- Waits for whoever works with the tables, lets nobody else in until the end, and finds what the host
-- has to decide first.
DO $$
DECLARE
    home text := current_schema();
    seed text;
BEGIN
    FOR seed IN
        SELECT DISTINCT c.table_name FROM javari_seed.adoption_columns c
        JOIN pg_class r ON r.relname = c.table_name AND r.relnamespace = home::regnamespace
        ORDER BY 1
    LOOP
        IF (SELECT relkind <> 'r' OR relispartition FROM pg_class
            WHERE oid = format('%I.%I', home, seed)::regclass) THEN
            PERFORM javari_seed.stop('unsupported', seed,
                'this is no plain table: make it one, or remove it, and adopt again');
            CONTINUE;
        END IF;
        EXECUTE format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', home, seed);
        -- The owner has to see every row.
        EXECUTE format('ALTER TABLE %I.%I NO FORCE ROW LEVEL SECURITY', home, seed);
        IF EXISTS (SELECT FROM pg_inherits
                   WHERE inhparent = format('%I.%I', home, seed)::regclass
                      OR inhrelid = format('%I.%I', home, seed)::regclass) THEN
            PERFORM javari_seed.stop('unsupported', seed,
                'tables inherit from this one or it from another: end that and adopt again');
        END IF;
    END LOOP;

    -- What Javari calls its own must not be the host's already.
    INSERT INTO javari_seed.adoption_stops (kind, name, reason)
    SELECT 'name_taken', r.relname,
        'a table, view, index or sequence of this name stands here, and Javari makes one: rename or '
        || 'move it, and adopt again'
    FROM jsonb_array_elements_text(javari_seed.asked('tables')) AS ours (name)
    JOIN pg_class r ON r.relname = ours.name AND r.relnamespace = home::regnamespace
    WHERE NOT EXISTS (
        SELECT FROM javari_seed.adoption_columns c WHERE c.table_name = ours.name)
    ORDER BY 2;
    INSERT INTO javari_seed.adoption_stops (kind, name, reason)
    SELECT 'name_taken', p.proname,
        'a function of this name stands here, and Javari''s begin so: rename it, and adopt again'
    FROM pg_proc p
    WHERE p.pronamespace = home::regnamespace AND p.proname LIKE 'javari\_%';
END
$$;

-- Who is who. A host that was asked about two addresses says which of the two remains, or another
-- address for one of them.
INSERT INTO javari_seed.adoption_owners (old_id, id, email)
SELECT u.id,
    CASE WHEN said.answer ~ '^[0-9a-fA-F-]{36}$' THEN said.answer::uuid ELSE u.id END,
    CASE WHEN said.answer ~ '@' THEN said.answer ELSE u.email END
FROM users u
LEFT JOIN jsonb_each_text(javari_seed.asked('emails')) AS said (id, answer)
    ON lower(said.id) = u.id::text;

INSERT INTO javari_seed.adoption_stops (kind, name, reason)
SELECT 'bad_mapping', said.id, 'the mapping of addresses names this user, and there is none'
FROM jsonb_each_text(javari_seed.asked('emails')) AS said (id, answer)
WHERE NOT EXISTS (SELECT FROM javari_seed.adoption_owners o WHERE o.old_id::text = lower(said.id));
INSERT INTO javari_seed.adoption_stops (kind, name, reason)
SELECT 'bad_mapping', o.old_id::text,
    'the mapping of addresses makes this user one with ' || o.id
    || ', who is not there or is made one with another in turn'
FROM javari_seed.adoption_owners o
WHERE o.id <> o.old_id AND NOT EXISTS (
    SELECT FROM javari_seed.adoption_owners kept WHERE kept.old_id = o.id AND kept.id = o.id);
INSERT INTO javari_seed.adoption_stops (kind, name, reason, row_count)
SELECT 'same_email', lower(o.email),
    'these users have one address but for its case: '
    || string_agg(o.old_id || ' (' || o.email || ')', ', ' ORDER BY o.old_id)
    || '; say in `emails` which remains, or give one of them another address', count(*)
FROM javari_seed.adoption_owners o
WHERE o.id = o.old_id
GROUP BY lower(o.email) HAVING count(*) > 1
ORDER BY 2;
INSERT INTO javari_seed.adoption_stops (kind, name, reason)
SELECT 'bad_mapping', javari_seed.asked('ownerless_owner') #>> '{}',
    '`ownerless_owner` is not a user of this database'
WHERE jsonb_typeof(javari_seed.asked('ownerless_owner')) = 'string' AND NOT EXISTS (
    SELECT FROM javari_seed.adoption_owners o
    WHERE o.old_id::text = lower(javari_seed.asked('ownerless_owner') #>> '{}'));

-- The user who gets the rows that the seed gave to nobody.
CREATE FUNCTION javari_seed.nobodys_owner() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM javari_seed.adoption_owners o
    WHERE o.old_id::text = lower(javari_seed.asked('ownerless_owner') #>> '{}')
$$;

-- Tables of the host's whose names begin as Javari's do, as they are now (80_restore.sql).
CREATE TABLE javari_seed.adoption_host_tables AS
SELECT r.oid AS relation, r.relrowsecurity AS secured, r.relforcerowsecurity AS forced
FROM pg_class r
WHERE r.relnamespace = current_schema()::regnamespace AND r.relkind = 'r' AND r.relname LIKE 'javari\_%'
  AND NOT EXISTS (SELECT FROM javari_seed.adoption_columns c WHERE c.table_name = r.relname)
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attname = 'user_id');
