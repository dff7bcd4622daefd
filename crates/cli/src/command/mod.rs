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
pub(crate) mod containment_list;
pub(crate) mod containment_reconcile;
pub(crate) mod containment_resolve;
pub(crate) mod containment_settle;
pub(crate) mod dead_letter_list;
pub(crate) mod detect;
pub(crate) mod incident_acknowledge;
pub(crate) mod incident_close;
pub(crate) mod incident_comment;
pub(crate) mod incident_list;
pub(crate) mod incident_show;
pub(crate) mod kill_switch_set;
pub(crate) mod kill_switch_show;
pub(crate) mod lab;
pub(crate) mod measure_show;
pub(crate) mod person_create;
pub(crate) mod person_list;
pub(crate) mod playbook_list;
pub(crate) mod playbook_mode;
pub(crate) mod playbook_plan;
pub(crate) mod playbook_run;
pub(crate) mod playbook_test;
pub(crate) mod question_answer;
pub(crate) mod question_list;
pub(crate) mod restore;
pub(crate) mod rule_test;
pub(crate) mod run_cancel;
pub(crate) mod run_list;
pub(crate) mod run_show;
pub(crate) mod serve;
pub(crate) mod source_list;
pub(crate) mod token_create;
pub(crate) mod token_list;
pub(crate) mod token_remove;

use crate::{
    args::{
        Alert, Approval, Audit, Command, Containment, DeadLetter, Incident, KillSwitch, Measure,
        Person, Playbook, Question, Rule, Run, Source, Token,
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
        Command::Incident(verb) => incident(verb, out),
        Command::Alert(Alert::List(args)) => alert_list::run(&args, out),
        Command::Run(Run::List(args)) => run_list::run(&args, out),
        Command::Run(Run::Show(args)) => run_show::run(&args, out),
        Command::Run(Run::Cancel(args)) => run_cancel::run(&args, out),
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
        Command::Source(Source::List(args)) => source_list::run(&args, out),
        Command::Measure(Measure::Show(args)) => measure_show::run(&args, out),
        Command::Person(Person::List(args)) => person_list::run(&args, out),
        Command::Person(Person::Create(args)) => person_create::run(&args, out),
        Command::Token(Token::List(args)) => token_list::run(&args, out),
        Command::Token(Token::Create(args)) => token_create::run(&args, out),
        Command::Token(Token::Remove(args)) => token_remove::run(&args, out),
    }
}

fn playbook(verb: Playbook, out: &mut Output) -> anyhow::Result<Exit> {
    match verb {
        Playbook::List(args) => playbook_list::run(&args, out),
        Playbook::Plan(args) => playbook_plan::run(&args, out),
        Playbook::Run(args) => playbook_run::run(&args, out),
        Playbook::Test(args) => playbook_test::run(&args, out),
        Playbook::Mode(args) => playbook_mode::run(&args, out),
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
