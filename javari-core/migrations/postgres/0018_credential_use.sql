-- Where a credential may be sent without being shown. Of the version that is written beside them: a
-- library that does not know them yet writes another one, whose seal is without hosts.
ALTER TABLE javari_credentials ADD COLUMN hosts TEXT;
ALTER TABLE javari_credentials ADD COLUMN hosts_version INTEGER;

-- Every level of a user that has the name, at each use.
CREATE INDEX credentials_of_name ON javari_credentials (user_id, name);
