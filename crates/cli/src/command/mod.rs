//! The commands, one file each: its arguments, and what it does.
//!
//! A command gets what was typed and where data goes, and returns what it came to.

pub(crate) mod alert_list;
pub(crate) mod approval_approve;
pub(crate) mod approval_deny;
pub(crate) mod approval_list;
pub(crate) mod approval_show;
pub(crate) mod audit_list;
pub(crate) mod audit_verify;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod connector_from_openapi;
pub(crate) mod connector_list;
pub(crate) mod connector_show;
pub(crate) mod connector_test;
pub(crate) mod containment_list;
pub(crate) mod containment_reconcile;
pub(crate) mod containment_resolve;
pub(crate) mod containment_settle;
pub(crate) mod dead_letter_list;
pub(crate) mod delegation_create;
pub(crate) mod delegation_list;
pub(crate) mod delegation_remove;
pub(crate) mod detect;
pub(crate) mod group_add;
pub(crate) mod group_create;
pub(crate) mod group_delete;
pub(crate) mod group_list;
pub(crate) mod guard_explain;
pub(crate) mod incident_acknowledge;
pub(crate) mod incident_close;
pub(crate) mod incident_comment;
pub(crate) mod incident_list;
pub(crate) mod incident_show;
pub(crate) mod intel_import;
pub(crate) mod intel_lookup;
pub(crate) mod kill_switch_set;
pub(crate) mod kill_switch_show;
pub(crate) mod lab;
pub(crate) mod measure_show;
pub(crate) mod notice_list;
pub(crate) mod notice_retry;
pub(crate) mod person_contact;
pub(crate) mod person_create;
pub(crate) mod person_list;
pub(crate) mod person_role;
pub(crate) mod playbook_backtest;
pub(crate) mod playbook_check;
pub(crate) mod playbook_diff;
pub(crate) mod playbook_draft;
pub(crate) mod playbook_fmt;
pub(crate) mod playbook_graph;
pub(crate) mod playbook_history;
pub(crate) mod playbook_list;
pub(crate) mod playbook_mode;
pub(crate) mod playbook_plan;
pub(crate) mod playbook_publish;
pub(crate) mod playbook_review;
pub(crate) mod playbook_run;
pub(crate) mod playbook_schema;
pub(crate) mod playbook_test;
pub(crate) mod policy_check;
pub(crate) mod policy_diff;
pub(crate) mod policy_propose;
pub(crate) mod policy_show;
pub(crate) mod proposal_answer;
pub(crate) mod proposal_list;
pub(crate) mod proposal_show;
pub(crate) mod question_answer;
pub(crate) mod question_list;
pub(crate) mod restore;
pub(crate) mod rule_test;
pub(crate) mod run_cancel;
pub(crate) mod run_list;
pub(crate) mod run_resolve;
pub(crate) mod run_show;
pub(crate) mod run_signal;
pub(crate) mod run_unknown;
pub(crate) mod sandbox_exec;
pub(crate) mod sandbox_status;
pub(crate) mod secret_list;
pub(crate) mod secret_remove;
pub(crate) mod secret_rotate_key;
pub(crate) mod secret_set;
pub(crate) mod secret_settle;
pub(crate) mod serve;
pub(crate) mod source_list;
pub(crate) mod token_create;
pub(crate) mod token_list;
pub(crate) mod token_remove;

use crate::{
    args::{
        Alert, Approval, Audit, Command, Connector, Containment, DeadLetter, Delegation, Group,
        Guard, Incident, Intel, KillSwitch, Measure, Notice, Person, Playbook, Policy, Proposal,
        Question, Rule, Run, Sandbox, Secret, Source, Token,
    },
    exit::Exit,
    output::Output,
};

