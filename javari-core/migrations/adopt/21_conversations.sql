-- Conversations and what hangs on them. A project or subproject of another user is not taken over
-- (90_count.sql says how many there were).
INSERT INTO conversations (id, user_id, project_id, subproject_id, title, starred, status,
    last_message_at, total_tokens, created_at, updated_at)
SELECT c.id, o.id, coalesce(p.id, s.project_id), s.id, c.title, coalesce(c.starred, FALSE),
    coalesce(c.status, 'active'), coalesce(c.last_message_at, c.created_at, now()),
    greatest(coalesce(c.total_tokens, 0), 0), coalesce(c.created_at, c.last_message_at, now()),
    coalesce(c.last_message_at, c.created_at, now())
FROM javari_seed.conversations c
JOIN javari_seed.adoption_owners o ON o.old_id = c.user_id
LEFT JOIN projects p ON p.id = c.project_id AND p.user_id = o.id
LEFT JOIN subprojects s ON s.id = c.subproject_id AND s.user_id = o.id
    AND (c.project_id IS NULL OR s.project_id = c.project_id);
ANALYZE conversations;

-- Messages of one transaction have one time: then the question comes before its answer.
INSERT INTO messages (id, conversation_id, user_id, seq, role, content, ai_model, tokens_used,
    credits_cost, reasoning_log, confidence_score, created_at)
SELECT m.id, m.conversation_id, c.user_id, row_number() OVER (
        PARTITION BY m.conversation_id
        ORDER BY m.created_at NULLS FIRST, array_position(ARRAY['system', 'user', 'assistant'], m.role), m.id
    ), m.role, m.content, m.ai_model, javari_seed.least_zero(m.tokens_used),
    javari_seed.least_zero(m.credits_cost), m.reasoning_log, javari_seed.share(m.confidence_score),
    coalesce(m.created_at, c.created_at)
FROM javari_seed.messages m JOIN conversations c ON c.id = m.conversation_id;
ANALYZE messages;

INSERT INTO conversation_continuations (id, user_id, parent_id, child_id, summary, context_tokens,
    created_at)
SELECT n.id, parent.user_id, n.parent_id, n.child_id, n.summary,
    javari_seed.least_zero(n.context_tokens), coalesce(n.created_at, child.created_at)
FROM javari_seed.conversation_continuations n
JOIN conversations parent ON parent.id = n.parent_id
JOIN conversations child ON child.id = n.child_id AND child.user_id = parent.user_id
WHERE n.parent_id <> n.child_id;

INSERT INTO artifacts (id, conversation_id, user_id, message_id, type, filename, file_path, file_size,
    language, preview_data, created_at)
SELECT a.id, a.conversation_id, c.user_id, m.id, a.type, a.filename,
    CASE WHEN '/' || replace(a.file_path, '\', '/') || '/' NOT LIKE '%/../%' THEN a.file_path END,
    CASE WHEN a.file_size >= 0 THEN a.file_size END, a.language, a.preview_data,
    coalesce(a.created_at, c.created_at)
FROM javari_seed.artifacts a
JOIN conversations c ON c.id = a.conversation_id
LEFT JOIN messages m ON m.id = a.message_id AND m.conversation_id = a.conversation_id;

-- The keyed hashes come afterwards: the key is not the database's to see.
INSERT INTO javari_pii_detections (id, conversation_id, user_id, message_id, pii_type,
    detected_text_hash, redaction_applied, reported_to_admin, detected_at)
SELECT d.id, d.conversation_id, c.user_id, m.id, coalesce(d.pii_type, 'address'),
    d.detected_text_hash, coalesce(d.redaction_applied, FALSE), coalesce(d.reported_to_admin, FALSE),
    coalesce(d.detected_at, c.created_at)
FROM javari_seed.javari_pii_detections d
JOIN conversations c ON c.id = d.conversation_id
LEFT JOIN messages m ON m.id = d.message_id AND m.conversation_id = d.conversation_id;
