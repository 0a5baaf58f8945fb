-- Takes off what was written down and moves the seed's tables away, with their rows, indexes and keys.
DO $$
DECLARE
    home text := current_schema();
    found record;
BEGIN
    FOR found IN
        SELECT name, min(kind) AS kind, max(place) AS place
        FROM javari_seed.adoption_dependents
        WHERE rank = 8 AND statement LIKE 'CREATE %'
          AND kind IN ('view', 'materialized view', 'function')
          AND statement NOT LIKE 'CREATE INDEX%' AND statement NOT LIKE 'CREATE UNIQUE INDEX%'
          AND statement NOT LIKE 'CREATE TRIGGER%'
        GROUP BY name ORDER BY place DESC
    LOOP
        BEGIN
            EXECUTE format('DROP %s %s', upper(found.kind), found.name);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            PERFORM javari_seed.stop('unsupported', found.name,
                'something hangs on it that Javari cannot make again: ' || SQLERRM);
        END;
    END LOOP;

    -- What still hangs on the tables is of a kind that Javari cannot make again.
    INSERT INTO javari_seed.adoption_stops (kind, name, reason)
    SELECT DISTINCT 'unsupported', pg_describe_object(d.classid, d.objid, d.objsubid),
        'it hangs on ' || pg_describe_object(d.refclassid, d.refobjid, 0)
        || ' in a way that Javari cannot make again: drop it, adopt, and make it again'
    FROM pg_class r
    JOIN pg_type t ON t.oid = r.reltype
    JOIN pg_depend d ON (d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid)
        OR (d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray))
    WHERE r.relnamespace = home::regnamespace AND r.relkind = 'r'
      AND r.relname IN (SELECT c.table_name FROM javari_seed.adoption_columns c)
      AND CASE d.classid
          WHEN 'pg_rewrite'::regclass THEN (
              SELECT w.rulename = '_RETURN' OR w.ev_class = r.oid FROM pg_rewrite w WHERE w.oid = d.objid)
          WHEN 'pg_proc'::regclass THEN TRUE
          WHEN 'pg_policy'::regclass THEN (
              SELECT NOT EXISTS (
                  SELECT FROM pg_class c
                  WHERE c.oid = p.polrelid AND c.relnamespace = home::regnamespace AND c.relname IN (
                      SELECT k.table_name FROM javari_seed.adoption_columns k))
              FROM pg_policy p WHERE p.oid = d.objid)
          WHEN 'pg_class'::regclass THEN d.refclassid = 'pg_type'::regclass AND d.objid <> r.oid
          ELSE FALSE
      END;
    IF EXISTS (SELECT FROM javari_seed.adoption_stops s WHERE s.kind IN ('unsupported', 'name_taken')) THEN
        RETURN;
    END IF;

    FOR found IN
        SELECT p.oid::regprocedure AS function FROM pg_proc p
        WHERE p.pronamespace = home::regnamespace
          AND p.proname IN ('get_credentials_with_inheritance', 'match_knowledge')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET SCHEMA javari_seed', found.function);
    END LOOP;
    FOR found IN
        SELECT c.table_name AS name, min(c.place) AS place,
            to_regclass(format('%I.%I', home, c.table_name)) IS NOT NULL AS is_there
        FROM javari_seed.adoption_columns c GROUP BY c.table_name ORDER BY place
    LOOP
        IF found.is_there THEN
            EXECUTE format('ALTER TABLE %I.%I SET SCHEMA javari_seed', home, found.name);
        ELSE
            EXECUTE format('CREATE TABLE javari_seed.%I ()', found.name);
        END IF;
    END LOOP;
    FOR found IN
        SELECT c.table_name, c.column_name, c.type FROM javari_seed.adoption_columns c
        WHERE c.type <> 'vector' AND NOT EXISTS (
            SELECT FROM pg_attribute a
            WHERE a.attrelid = format('javari_seed.%I', c.table_name)::regclass
              AND a.attname = c.column_name AND NOT a.attisdropped)
    LOOP
        EXECUTE format('ALTER TABLE javari_seed.%I ADD COLUMN %I %s', found.table_name,
            found.column_name, found.type);
        PERFORM javari_seed.note(found.table_name, found.column_name, 'was not there: taken as empty', 1);
    END LOOP;
END
$$;
