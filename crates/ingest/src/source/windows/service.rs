//! Sigma's service of a channel.

/// Channel (lower case) and service, after Sigma's taxonomy for Windows.
const CHANNELS: &[(&str, &str)] = &[
    ("application", "application"),
    ("security", "security"),
    ("system", "system"),
    ("microsoft-windows-sysmon/operational", "sysmon"),
    ("windows powershell", "powershell-classic"),
    ("microsoft-windows-powershell/operational", "powershell"),
    ("powershellcore/operational", "powershell"),
    ("microsoft-windows-windows defender/operational", "windefend"),
    ("microsoft-windows-taskscheduler/operational", "taskscheduler"),
    ("microsoft-windows-wmi-activity/operational", "wmi"),
    ("microsoft-windows-dns-client/operational", "dns-client"),
    ("dns server", "dns-server"),
    ("microsoft-windows-dns-server/audit", "dns-server-audit"),
    ("microsoft-windows-dnsserver/analytical", "dns-server-analytic"),
    ("microsoft-windows-bits-client/operational", "bits-client"),
    ("microsoft-windows-ntlm/operational", "ntlm"),
    ("microsoft-windows-applocker/msi and script", "applocker"),
    ("microsoft-windows-applocker/exe and dll", "applocker"),
    ("microsoft-windows-applocker/packaged app-deployment", "applocker"),
    ("microsoft-windows-applocker/packaged app-execution", "applocker"),
    ("microsoft-windows-codeintegrity/operational", "codeintegrity-operational"),
    ("microsoft-windows-security-mitigations/kernel mode", "security-mitigations"),
    ("microsoft-windows-security-mitigations/user mode", "security-mitigations"),
    ("microsoft-windows-windows firewall with advanced security/firewall", "firewall-as"),
    ("microsoft-windows-smbclient/security", "smbclient-security"),
    ("microsoft-windows-smbclient/connectivity", "smbclient-connectivity"),
    ("microsoft-windows-smbserver/connectivity", "smbserver-connectivity"),
    ("microsoft-windows-printservice/admin", "printservice-admin"),
    ("microsoft-windows-printservice/operational", "printservice-operational"),
    (
        "microsoft-windows-terminalservices-localsessionmanager/operational",
        "terminalservices-localsessionmanager",
    ),
    ("microsoft-windows-driverframeworks-usermode/operational", "driver-framework"),
    ("microsoft-windows-shell-core/operational", "shell-core"),
    ("microsoft-windows-lsa/operational", "lsa-server"),
    ("microsoft-windows-capi2/operational", "capi2"),
    ("microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"),
    ("microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"),
    ("microsoft-windows-appxdeploymentserver/operational", "appxdeployment-server"),
    ("microsoft-windows-appxpackaging/operational", "appxpackaging-om"),
    ("microsoft-iis-configuration/operational", "iis-configuration"),
    (
        "microsoft-windows-certificateservicesclient-lifecycle-system/operational",
        "certificateservicesclient-lifecycle-system",
    ),
    ("microsoft-servicebus-client", "microsoft-servicebus-client"),
    ("msexchange management", "msexchange-management"),
    ("openssh/operational", "openssh"),
    ("directory service", "ldap"),
];

/// Providers that tell the service where a shape leaves out the channel.
const PROVIDERS: &[(&str, &str)] = &[
    ("microsoft-windows-sysmon", "sysmon"),
    ("microsoft-windows-security-auditing", "security"),
    ("microsoft-windows-powershell", "powershell"),
    ("powershell", "powershell-classic"),
    ("microsoft-windows-windows defender", "windefend"),
    ("service control manager", "system"),
];

/// The service, or nothing for channels that Sigma has no word for.
pub(super) fn of(channel: Option<&str>, provider: Option<&str>) -> Option<&'static str> {
    let find = |table: &[(&str, &'static str)], name: &str| {
        let name = name.to_ascii_lowercase();
        table.iter().find(|(key, _)| *key == name).map(|(_, service)| *service)
    };
    match (channel, provider) {
        (Some(channel), _) => find(CHANNELS, channel),
        (None, Some(provider)) => find(PROVIDERS, provider),
        (None, None) => None,
    }
}
