-- Everything that decides or is decided. Raw events are in the intake log, not here.
-- Times are microseconds since 1970 UTC. Documents are the model's JSON; columns beside them are
-- what queries ask for. The key of every record begins with its tenant; `number` is the order in which
-- records came. PostgreSQL gets the same text through src/sql/dialect.rs.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
    number       INTEGER PRIMARY KEY,
    tenant       TEXT NOT NULL,
    id           TEXT NOT NULL,
    dedup_key    TEXT NOT NULL,
    incident     TEXT,
    detected_at  INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    document     TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX alert_by_dedup ON alert (tenant, dedup_key, last_seen_at);
CREATE INDEX alert_by_incident ON alert (tenant, incident);
CREATE INDEX alert_by_time ON alert (tenant, detected_at);

CREATE TABLE alert_observable (
    tenant TEXT NOT NULL,
    value  TEXT NOT NULL,
    alert  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, value, alert)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
    number      INTEGER PRIMARY KEY,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    status      TEXT NOT NULL,
    severity    INTEGER NOT NULL,
    detected_at INTEGER NOT NULL,
    document    TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX incident_by_status ON incident (tenant, status);

CREATE TABLE incident_entity (
    tenant       TEXT NOT NULL,
    entity       TEXT NOT NULL,
    incident     TEXT NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, entity, incident)
) STRICT, WITHOUT ROWID;

CREATE TABLE timeline (
    number   INTEGER PRIMARY KEY,
    tenant   TEXT NOT NULL,
    incident TEXT NOT NULL,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX timeline_by_incident ON timeline (tenant, incident, at);

CREATE TABLE playbook_version (
    digest TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    text   TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE playbook_mode (
    tenant TEXT NOT NULL,
    name   TEXT NOT NULL,
    mode   TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    number     INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    playbook   TEXT NOT NULL,
    incident   TEXT,
    final      INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    document   TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX run_by_incident ON run (tenant, incident);
CREATE INDEX run_open ON run (final, started_at);

-- A trigger fires once per playbook version and dedup key.
CREATE TABLE fired (
    tenant    TEXT NOT NULL,
    digest    TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest, dedup_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX fired_by_time ON fired (tenant, digest, at);

CREATE TABLE journal (
    run      TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    v        INTEGER NOT NULL,
    payload  TEXT NOT NULL,
    checksum TEXT NOT NULL,
    PRIMARY KEY (run, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE timer (
    run      TEXT NOT NULL,
    step     TEXT NOT NULL,
    tenant   TEXT NOT NULL,
    due_at   INTEGER NOT NULL,
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_by_due ON timer (due_at);

CREATE TABLE approval (
    number     INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    run        TEXT NOT NULL,
    state      TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    document   TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX approval_by_state ON approval (state, expires_at);
CREATE INDEX approval_by_run ON approval (run);

CREATE TABLE question (
    number     INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    run        TEXT NOT NULL,
    state      TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    document   TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX question_by_state ON question (state, expires_at);

-- One row per counter and intent; an undo or a failure refunds nothing.
CREATE TABLE intent (
    tenant TEXT NOT NULL,
    class  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    run    TEXT NOT NULL,
    step   TEXT NOT NULL,
    PRIMARY KEY (tenant, class, at, run, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE containment (
    number     INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    run        TEXT NOT NULL,
    step       TEXT NOT NULL,
    incident   TEXT,
    effect_key TEXT NOT NULL,
    state      TEXT NOT NULL,
    live       INTEGER NOT NULL,
    expires_at INTEGER,
    document   TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (run, step)
) STRICT;
CREATE INDEX containment_live ON containment (live, expires_at);
CREATE INDEX containment_by_effect ON containment (tenant, effect_key, live);
CREATE INDEX containment_by_incident ON containment (tenant, incident);

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    tenant   TEXT NOT NULL,
    hash     TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE person (
    tenant   TEXT NOT NULL,
    id       TEXT NOT NULL,
    name     TEXT NOT NULL,
    password TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
) STRICT;

CREATE TABLE session (
    hash       TEXT PRIMARY KEY,
    tenant     TEXT NOT NULL,
    person     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    tenant   TEXT NOT NULL,
    id       TEXT NOT NULL,
    name     TEXT NOT NULL,
    hash     TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
) STRICT;

CREATE TABLE dead_letter (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    line   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    reason TEXT NOT NULL,
    raw    TEXT NOT NULL
) STRICT;

CREATE TABLE source (
    tenant        TEXT NOT NULL,
    name          TEXT NOT NULL,
    trust         TEXT NOT NULL,
    events        INTEGER NOT NULL,
    dead_letters  INTEGER NOT NULL,
    last_event_at INTEGER,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
