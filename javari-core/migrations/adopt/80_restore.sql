-- Makes again upon the new tables what 04_record.sql took off the old ones. Every fault is told, and
-- one of them ends the adoption.
DO $$
DECLARE
    home text := current_schema();
    found record;
    key text;
BEGIN
    -- Views that round a share or an amount: the seed's columns were NUMERIC, and PostgreSQL has no
    -- `round(double precision, integer)`. Whole numbers have their own, or they would become doubles.
    IF NOT EXISTS (SELECT FROM pg_proc p WHERE p.proname = 'round' AND p.pronamespace = home::regnamespace) THEN
        FOREACH key IN ARRAY ARRAY['double precision', 'bigint', 'integer'] LOOP
            EXECUTE format('CREATE FUNCTION %I.round(%s, integer) RETURNS numeric LANGUAGE sql IMMUTABLE
                STRICT PARALLEL SAFE AS ''SELECT pg_catalog.round($1::numeric, $2)''', home, key);
        END LOOP;
    END IF;

    -- The new tables are for whom the old ones were, whatever this schema gives away by default.
    FOR found IN
        SELECT DISTINCT c.relname, CASE WHEN a.grantee = 0 THEN 'PUBLIC'
            ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
        FROM javari_seed.adoption_columns k
        JOIN pg_class c ON c.relname = k.table_name AND c.relnamespace = home::regnamespace,
        aclexplode(c.relacl) a
        WHERE a.grantee <> c.relowner AND (a.grantee = 0 OR pg_get_userbyid(a.grantee) <> 'javari_app')
    LOOP
        EXECUTE format('REVOKE ALL ON %I.%I FROM %s', home, found.relname, found.grantee);
    END LOOP;

    FOR found IN
        SELECT * FROM javari_seed.adoption_dependents WHERE statement IS NOT NULL ORDER BY rank, place
    LOOP
        BEGIN
            IF found.kind = 'column value' THEN
                key := CASE WHEN found.statement LIKE 'user\_preferences|%' THEN 'user_id' ELSE 'id' END;
                -- The trail refuses changes, and this is none of what was done.
                IF found.statement LIKE 'javari\_work\_log|%' THEN
                    EXECUTE 'ALTER TABLE javari_work_log DISABLE TRIGGER work_log_no_change';
                END IF;
                EXECUTE format('UPDATE %I.%I AS made SET %I = old.%I FROM javari_seed.%I AS old
                    WHERE old.%I = made.%I', home, split_part(found.statement, '|', 1),
                    split_part(found.statement, '|', 2), split_part(found.statement, '|', 2),
                    split_part(found.statement, '|', 1), key, key);
                IF found.statement LIKE 'javari\_work\_log|%' THEN
                    EXECUTE 'ALTER TABLE javari_work_log ENABLE TRIGGER work_log_no_change';
                END IF;
            ELSE
                EXECUTE found.statement;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            PERFORM javari_seed.stop('cannot_restore', found.kind || ' ' || found.name,
                'it cannot be made upon the new tables (' || SQLERRM
                || '): change or drop it, adopt, and make it again');
        END;
    END LOOP;

    -- The migrations give every table of Javari's name and with a `user_id` a policy; those of the
    -- host's own are none of theirs.
    FOR found IN
        SELECT c.relname, host.secured, host.forced
        FROM javari_seed.adoption_host_tables host
        JOIN pg_class c ON c.oid = host.relation
    LOOP
        EXECUTE format('DROP POLICY IF EXISTS %I ON %I.%I', replace(found.relname, 'javari_', '') || '_own',
            home, found.relname);
        IF NOT found.secured THEN
            EXECUTE format('ALTER TABLE %I.%I DISABLE ROW LEVEL SECURITY', home, found.relname);
        END IF;
        IF NOT found.forced THEN
            EXECUTE format('ALTER TABLE %I.%I NO FORCE ROW LEVEL SECURITY', home, found.relname);
        END IF;
    END LOOP;
END
$$;
