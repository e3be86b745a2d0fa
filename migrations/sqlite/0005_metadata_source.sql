-- Source addresses (containers) that stand for an instance when they ask for metadata.

CREATE TABLE metadata_source (
    address TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
