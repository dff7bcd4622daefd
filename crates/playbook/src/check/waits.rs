//! `wait` and `ask`.

use std::time::Duration;

use serde_json::Value;
use stanch_expression::{Edit, Scope, Type, TypeEnv};
use stanch_model::duration;

use super::{codes, flow::Checker, known::Known};
use crate::{
    ast::{Ask, Spanned, Wait},
    parse::reader::change,
    schedule,
};

impl Checker<'_> {
    pub(super) fn wait(&mut self, wait: &Wait, known: &Known, id: Option<&str>) {
        match wait {
            Wait::For(time) => self.outlives(time, "the wait"),
            Wait::Signal { within, .. } => self.outlives(within, "the wait"),
            Wait::Until(moment) => {
                let env = self.env(known);
                let of = self.worked(moment, &env, Some((known, id)));
                if let Some(of) = of {
                    self.moment(moment, &of, &env);
                }
            }
        }
    }

    fn moment(
        &mut self,
        moment: &Spanned<stanch_expression::Expression>,
        of: &Type,
        env: &TypeEnv,
    ) {
        let (text, span) = (moment.value.text(), moment.span);
        let end = text.trim_end().len();
        let written = text.get(..end).unwrap_or(text);
        let place = self.source.part(span, text, 0, end);
        if !env.fits(&Type::String, of) {
            let (code, message) = match of {
                Type::Any => {
                    (codes::UNTYPED, "`until` takes a text, and this may be of any type".to_owned())
                }
                _ => (codes::NO_MOMENT, format!("`until` takes a moment as a text, not {of}")),
            };
            let help =
                "write an expression that gives an RFC 3339 text, as in `alert.last_seen_at`";
            let instead = (*of == Type::Any).then(|| format!("string({written})"));
            let edit = instead.map(|text| Edit { offset: 0, length: end, text });
            return self
                .error_with(code, place, message, help, |e| e.within(span, text, change(&edit?)));
        }
        // What needs no data can be looked at now.
        if !moment.value.references().is_empty() {
            return;
        }
        let Ok(Value::String(constant)) = moment.value.evaluate(&Scope::new()) else { return };
        if schedule::is_moment(&constant) {
            return;
        }
        let candidates = [
            format!("{constant}T00:00:00Z"),
            format!("{constant}Z"),
            constant.replacen(' ', "T", 1) + "Z",
        ];
        let meant = candidates.into_iter().find(|text| schedule::is_moment(text));
        let message = format!("`{constant}` is no moment");
        let help = "write RFC 3339 with a time zone, as in '2026-03-29T07:00:00+02:00'";
        let edit = meant.map(|meant| Edit { offset: 0, length: end, text: format!("'{meant}'") });
        self.error_with(codes::NO_MOMENT, place, message, help, |e| {
            e.within(span, text, change(&edit?))
        });
    }

    pub(super) fn ask(&mut self, ask: &Ask, known: &Known, id: Option<&str>) {
        self.template(&ask.text, known, id);
        self.in_text(&ask.text, known);
        self.outlives(&ask.within, "the question");
        if let Some(by) = &ask.by {
            self.group(by);
        }
    }

    /// What takes longer than the run may.
    fn outlives(&mut self, time: &Spanned<Duration>, what: &str) {
        let most = self.playbook.time_limit();
        if time.value <= most {
            return;
        }
        let (own, limit) = (duration::format(time.value), duration::format(most));
        let message = format!("{what} lasts {own}, and the run ends after {limit}");
        let help = format!("shorten it, or give the run more time: `timeout: {own}` at the top");
        let timeout = self.playbook.timeout.as_ref().map(|timeout| timeout.span);
        self.error_with(codes::OUTLIVES, time.span, message, help, |edit| match timeout {
            Some(timeout) => edit.rewrite(timeout, own),
            None => edit.add_key(edit.top(), "timeout", &own),
        });
    }
}
