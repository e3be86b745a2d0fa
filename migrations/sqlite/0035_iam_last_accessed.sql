-- When a user, role or root user (entity: its unique id, or the account's number) called an action last; written lazily.
CREATE TABLE iam_last_accessed (
    account TEXT NOT NULL,
    entity  TEXT NOT NULL,
    action  TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, entity, action)
) STRICT;

-- Reports of what was last accessed, as they were when they were asked for.
CREATE TABLE iam_access_report (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;
