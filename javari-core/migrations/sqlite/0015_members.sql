-- Who may act in a project beside its owner, and with which role.
CREATE TABLE javari_project_members (
    project_id TEXT NOT NULL,
    member_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The owner of the project, as in every row.
    user_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'developer', 'admin')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (project_id, member_id),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    -- The owner is not a member: nobody takes the project from them by changing a role.
    CHECK (member_id <> user_id)
) STRICT;
CREATE INDEX project_members_project ON javari_project_members (project_id, user_id);
CREATE INDEX project_members_member ON javari_project_members (member_id, project_id);

-- A key that a member made acts as that member.
ALTER TABLE javari_api_keys ADD COLUMN member_id TEXT REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX api_keys_member ON javari_api_keys (member_id);
