-- What is said to a run from outside while nobody drives it: that it is to stop, what became of an act, a
-- signal, the end of a run that it called. Written with what was answered to whoever said it, and taken
-- with the journal record that it becomes.
CREATE TABLE inbox (
    run      TEXT NOT NULL,
    id       TEXT NOT NULL,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;

-- Which run was called by which step of which other.
CREATE TABLE child (
    tenant TEXT NOT NULL,
    run    TEXT NOT NULL,
    parent TEXT NOT NULL,
    step   TEXT NOT NULL,
    PRIMARY KEY (tenant, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX child_by_parent ON child (tenant, parent);

-- Acts of which nobody knows whether they happened: work for people, whether or not the ledger has a row.
CREATE TABLE unknown_outcome (
    tenant   TEXT NOT NULL,
    run      TEXT NOT NULL,
    step     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, run, step)
) STRICT, WITHOUT ROWID;
