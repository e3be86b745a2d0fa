-- Numbers of autonomous systems that accounts brought. Keyed by the number; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_byoasn (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    asn     TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, asn)
) STRICT;
