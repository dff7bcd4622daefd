//! Playbooks, written by dice: well-typed, and with anything in them that an attacker would like.

use std::fmt::Write as _;

use super::{dice::Dice, truth};

/// Every kind of step.
pub(crate) const KINDS: [&str; 13] = [
    "do", "script", "if", "switch", "parallel", "for_each", "while", "call", "wait", "ask", "set",
    "try", "end",
];

/// What a playbook may call; they act as well.
pub(crate) const CALLED: [&str; 2] = [
    "playbook: callee-a
title: Called
max_mode: auto
inputs: { host: { type: string } }
outputs: { isolated: \"${{ steps.isolate.ok }}\" }
steps:
  - { id: isolate, do: edr.isolate_host, with: { host: \"${{ inputs.host }}\" }, expires: 1h }
",
    "playbook: callee-b
title: Called, and calls
max_mode: auto
inputs: { host: { type: string }, address: { type: string } }
outputs: { blocked: \"${{ steps.block.ok }}\" }
steps:
  - { id: block, do: firewall.block_address, with: { address: \"${{ inputs.address }}\" }, expires: 1h, on_error: continue }
  - { wait: 1m }
  - { id: sub, call: callee-a, with: { host: \"${{ inputs.host }}\" }, on_error: continue }
",
];

/// A playbook, and whether it is to be taken without asking the checker: the guard stands below that.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) unchecked: bool,
}

pub(crate) fn write(dice: &mut Dice) -> Written {
    let unchecked = dice.once_in(6);
    let mode =
        *dice.one(&["auto", "auto", "auto", "auto", "auto", "auto", "auto", "assist", "shadow"]);
    let mut writer = Writer { dice, number: 0, steps: 0, unchecked };
    let mut text = format!("playbook: root\ntitle: By dice\nmax_mode: {mode}\n");
    if writer.dice.once_in(4) {
        text.push_str("timeout: 5d\n");
    }
    text.push_str("steps:\n  - set: { x: \"${{ alert.host.name }}\" }\n");
    let scope = Scope { item: None, in_branch: false, depth: 0 };
    let many = 2 + writer.dice.below(4);
    writer.sequence(&mut text, 2, many, &scope, false);
    Written { text, unchecked }
}

struct Writer<'d> {
    dice: &'d mut Dice,
    number: usize,
    steps: usize,
    unchecked: bool,
}

/// What is around a step.
#[derive(Clone)]
struct Scope {
    /// The name of the element of a loop around, and of what kind it is.
    item: Option<(String, &'static str)>,
    in_branch: bool,
    depth: usize,
}

impl Scope {
    fn deeper(&self) -> Self {
        Self { depth: self.depth + 1, ..self.clone() }
    }
}

impl Writer<'_> {
    fn id(&mut self) -> String {
        self.number += 1;
        format!("n{}", self.number)
    }

    /// Steps one after another; what may end it stands last.
    fn sequence(&mut self, to: &mut String, indent: usize, many: usize, scope: &Scope, ends: bool) {
        let mut known = Vec::new();
        for _ in 0..many {
            self.step(to, indent, scope, &mut known);
        }
        if ends && self.dice.once_in(5) {
            let pad = " ".repeat(indent);
            let word = self.dice.one(&["succeeded", "failed"]);
            writeln!(to, "{pad}- end: {word}").unwrap();
        }
    }

    fn step(&mut self, to: &mut String, indent: usize, scope: &Scope, known: &mut Vec<String>) {
        self.steps += 1;
        let deep = scope.depth >= 3 || self.steps > 18;
        match self.dice.below(if deep { 9 } else { 20 }) {
            0..=4 => self.act(to, indent, scope, known),
            5 => self.read(to, indent, scope, known),
            6 => self.script(to, indent, scope),
            7 => self.wait(to, indent),
            8 => self.ask(to, indent, known),
            9 | 10 => self.branch(to, indent, scope, known),
            11 => self.switch(to, indent, scope),
            12 | 13 => self.parallel(to, indent, scope),
            14 | 15 => self.for_each(to, indent, scope),
            16 => self.repeat(to, indent, scope),
            17 => self.call(to, indent, scope, known),
            18 => self.set(to, indent, scope),
            _ => self.attempt(to, indent, scope),
        }
    }

    /// A target as an attacker would name it: what the alert says, what was found, or itself.
    fn target(&mut self, kind: &'static str, scope: &Scope) -> String {
        if let Some((name, of)) = &scope.item
            && *of == kind
            && self.dice.once_in(2)
        {
            return format!("${{{{ {name} }}}}");
        }
        let alert = match kind {
            "ip" => ["alert.src.ip", "alert.dst.ip"].as_slice(),
            "host" => &["alert.host.name", "vars.x"],
            _ => &["alert.user.name"],
        };
        if self.dice.once_in(2) {
            return format!("${{{{ {} }}}}", self.dice.one(alert));
        }
        truth::name(self.dice, kind).to_owned()
    }

    fn act(&mut self, to: &mut String, indent: usize, scope: &Scope, known: &mut Vec<String>) {
        let (pad, id) = (" ".repeat(indent), self.id());
        let acts = [
            ("firewall.block_address", "address", "ip"),
            ("edge.block", "address", "ip"),
            ("edr.isolate_host", "host", "host"),
            ("field.isolate_host", "host", "host"),
            ("directory.disable_account", "user", "user"),
        ];
        let (name, input, kind) = *self.dice.one(&acts);
        let target = self.target(kind, scope);
        let mut more = String::new();
        // What stays for ever the checker refuses; a playbook that it never saw may say so.
        if !self.unchecked || !self.dice.once_in(3) {
            more.push_str(", expires: 1h");
        }
        let extras = [
            ", on_error: continue",
            ", on_error: continue",
            ", retry: { times: 1, every: 10s }",
            ", retry: { times: 2, every: 10s }, on_error: continue",
            ", timeout: 1m",
            ", approve: { count: 1, otherwise: escalate }",
            ", approve: { count: 2 }",
        ];
        if self.dice.once_in(2) {
            let extra = *self.dice.one(&extras);
            more.push_str(extra);
        }
        writeln!(to, "{pad}- {{ id: {id}, do: {name}, with: {{ {input}: \"{target}\" }}{more} }}")
            .unwrap();
        known.push(format!("steps.{id}.ok"));
    }

    fn read(&mut self, to: &mut String, indent: usize, scope: &Scope, known: &mut Vec<String>) {
        let (pad, id) = (" ".repeat(indent), self.id());
        let host = self.target("host", scope);
        writeln!(
            to,
            "{pad}- {{ id: {id}, do: edr.find_host, with: {{ name: \"{host}\" }}, on_error: continue, timeout: 1m }}"
        )
        .unwrap();
        known.push(format!("steps.{id}.found"));
        // What a target answers is no more to be trusted than an alert.
        if self.dice.once_in(2) {
            let act = self.id();
            writeln!(
                to,
                "{pad}- {{ id: {act}, do: edr.isolate_host, with: {{ host: \"${{{{ steps.{id}.name }}}}\" }}, expires: 1h, on_error: continue }}"
            )
            .unwrap();
        }
    }

    fn script(&mut self, to: &mut String, indent: usize, scope: &Scope) {
        let (pad, id) = (" ".repeat(indent), self.id());
        let host = self.target("host", scope);
        let what = if self.dice.once_in(2) {
            "effect: read".to_owned()
        } else {
            // Without an approval only where the checker never saw it.
            let approve = if self.unchecked { "" } else { "approve: { count: 1 }, " };
            format!("{approve}effect: irreversible, target: {{ kind: host, value: \"{host}\" }}")
        };
        writeln!(
            to,
            "{pad}- {{ id: {id}, script: python, code: \"print(1)\", output: {{ n: {{ type: integer }} }}, on_error: continue, {what} }}"
        )
        .unwrap();
    }

    fn wait(&mut self, to: &mut String, indent: usize) {
        let (pad, id) = (" ".repeat(indent), self.id());
        let waits = [
            "wait: 10m",
            "wait: { signal: go, within: 1h }",
            "wait: { until: \"'1970-01-01T02:00:00Z'\" }",
        ];
        writeln!(to, "{pad}- {{ id: {id}, {} }}", self.dice.one(&waits)).unwrap();
    }

    fn ask(&mut self, to: &mut String, indent: usize, known: &mut Vec<String>) {
        let (pad, id) = (" ".repeat(indent), self.id());
        if self.dice.once_in(2) {
            writeln!(to, "{pad}- {{ id: {id}, ask: Sure?, options: ['yes', 'no'], within: 1h, otherwise: 'no' }}")
                .unwrap();
            known.push(format!("steps.{id}.answer == 'yes'"));
        } else {
            writeln!(
                to,
                "{pad}- {{ id: {id}, ask: Who?, form: {{ owner: {{ type: string }} }}, within: 1h }}"
            )
            .unwrap();
            known.push(format!("steps.{id}.owner != ''"));
        }
    }

    fn condition(&mut self, known: &[String]) -> String {
        let always = ["alert.count > 2", "alert.severity >= SEVERITY.high", "vars.x != 'ws-01'"];
        if known.is_empty() || self.dice.once_in(2) {
            return (*self.dice.one(&always)).to_owned();
        }
        self.dice.one(known).clone()
    }

    fn branch(&mut self, to: &mut String, indent: usize, scope: &Scope, known: &[String]) {
        let pad = " ".repeat(indent);
        let condition = self.condition(known);
        writeln!(to, "{pad}- if: \"{condition}\"\n{pad}  then:").unwrap();
        let many = 1 + self.dice.below(2);
        self.sequence(to, indent + 4, many, &scope.deeper(), true);
        if self.dice.once_in(2) {
            writeln!(to, "{pad}  else:").unwrap();
            self.sequence(to, indent + 4, 1, &scope.deeper(), false);
        }
    }

    fn switch(&mut self, to: &mut String, indent: usize, scope: &Scope) {
        let pad = " ".repeat(indent);
        writeln!(to, "{pad}- switch: alert.severity\n{pad}  cases:\n{pad}    - in: [1, 2, 3]\n{pad}      then:")
            .unwrap();
        self.sequence(to, indent + 8, 1, &scope.deeper(), true);
        writeln!(to, "{pad}  else:").unwrap();
        self.sequence(to, indent + 4, 1, &scope.deeper(), true);
    }

    fn parallel(&mut self, to: &mut String, indent: usize, scope: &Scope) {
        let pad = " ".repeat(indent);
        let until = self.dice.one(&["all", "all", "any"]);
        writeln!(to, "{pad}- until: {until}\n{pad}  parallel:").unwrap();
        let inside = Scope { in_branch: true, ..scope.deeper() };
        for _ in 0..2 + self.dice.below(2) {
            if self.dice.once_in(2) {
                self.step(to, indent + 4, &Scope { depth: 3, ..inside.clone() }, &mut Vec::new());
            } else {
                writeln!(to, "{pad}    - if: \"alert.count > 0\"\n{pad}      then:").unwrap();
                self.sequence(to, indent + 8, 2, &inside.deeper(), false);
            }
        }
    }

    fn for_each(&mut self, to: &mut String, indent: usize, scope: &Scope) {
        let (pad, id) = (" ".repeat(indent), self.id());
        let kind = *self.dice.one(&["ip", "host", "user"]);
        let list: Vec<String> = (0..1 + self.dice.below(4))
            .map(|_| format!("'{}'", truth::name(self.dice, kind)))
            .collect();
        let (width, name) = (1 + self.dice.below(3), format!("e{}", self.number));
        let on_error = self.dice.one(&["fail", "continue", "continue"]);
        writeln!(
            to,
            "{pad}- id: {id}\n{pad}  for_each: \"[{}]\"\n{pad}  as: {name}\n{pad}  width: {width}\n{pad}  on_error: {on_error}\n{pad}  steps:",
            list.join(", ")
        )
        .unwrap();
        let inside = Scope { item: Some((name, kind)), in_branch: true, ..scope.deeper() };
        let many = 1 + self.dice.below(2);
        self.sequence(to, indent + 4, many, &inside, false);
    }

    fn repeat(&mut self, to: &mut String, indent: usize, scope: &Scope) {
        let (pad, id) = (" ".repeat(indent), self.id());
        writeln!(
            to,
            "{pad}- set: {{ c{id}: 0 }}\n{pad}- id: {id}\n{pad}  while: \"vars.c{id} < 2\"\n{pad}  turns: 3\n{pad}  on_error: continue\n{pad}  steps:\n{pad}    - set: {{ c{id}: \"${{{{ vars.c{id} + 1 }}}}\" }}\n{pad}    - wait: 1m"
        )
        .unwrap();
        self.sequence(to, indent + 4, 1, &scope.deeper(), false);
    }

    fn call(&mut self, to: &mut String, indent: usize, scope: &Scope, known: &mut Vec<String>) {
        let (pad, id) = (" ".repeat(indent), self.id());
        let host = self.target("host", scope);
        let on_error = self.dice.one(&["fail", "continue"]);
        if self.dice.once_in(2) {
            writeln!(
                to,
                "{pad}- {{ id: {id}, call: callee-a, with: {{ host: \"{host}\" }}, on_error: {on_error} }}"
            )
            .unwrap();
            known.push(format!("steps.{id}.isolated"));
        } else {
            let address = self.target("ip", scope);
            writeln!(
                to,
                "{pad}- {{ id: {id}, call: callee-b, with: {{ host: \"{host}\", address: \"{address}\" }}, on_error: {on_error} }}"
            )
            .unwrap();
            known.push(format!("steps.{id}.blocked"));
        }
    }

    fn set(&mut self, to: &mut String, indent: usize, scope: &Scope) {
        let pad = " ".repeat(indent);
        let id = self.id();
        let host = self.target("host", scope);
        // What several branches set nobody could rely on: each has a name of its own.
        let name = if scope.in_branch { format!("v{id}") } else { "x".to_owned() };
        writeln!(to, "{pad}- set: {{ {name}: \"{host}\" }}").unwrap();
    }

    fn attempt(&mut self, to: &mut String, indent: usize, scope: &Scope) {
        let pad = " ".repeat(indent);
        writeln!(to, "{pad}- try:").unwrap();
        let many = 1 + self.dice.below(2);
        self.sequence(to, indent + 4, many, &scope.deeper(), false);
        writeln!(to, "{pad}  on_error:\n{pad}    - {{ do: incident.comment, with: {{ text: \"${{{{ error.why }}}}\" }} }}")
            .unwrap();
        self.sequence(to, indent + 4, 1, &scope.deeper(), false);
    }
}