/// Does what was typed.
///
/// # Errors
/// Whatever kept it from being done; [`crate::exit::of`] has the code.
pub(crate) fn run(command: Command, out: &mut Output) -> anyhow::Result<Exit> {
    match command {
        Command::Serve(args) => serve::run(*args),
        Command::Backup(args) => backup::run(&args, out),
        Command::Restore(args) => restore::run(&args, out),
        Command::Lab(args) => lab::run(&args),
        Command::Check(args) => check::run(&args, out),
        Command::Detect(args) => detect::run(&args, out),
        Command::Rule(Rule::Test(args)) => rule_test::run(&args, out),
        Command::Playbook(verb) => playbook(verb, out),
        Command::Guard(Guard::Explain(args)) => guard_explain::run(&args, out),
        Command::Policy(Policy::Check(args)) => policy_check::run(&args, out),
        Command::Policy(Policy::Diff(args)) => policy_diff::run(&args, out),
        Command::Intel(Intel::Lookup(args)) => intel_lookup::run(&args, out),
        Command::Intel(Intel::Import(args)) => intel_import::run(&args, out),
        Command::Incident(verb) => incident(verb, out),
        Command::Alert(Alert::List(args)) => alert_list::run(&args, out),
        Command::Run(verb) => one_run(verb, out),
        Command::Approval(verb) => approval(verb, out),
        Command::Question(Question::List(args)) => question_list::run(&args, out),
        Command::Question(Question::Answer(args)) => question_answer::run(&args, out),
        Command::Containment(Containment::List(args)) => containment_list::run(&args, out),
        Command::Containment(Containment::Undo(args)) => {
            containment_settle::run("undo", &args, out)
        }
        Command::Containment(Containment::Resolve(args)) => containment_resolve::run(&args, out),
        Command::Containment(Containment::Reconcile(args)) => {
            containment_reconcile::run(&args, out)
        }
        Command::Containment(Containment::Accept(args)) => {
            containment_settle::run("accept", &args, out)
        }
        Command::KillSwitch(KillSwitch::On(args)) => kill_switch_set::run(true, &args, out),
        Command::KillSwitch(KillSwitch::Off(args)) => kill_switch_set::run(false, &args, out),
        Command::KillSwitch(KillSwitch::Show(args)) => kill_switch_show::run(&args, out),
        Command::Audit(Audit::List(args)) => audit_list::run(&args, out),
        Command::Audit(Audit::Verify(args)) => audit_verify::run(&args, out),
        Command::DeadLetter(DeadLetter::List(args)) => dead_letter_list::run(&args, out),
        Command::Sandbox(Sandbox::Status(args)) => sandbox_status::run(&args, out),
        Command::SandboxExec(args) => sandbox_exec::run(&args, out),
        Command::Source(Source::List(args)) => source_list::run(&args, out),
        Command::Measure(Measure::Show(args)) => measure_show::run(&args, out),
        Command::Person(Person::List(args)) => person_list::run(&args, out),
        Command::Person(Person::Create(args)) => person_create::run(&args, out),
        Command::Person(Person::Contact(args)) => person_contact::run(&args, out),
        Command::Person(Person::Role(args)) => person_role::run(&args, out),
        Command::Policy(Policy::Show(args)) => policy_show::run(&args, out),
        Command::Policy(Policy::Propose(args)) => policy_propose::run(&args, out),
        Command::Proposal(verb) => proposal(verb, out),
        Command::Notice(Notice::List(args)) => notice_list::run(&args, out),
        Command::Notice(Notice::Retry(args)) => notice_retry::run(&args, out),
        Command::Group(verb) => group(verb, out),
        Command::Delegation(verb) => delegation(verb, out),
        Command::Token(Token::List(args)) => token_list::run(&args, out),
        Command::Token(Token::Create(args)) => token_create::run(&args, out),
        Command::Token(Token::Remove(args)) => token_remove::run(&args, out),
        Command::Connector(verb) => connector(verb, out),
        Command::Secret(verb) => secret(verb, out),
    }
}

