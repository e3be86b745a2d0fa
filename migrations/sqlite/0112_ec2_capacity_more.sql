-- Fleets of capacity reservations, and requests that another account pay for what is not used of one; doc is the record as JSON, version the shape of
-- that JSON. A request is keyed by the reservation's account, region and id.

CREATE TABLE ec2_capacity_fleet (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

CREATE TABLE ec2_capacity_billing (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
