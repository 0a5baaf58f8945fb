-- Counts the new rows beside the old ones: a row that is missing ends the adoption.
DO $$
DECLARE
    found record;
    counted bigint;
BEGIN
    FOR found IN SELECT * FROM javari_seed.adoption_counts LOOP
        -- Rows of the seed's, by their ids: a credential made of a webhook was none.
        EXECUTE format('SELECT count(*) FROM %1$I n WHERE EXISTS (
            SELECT FROM javari_seed.%1$I o WHERE o.%2$I = n.%2$I)', found.table_name,
            CASE WHEN found.table_name = 'user_preferences' THEN 'user_id' ELSE 'id' END) INTO counted;
        UPDATE javari_seed.adoption_counts SET new_rows = counted WHERE table_name = found.table_name;
    END LOOP;
    PERFORM javari_seed.stop('lost', c.table_name, 'rows are missing in the new table; please report it',
        c.old_rows - c.merged_rows - c.left_rows - c.new_rows)
    FROM javari_seed.adoption_counts c
    WHERE c.table_name <> 'user_preferences'
      AND c.old_rows <> c.new_rows + c.merged_rows + c.left_rows;

    -- References that a row could not keep.
    FOR found IN SELECT * FROM (VALUES
        ('conversations', 'project_id', 'named a project of another user: none'),
        ('conversations', 'subproject_id', 'named a subproject of another project: none'),
        ('artifacts', 'message_id', 'named a message of another conversation: none'),
        ('javari_pii_detections', 'message_id', 'named a message of another conversation: none'),
        ('javari_credential_snapshots', 'project_id', 'named a project of another user: none'),
        ('javari_knowledge_base', 'project_id', 'named a project of another user: none'),
        ('javari_task_queue', 'project_id', 'named a project of another user: none'),
        ('javari_health_monitors', 'project_id', 'named a project of another user: none'),
        ('javari_cost_tracking', 'project_id', 'named a project of another user: none'),
        ('javari_agents', 'current_task_id', 'named a task of another user: none')
    ) AS kept (table_name, column_name, note)
    LOOP
        EXECUTE format('SELECT count(*) FROM javari_seed.%1$I o JOIN %1$I n USING (id)
            WHERE o.%2$I IS NOT NULL AND n.%2$I IS NULL', found.table_name, found.column_name)
            INTO counted;
        PERFORM javari_seed.note(found.table_name, found.column_name, found.note, counted);
    END LOOP;
    PERFORM javari_seed.note(n.kind, 'name', 'stood there already: the newest keeps it, the others are `name__2`, …',
        count(*))
    FROM javari_seed.adoption_names n WHERE n.name <> n.old_name GROUP BY n.kind;
END
$$;
