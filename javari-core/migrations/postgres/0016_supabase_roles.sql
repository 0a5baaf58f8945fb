-- What Supabase gives its clients' roles by default passes by row-level security in two ways: emptying
-- whole tables, and writing where there is none.
DO $$
DECLARE
    role text;
    ours text;
BEGIN
    FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
        EXECUTE format('REVOKE ALL ON javari_schema, javari_key_registry FROM %I', role);
        FOR ours IN
            SELECT c.relname FROM pg_class c
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
              AND (c.relname LIKE 'javari\_%' OR c.relname IN (
                  'users', 'user_preferences', 'projects', 'subprojects', 'conversations',
                  'messages', 'conversation_continuations', 'artifacts'))
              AND pg_has_role(current_user, c.relowner, 'USAGE')
        LOOP
            EXECUTE format('REVOKE TRUNCATE, REFERENCES, TRIGGER ON %I FROM %I', ours, role);
        END LOOP;
    END LOOP;
END
$$;
