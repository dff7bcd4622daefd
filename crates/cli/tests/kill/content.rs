//! What the servers are given: a configuration with room for many acts, and the drill playbooks.

use std::{fmt::Write as _, fs, path::Path};

/// Blocks in one ladder, each after the one before it.
const RUNGS: u32 = 12;

/// Runs that one version of a playbook is started for; the engine refuses more than 200 in an hour.
pub(crate) const RUNS_PER_VARIANT: u32 = 150;

/// What a drill does; each is an own playbook, in as many variants as the load needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Drill {
    /// Blocks once.
    Block,
    /// Blocks for a minute.
    Brief,
    /// Blocks again and again.
    Ladder,
    /// Waits, in parallel and in turn, and blocks.
    Timers,
    /// Asks, and blocks if the answer is yes.
    Question,
    /// Asks what nobody answers, and blocks when a minute is over.
    Lapse,
}

impl Drill {
    pub(crate) const ALL: [Self; 6] =
        [Self::Block, Self::Brief, Self::Ladder, Self::Timers, Self::Question, Self::Lapse];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Brief => "brief",
            Self::Ladder => "ladder",
            Self::Timers => "timers",
            Self::Question => "question",
            Self::Lapse => "lapse",
        }
    }

    fn steps(self) -> String {
        match self {
            Self::Block => block(1, "24h"),
            Self::Brief => block(1, "1m"),
            Self::Ladder => (1..=RUNGS).map(|rung| block(rung, "24h")).collect(),
            Self::Timers => format!(
                "  - parallel:\n      - {{ id: long, wait: 2s }}\n      - {{ id: short, wait: 1s }}\n{}  - {{ id: last, wait: 1s }}\n",
                block(1, "24h")
            ),
            Self::Question => question("10m", "stop"),
            Self::Lapse => question("1m", "go"),
        }
    }
}

fn block(number: u32, expires: &str) -> String {
    format!(
        "  - id: block{number}\n    do: firewall.block_address\n    with: {{ address: \"${{{{ has(alert.fields.community_id) ? string(alert.fields.community_id) : '' }}}}.{number}\" }}\n    expires: {expires}\n"
    )
}

fn question(within: &str, otherwise: &str) -> String {
    format!(
        "  - id: sure\n    ask: \"Block ${{{{ has(alert.fields.community_id) ? string(alert.fields.community_id) : '' }}}}.1? ({otherwise} in {within})\"\n    options: [go, stop]\n    within: {within}\n    otherwise: {otherwise}\n  - if: \"steps.sure.answer == 'stop'\"\n    then:\n      - end: failed\n        note: the drill was stopped\n{}",
        block(1, "24h")
    )
}

/// The title of the alert that starts a variant of a drill.
pub(crate) fn title(drill: Drill, variant: u32) -> String {
    format!("drill {} {variant}", drill.word())
}

/// The name of that variant's playbook.
pub(crate) fn name(drill: Drill, variant: u32) -> String {
    format!("drill-{}-{variant}", drill.word())
}

/// Writes `playbooks/` into a content folder.
pub(crate) fn write_playbooks(folder: &Path, variants: u32) {
    let folder = folder.join("playbooks");
    fs::create_dir_all(&folder).unwrap();
    for drill in Drill::ALL {
        for variant in 0..variants {
            let name = name(drill, variant);
            let mut text = format!("playbook: {name}\ntitle: Drill {}\n", drill.word());
            text += "max_mode: auto\n";
            let alert = title(drill, variant);
            writeln!(text, "on: {{ alert: \"alert.rule.title == '{alert}'\" }}").unwrap();
            text += "steps:\n";
            text += &drill.steps();
            fs::write(folder.join(format!("{name}.yaml")), text).unwrap();
        }
    }
}

/// Writes `stanch.yaml` into a data folder: everything goes to the lab, and neither budgets nor
/// canaries nor breakers are an obstacle.
pub(crate) fn write_configuration(data: &Path, lab: &str) {
    let text = format!(
        "connectors:
  - name: practice
    connector: lab
    base_url: {lab}
    allow_private: true
bindings:
  firewall.block_address: practice
  edr.find_host: practice
  edr.isolate_host: practice
  edr.collect_triage_package: practice
policy:
  budgets:
    - {{ class: firewall.block_address, limit: 1000000, window: 1h }}
    - {{ class: edr.isolate_host, limit: 1000000, window: 1h }}
    - {{ class: \"*\", limit: 1000000, window: 1h }}
  breakers: [{{ class: \"*\", scope: playbook, failures: 1000000, undos: 1000000 }}]
  canaries: [{{ class: \"*\", first: 1000000, wait: 1s }}]
"
    );
    fs::write(data.join("stanch.yaml"), text).unwrap();
}
