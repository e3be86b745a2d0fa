-- What had which block of addresses in a scope of an address manager, and when: samples. Keyed by the manager, the block, what had it and since when; doc is
-- the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_ipam_history (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    ipam    TEXT NOT NULL,
    block   TEXT NOT NULL,
    holder  TEXT NOT NULL,
    since   TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, ipam, block, holder, since)
) STRICT;
