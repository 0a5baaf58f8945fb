-- The head of a chain under the chain's key, so that entries cut off together with their head are
-- missed. Empty in heads written before; they are sealed at the next entry.
ALTER TABLE javari_work_log_heads ADD COLUMN authentication TEXT;
