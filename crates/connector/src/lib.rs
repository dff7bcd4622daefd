//! Action manifests, the guarded HTTP client, SSH: the hands.
