//! Every case beside every playbook, those that we ship and those of the corpus, passes.

use stanch_playbook::testing;

use crate::load::{Loaded, corpus, shipped};

fn check(loaded: &[Loaded]) -> usize {
    let mut wrong = Vec::new();
    let mut count = 0;
    for Loaded { file, playbook, graph, cases } in loaded {
        for case in cases {
            count += 1;
            let result = testing::run(graph, playbook, case);
            if !result.passed {
                let (line, name) = (case.span.line, &case.name);
                let why = result.differences.join("\n  ");
                wrong.push(format!("{}:{line} {name}\n  {why}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    count
}

#[test]
fn shipped_playbooks_pass_their_tests() {
    let count = check(&shipped());
    println!("cases: {count}");
    assert!(count >= 20, "{count}");
}

#[test]
fn corpus_playbooks_pass_their_tests() {
    assert!(check(&corpus()) >= 20);
}
