-- People who are asked together, and who answers for whom while somebody is away.

CREATE TABLE people_group (
    tenant   TEXT NOT NULL,
    name     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE delegation (
    tenant   TEXT NOT NULL,
    id       TEXT NOT NULL,
    receiver TEXT NOT NULL,
    until_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delegation_by_receiver ON delegation (tenant, receiver, until_at);
