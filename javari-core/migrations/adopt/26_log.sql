-- The seed's log in the order in which its entries are chained: one chain a user, oldest first. The
-- chaining itself takes the root key and comes afterwards.
CREATE TABLE javari_seed.adoption_log AS
SELECT row_number() OVER (ORDER BY entry.user_id, entry.timestamp, entry.id) AS place,
    row_number() OVER (PARTITION BY entry.user_id ORDER BY entry.timestamp, entry.id) AS seq,
    entry.*
FROM (
    SELECT l.id, o.id AS user_id, l.project_id, coalesce(l.timestamp, u.created_at) AS timestamp,
        javari_seed.share(l.confidence_score) AS confidence_score,
        coalesce(l.outcome, 'partial_success') AS outcome,
        CASE WHEN l.outcome IS NULL THEN '{"adopted_from":"seed","outcome_was":null}'
             ELSE '{"adopted_from":"seed"}' END AS details
    FROM javari_seed.javari_work_log l
    JOIN javari_seed.adoption_owners o ON o.old_id = l.user_id
    JOIN users u ON u.id = o.id
) AS entry;
ALTER TABLE javari_seed.adoption_log ADD PRIMARY KEY (place);
