-- Reservations of dedicated hosts; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_host_reservation (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
