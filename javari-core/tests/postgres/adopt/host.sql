-- What a host builds around the seed's tables.
CREATE TABLE companies (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO companies VALUES (1, 'Acme'), (2, 'Other');
ALTER TABLE users ADD COLUMN company_id integer NOT NULL DEFAULT 1 REFERENCES companies (id);
UPDATE users SET company_id = 2 WHERE email = 'User1@example.com';
ALTER TABLE javari_work_log ADD COLUMN ticket text;
UPDATE javari_work_log SET ticket = 'T-' || action_description;
ALTER TABLE projects ADD COLUMN number serial;
ALTER TABLE projects ADD CONSTRAINT projects_described CHECK (description <> 'forbidden');
CREATE INDEX host_projects_by_repository ON projects (repository_url) WHERE repository_url IS NOT NULL;

CREATE TABLE notes (
    id serial PRIMARY KEY, author uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project uuid REFERENCES projects (id) ON DELETE SET NULL, body text NOT NULL
);
INSERT INTO notes (author, project, body) SELECT p.user_id, p.id, 'note of ' || p.name FROM projects p;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY "notes of own projects" ON notes FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM projects p WHERE p.id = notes.project AND p.user_id = auth.uid()));
CREATE TABLE javari_favourites (user_id uuid REFERENCES users (id), what text);
INSERT INTO javari_favourites SELECT id, 'blue' FROM users;

CREATE VIEW spend AS
    SELECT u.id, u.email, c.name AS company, sum(t.cost_usd) AS usd
    FROM users u JOIN companies c ON c.id = u.company_id JOIN javari_cost_tracking t ON t.user_id = u.id
    GROUP BY u.id, u.email, c.name;
CREATE VIEW big_spend AS SELECT email, round(usd, 2) AS usd FROM spend WHERE usd > 0;
COMMENT ON VIEW big_spend IS 'who spends';
CREATE VIEW tokens AS SELECT round(sum(tokens_used), -1) AS tokens FROM messages;
CREATE VIEW confidence AS
    SELECT conversation_id, round(avg(confidence_score), 2) AS confidence FROM messages GROUP BY conversation_id;
CREATE MATERIALIZED VIEW per_plan AS SELECT plan, count(*) AS users FROM users GROUP BY plan;
CREATE UNIQUE INDEX per_plan_plan ON per_plan (plan);
CREATE FUNCTION projects_of(owner uuid) RETURNS SETOF projects LANGUAGE sql STABLE
    AS 'SELECT * FROM projects WHERE user_id = owner';
CREATE VIEW first_users_projects AS SELECT name FROM projects_of(md5('user1')::uuid);

CREATE TABLE seen (what text);
CREATE FUNCTION see_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen VALUES (NEW.name);
    RETURN NEW;
END
$$;
CREATE TRIGGER see_projects AFTER INSERT ON projects FOR EACH ROW EXECUTE FUNCTION see_project();
CREATE PUBLICATION realtime FOR TABLE messages, conversations;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO authenticated;
REVOKE ALL ON javari_work_log FROM anon;
