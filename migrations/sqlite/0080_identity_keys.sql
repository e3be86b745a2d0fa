-- What instance identity documents are signed with; there is no row before the first signature was asked for.

CREATE TABLE identity_keys (
    id      TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
