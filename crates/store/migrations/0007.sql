-- Secrets. Each value is sealed under a key that is not here; `key` names it, so that a value is not tried
-- with another. The highest version is in force; the one before it stays until somebody says that it works.
-- They stand here, and not in a file of their own, so that a change and its line in the audit are one, and
-- so that every process of an installation sees the same.
CREATE TABLE secret (
    tenant   TEXT NOT NULL,
    name     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    key      TEXT NOT NULL,
    sealed   BLOB NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, name, version)
) STRICT, WITHOUT ROWID;

-- How many requests an instance has sent in a calendar period (UTC): `2026-11-24`, `2026-11`.
CREATE TABLE quota_used (
    tenant   TEXT NOT NULL,
    instance TEXT NOT NULL,
    period   TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (tenant, instance, period)
) STRICT, WITHOUT ROWID;
