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

-- Every version of every playbook: its text is in playbook_version, by its digest.
CREATE TABLE playbook_history (
    tenant   TEXT NOT NULL,
    name     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    digest   TEXT NOT NULL,
    state    TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX playbook_history_by_state ON playbook_history (tenant, state);

CREATE INDEX run_by_playbook ON run (tenant, playbook, started_at);

-- Changes that take more than one person and time. Open ones are due at `due_at`.
CREATE TABLE proposal (
    number   INTEGER PRIMARY KEY,
    tenant   TEXT NOT NULL,
    id       TEXT NOT NULL,
    state    TEXT NOT NULL,
    due_at   INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX proposal_by_state ON proposal (state, due_at);

-- Every policy that was ever in force; the one with the highest version is.
CREATE TABLE policy_history (
    tenant   TEXT NOT NULL,
    version  INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, version)
) STRICT, WITHOUT ROWID;

-- What people are told outside the program: at least once each, by id.
CREATE TABLE notice (
    number     INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    receiver   TEXT NOT NULL,
    state      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    document   TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX notice_by_state ON notice (state, due_at);
CREATE INDEX notice_by_receiver ON notice (tenant, receiver, created_at);

-- What was answered to a request that may be sent again: no status while it is under way.
CREATE TABLE repeated (
    tenant  TEXT NOT NULL,
    actor   TEXT NOT NULL,
    key     TEXT NOT NULL,
    request TEXT NOT NULL,
    at      INTEGER NOT NULL,
    status  INTEGER,
    body    TEXT,
    PRIMARY KEY (tenant, actor, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX repeated_by_time ON repeated (at);
