-- What outlives the row it names. A foreign key of several columns cannot let go of one of them alone
-- here, so the row lets go before the key is asked.
CREATE TRIGGER projects_leave BEFORE DELETE ON projects
BEGIN
    UPDATE conversations SET project_id = NULL, subproject_id = NULL
    WHERE project_id = OLD.id AND user_id = OLD.user_id;
    UPDATE javari_cost_tracking SET project_id = NULL
    WHERE project_id = OLD.id AND user_id = OLD.user_id;
END;
CREATE TRIGGER subprojects_leave BEFORE DELETE ON subprojects
BEGIN
    UPDATE conversations SET subproject_id = NULL
    WHERE subproject_id = OLD.id AND project_id = OLD.project_id AND user_id = OLD.user_id;
END;
CREATE TRIGGER messages_leave BEFORE DELETE ON messages
BEGIN
    UPDATE artifacts SET message_id = NULL
    WHERE message_id = OLD.id AND conversation_id = OLD.conversation_id AND user_id = OLD.user_id;
END;
CREATE TRIGGER task_queue_leave BEFORE DELETE ON javari_task_queue
BEGIN
    UPDATE javari_agents SET current_task_id = NULL
    WHERE current_task_id = OLD.id AND user_id = OLD.user_id;
END;
CREATE TRIGGER documents_leave BEFORE DELETE ON javari_documents
BEGIN
    UPDATE javari_crawl_pages SET document_id = NULL
    WHERE document_id = OLD.id AND user_id = OLD.user_id;
END;

-- The array that the seed kept, for queries that know it.
CREATE TRIGGER collaborating_agents_joined AFTER INSERT ON javari_collaborating_agents
BEGIN
    UPDATE javari_agent_collaboration SET agent_ids = (
        SELECT json_group_array(agent_id) FROM (
            SELECT agent_id FROM javari_collaborating_agents
            WHERE collaboration_id = NEW.collaboration_id ORDER BY agent_id
        )
    ) WHERE id = NEW.collaboration_id;
END;
CREATE TRIGGER collaborating_agents_left AFTER DELETE ON javari_collaborating_agents
BEGIN
    UPDATE javari_agent_collaboration SET agent_ids = (
        SELECT json_group_array(agent_id) FROM (
            SELECT agent_id FROM javari_collaborating_agents
            WHERE collaboration_id = OLD.collaboration_id ORDER BY agent_id
        )
    ) WHERE id = OLD.collaboration_id;
END;

CREATE TRIGGER credit_ledger_no_update BEFORE UPDATE ON javari_credit_ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
