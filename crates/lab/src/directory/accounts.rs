//! The accounts of the directory.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stanch_model::{ObservableKind, observable};

use crate::{answer::Answer, state::Stamp, switch::Switch};

/// Accounts by name, in lower case.
pub(crate) struct Directory {
    accounts: BTreeMap<String, Account>,
}

#[derive(Clone)]
struct Account {
    department: String,
    disabled: Switch,
}

impl Account {
    fn view(&self, name: &str) -> Value {
        json!({
            "name": name,
            "state": if self.disabled.on { "disabled" } else { "enabled" },
            "department": self.department,
            "key": self.disabled.key,
            "since": self.disabled.since,
        })
    }
}

impl Directory {
    /// Service and clerk accounts; no persons.
    pub(crate) fn seeded() -> Self {
        let seeds = [
            ("svc-backup", "operations"),
            ("svc-web", "operations"),
            ("svc-database", "operations"),
            ("finance-clerk-01", "finance"),
            ("finance-clerk-02", "finance"),
            ("sales-desk-01", "sales"),
            ("research-lab-01", "research"),
            ("helpdesk-01", "operations"),
        ];
        let accounts = seeds.map(|(name, department)| (name.to_owned(), account(department)));
        Self { accounts: accounts.into() }
    }

    /// One account; with `enrol` every name has one.
    pub(crate) fn show(&self, name: &str, enrol: bool) -> Result<Answer, Answer> {
        let name = canonical(name)?;
        let account = self.find(&name, enrol)?;
        Ok(Answer::ok(account.view(&name)))
    }

    /// All seeded accounts, and others that were acted on.
    pub(crate) fn list(&self) -> Vec<Value> {
        self.accounts.iter().map(|(name, account)| account.view(name)).collect()
    }

    /// Disables an account, or enables it again.
    pub(crate) fn turn(
        &mut self,
        name: &str,
        disable: bool,
        enrol: bool,
        stamp: &Stamp<'_>,
    ) -> Result<Answer, Answer> {
        let name = canonical(name)?;
        let mut account = self.find(&name, enrol)?;
        let mut told = account.clone();
        told.disabled.turn(disable, &Stamp { effective_at: Some(stamp.at), ..*stamp });
        account.disabled.turn(disable, stamp);
        let answer = Answer::ok(told.view(&name));
        self.accounts.insert(name, account);
        Ok(answer)
    }

    fn find(&self, name: &str, enrol: bool) -> Result<Account, Answer> {
        let found = self.accounts.get(name).cloned();
        found
            .or_else(|| enrol.then(|| account("unknown")))
            .ok_or_else(|| Answer::unknown("account", name))
    }
}

fn account(department: &str) -> Account {
    Account { department: department.to_owned(), disabled: Switch::default() }
}

fn canonical(name: &str) -> Result<String, Answer> {
    observable::canonical(ObservableKind::User, name)
        .ok_or_else(|| Answer::unreadable(format!("`{name}` is no account name")))
}
