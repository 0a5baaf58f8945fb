-- Each row of the seed's becomes a document of one chunk, which keeps its id and its content.
INSERT INTO javari_knowledge_partitions (user_id, project_id, revision)
SELECT DISTINCT o.id, p.id, 1
FROM javari_seed.javari_knowledge_base k
JOIN javari_seed.adoption_owners o ON o.old_id = k.user_id
LEFT JOIN projects p ON p.id = k.project_id AND p.user_id = o.id
WHERE k.content <> '';

CREATE TABLE javari_seed.adoption_knowledge AS
SELECT k.id, o.id AS user_id, p.id AS project_id, t.id AS partition_id,
    t.id * 4294967296 + row_number() OVER (PARTITION BY t.id ORDER BY k.created_at NULLS FIRST, k.id) - 1
        AS number,
    -- What was cut from one source stands under one name and a number.
    CASE WHEN k.source_url IS NULL THEN 'seed/' || k.id
         WHEN count(*) OVER source = 1 THEN k.source_url
         ELSE k.source_url || '#' || k.id END AS source_key,
    coalesce(k.created_at, k.updated_at, now()) AS created_at,
    coalesce(k.updated_at, k.created_at, now()) AS updated_at
FROM javari_seed.javari_knowledge_base k
JOIN javari_seed.adoption_owners o ON o.old_id = k.user_id
LEFT JOIN projects p ON p.id = k.project_id AND p.user_id = o.id
JOIN javari_knowledge_partitions t ON t.user_id = o.id AND t.project_id IS NOT DISTINCT FROM p.id
WHERE k.content <> ''
WINDOW source AS (PARTITION BY t.id, k.source_url);
UPDATE javari_knowledge_partitions t SET next_chunk = counted.chunks
FROM (SELECT a.partition_id, count(*) AS chunks FROM javari_seed.adoption_knowledge a GROUP BY 1) AS counted
WHERE counted.partition_id = t.id;

INSERT INTO javari_documents (id, user_id, project_id, partition_id, source_key, source_type, media_type,
    content_hash, byte_size, chunk_count, first_chunk, created_at, updated_at, text)
SELECT k.id, a.user_id, a.project_id, a.partition_id, a.source_key, coalesce(k.source_type, 'manual'),
    'text/plain', k.content_hash, octet_length(k.content), 1, a.number, a.created_at, a.updated_at,
    k.content
FROM javari_seed.javari_knowledge_base k JOIN javari_seed.adoption_knowledge a USING (id);
INSERT INTO javari_knowledge_base (number, id, user_id, project_id, document_id, ordinal, tokens,
    start_char, end_char, start_byte, end_byte, content, content_hash, source_type, source_url,
    relevance_score, last_accessed_at, access_count, created_at, updated_at)
SELECT a.number, k.id, a.user_id, a.project_id, k.id, 0,
    -- About four letters a token; counted anew when the document is read again.
    greatest(1, char_length(k.content) / 4), 0, char_length(k.content), 0, octet_length(k.content),
    k.content, k.content_hash, coalesce(k.source_type, 'manual'), k.source_url,
    javari_seed.share(k.relevance_score), k.last_accessed_at,
    greatest(coalesce(k.access_count, 0), 0), a.created_at, a.updated_at
FROM javari_seed.javari_knowledge_base k JOIN javari_seed.adoption_knowledge a USING (id);
CREATE UNIQUE INDEX adoption_knowledge_id ON javari_seed.adoption_knowledge (id);

-- The seed's column goes on standing beside the vectors, for the statements that compare with it.
DO $$
DECLARE
    kind text := (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
                  WHERE a.attrelid = 'javari_seed.javari_knowledge_base'::regclass
                    AND a.attname = 'embedding' AND NOT a.attisdropped);
BEGIN
    IF kind IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE javari_knowledge_base ADD COLUMN embedding %s', kind);
    UPDATE javari_knowledge_base n SET embedding = k.embedding
    FROM javari_seed.javari_knowledge_base k WHERE k.id = n.id AND k.embedding IS NOT NULL;
    -- As the seed's, but for its faults: it orders as an index does, finds what belongs to no project
    -- when asked for that, is held to a thousand rows, and shows each user their own.
    EXECUTE format($function$
        CREATE FUNCTION match_knowledge(
            query_embedding %s, match_threshold double precision, match_count integer, project_id uuid
        ) RETURNS TABLE (id uuid, content text, similarity double precision)
        LANGUAGE sql STABLE SECURITY INVOKER SET search_path FROM CURRENT AS $body$
            SELECT k.id, k.content, 1 - (k.embedding <=> query_embedding)
            FROM javari_knowledge_base k
            WHERE k.project_id IS NOT DISTINCT FROM match_knowledge.project_id
              AND k.embedding IS NOT NULL
              AND 1 - (k.embedding <=> query_embedding) > match_threshold
            ORDER BY k.embedding <=> query_embedding
            LIMIT least(greatest(match_count, 0), 1000)
        $body$ $function$, kind);
END
$$;
