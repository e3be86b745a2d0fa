-- The store's own tables, and the one that all declared families of EC2 share.

-- Facts about the file itself. `format` is the version of how records are laid out in tables; a server refuses a file with a higher one.
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (name, value) VALUES ('format', '1');

-- The migrations this file has seen.
CREATE TABLE migration (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Resources of declared families: kind tells them apart, parent is the id of the resource one belongs to, if any.
CREATE TABLE ec2_resource (
    kind    TEXT NOT NULL,
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    parent  TEXT,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (kind, account, region, id)
) STRICT;
