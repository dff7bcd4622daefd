-- What the guard considered with each decision, word for word as it was then.
CREATE TABLE explanation (
    number   INTEGER PRIMARY KEY,
    tenant   TEXT NOT NULL,
    run      TEXT NOT NULL,
    step     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX explanation_by_run ON explanation (tenant, run, number);
