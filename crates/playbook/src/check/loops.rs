//! `for_each` and `while`.

use std::collections::BTreeSet;

use stanch_expression::{Edit, Type};

use super::{codes, flow::Checker, ids, known::Known, schemas::RESERVED, visit};
use crate::{
    ast::{ForEach, Step, StepKind, While},
    parse::reader::change,
};

/// Loops inside one another.
pub const LOOPS_MAX: usize = 4;

impl<'a> Checker<'a> {
    pub(super) fn for_each(&mut self, each: &'a ForEach, known: &mut Known, id: Option<&str>) {
        let env = self.env(known);
        let of = self.worked(&each.list, &env, Some((known, id)));
        let element = match of {
            Some(Type::List(element)) => (*element).clone(),
            Some(other) => {
                self.no_list(each, &other);
                // As if it were the one element of a list.
                other
            }
            None => Type::Any,
        };
        let name = &each.name.value;
        let taken = RESERVED.contains(&name.as_str()) || known.names.contains_key(name);
        if taken {
            let message = format!("`{name}` means something else here already");
            let (span, other) = (each.name.span, format!("{name}_item"));
            self.error_with(codes::SHADOWED, span, message, "choose another name", |edit| {
                edit.rewrite(span, other)
            });
        }
        let mut entry = known.clone();
        if !taken {
            entry.present.forget(&[name]);
            entry.names.insert(name.clone(), element);
        }
        let side_by_side = each.width > 1;
        if side_by_side {
            for name in visit::sets(&each.steps) {
                entry.vars.remove(&name.value);
                entry.beside.insert(name.value.clone());
            }
        }
        self.body(&each.steps, entry, known);
        if side_by_side {
            for name in visit::sets(&each.steps) {
                known.vars.remove(&name.value);
                known.beside.insert(name.value.clone());
            }
        }
    }

    fn no_list(&mut self, each: &ForEach, of: &Type) {
        let (span, text) = (each.list.span, each.list.value.text());
        let end = text.trim_end().len();
        let written = text.get(..end).unwrap_or(text);
        let (code, message, instead) = match of {
            Type::Any => {
                let message =
                    format!("`{written}` may be of any type, and `for_each` takes a list");
                (codes::UNTYPED, message, Some(format!("list({written})")))
            }
            Type::Object(_) => (codes::NO_LIST, format!("`for_each` takes a list, not {of}"), None),
            of => {
                let message = format!("`for_each` takes a list, not {of}");
                (codes::NO_LIST, message, Some(format!("[{written}]")))
            }
        };
        let help = match &instead {
            Some(instead) => format!("write `{instead}`"),
            None => format!("take its names: `{written}.map(name, name)`"),
        };
        let instead = instead.unwrap_or_else(|| format!("{written}.map(name, name)"));
        let edit = Edit { offset: 0, length: end, text: instead };
        let place = self.source.part(span, text, 0, end);
        self.error_with(code, place, message, help, |editor| {
            editor.within(span, text, change(&edit))
        });
    }

    pub(super) fn turns(&mut self, turns: &'a While, known: &mut Known, id: Option<&str>) {
        // The condition sees the steps of the last turn.
        let mut looking = known.clone();
        looking.doubt(ids::outside_ids(&turns.steps));
        let types = self.loop_types(&turns.steps, known);
        looking.maybe_set(&types);
        let env = self.env(&looking);
        self.condition(&turns.condition, &env, Some((&looking, id)), "`while`");
        self.standstill(turns);
        let mut entry = known.clone();
        entry.present.extend(&turns.condition.value.presence(true));
        // What the condition asked of steps of the last turn says nothing of those of this one.
        for id in ids::outside_ids(&turns.steps) {
            entry.present.forget(&["steps", &id]);
        }
        self.body(&turns.steps, entry, known);
    }

    /// What the body sets, as types, if nothing is known of what it finds set.
    fn loop_types(&mut self, steps: &'a [Step], known: &Known) -> Vec<(String, Type)> {
        let mut blind = known.clone();
        let sets: Vec<(String, Type)> =
            visit::sets(steps).into_iter().map(|name| (name.value.clone(), Type::Any)).collect();
        if sets.is_empty() {
            return sets;
        }
        blind.maybe_set(&sets);
        let (findings, mark) = (self.findings.len(), self.sets.len());
        let ends = self.end_count();
        self.loops = self.loops.saturating_add(1);
        self.sequence(steps, blind);
        self.loops = self.loops.saturating_sub(1);
        self.findings.truncate(findings);
        self.forget_ends(ends);
        self.sets.split_off(mark)
    }

    /// The steps of a loop, which may be taken any number of times.
    fn body(&mut self, steps: &'a [Step], mut entry: Known, known: &mut Known) {
        self.loops = self.loops.saturating_add(1);
        if self.loops == LOOPS_MAX.saturating_add(1) {
            let message = format!("loops are nested more than {LOOPS_MAX} deep");
            let help = "move the inner loop into a playbook of its own, and `call` it";
            self.error(codes::LOOPS_DEEP, self.here, message, help);
        }
        // Beyond the limit nothing more is looked at: each level costs twice as much as the one before.
        if self.loops <= LOOPS_MAX {
            // A turn sees what the one before it has set.
            let types = self.loop_types(steps, &entry);
            entry.maybe_set(&types);
            let mark = self.sets.len();
            self.sequence(steps, entry);
            let sets = self.sets.get(mark..).unwrap_or_default().to_vec();
            known.maybe_set(&sets);
        }
        self.loops = self.loops.saturating_sub(1);
    }

    /// A loop whose condition can never change.
    fn standstill(&mut self, turns: &While) {
        let all = ids::all(&turns.steps);
        let changes = |step: &&Step| {
            matches!(
                step.kind,
                StepKind::Do(_)
                    | StepKind::Script(_)
                    | StepKind::Call(_)
                    | StepKind::Wait(_)
                    | StepKind::Ask(_)
            )
        };
        let ids: BTreeSet<&str> =
            all.iter().filter_map(|step| Some(step.id.as_ref()?.value.as_str())).collect();
        let sets: BTreeSet<&str> =
            visit::sets(&turns.steps).into_iter().map(|name| name.value.as_str()).collect();
        let references = turns.condition.value.references();
        let looks = references.iter().any(|reference| match reference.path.as_slice() {
            [root, name, ..] if root == "steps" => ids.contains(name.as_str()),
            [root, name, ..] if root == "vars" => sets.contains(name.as_str()),
            _ => false,
        });
        let ends = all.iter().any(|step| matches!(step.kind, StepKind::End(_)));
        let span = turns.condition.span;
        if !looks && !ends {
            let message = "nothing in the loop changes what the condition looks at";
            let help = "look at a step of the loop, `steps.ID`, or at a variable that it sets";
            self.warn_with(codes::STANDSTILL, span, message, help, |_| None);
        } else if !all.iter().any(changes) {
            let message = "the loop neither waits nor reads anything, so its turns pass in no time";
            let help = "add a step that waits or reads: `- wait: 1m`";
            let last = turns.steps.last().map(|step| step.span);
            self.warn_with(codes::STANDSTILL, span, message, help, |edit| {
                edit.add_before(last?, "wait: 1m")
            });
        }
    }
}
