//! Whether an LDAP call could be sent at all.

use stanch_model::manifest::LdapCall;

use super::{Findings, codes, source::Path};
use crate::ldap::{filter_fault, is_name};

pub(super) fn check(call: &LdapCall, at: &Path, findings: &mut Findings<'_>) {
    match call {
        LdapCall::Search(search) => {
            let at = at.key("search");
            place(&search.base, &search.filter, &at, findings);
            attributes(&search.attributes, &at, findings);
        }
        LdapCall::Modify(modify) => {
            let at = at.key("modify");
            place(&modify.base, &modify.filter, &at, findings);
            attributes(&modify.attributes, &at, findings);
            let values = [
                ("delete", modify.delete.keys().collect::<Vec<_>>()),
                ("add", modify.add.keys().collect()),
                ("replace", modify.replace.keys().collect()),
                ("set_bits", modify.set_bits.keys().collect()),
                ("clear_bits", modify.clear_bits.keys().collect()),
            ];
            if values.iter().all(|(_, names)| names.is_empty()) {
                findings.error_at_key(
                    codes::REQUEST,
                    &at,
                    "modify changes nothing",
                    "add `replace:`, `add:`, `delete:`, `set_bits:` or `clear_bits:`",
                );
            }
            for (verb, names) in values {
                for name in names {
                    attribute(name, &at.key(verb).key(name), true, findings);
                }
            }
        }
    }
}

fn place(base: &str, filter: &str, at: &Path, findings: &mut Findings<'_>) {
    if base.trim().is_empty() {
        let help = "write where to look, such as `${{ config.base }}`";
        findings.error(codes::REQUEST, &at.key("base"), "base is empty", help);
    }
    if let Some(fault) = filter_fault(filter) {
        findings.error(
            codes::REQUEST,
            &at.key("filter"),
            format!("filter is none: {fault}"),
            "write it as RFC 4515 does: `(&(objectClass=person)(uid=${{ input.user }}))`",
        );
    }
}

fn attributes(names: &[String], at: &Path, findings: &mut Findings<'_>) {
    for (index, name) in names.iter().enumerate() {
        attribute(name, &at.key("attributes").item(index), false, findings);
    }
}

fn attribute(name: &str, at: &Path, is_key: bool, findings: &mut Findings<'_>) {
    if is_name(name) {
        return;
    }
    let message = format!("`{}` is no attribute", crate::outside::quote(name));
    let help = "use letters, digits and `-`; ask for each attribute by its name";
    if is_key {
        findings.error_at_key(codes::REQUEST, at, message, help);
    } else {
        findings.error(codes::REQUEST, at, message, help);
    }
}
