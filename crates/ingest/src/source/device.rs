//! Devices that speak CEF and LEEF: Sigma's words for them, and when what they say is an alert.

use stanch_model::{
    Severity,
    event::{LogSource, ProductAlert},
};

use crate::fields::Fields;

/// Part of the vendor's name, part of the product's name, Sigma's product, Sigma's categories.
/// Lower case; the first that fits.
const DEVICES: &[(&str, &str, &str, &[&str])] = &[
    ("fortinet", "fortigate", "fortigate", &["firewall"]),
    ("fortinet", "fortiweb", "fortiweb", &["proxy", "webserver"]),
    ("palo alto", "pan-os", "paloalto", &["firewall"]),
    ("palo alto", "", "paloalto", &[]),
    ("cisco", "asa", "cisco", &["firewall"]),
    ("cisco", "firepower", "cisco", &["firewall"]),
    ("cisco", "umbrella", "cisco", &["proxy"]),
    ("cisco", "", "cisco", &[]),
    ("check point", "vpn-1", "checkpoint", &["firewall"]),
    ("check point", "", "checkpoint", &["firewall"]),
    ("juniper", "", "juniper", &["firewall"]),
    ("sonicwall", "", "sonicwall", &["firewall"]),
    ("sophos", "firewall", "sophos", &["firewall"]),
    ("watchguard", "", "watchguard", &["firewall"]),
    ("zscaler", "nss", "zscaler", &["proxy"]),
    ("blue coat", "", "bluecoat", &["proxy"]),
    ("symantec", "proxysg", "bluecoat", &["proxy"]),
    ("forcepoint", "security", "forcepoint", &["proxy"]),
    ("squid", "", "squid", &["proxy"]),
    ("f5", "asm", "f5", &["webserver"]),
    ("imperva", "", "imperva", &["webserver"]),
    ("infoblox", "", "infoblox", &["dns"]),
    ("microsoft", "windows", "windows", &[]),
    ("trend micro", "deep security", "trendmicro", &["antivirus"]),
    ("trend micro", "apex", "trendmicro", &["antivirus"]),
    ("mcafee", "", "mcafee", &["antivirus"]),
    ("kaspersky", "", "kaspersky", &["antivirus"]),
    ("eset", "", "eset", &["antivirus"]),
];

/// Sigma's log source of a device: from the table, or the product's own name in lower case with
/// `-` between its words. A record that names its category `firewall`, `proxy` or the like
/// belongs to that one as well.
pub(super) fn log_source(vendor: &str, product: &str, category: Option<&str>) -> LogSource {
    const CATEGORIES: &[&str] = &["firewall", "proxy", "webserver", "dns", "antivirus"];
    let (of_vendor, of_product) = (vendor.to_lowercase(), product.to_lowercase());
    let fits = |row: &&(&str, &str, &str, &[&str])| {
        of_vendor.contains(row.0) && of_product.contains(row.1)
    };
    let known = DEVICES.iter().find(fits);
    let mut categories = known.map_or(&[][..], |(.., categories)| categories).to_vec();
    let said = category.map(str::to_lowercase);
    let said = CATEGORIES.iter().find(|word| said.as_deref() == Some(word));
    categories.extend(said.filter(|word| !known.is_some_and(|row| row.3.contains(word))));
    LogSource {
        product: known.map_or_else(|| slug(product), |(_, _, name, _)| Some((*name).to_owned())),
        service: None,
        categories: categories.into_iter().map(str::to_owned).collect(),
    }
}

/// From this of ten a device's word is an alert; CEF calls 7 to 8 high and 9 to 10 very high.
const ALERT_MIN: u64 = 7;

/// The alert in a record of `severity` (0 to 10, or CEF's words), if it is high or `is_finding`.
pub(super) fn product_alert(
    product: &str,
    rule: &str,
    title: &str,
    severity: Option<&str>,
    is_finding: bool,
) -> Option<ProductAlert> {
    let words = |text: &str| match text.to_ascii_lowercase().as_str() {
        "low" => Some(2),
        "medium" => Some(5),
        "high" => Some(8),
        "very-high" | "very high" | "critical" => Some(10),
        _ => text.parse().ok(),
    };
    let level: Option<u64> = severity.and_then(words);
    if !is_finding && level.is_none_or(|level| level < ALERT_MIN) {
        return None;
    }
    let product = slug(product).unwrap_or_else(|| "device".to_owned());
    let rule_id = format!("{product}:{rule}");
    let severity = match level {
        Some(0) => Severity::Info,
        Some(1..=3) => Severity::Low,
        Some(4..=6) | None => Severity::Medium,
        Some(7..=8) => Severity::High,
        Some(_) => Severity::Critical,
    };
    let title = if title.is_empty() { rule_id.clone() } else { title.to_owned() };
    Some(ProductAlert { rule_id, title, severity, techniques: Vec::new() })
}

/// Sets `name`; what is a plain number by its name becomes one. A second value stands beside the
/// first, so that a forged pair hides no honest one.
pub(super) fn set(fields: &mut Fields, name: &str, value: String, numbers: &[&str]) {
    let number = value.parse::<u64>().ok().filter(|number| number.to_string() == value);
    match number.filter(|_| numbers.contains(&name)) {
        Some(number) => fields.flatten(name, number.into()),
        None => fields.flatten(name, value.into()),
    }
}

/// The first of `names` that the record says once. A name that comes twice may have been put
/// there by whoever wrote one of the values, and names nobody.
pub(super) fn once<'a>(fields: &Fields, names: &[&'a str]) -> Vec<&'a str> {
    let is_once = |name: &&str| fields.value(name).is_some_and(|value| !value.is_array());
    names.iter().copied().filter(is_once).collect()
}

fn slug(name: &str) -> Option<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    (!slug.is_empty()).then_some(slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(vendor: &str, product: &str, category: Option<&str>, expect: (&str, &[&str])) {
        let found = log_source(vendor, product, category);
        let categories: Vec<_> = found.categories.iter().map(String::as_str).collect();
        assert_eq!((found.product.as_deref(), categories.as_slice()), (Some(expect.0), expect.1));
    }

    #[test]
    fn devices_have_sigmas_names() {
        check("Fortinet", "Fortigate", None, ("fortigate", &["firewall"]));
        check("Fortinet", "Fortigate", Some("firewall"), ("fortigate", &["firewall"]));
        check("Cisco", "ASA 5500", Some("proxy"), ("cisco", &["firewall", "proxy"]));
        check("Acme", "Door Guard 9", Some("door"), ("door-guard-9", &[]));
    }

    #[test]
    fn high_is_an_alert_and_low_is_none() {
        let level = |severity, finding| {
            product_alert("X", "1", "t", severity, finding).map(|alert| alert.severity)
        };
        assert_eq!(level(Some("6"), false), None);
        assert_eq!(level(Some("7"), false), Some(Severity::High));
        assert_eq!(level(Some("Very-High"), false), Some(Severity::Critical));
        assert_eq!(level(Some("Unknown"), false), None);
        assert_eq!(level(Some("2"), true), Some(Severity::Low));
        assert_eq!(level(None, true), Some(Severity::Medium));
    }
}
