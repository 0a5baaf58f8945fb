-- Everything that hangs on the seed's tables and is not the seed's: first written down, then taken off,
-- so that it can be made again upon the new tables (90_restore.sql).
CREATE FUNCTION javari_seed.depends(integer, text, text, text, text DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO javari_seed.adoption_dependents (rank, kind, name, statement, note)
    VALUES ($1, $2, $3, $4, $5)
$$;

-- The statements that give a relation of that name what `relation` grants. Supabase's roles get what
-- reads and writes rows and nothing that passes by row-level security.
CREATE FUNCTION javari_seed.grants_of(relation oid, target text) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, target,
        CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
        CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.oid = relation AND a.grantee <> c.relowner
      AND NOT (a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')
               AND (a.grantee = 0 OR pg_get_userbyid(a.grantee) IN ('anon', 'authenticated')))
    UNION ALL
    SELECT format('GRANT %s (%I) ON %s TO %s%s', a.privilege_type, t.attname, target,
        CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
        CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM pg_attribute t, aclexplode(t.attacl) a
    WHERE t.attrelid = relation AND t.attnum > 0 AND NOT t.attisdropped
$$;

DO $$
DECLARE
    home text := current_schema();
    seeds oid[] := ARRAY(
        SELECT r.oid FROM pg_class r
        WHERE r.relnamespace = home::regnamespace AND r.relkind = 'r' AND r.relname IN (
            SELECT c.table_name FROM javari_seed.adoption_columns c));
    seeds_functions oid[] := ARRAY(
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = home::regnamespace
          AND p.proname IN ('get_credentials_with_inheritance', 'match_knowledge'));
    found record;
    made text;
    shown text;
BEGIN
    -- Columns that the host added.
    FOR found IN
        SELECT r.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
            a.attgenerated, a.attidentity, r.oid, a.attnum, pg_get_expr(d.adbin, d.adrelid) AS fallback,
            CASE WHEN a.attcollation <> t.typcollation
                 THEN a.attcollation::regcollation::text END AS collation
        FROM pg_class r
        JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
        WHERE r.oid = ANY (seeds) AND NOT EXISTS (
            SELECT FROM javari_seed.adoption_columns c
            WHERE c.table_name = r.relname AND c.column_name = a.attname)
        ORDER BY r.relname, a.attnum
    LOOP
        IF found.attidentity <> '' THEN
            PERFORM javari_seed.stop('unsupported', found.relname || '.' || found.attname,
                'this column counts by itself: give it a sequence as its default in place of that');
        END IF;
        made := format('ALTER TABLE %I.%I ADD COLUMN %I %s', home, found.relname, found.attname,
            found.type);
        IF found.collation IS NOT NULL THEN
            made := made || ' COLLATE ' || found.collation;
        END IF;
        IF found.attgenerated <> '' THEN
            made := made || format(' GENERATED ALWAYS AS (%s) STORED', found.fallback);
        END IF;
        PERFORM javari_seed.depends(1, 'column', found.relname || '.' || found.attname, made);
        IF found.attgenerated = '' THEN
            -- Values first: 90_restore.sql fills them between these two.
            PERFORM javari_seed.depends(2, 'column value', found.relname || '.' || found.attname,
                format('%I|%I', found.relname, found.attname));
            IF found.fallback IS NOT NULL THEN
                PERFORM javari_seed.depends(3, 'column default', found.relname || '.' || found.attname,
                    format('ALTER TABLE %I.%I ALTER COLUMN %I SET DEFAULT %s', home, found.relname,
                        found.attname, found.fallback));
            END IF;
            -- A sequence that counts for it stays where it is and goes on counting.
            FOR shown IN
                SELECT d.objid::regclass::text FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                  AND d.refobjid = found.oid AND d.refobjsubid = found.attnum AND d.deptype = 'a'
            LOOP
                EXECUTE format('ALTER SEQUENCE %s OWNED BY NONE', shown);
                PERFORM javari_seed.depends(3, 'sequence', shown,
                    format('ALTER SEQUENCE %s OWNED BY %I.%I.%I', shown, home, found.relname,
                        found.attname));
            END LOOP;
            IF found.attnotnull THEN
                PERFORM javari_seed.depends(3, 'column', found.relname || '.' || found.attname,
                    format('ALTER TABLE %I.%I ALTER COLUMN %I SET NOT NULL', home, found.relname,
                        found.attname));
            END IF;
        END IF;
    END LOOP;

    -- Rules of the host's on the seed's tables: the seed has none of the kind.
    FOR found IN
        SELECT c.conname, c.contype, c.conrelid, c.confrelid, c.conkey, r.relname,
            c.conrelid::regclass::text AS relation, pg_get_constraintdef(c.oid) AS definition
        FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
        WHERE c.conrelid = ANY (seeds) AND c.contype IN ('c', 'u', 'x', 'f')
          AND NOT (c.contype = 'f' AND c.confrelid = ANY (seeds))
          AND c.conname NOT IN (
              'users_plan_check', 'users_email_key', 'user_preferences_temperature_check',
              'user_preferences_theme_check', 'user_preferences_autonomy_level_check',
              'conversations_status_check', 'messages_role_check', 'artifacts_type_check',
              'conversation_continuations_child_id_key', 'javari_credentials_check',
              'javari_credentials_credential_type_check',
              'javari_credentials_user_id_project_id_subproject_id_name_key',
              'javari_credential_rotations_rotation_type_check',
              'javari_knowledge_base_content_hash_project_id_key',
              'javari_knowledge_base_source_type_check', 'javari_web_crawls_crawl_frequency_check',
              'javari_web_crawls_status_check', 'javari_ab_tests_test_name_key',
              'javari_ab_tests_winner_check', 'javari_health_monitors_monitor_type_check',
              'javari_health_monitors_check_frequency_check', 'javari_alerts_severity_check',
              'javari_task_queue_priority_check', 'javari_task_queue_status_check',
              'javari_agents_agent_name_key', 'javari_agent_collaboration_collaboration_type_check',
              'javari_cost_forecasts_forecast_period_check', 'javari_pii_detections_pii_type_check',
              'javari_security_scans_scan_type_check', 'javari_work_log_outcome_check')
        ORDER BY r.relname, c.conname
    LOOP
        PERFORM javari_seed.depends(4, 'constraint', found.relname || '.' || found.conname,
            format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', home, found.relname, found.conname,
                found.definition));
        IF found.contype = 'f' THEN
            -- Otherwise the old row would keep the host's from being deleted.
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.relation, found.conname);
        END IF;
    END LOOP;

    -- Tables of the host's that refer to the seed's. A user who becomes one with another is another
    -- there, too.
    FOR found IN
        SELECT c.conname, c.conrelid::regclass::text AS relation, c.confrelid, c.conkey, c.confkey,
            pg_get_constraintdef(c.oid) AS definition, f.relname AS referenced,
            (SELECT a.attname FROM pg_attribute a
             WHERE a.attrelid = c.conrelid AND a.attnum = c.conkey[1]) AS attname,
            (SELECT a.attname FROM pg_attribute a
             WHERE a.attrelid = c.confrelid AND a.attnum = c.confkey[1]) AS key
        FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid
        WHERE c.contype = 'f' AND c.confrelid = ANY (seeds) AND NOT c.conrelid = ANY (seeds)
          AND c.conparentid = 0
        ORDER BY 2, 1
    LOOP
        IF found.referenced = 'users' AND found.key = 'id' AND array_length(found.conkey, 1) = 1 THEN
            PERFORM javari_seed.depends(5, 'owner', found.relation || '.' || found.attname,
                format('UPDATE %s AS host SET %I = o.id FROM javari_seed.adoption_owners o
                        WHERE o.old_id = host.%I AND o.id <> o.old_id', found.relation, found.attname,
                    found.attname));
        END IF;
        PERFORM javari_seed.depends(6, 'foreign key', found.relation || '.' || found.conname,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', found.relation, found.conname,
                found.definition));
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.relation, found.conname);
    END LOOP;

    -- Indexes that the host added.
    FOR found IN
        SELECT r.relname, i.relname AS name, pg_get_indexdef(x.indexrelid) AS definition
        FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class r ON r.oid = x.indrelid
        WHERE x.indrelid = ANY (seeds) AND i.relname NOT LIKE 'idx\_%'
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
        ORDER BY 1, 2
    LOOP
        PERFORM javari_seed.depends(7, 'index', found.relname || '.' || found.name, found.definition);
    END LOOP;

    -- Views and functions, those too that hang on them: the deepest comes last and goes first.
    FOR found IN
        WITH RECURSIVE edges AS (
            SELECT d.refclassid AS from_class, d.refobjid AS from_id, 'pg_class'::regclass::oid AS class,
                r.ev_class AS id
            FROM pg_depend d
            JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
            WHERE r.ev_class <> d.refobjid
            UNION
            SELECT d.refclassid, d.refobjid, d.classid, d.objid
            FROM pg_depend d
            WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'n'
            UNION
            -- A function takes or gives rows of it.
            SELECT 'pg_class'::regclass, t.typrelid, d.classid, d.objid
            FROM pg_depend d
            JOIN pg_type e ON d.refclassid = 'pg_type'::regclass AND e.oid = d.refobjid
            JOIN pg_type t ON t.typrelid <> 0 AND (t.oid = e.oid OR t.typarray = e.oid)
            WHERE d.classid = 'pg_proc'::regclass
        ), reached AS (
            SELECT 'pg_class'::regclass::oid AS class, s.id, 0 AS depth FROM unnest(seeds) AS s (id)
            UNION
            SELECT 'pg_proc'::regclass, s.id, 0 FROM unnest(seeds_functions) AS s (id)
            UNION
            SELECT e.class, e.id, r.depth + 1
            FROM reached r JOIN edges e ON e.from_class = r.class AND e.from_id = r.id
            WHERE r.depth < 50
        )
        SELECT class, id, max(depth) AS depth,
            c.relkind, c.relname, n.nspname, c.reloptions, c.relispopulated,
            pg_get_userbyid(coalesce(c.relowner, p.proowner)) AS owner, p.proacl
        FROM reached
        LEFT JOIN pg_class c ON class = 'pg_class'::regclass AND c.oid = id
        LEFT JOIN pg_proc p ON class = 'pg_proc'::regclass AND p.oid = id
        LEFT JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, p.pronamespace)
        WHERE depth > 0 AND NOT id = ANY (seeds) AND NOT id = ANY (seeds_functions)
          AND n.nspname <> 'javari_seed'
        GROUP BY class, id, c.relkind, c.relname, n.nspname, c.reloptions, c.relispopulated, c.relowner,
            p.proowner, p.proacl
        ORDER BY depth, id
    LOOP
        IF found.class = 'pg_proc'::regclass THEN
            shown := found.id::regprocedure::text;
            PERFORM javari_seed.depends(8, 'function', shown, pg_get_functiondef(found.id));
            PERFORM javari_seed.depends(8, 'function', shown,
                format('ALTER FUNCTION %s OWNER TO %I', shown, found.owner));
            FOR made IN
                SELECT format('GRANT EXECUTE ON FUNCTION %s TO %s', shown,
                    CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                         ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
                FROM aclexplode(found.proacl) a
            LOOP
                PERFORM javari_seed.depends(8, 'function', shown, made);
            END LOOP;
            IF found.proacl IS NOT NULL AND NOT EXISTS (
                SELECT FROM aclexplode(found.proacl) a WHERE a.grantee = 0) THEN
                PERFORM javari_seed.depends(8, 'function', shown,
                    format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', shown));
            END IF;
            CONTINUE;
        END IF;
        shown := found.id::regclass::text;
        IF found.relkind NOT IN ('v', 'm') THEN
            PERFORM javari_seed.stop('unsupported', shown,
                'a rule of this relation names the seed''s tables: drop it, adopt, and make it again');
            CONTINUE;
        END IF;
        PERFORM javari_seed.depends(8, CASE found.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END,
            shown, format('CREATE %s %I.%I%s AS %s%s',
                CASE found.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END,
                found.nspname, found.relname,
                ' WITH (' || array_to_string(found.reloptions, ', ') || ')',
                rtrim(pg_get_viewdef(found.id), '; '),
                CASE found.relkind WHEN 'm' THEN ' WITH NO DATA' ELSE '' END));
        PERFORM javari_seed.depends(8, 'view', shown,
            format('ALTER %s %s OWNER TO %I',
                CASE found.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, shown, found.owner));
        -- A view runs with its owner's rights. What Supabase's roles may read shows them their own rows.
        IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN ('anon', 'authenticated')
                   AND has_table_privilege(r.oid, found.id, 'SELECT')) THEN
            IF found.relkind = 'm' THEN
                PERFORM javari_seed.note(shown, NULL,
                    'a materialized view keeps rows of everybody and Supabase''s roles may read it: '
                    || 'revoke that where it holds what is not for all', 1);
            ELSIF NOT coalesce(found.reloptions::text LIKE '%security_invoker=%', FALSE) THEN
                PERFORM javari_seed.depends(8, 'view', shown,
                    format('ALTER VIEW %s SET (security_invoker = true)', shown),
                    'runs with the rights of who asks, so that Supabase''s roles see their own rows');
            END IF;
        END IF;
        FOR made IN SELECT javari_seed.grants_of(found.id, shown) LOOP
            PERFORM javari_seed.depends(8, 'view', shown, made);
        END LOOP;
        IF obj_description(found.id, 'pg_class') IS NOT NULL THEN
            PERFORM javari_seed.depends(8, 'view', shown, format('COMMENT ON %s %s IS %L',
                CASE found.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, shown,
                obj_description(found.id, 'pg_class')));
        END IF;
        FOR made IN SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x WHERE x.indrelid = found.id LOOP
            PERFORM javari_seed.depends(8, 'view', shown, made);
        END LOOP;
        FOR made IN SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
                    WHERE t.tgrelid = found.id AND NOT t.tgisinternal LOOP
            PERFORM javari_seed.depends(8, 'view', shown, made);
        END LOOP;
        IF found.relkind = 'm' AND found.relispopulated THEN
            -- Filled with its owner's rights, not with those of whoever adopts.
            PERFORM javari_seed.depends(8, 'view', shown, format('REFRESH MATERIALIZED VIEW %s', shown));
        END IF;
    END LOOP;

    -- Triggers of the host's on the seed's tables.
    FOR found IN
        SELECT r.relname, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid) AS definition
        FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
        WHERE t.tgrelid = ANY (seeds) AND NOT t.tgisinternal
        ORDER BY 1, 2
    LOOP
        shown := found.relname || '.' || found.tgname;
        PERFORM javari_seed.depends(9, 'trigger', shown, found.definition);
        IF found.tgenabled <> 'O' THEN
            PERFORM javari_seed.depends(9, 'trigger', shown, format('ALTER TABLE %I.%I %s TRIGGER %I',
                home, found.relname, CASE found.tgenabled WHEN 'D' THEN 'DISABLE'
                    WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, found.tgname));
        END IF;
    END LOOP;

    -- Who may read and write the seed's tables, and who is told of their changes.
    FOR found IN SELECT r.oid, r.relname, r.relreplident FROM pg_class r WHERE r.oid = ANY (seeds)
                 ORDER BY r.relname LOOP
        FOR made IN SELECT javari_seed.grants_of(found.oid, format('%I.%I', home, found.relname)) LOOP
            PERFORM javari_seed.depends(10, 'grant', found.relname, made);
        END LOOP;
        IF found.relreplident = 'f' THEN
            PERFORM javari_seed.depends(10, 'replica identity', found.relname,
                format('ALTER TABLE %I.%I REPLICA IDENTITY FULL', home, found.relname));
        END IF;
    END LOOP;
    FOR found IN
        SELECT p.pubname, r.relname FROM pg_publication_rel m
        JOIN pg_publication p ON p.oid = m.prpubid JOIN pg_class r ON r.oid = m.prrelid
        WHERE m.prrelid = ANY (seeds) ORDER BY 1, 2
    LOOP
        PERFORM javari_seed.depends(11, 'publication', found.pubname || ': ' || found.relname,
            format('ALTER PUBLICATION %I ADD TABLE %I.%I', found.pubname, home, found.relname));
        EXECUTE format('ALTER PUBLICATION %I DROP TABLE %I.%I', found.pubname, home, found.relname);
    END LOOP;

    -- Policies on the host's own tables that look into the seed's.
    FOR found IN
        SELECT DISTINCT c.oid::regclass::text AS relation, p.polname, p.polpermissive, p.polcmd,
            pg_get_expr(p.polqual, p.polrelid) AS shows,
            pg_get_expr(p.polwithcheck, p.polrelid) AS takes,
            (SELECT string_agg(CASE WHEN role = 0 THEN 'PUBLIC'
                               ELSE quote_ident(pg_get_userbyid(role)) END, ', ')
             FROM unnest(p.polroles) AS role) AS roles
        FROM pg_depend d
        JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
        JOIN pg_class c ON c.oid = p.polrelid
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY (seeds)
          AND NOT p.polrelid = ANY (seeds)
    LOOP
        PERFORM javari_seed.depends(12, 'policy', found.relation || '.' || found.polname,
            format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', found.polname, found.relation,
                CASE WHEN found.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                CASE found.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                    WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                found.roles, coalesce(' USING (' || found.shows || ')', ''),
                coalesce(' WITH CHECK (' || found.takes || ')', '')));
        EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
    END LOOP;

    -- Policies on the seed's tables are left there: Javari's show everybody their own rows, and one
    -- more could only show more.
    INSERT INTO javari_seed.adoption_dependents (rank, kind, name, statement, note)
    SELECT 99, 'policy', p.tablename || '.' || p.policyname, NULL,
        'not taken over, for Javari''s own policy stands in its place: ' || p.permissive || ' FOR ' || p.cmd
        || coalesce(' USING (' || p.qual || ')', '') || coalesce(' WITH CHECK (' || p.with_check || ')', '')
    FROM pg_policies p
    WHERE p.schemaname = home AND format('%I.%I', p.schemaname, p.tablename)::regclass = ANY (seeds)
    ORDER BY 3;
END
$$;
