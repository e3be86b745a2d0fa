-- What internet registries have in their books for associations with them, as the admin API told. One row for each association; doc is the record as JSON, version the
-- shape of that JSON.

CREATE TABLE ec2_registry_books (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    association TEXT NOT NULL,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, association)
) STRICT;
