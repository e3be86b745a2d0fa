-- EC2's images of FPGAs. An account's images in a region lie together; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_fpga_image (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
