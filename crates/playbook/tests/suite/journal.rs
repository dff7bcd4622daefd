//! Whole runs as earlier builds journaled them: they load, and come to what they came to.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use serde::Deserialize;
use serde_json::Value;
use stanch_model::{
    Time,
    run::{RunState, StepState},
};
use stanch_playbook::{Run, RunEvent, graph, parse};

use crate::load::catalog;

/// One playbook, and runs of it as the build before the whole language journaled them.
#[derive(Deserialize)]
struct Kept {
    playbook: String,
    runs: Vec<KeptRun>,
}

#[derive(Deserialize)]
struct KeptRun {
    journal: Vec<(Time, RunEvent)>,
    /// Key, state, note and output of each step that holds no others.
    steps: Vec<(String, StepState, String, Value)>,
    ended: Option<(RunState, String)>,
}

/// Whole runs come to what they came to, at every record on the way.
#[test]
fn runs_of_version_1_load_as_they_did() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/runs-v1.json");
    let kept: Vec<Kept> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let catalog = catalog();
    let (mut runs, mut words) = (0, BTreeSet::new());
    for Kept { playbook, runs: kept } in kept {
        let (playbook, findings) = parse::parse(&playbook);
        let playbook = playbook.unwrap_or_else(|| panic!("{findings:#?}"));
        let graph = Arc::new(graph::compile(&playbook, &catalog).unwrap());
        for kept in kept {
            let mut run = Run::new(Arc::clone(&graph));
            for (number, (at, event)) in kept.journal.iter().enumerate() {
                let taken = run.apply(*at, event);
                taken.unwrap_or_else(|e| panic!("{} {number}: {e}", graph.playbook));
                words.insert(event.word());
            }
            let steps = run.step_views().into_iter().filter(|step| step.kind != "parallel");
            let steps: Vec<_> = steps.map(|s| (s.key, s.state, s.note, s.output)).collect();
            assert_eq!(steps, kept.steps, "{}", graph.playbook);
            assert_eq!(run.ended(), kept.ended.as_ref(), "{}", graph.playbook);
            runs += 1;
        }
    }
    println!("cases: {runs}");
    assert!(runs > 30 && words.len() == 22, "{runs} {words:?}");
}
