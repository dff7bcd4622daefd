//! Sysmon's records as JSON: processes, connections, files and names of ordinary workplaces.

use serde_json::{Value, json};

use super::random::Random;

/// Image, and a command line that it is ordinarily started with.
const PROGRAMS: [(&str, &str); 5] = [
    (r"C:\Program Files\Mozilla Firefox\firefox.exe", r#""firefox.exe" -contentproc -childID"#),
    (r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE", r#""OUTLOOK.EXE" /recycle"#),
    (r"C:\Windows\System32\svchost.exe", r"C:\Windows\System32\svchost.exe -k netsvcs -p -s"),
    (
        r"C:\Windows\System32\notepad.exe",
        r#""C:\Windows\System32\notepad.exe" C:\Users\Public\notes"#,
    ),
    (r"C:\Windows\System32\SearchIndexer.exe", r"C:\Windows\System32\SearchIndexer.exe /Embedding"),
];

const NAMES: [&str; 4] =
    ["www.example.com", "cdn.example.net", "mail.corp.test", "files.corp.test"];

pub(super) fn line(random: &mut Random, time: &str) -> String {
    let (image, command) = random.pick(&PROGRAMS);
    let user = format!("CORP\\user{:02}", random.below(60));
    let (id, mut data) = match random.below(10) {
        0..4 => (1, process(random, command)),
        4..7 => (3, connection(random)),
        7..9 => (11, file(random)),
        _ => (22, name(random)),
    };
    if let Some(data) = data.as_object_mut() {
        data.insert("UtcTime".to_owned(), time.replace('T', " ").into());
        data.insert("ProcessGuid".to_owned(), random.guid().into());
        data.insert("ProcessId".to_owned(), random.between(400, 30_000).into());
        data.insert("Image".to_owned(), image.into());
        data.insert("User".to_owned(), user.into());
    }
    let attributes = |value: Value| json!({ "#attributes": value });
    let provider = json!({
        "Name": "Microsoft-Windows-Sysmon", "Guid": "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",
    });
    json!({ "Event": {
        "System": {
            "Provider": attributes(provider), "EventID": id, "Version": 5, "Level": 4, "Task": id,
            "Opcode": 0, "Keywords": "0x8000000000000000",
            "TimeCreated": attributes(json!({ "SystemTime": time })),
            "EventRecordID": random.below(1 << 30), "Correlation": null,
            "Execution": attributes(json!({ "ProcessID": 2_804, "ThreadID": 3_916 })),
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": format!("ws-{:03}.corp.test", random.below(400)),
            "Security": attributes(json!({ "UserID": "S-1-5-18" })),
        },
        "EventData": data,
    }})
    .to_string()
}

fn process(random: &mut Random, command: &str) -> Value {
    json!({
        "RuleName": "-", "FileVersion": "10.0.26100.1", "Description": "-", "Product": "-",
        "Company": "-", "OriginalFileName": "-", "CurrentDirectory": r"C:\Windows\System32\",
        "CommandLine": format!("{command} {}", random.below(100_000)),
        "LogonGuid": random.guid(), "LogonId": "0x3e7a1", "TerminalSessionId": 1,
        "IntegrityLevel": "Medium", "Hashes": format!("SHA256={}", random.hex(64)),
        "ParentProcessGuid": random.guid(), "ParentProcessId": random.between(400, 30_000),
        "ParentImage": r"C:\Windows\explorer.exe", "ParentCommandLine": r"C:\Windows\Explorer.EXE",
        "ParentUser": "CORP\\user01",
    })
}

fn connection(random: &mut Random) -> Value {
    json!({
        "RuleName": "-", "Protocol": "tcp", "Initiated": "true", "SourceIsIpv6": "false",
        "SourceIp": random.inside(), "SourceHostname": "-", "SourcePort": random.port(),
        "SourcePortName": "-", "DestinationIsIpv6": "false", "DestinationIp": random.outside(),
        "DestinationHostname": random.pick(&NAMES), "DestinationPort": 443,
        "DestinationPortName": "https",
    })
}

fn file(random: &mut Random) -> Value {
    json!({
        "RuleName": "-",
        "TargetFilename": format!(r"C:\Users\user{:02}\Documents\report-{}.docx", random.below(60), random.below(100_000)),
        "CreationUtcTime": "2025-12-01 08:00:00.000",
    })
}

fn name(random: &mut Random) -> Value {
    json!({
        "RuleName": "-", "QueryName": random.pick(&NAMES), "QueryStatus": "0",
        "QueryResults": format!("{};", random.outside()),
    })
}
