//! A script by itself: what it reads, what it answers, how it fails.

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use serde_json::{Value, json};
use stanch_connector::script::{Interpreters, Limits, Options, Script, ScriptError, Scripts};
use stanch_model::manifest::Interpreter::{self, Bash, Powershell, Python};

use crate::{checks, options, scripts};

checks! {
    scripts_answer_in_each_language,
    what_goes_wrong_has_a_code,
    powershell_that_is_there,
    powershell_that_is_not_there,
    many_at_once,
    nobody_waits_any_more,
    status_names_what_there_is,
}

async fn run(interpreter: Interpreter, code: &str, input: Value) -> Result<Value, ScriptError> {
    scripts().run(Script::new(interpreter, code, &input)).await
}

async fn scripts_answer_in_each_language() {
    let code =
        "import json, sys\nd = json.load(sys.stdin)\nprint(json.dumps({'score': len(d['text'])}))";
    let input = json!({ "text": "ünï'; $(reboot) ${{ x }}\n" });
    let expect = json!({ "score": input["text"].as_str().unwrap().chars().count() });
    assert_eq!(run(Python, code, input.clone()).await, Ok(expect));
    let code = "read -r line; printf '{\"got\": %s}' \"$line\"";
    assert_eq!(run(Bash, code, input.clone()).await, Ok(json!({ "got": input })));
}

async fn what_goes_wrong_has_a_code() {
    for (interpreter, code, expect, nothing_done, says) in [
        (Python, "import nothing", "SB0007", false, "No module named 'nothing'"),
        (Python, "print(", "SB0007", false, "SyntaxError"),
        (Bash, "echo for now >&2; exit 75", "SB0007", true, "for now"),
        (Bash, "echo never >&2; exit 77", "SB0007", true, "never"),
        (Bash, "kill -KILL $$", "SB0007", false, "signal 9"),
        (Bash, "echo '[]'", "SB0008", false, "no object"),
        (Bash, "echo hello", "SB0008", false, "it begins `hello`"),
        (Bash, ":", "SB0008", false, "it is empty"),
        (Bash, "printf '{\"a\": 1e999}'", "SB0008", false, "no JSON"),
        (Bash, "yes", "SB0006", false, "262144 bytes of output"),
    ] {
        let error = run(interpreter, code, json!({})).await.unwrap_err();
        assert_eq!((error.code, error.nothing_done), (expect, nothing_done), "{code}: {error}");
        assert!(error.why.contains(says), "{code}: {error}");
    }
    let input = json!({});
    let limits = Limits { wall: Duration::from_secs(1), ..Limits::default() };
    let script = Script { limits, ..Script::new(Bash, "sleep 600", &input) };
    let error = scripts().run(script).await.unwrap_err();
    assert_eq!((error.code, error.nothing_done), ("SB0006", false));
    assert_eq!(error.why, "the script was stopped: it did not end within 1s");
    let network = ["*:443".to_owned()];
    let script = Script { network: &network, ..Script::new(Bash, "", &input) };
    let error = scripts().run(script).await.unwrap_err();
    assert_eq!((error.code, error.nothing_done), ("SB0005", true), "{error}");
}

/// What speaks its command line: `pwsh -NoProfile -NonInteractive -File SCRIPT`.
const STAND_IN: &str = r#"#!/bin/bash
[ "$#" = 4 ] && [ "$1 $2 $3" = "-NoProfile -NonInteractive -File" ] || exit 64
case $4 in *.ps1) ;; *) exit 64 ;; esac
[ "$POWERSHELL_TELEMETRY_OPTOUT" = 1 ] || exit 65
read -r input
printf '{"script": "%s", "input": %s}' "$(cat "$4")" "$input"
"#;

fn with_powershell(text: &str) -> (tempfile::TempDir, Scripts) {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("pwsh");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let interpreters = Interpreters { powershell: Some(path), ..Interpreters::default() };
    (folder, Scripts::new(Options { interpreters, ..options() }))
}

async fn powershell_that_is_there() {
    let (_folder, scripts) = with_powershell(STAND_IN);
    let input = json!({ "a": 1 });
    let answer = scripts.run(Script::new(Powershell, "Write-Output x", &input)).await;
    assert_eq!(answer, Ok(json!({ "script": "Write-Output x", "input": { "a": 1 } })));
}

async fn powershell_that_is_not_there() {
    let scripts = Scripts::new(Options { interpreters: Interpreters::default(), ..options() });
    let input = json!({});
    let error = scripts.run(Script::new(Powershell, "x", &input)).await.unwrap_err();
    assert_eq!((error.code, error.nothing_done), ("SB0003", true));
    assert!(error.why.starts_with("powershell is not installed: there is none of /usr/bin/pwsh, "));
}

/// More than run at the same time: the others wait for their turn.
async fn many_at_once() {
    let scripts = scripts();
    let one = |number: usize| {
        let scripts = scripts.clone();
        async move {
            let input = json!({ "number": number });
            scripts.run(Script::new(Bash, "cat", &input)).await
        }
    };
    let answers = futures::future::join_all((0..20).map(one)).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer, Ok(json!({ "number": number })));
    }
}

/// A run that nobody waits for any more is ended, and makes room for others.
async fn nobody_waits_any_more() {
    let scripts = scripts();
    scripts.status().await.unwrap();
    let input = json!({});
    let limits = Limits { wall: Duration::from_secs(3600), ..Limits::default() };
    for _ in 0..20 {
        let script = Script { limits, ..Script::new(Bash, "sleep 3000", &input) };
        let ran = tokio::time::timeout(Duration::from_millis(20), scripts.run(script)).await;
        assert!(ran.is_err(), "it sleeps");
    }
    let answer = scripts.run(Script::new(Bash, "echo '{}'", &input)).await;
    assert_eq!(answer, Ok(json!({})));
}

async fn status_names_what_there_is() {
    let status = scripts().status().await.unwrap();
    assert!(status.is_usable(), "{status}");
    let text = status.to_string();
    for (interpreter, found) in &status.interpreters {
        let absent = format!("; no {}", interpreter.word());
        assert_eq!(text.contains(&absent), found.is_err(), "{text}");
    }
    assert!(text.starts_with("landlock ABI "), "{text}");
}
