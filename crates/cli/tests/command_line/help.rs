//! The help, as people read it; `INSTA_UPDATE=always` rewrites the snapshots.

use crate::run;

/// Every command that there is.
const COMMANDS: &[&str] = &[
    "",
    "serve",
    "lab",
    "check",
    "detect",
    "rule test",
    "playbook",
    "playbook check",
    "playbook fmt",
    "playbook graph",
    "playbook schema",
    "playbook list",
    "playbook plan",
    "playbook run",
    "playbook test",
    "playbook mode",
    "playbook draft",
    "playbook review",
    "playbook publish",
    "playbook history",
    "playbook diff",
    "guard explain",
    "policy check",
    "policy diff",
    "intel lookup",
    "intel import",
    "incident list",
    "incident show",
    "incident acknowledge",
    "incident close",
    "incident comment",
    "alert list",
    "run list",
    "run show",
    "run cancel",
    "approval list",
    "approval show",
    "approval approve",
    "approval deny",
    "question list",
    "question answer",
    "containment list",
    "containment undo",
    "containment resolve",
    "kill-switch on",
    "kill-switch off",
    "kill-switch show",
    "audit list",
    "audit verify",
    "dead-letter list",
    "sandbox status",
    "source list",
    "measure show",
    "person list",
    "person create",
    "person contact",
    "person role",
    "policy show",
    "policy propose",
    "proposal list",
    "proposal show",
    "proposal approve",
    "proposal deny",
    "proposal cancel",
    "notice list",
    "notice retry",
    "group list",
    "group create",
    "group add",
    "group remove",
    "group delete",
    "delegation list",
    "delegation create",
    "delegation remove",
    "token list",
    "token create",
    "token remove",
    "connector list",
    "connector show",
    "connector check",
    "connector test",
    "connector from-openapi",
    "secret list",
    "secret set",
    "secret confirm",
    "secret revert",
    "secret remove",
    "secret rotate-key",
];

fn help(command: &str) -> String {
    let mut args: Vec<&str> = command.split_whitespace().collect();
    args.push("--help");
    let ran = run(&args);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command}");
    ran.out
}

#[test]
fn the_help_reads_well() {
    insta::assert_snapshot!("stanch", help(""));
    for command in
        ["check", "detect", "intel lookup", "intel import", "approval approve", "token create"]
    {
        insta::assert_snapshot!(command.replace(' ', "_"), help(command));
    }
}

#[test]
fn every_command_explains_each_of_its_options() {
    for command in COMMANDS {
        let text = help(command);
        for line in text.lines().filter(|line| line.trim_start().starts_with("--")) {
            // Either the explanation stands on the line, or the line is so long that it stands below.
            let explained = line.trim_start().contains("  ") || line.ends_with('>');
            assert!(explained, "{command}: {line}");
        }
        assert!(text.len() > 100, "{command}: {text}");
    }
}

#[test]
fn client_commands_name_their_variables_and_never_the_token() {
    let ran = crate::finish(
        crate::stanch(&["incident", "list", "--help"]).env("STANCH_TOKEN", "stn_very_secret"),
    );
    assert!(ran.out.contains("STANCH_URL") && ran.out.contains("STANCH_TOKEN"), "{}", ran.out);
    assert!(!ran.out.contains("very_secret"), "{}", ran.out);
}

#[test]
fn no_command_at_all_is_answered_with_the_help() {
    let ran = run(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("Exit codes:"), "{}", ran.err);
    assert_eq!(run(&["incident", "lsit"]).code, 2);
}
