-- Sizes that EC2's capacity reservations had, as Capacity Manager remembers them. An account's in a region lie together; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_capacity_held (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
