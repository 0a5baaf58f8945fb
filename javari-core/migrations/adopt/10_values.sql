-- Says of every value that the new tables would refuse how many there are and what becomes of them. The
-- old rows stay as they are.
DO $$
DECLARE
    found record;
    counted bigint;
BEGIN
    FOR found IN SELECT DISTINCT c.table_name FROM javari_seed.adoption_columns c LOOP
        EXECUTE format('INSERT INTO javari_seed.adoption_counts (table_name, old_rows)
            SELECT %L, count(*) FROM javari_seed.%I', found.table_name, found.table_name);
    END LOOP;

    FOR found IN SELECT * FROM (VALUES
        ('users', 'plan', 'plan IS NULL', 'was empty: free'),
        ('users', 'created_at', 'created_at IS NULL', 'was empty: the oldest time known of the row'),
        ('users', 'credits_balance', 'credits_balance IS NULL', 'was empty: 0'),
        ('users', 'credits_balance', 'credits_balance < 0', 'was below 0: 0'),
        ('users', 'monthly_allowance', 'monthly_allowance IS NULL', 'was empty: 0'),
        ('users', 'monthly_allowance', 'monthly_allowance < 0', 'was below 0: 0'),
        ('user_preferences', 'max_tokens', 'max_tokens <= 0', 'was not above 0: 2000'),
        ('user_preferences', NULL, 'num_nulls(temperature, max_tokens, stream_responses, voice_enabled,
            theme, notifications_enabled, autonomy_level) > 0', 'had empty settings: the seed''s defaults'),
        ('projects', 'metadata', 'metadata IS NULL', 'was empty: {}'),
        ('subprojects', 'metadata', 'metadata IS NULL', 'was empty: {}'),
        ('conversations', 'status', 'status IS NULL', 'was empty: active'),
        ('conversations', 'total_tokens', 'total_tokens < 0', 'was below 0: 0'),
        ('messages', 'tokens_used', 'tokens_used < 0', 'was below 0: 0'),
        ('messages', 'credits_cost', 'credits_cost < 0', 'was below 0: 0'),
        ('messages', 'confidence_score', 'NOT confidence_score BETWEEN 0 AND 1',
            'was outside 0 to 1: the nearest bound'),
        ('conversation_continuations', 'context_tokens', 'context_tokens < 0', 'was below 0: 0'),
        ('artifacts', 'file_size', 'file_size < 0', 'was below 0: empty'),
        ('artifacts', 'file_path', '''/'' || replace(file_path, ''\'', ''/'') || ''/'' LIKE ''%/../%''',
            'climbed out of its folder: empty'),
        ('javari_credentials', 'credential_type', 'credential_type IS NULL', 'was empty: custom'),
        ('javari_credentials', 'is_inherited', 'is_inherited IS NULL', 'was empty: false'),
        ('javari_credentials', 'allow_override', 'allow_override IS NULL', 'was empty: true'),
        ('javari_credentials', 'use_count', 'use_count < 0', 'was below 0: 0'),
        ('javari_credentials', 'name', 'name !~ ''^[A-Za-z_][A-Za-z0-9_.-]{0,127}$''',
            'is no name for a new credential: it opens, and takes no new value under it'),
        ('javari_credential_snapshots', NULL, 'TRUE',
            'hold no seal and no key: kept as expired, gone with the user''s next snapshot'),
        ('javari_knowledge_base', 'source_type', 'source_type IS NULL', 'was empty: manual'),
        ('javari_knowledge_base', 'relevance_score', 'NOT relevance_score BETWEEN 0 AND 1',
            'was outside 0 to 1: the nearest bound'),
        ('javari_web_crawls', 'crawl_frequency', 'crawl_frequency IS NULL', 'was empty: daily'),
        ('javari_web_crawls', 'status', 'status IS NULL', 'was empty: pending'),
        ('javari_learned_patterns', 'success_rate', 'NOT success_rate BETWEEN 0 AND 1',
            'was outside 0 to 1: the nearest bound'),
        ('javari_learned_patterns', 'confidence_score', 'NOT confidence_score BETWEEN 0 AND 1',
            'was outside 0 to 1: the nearest bound'),
        ('javari_learned_patterns', 'usage_count', 'usage_count < 0', 'was below 0: 0'),
        ('javari_ab_tests', NULL, 'variant_a_success > variant_a_count OR variant_b_success > variant_b_count',
            'had more successes than tries: as many tries'),
        ('javari_ab_tests', 'confidence_level', 'NOT confidence_level BETWEEN 0 AND 1',
            'was outside 0 to 1: the nearest bound'),
        ('javari_health_monitors', NULL, 'TRUE',
            'say not what to look at: kept, and checked once a target is given'),
        ('javari_health_monitors', 'monitor_type', 'monitor_type IS NULL', 'was empty: custom'),
        ('javari_health_monitors', 'check_frequency', 'check_frequency IS NULL', 'was empty: 30min'),
        ('javari_health_monitors', 'alert_threshold', 'NOT alert_threshold BETWEEN 1 AND 100',
            'was outside 1 to 100: the nearest bound'),
        ('javari_health_monitors', 'alert_threshold', 'alert_threshold IS NULL', 'was empty: 2'),
        ('javari_alerts', 'severity', 'severity IS NULL', 'was empty: medium'),
        ('javari_alerts', NULL, 'TRUE',
            'are closed: a monitor that still fails opens a new one'),
        ('javari_task_queue', 'status', 'status IS NULL', 'was empty: pending'),
        ('javari_task_queue', 'status', 'status = ''in_progress''',
            'was in progress: its lease has ended, so that a worker takes it up'),
        ('javari_task_queue', 'priority', 'priority IS NULL', 'was empty: 5'),
        ('javari_task_queue', 'retry_count', 'retry_count < 0 OR max_retries < 0', 'was below 0: 0'),
        ('javari_agents', 'success_rate', 'NOT success_rate BETWEEN 0 AND 1',
            'was outside 0 to 1: the nearest bound'),
        ('javari_agents', 'tasks_completed', 'tasks_completed < 0', 'was below 0: 0'),
        ('javari_agent_collaboration', 'collaboration_type', 'collaboration_type IS NULL',
            'was empty: sequential'),
        ('javari_cost_tracking', 'input_tokens', 'input_tokens IS NULL OR output_tokens IS NULL',
            'was empty: 0'),
        ('javari_cost_forecasts', 'forecast_period', 'forecast_period IS NULL', 'was empty: monthly'),
        ('javari_cost_forecasts', 'predicted_cost_usd', 'predicted_cost_usd IS NULL', 'was empty: 0'),
        ('javari_cost_forecasts', 'predicted_cost_usd', 'predicted_cost_usd < 0', 'was below 0: 0'),
        ('javari_cost_forecasts', 'confidence_interval', 'NOT confidence_interval BETWEEN 0 AND 1',
            'was outside 0 to 1: the nearest bound'),
        ('javari_pii_detections', 'pii_type', 'pii_type IS NULL', 'was empty: address'),
        ('javari_pii_detections', 'detected_text_hash', 'TRUE',
            'was a plain hash, which is guessed: a keyed hash of it'),
        ('javari_credential_rotations', 'new_value_hash', 'TRUE',
            'was a plain hash of a value: a keyed hash of it'),
        ('javari_security_scans', 'scan_type', 'scan_type IS NULL', 'was empty: code'),
        ('javari_security_scans', 'vulnerabilities_found', 'vulnerabilities_found < 0', 'was below 0: 0'),
        ('javari_work_log', 'outcome', 'outcome IS NULL', 'was empty: partial_success, and its details say so'),
        ('javari_work_log', 'confidence_score', 'NOT confidence_score BETWEEN 0 AND 1',
            'was outside 0 to 1: the nearest bound')
    ) AS checks (table_name, column_name, condition, note)
    LOOP
        EXECUTE format('SELECT count(*) FROM javari_seed.%I WHERE %s', found.table_name, found.condition)
            INTO counted;
        PERFORM javari_seed.note(found.table_name, found.column_name, found.note, counted);
    END LOOP;

    FOR found IN SELECT * FROM (VALUES
        ('javari_web_crawls', 'TRUE'), ('javari_learned_patterns', 'TRUE'), ('javari_ab_tests', 'TRUE'),
        ('javari_agents', 'TRUE'), ('javari_healing_events', 'project_id IS NULL')
    ) AS ownerless (table_name, condition)
    LOOP
        EXECUTE format('SELECT count(*) FROM javari_seed.%I WHERE %s', found.table_name, found.condition)
            INTO counted;
        IF counted > 0 AND javari_seed.nobodys_owner() IS NULL THEN
            PERFORM javari_seed.stop('no_owner', found.table_name,
                'the seed says not whose these rows are: name their user in `ownerless_owner`', counted);
        END IF;
        PERFORM javari_seed.note(found.table_name, 'user_id', 'had no owner: the user of `ownerless_owner`',
            counted);
    END LOOP;

    -- What no row of the new tables can say.
    FOR found IN SELECT * FROM (VALUES
        ('conversation_continuations', 'parent_id = child_id OR (
            SELECT o.id FROM javari_seed.conversations c
            JOIN javari_seed.adoption_owners o ON o.old_id = c.user_id WHERE c.id = parent_id
         ) IS DISTINCT FROM (
            SELECT o.id FROM javari_seed.conversations c
            JOIN javari_seed.adoption_owners o ON o.old_id = c.user_id WHERE c.id = child_id)',
         'a conversation goes on from itself or from another user''s'),
        ('javari_knowledge_base', 'content = ''''', 'it has no content'),
        ('javari_web_crawls', 'NOT length(url) BETWEEN 1 AND 1900', 'its address is empty or too long')
    ) AS unsayable (table_name, condition, reason)
    LOOP
        EXECUTE format('SELECT count(*) FROM javari_seed.%I WHERE %s', found.table_name, found.condition)
            INTO counted;
        UPDATE javari_seed.adoption_counts c SET left_rows = counted
        WHERE c.table_name = found.table_name;
        IF counted > 0 AND javari_seed.asked('leave_behind') IS DISTINCT FROM 'true'::jsonb THEN
            PERFORM javari_seed.stop('no_place', found.table_name, found.reason
                || ': such rows stay in the schema `javari_seed` alone when `leave_behind` is set',
                counted);
        END IF;
    END LOOP;
END
$$;