fn connector(verb: Connector, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Connector::List(args) => connector_list::run(&args, out),
        Connector::Show(args) => connector_show::run(&args, out),
        Connector::Check(args) => check::run(&args, out),
        Connector::Test(args) => connector_test::run(&args, out),
        Connector::FromOpenapi(args) => connector_from_openapi::run(&args, out),
    }
}

fn secret(verb: Secret, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Secret::List(args) => secret_list::run(&args, out),
        Secret::Set(args) => secret_set::run(&args, out),
        Secret::Confirm(args) => secret_settle::run("confirm", &args, out),
        Secret::Revert(args) => secret_settle::run("revert", &args, out),
        Secret::Remove(args) => secret_remove::run(&args, out),
        Secret::RotateKey(args) => secret_rotate_key::run(&args, out),
    }
}

fn playbook(verb: Playbook, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Playbook::Check(args) => playbook_check::run(&args, out),
        Playbook::Fmt(args) => playbook_fmt::run(&args, out),
        Playbook::Graph(args) => playbook_graph::run(&args, out),
        Playbook::Schema(args) => playbook_schema::run(&args, out),
        Playbook::List(args) => playbook_list::run(&args, out),
        Playbook::Plan(args) => playbook_plan::run(&args, out),
        Playbook::Backtest(args) => playbook_backtest::run(&args, out),
        Playbook::Run(args) => playbook_run::run(&args, out),
        Playbook::Test(args) => playbook_test::run(&args, out),
        Playbook::Mode(args) => playbook_mode::run(&args, out),
        Playbook::Draft(args) => playbook_draft::run(&args, out),
        Playbook::Review(args) => playbook_review::run(&args, out),
        Playbook::Publish(args) => playbook_publish::run(&args, out),
        Playbook::History(args) => playbook_history::run(&args, out),
        Playbook::Diff(args) => playbook_diff::run(&args, out),
    }
}

fn one_run(verb: Run, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Run::List(args) => run_list::run(&args, out),
        Run::Show(args) => run_show::run(&args, out),
        Run::Cancel(args) => run_cancel::run(&args, out),
        Run::Signal(args) => run_signal::run(&args, out),
        Run::Unknown(args) => run_unknown::run(&args, out),
        Run::Resolve(args) => run_resolve::run(&args, out),
    }
}

fn incident(verb: Incident, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Incident::List(args) => incident_list::run(&args, out),
        Incident::Show(args) => incident_show::run(&args, out),
        Incident::Acknowledge(args) => incident_acknowledge::run(&args, out),
        Incident::Close(args) => incident_close::run(&args, out),
        Incident::Comment(args) => incident_comment::run(&args, out),
    }
}

fn approval(verb: Approval, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Approval::List(args) => approval_list::run(&args, out),
        Approval::Show(args) => approval_show::run(&args, out),
        Approval::Approve(args) => approval_approve::run(&args, out),
        Approval::Deny(args) => approval_deny::run(&args, out),
    }
}

fn group(verb: Group, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Group::List(args) => group_list::run(&args, out),
        Group::Create(args) => group_create::run(&args, out),
        Group::Add(args) => group_add::run(true, &args, out),
        Group::Remove(args) => group_add::run(false, &args, out),
        Group::Delete(args) => group_delete::run(&args, out),
    }
}

fn delegation(verb: Delegation, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Delegation::List(args) => delegation_list::run(&args, out),
        Delegation::Create(args) => delegation_create::run(&args, out),
        Delegation::Remove(args) => delegation_remove::run(&args, out),
    }
}

fn proposal(verb: Proposal, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Proposal::List(args) => proposal_list::run(&args, out),
        Proposal::Show(args) => proposal_show::run(&args, out),
        Proposal::Approve(args) => proposal_answer::approve(&args, out),
        Proposal::Deny(args) => proposal_answer::run("deny", &args, out),
        Proposal::Cancel(args) => proposal_answer::run("cancel", &args, out),
    }
}
