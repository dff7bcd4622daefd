//! Sigma's categories of an event, as a set.

/// All categories that an event of `service` belongs to. `event_type` is Sysmon's `EventType`,
/// which tells the kinds of registry events apart.
pub(super) fn of(
    service: Option<&str>,
    event_id: u64,
    event_type: Option<&str>,
) -> Vec<&'static str> {
    match service {
        Some("sysmon") => sysmon(event_id, event_type),
        Some("security") => security(event_id).to_vec(),
        Some("powershell") => powershell(event_id).to_vec(),
        Some("powershell-classic") => powershell_classic(event_id).to_vec(),
        Some("windefend") => defender(event_id).to_vec(),
        Some(_) | None => Vec::new(),
    }
}

fn sysmon(event_id: u64, event_type: Option<&str>) -> Vec<&'static str> {
    let simple: &[&'static str] = match event_id {
        1 => &["process_creation"],
        2 => &["file_change"],
        3 => &["network_connection"],
        4 | 16 => &["sysmon_status"],
        5 => &["process_termination"],
        6 => &["driver_load"],
        7 => &["image_load"],
        8 => &["create_remote_thread"],
        9 => &["raw_access_thread"],
        10 => &["process_access"],
        11 => &["file_event"],
        12..=14 => return registry(event_id, event_type),
        15 => &["create_stream_hash"],
        17 | 18 => &["pipe_created"],
        19..=21 => &["wmi_event"],
        22 => &["dns_query"],
        23 | 26 => &["file_delete"],
        24 => &["clipboard_capture"],
        25 => &["process_tampering"],
        27 => &["file_block_executable"],
        28 => &["file_block_shredding"],
        29 => &["file_executable_detected"],
        255 => &["sysmon_error"],
        _ => &[],
    };
    simple.to_vec()
}

/// Every registry event is a `registry_event`; its kind is in `EventType`, and where that is
/// missing the id allows what it allows.
fn registry(event_id: u64, event_type: Option<&str>) -> Vec<&'static str> {
    let kinds: &[&'static str] = match (event_type, event_id) {
        (Some("CreateKey"), _) => &["registry_add"],
        (Some("DeleteKey" | "DeleteValue"), _) => &["registry_delete"],
        (Some("SetValue"), _) => &["registry_set"],
        (Some("RenameKey" | "RenameValue"), _) => &["registry_rename"],
        (_, 12) => &["registry_add", "registry_delete"],
        (_, 13) => &["registry_set"],
        _ => &["registry_rename"],
    };
    let mut categories = vec!["registry_event"];
    categories.extend(kinds);
    categories
}

const fn security(event_id: u64) -> &'static [&'static str] {
    match event_id {
        4688 => &["process_creation"],
        4689 => &["process_termination"],
        4657 => &["registry_event", "registry_set"],
        5156 => &["network_connection"],
        _ => &[],
    }
}

const fn powershell(event_id: u64) -> &'static [&'static str] {
    match event_id {
        4103 => &["ps_module"],
        4104 => &["ps_script"],
        _ => &[],
    }
}

const fn powershell_classic(event_id: u64) -> &'static [&'static str] {
    match event_id {
        400 => &["ps_classic_start"],
        600 => &["ps_classic_provider_start"],
        800 => &["ps_classic_script"],
        _ => &[],
    }
}

const fn defender(event_id: u64) -> &'static [&'static str] {
    match event_id {
        1006..=1008 | 1015..=1017 | 1116..=1119 => &["antivirus"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, event_id: u64, event_type: Option<&str>, expect: &[&str]) {
        assert_eq!(of(Some(service), event_id, event_type), expect, "{service} {event_id}");
    }

    #[test]
    fn an_event_may_belong_to_several_categories() {
        check("sysmon", 1, None, &["process_creation"]);
        check("security", 4688, None, &["process_creation"]);
        check("system", 1, None, &[]);
        check("sysmon", 13, Some("SetValue"), &["registry_event", "registry_set"]);
        check("sysmon", 12, Some("CreateKey"), &["registry_event", "registry_add"]);
        check("sysmon", 12, Some("DeleteValue"), &["registry_event", "registry_delete"]);
        check("sysmon", 12, None, &["registry_event", "registry_add", "registry_delete"]);
        check("sysmon", 14, Some("RenameKey"), &["registry_event", "registry_rename"]);
        check("powershell", 4104, None, &["ps_script"]);
        check("security", 4624, None, &[]);
    }
}
