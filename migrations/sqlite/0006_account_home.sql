-- The partition an account belongs to, from its first write on.

CREATE TABLE account_home (
    account TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
