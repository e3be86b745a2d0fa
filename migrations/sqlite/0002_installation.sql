-- What belongs to the installation and to no account: its keys and its clock.

CREATE TABLE installation_keys (
    id      TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;

CREATE TABLE clock (
    id      TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
