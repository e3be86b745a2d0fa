-- What accounts have set for a whole region. Keyed by account, region and the setting's name; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_setting (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, name)
) STRICT;
