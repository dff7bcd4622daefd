//! What can be typed: nouns and verbs. The arguments of each verb stand beside what it does.

use clap::{
    Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{command, exit};

/// Detects attacks in logs, plans the response, acts after approval, and keeps the books.
#[derive(Debug, Parser)]
#[command(
    name = "stanch",
    version,
    about = "Detects attacks in logs, plans the response, acts after approval, and keeps the books",
    after_help = exit::HELP,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Nouns, and verbs that need none.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server: intake, detection, runs, API and UI
    Serve(Box<command::serve::ServeArgs>),
    /// Write a backup of a running instance
    Backup(command::backup::Args),
    /// Make a data folder of a backup; what starts on it acts on nothing before it has looked
    Restore(command::restore::Args),
    /// Run the practice target: EDR, firewall, directory and mailbox, none of them real
    Lab(command::lab::Args),
    /// Check playbooks, connector manifests, policies, Sigma rules and their tests, without a server
    Check(command::check::Args),
    /// Scan log files with Sigma rules, without a server
    Detect(command::detect::Args),
    /// Test Sigma rules against the events beside them
    #[command(subcommand)]
    Rule(Rule),
    /// Playbooks: list, plan, run, test, and how far each is trusted
    #[command(subcommand)]
    Playbook(Playbook),
    /// The guard: what it considered
    #[command(subcommand)]
    Guard(Guard),
    /// Policies: check one, and see what a change of it loosens, without a server
    #[command(subcommand)]
    Policy(Policy),
    /// Indicators: look values up in lists and feeds, and see what a file comes to, without a server
    #[command(subcommand)]
    Intel(Intel),
    /// Incidents: what people work on
    #[command(subcommand)]
    Incident(Incident),
    /// Alerts: what rules and products found
    #[command(subcommand)]
    Alert(Alert),
    /// Runs: playbooks being carried out
    #[command(subcommand)]
    Run(Run),
    /// Approvals: plans that wait for a yes or a no
    #[command(subcommand)]
    Approval(Approval),
    /// Questions that playbooks ask people
    #[command(subcommand)]
    Question(Question),
    /// Containments: what is blocked or isolated now, and taking it back
    #[command(subcommand)]
    Containment(Containment),
    /// The kill switch: while it is on, nothing acts
    #[command(subcommand)]
    KillSwitch(KillSwitch),
    /// The audit: every decision of people and machine, in a hash chain
    #[command(subcommand)]
    Audit(Audit),
    /// Dead letters: records that could not be read
    #[command(subcommand)]
    DeadLetter(DeadLetter),
    /// The sandbox of scripts
    #[command(subcommand)]
    Sandbox(Sandbox),
    /// Take every right away from this process, and become a script
    #[command(hide = true)]
    SandboxExec(command::sandbox_exec::Args),
    /// Sources: who delivers events
    #[command(subcommand)]
    Source(Source),
    /// Measures: how long detection, acknowledgement and containment take
    #[command(subcommand)]
    Measure(Measure),
    /// People who can sign in
    #[command(subcommand)]
    Person(Person),
    /// Proposals: what lets the guard through more takes two people and a day
    #[command(subcommand)]
    Proposal(Proposal),
    /// Notices: what people were told by mail and webhook
    #[command(subcommand)]
    Notice(Notice),
    /// Groups of people who are asked together
    #[command(subcommand)]
    Group(Group),
    /// Who answers for whom while somebody is away
    #[command(subcommand)]
    Delegation(Delegation),
    /// Tokens for the API, for intake and for block lists
    #[command(subcommand)]
    Token(Token),
    /// Connectors: what each can do, and whether its manifest holds against recordings and live targets
    #[command(subcommand)]
    Connector(Connector),
    /// Secrets: what opens targets, kept sealed; set, listed without value, rotated
    #[command(subcommand)]
    Secret(Secret),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Connector {
    /// List the connectors of this installation, and what of their quotas is used
    List(command::connector_list::Args),
    /// Show what one can do, and how each act is looked up, seen and taken back
    Show(command::connector_show::Args),
    /// Check manifests and recordings, as `stanch check` does
    Check(command::check::Args),
    /// Hold a manifest against its recorded exchanges, or against a live target
    Test(Box<command::connector_test::Args>),
    /// Make a manifest of an OpenAPI 3 document; what changes something comes out as a draft
    FromOpenapi(command::connector_from_openapi::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Secret {
    /// List names, versions and who uses each; values are shown nowhere
    List(command::secret_list::Args),
    /// Set a value, read from standard input or asked for; the one before it is kept until confirmed
    Set(command::secret_set::Args),
    /// Say that the value in force works; the one before it is forgotten
    Confirm(command::secret_settle::Args),
    /// Bring the value before the one in force back
    Revert(command::secret_settle::Args),
    /// Take a secret away
    Remove(command::secret_remove::Args),
    /// Seal all secrets under a new key
    RotateKey(command::secret_rotate_key::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rule {
    /// Run NAME.test.yaml against the rules in NAME.yaml
    Test(command::rule_test::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Playbook {
    /// Check playbooks, and show where each finding is and what mends it
    Check(command::playbook_check::Args),
    /// Bring playbooks into their one layout; comments stay
    Fmt(command::playbook_fmt::Args),
    /// Draw a playbook
    Graph(command::playbook_graph::Args),
    /// Print the JSON Schema of the language, for editors
    Schema(command::playbook_schema::Args),
    /// List the playbooks that are loaded
    List(command::playbook_list::Args),
    /// Show what a playbook would do for an alert, and what the guard says to it; nothing is done
    Plan(command::playbook_plan::Args),
    /// Show what a playbook would have done to the alerts of the past, and how often it would have been right;
    /// nothing is done
    Backtest(command::playbook_backtest::Args),
    /// Start a playbook, for an alert or with what it asks for
    Run(command::playbook_run::Args),
    /// Run NAME.test.yaml against the playbook in NAME.yaml; nothing outside is touched
    Test(command::playbook_test::Args),
    /// Set how far a playbook is trusted
    Mode(command::playbook_mode::Args),
    /// Write a version that somebody else is to review
    Draft(command::playbook_draft::Args),
    /// Say whether somebody else's draft is good
    Review(command::playbook_review::Args),
    /// Put a reviewed version in force
    Publish(command::playbook_publish::Args),
    /// List every version: who wrote and reviewed it, and which is in force
    History(command::playbook_history::Args),
    /// Show what is different between two versions; exits 1 if anything is
    Diff(command::playbook_diff::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Guard {
    /// Show what the guard considered with every decision of a run, as it was then
    Explain(command::guard_explain::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Check a policy file, or the policy in a configuration, and say whom its rights limit
    Check(command::policy_check::Args),
    /// Show what changes between two policies, and whether that loosens anything
    Diff(command::policy_diff::Args),
    /// Show what is in force
    Show(command::policy_show::Args),
    /// Propose another; in force at once if it loosens nothing
    Propose(command::policy_propose::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Intel {
    /// Look values up in files of indicators
    Lookup(Box<command::intel_lookup::Args>),
    /// Read a file of indicators, and say what of it can be matched and what cannot, and why
    Import(Box<command::intel_import::Args>),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Incident {
    /// List incidents, the newest first
    List(command::incident_list::Args),
    /// Show one with its alerts, timeline, runs, approvals and containments
    Show(command::incident_show::Args),
    /// Say that you look after one
    Acknowledge(command::incident_acknowledge::Args),
    /// Close one with a verdict
    Close(command::incident_close::Args),
    /// Add a comment to one's timeline
    Comment(command::incident_comment::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Alert {
    /// List alerts, the newest first
    List(command::alert_list::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Run {
    /// List runs, the newest first
    List(command::run_list::Args),
    /// Show one, step by step
    Show(command::run_show::Args),
    /// Stop one; what it has done stays, and can be undone
    Cancel(command::run_cancel::Args),
    /// Send one a signal that it waits for, or will
    Signal(command::run_signal::Args),
    /// List acts of which nobody knows whether they happened
    Unknown(command::run_unknown::Args),
    /// Say of such an act whether it happened
    Resolve(command::run_resolve::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Approval {
    /// List approvals
    List(command::approval_list::Args),
    /// Show the plan that waits
    Show(command::approval_show::Args),
    /// Show the plan, and say yes to exactly that
    Approve(command::approval_approve::Args),
    /// Say no
    Deny(command::approval_deny::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Question {
    /// List questions
    List(command::question_list::Args),
    /// Answer one, or fill it in if it is a form
    Answer(command::question_answer::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Containment {
    /// List the ledger, the newest first
    List(command::containment_list::Args),
    /// Take one back
    Undo(command::containment_settle::Args),
    /// Say of one in state `unknown` whether it happened
    Resolve(command::containment_resolve::Args),
    /// Ask every target whether it shows what the ledger says; nothing is changed at a target
    Reconcile(command::containment_reconcile::Args),
    /// Take what the target shows for right, where it differs from the ledger
    Accept(command::containment_settle::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KillSwitch {
    /// Engage it: nothing acts from now on
    On(command::kill_switch_set::Args),
    /// Release it
    Off(command::kill_switch_set::Args),
    /// Show whether it is engaged
    Show(command::kill_switch_show::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List entries, the oldest first
    List(command::audit_list::Args),
    /// Prove the chain whole; exits 1 if it is not
    Verify(command::audit_verify::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetter {
    /// List records that could not be read, the newest first
    List(command::dead_letter_list::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sandbox {
    /// Show what keeps scripts in on this host, by trying it; exits 1 if no script can be run
    Status(command::sandbox_status::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Source {
    /// List sources and what each has delivered
    List(command::source_list::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Measure {
    /// Show the measures of the last days
    Show(command::measure_show::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Person {
    /// List them
    List(command::person_list::Args),
    /// Add one; the password is read from standard input
    Create(command::person_create::Args),
    /// Say where one is reached, and in which time zone
    Contact(command::person_contact::Args),
    /// Say what one may do; an administrator more takes a second person and a day
    Role(command::person_role::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Notice {
    /// List notices, the newest first; those in state `dead` did not go out
    List(command::notice_list::Args),
    /// Try a dead one again
    Retry(command::notice_retry::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Proposal {
    /// List proposals, the newest first
    List(command::proposal_list::Args),
    /// Show one
    Show(command::proposal_show::Args),
    /// Say yes to somebody else's
    Approve(command::proposal_answer::Approve),
    /// Say no, which ends it
    Deny(command::proposal_answer::Args),
    /// Take one back
    Cancel(command::proposal_answer::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// List groups and who is in them
    List(command::group_list::Args),
    /// Make one, without anybody in it
    Create(command::group_create::Args),
    /// Put a person into one
    Add(command::group_add::Args),
    /// Take a person out of one
    Remove(command::group_add::Args),
    /// Take a group away
    Delete(command::group_delete::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Delegation {
    /// List who answers for whom
    List(command::delegation_list::Args),
    /// Give your votes to somebody for a time
    Create(command::delegation_create::Args),
    /// Take votes back
    Remove(command::delegation_remove::Args),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// List tokens and what each is for
    List(command::token_list::Args),
    /// Make a token and print its secret, which is shown this once
    Create(command::token_create::Args),
    /// Take a token away: who shows it is nobody from then on
    Remove(command::token_remove::Args),
}

/// Reads a word of the vocabulary, which is spelt in `words` as it is in JSON.
pub(crate) fn word<T>(words: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| serde_json::from_value(Value::String(word)))
}

/// Reads a name that stands in a URL: anything but nothing and what would climb.
///
/// # Errors
/// An empty name, `.` and `..`.
pub(crate) fn name(text: &str) -> Result<String, &'static str> {
    if matches!(text, "" | "." | "..") { Err("this is no name") } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
