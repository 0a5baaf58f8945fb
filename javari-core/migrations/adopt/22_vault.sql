-- Credentials as the seed sealed them (suite 1), with the versions that its rotations tell of: their
-- values were overwritten, and a version without one is destroyed.
CREATE TABLE javari_seed.adoption_credentials AS
SELECT c.id, o.id AS user_id, coalesce(p.id, s.project_id) AS project_id, s.id AS subproject_id,
    -- In a project of another user: kept at its own user's level, where nothing inherits it.
    (c.project_id IS NOT NULL OR c.subproject_id IS NOT NULL) AND p.id IS NULL AND s.id IS NULL AS planted,
    (SELECT count(*) FROM javari_seed.javari_credential_rotations r WHERE r.credential_id = c.id)::integer
        AS rotations,
    o.id || '/' || coalesce(coalesce(p.id, s.project_id)::text, '') || '/' || coalesce(s.id::text, '')
        AS scope,
    row_number() OVER (
        PARTITION BY o.id, coalesce(p.id, s.project_id), s.id, c.name
        ORDER BY c.updated_at DESC NULLS LAST, c.created_at DESC NULLS LAST, c.id
    ) AS nth
FROM javari_seed.javari_credentials c
JOIN javari_seed.adoption_owners o ON o.old_id = c.user_id
LEFT JOIN projects p ON p.id = c.project_id AND p.user_id = o.id
LEFT JOIN subprojects s ON s.id = c.subproject_id AND s.user_id = o.id
    AND (c.project_id IS NULL OR s.project_id = c.project_id);
INSERT INTO javari_seed.adoption_names
SELECT 'javari_credentials', a.id, a.scope, c.name, c.name
FROM javari_seed.adoption_credentials a JOIN javari_seed.javari_credentials c USING (id) WHERE a.nth = 1;
DO $$ BEGIN
    PERFORM javari_seed.give_name('javari_credentials', a.id, a.scope, a.name)
    FROM (SELECT a.id, a.scope, c.name FROM javari_seed.adoption_credentials a
          JOIN javari_seed.javari_credentials c USING (id)
          WHERE a.nth > 1 ORDER BY a.scope, c.name, a.nth) a;
    PERFORM javari_seed.note('javari_credentials', 'project_id',
        'stood in a project of another user: now at its own user''s level, inherited by nothing',
        (SELECT count(*) FROM javari_seed.adoption_credentials WHERE planted));
END $$;

INSERT INTO javari_credentials (id, user_id, project_id, subproject_id, name, description,
    encrypted_value, encryption_iv, encryption_tag, enc_suite, current_version, credential_type,
    is_inherited, allow_override, last_used_at, use_count, created_at, updated_at)
SELECT c.id, a.user_id, a.project_id, a.subproject_id, n.name, c.description, c.encrypted_value,
    c.encryption_iv, c.encryption_tag, 1, a.rotations + 1, coalesce(c.credential_type, 'custom'),
    coalesce(c.is_inherited, FALSE) AND NOT a.planted, coalesce(c.allow_override, TRUE),
    c.last_used_at, greatest(coalesce(c.use_count, 0), 0),
    coalesce(c.created_at, c.updated_at, now()), coalesce(c.updated_at, c.created_at, now())
FROM javari_seed.javari_credentials c
JOIN javari_seed.adoption_credentials a USING (id)
JOIN javari_seed.adoption_names n ON n.kind = 'javari_credentials' AND n.id = c.id;

INSERT INTO javari_credential_versions (credential_id, user_id, version, state, enc_suite,
    encrypted_value, encryption_iv, encryption_tag, flags, credential_type, created_at)
SELECT c.id, c.user_id, c.current_version, 'active', 1, c.encrypted_value, c.encryption_iv,
    c.encryption_tag,
    format('inherit=%s;override=%s', c.is_inherited::integer, c.allow_override::integer),
    c.credential_type, c.updated_at
FROM javari_credentials c;
INSERT INTO javari_credential_versions (credential_id, user_id, version, state, enc_suite, flags,
    credential_type, created_at)
SELECT c.id, c.user_id, earlier.version, 'destroyed', 1, '', c.credential_type, c.created_at
FROM javari_credentials c, generate_series(1, c.current_version - 1) AS earlier (version);

INSERT INTO javari_credential_rotations (id, credential_id, user_id, old_version, new_version,
    old_value_hash, new_value_hash, rotation_type, grace_period_end, rotated_by, created_at)
SELECT r.id, r.credential_id, c.user_id, r.nth, r.nth + 1, r.old_value_hash, r.new_value_hash,
    coalesce(r.rotation_type, 'manual'), r.grace_period_end, o.id, coalesce(r.created_at, c.created_at)
FROM (
    SELECT *, row_number() OVER (PARTITION BY credential_id ORDER BY created_at NULLS FIRST, id)::integer AS nth
    FROM javari_seed.javari_credential_rotations
) AS r
JOIN javari_credentials c ON c.id = r.credential_id
LEFT JOIN javari_seed.adoption_owners o ON o.old_id = r.rotated_by;

INSERT INTO javari_credential_snapshots (id, conversation_id, user_id, project_id, subproject_id,
    credentials_snapshot, key_id, authentication, created_at, expires_at)
SELECT n.id, n.conversation_id, o.id, coalesce(p.id, s.project_id), s.id, n.credentials_snapshot,
    '00000000-0000-0000-0000-000000000000', '', coalesce(n.created_at, timestamptz 'epoch'),
    coalesce(n.created_at, timestamptz 'epoch') + interval '1 microsecond'
FROM javari_seed.javari_credential_snapshots n
JOIN javari_seed.adoption_owners o ON o.old_id = n.user_id
LEFT JOIN projects p ON p.id = n.project_id AND p.user_id = o.id
LEFT JOIN subprojects s ON s.id = n.subproject_id AND s.user_id = o.id
    AND (n.project_id IS NULL OR s.project_id = n.project_id);
