-- What accounts share with others, which on AWS Resource Access Manager knows. Keyed by the owner and the name of the share; doc is the record as JSON,
-- version the shape of that JSON.

CREATE TABLE ec2_resource_share (
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT;
