//! What starts a playbook.

use stanch_expression::Edit;

use super::{codes, flow::Checker, schemas};
use crate::{
    ast::{Spanned, TriggerKind},
    parse::reader::change,
    schedule::{self, Schedule},
};

impl Checker<'_> {
    pub(super) fn trigger(&mut self) {
        let Some(trigger) = &self.playbook.on else { return };
        if let Some(condition) = trigger.kind.condition() {
            let env = schemas::trigger_env(&trigger.kind);
            self.condition(condition, &env, None, "the trigger");
        }
        if let TriggerKind::Schedule { cron, time_zone } = &trigger.kind {
            self.cron(cron);
            if let Some(zone) = time_zone {
                self.zone(zone);
            }
        }
        self.needed_inputs(trigger.kind.word());
    }

    fn cron(&mut self, cron: &Spanned<String>) {
        let Err(error) = cron.value.parse::<Schedule>() else { return };
        let (span, text) = (cron.span, cron.value.as_str());
        let place = self.source.part(span, text, error.offset, error.length);
        let edit: Option<Edit> = error.edit;
        self.error_with(codes::NO_SCHEDULE, place, error.message, error.help, |editor| {
            editor.within(span, text, change(&edit?))
        });
    }

    fn zone(&mut self, zone: &Spanned<String>) {
        if schedule::zone(&zone.value).is_some() {
            return;
        }
        let message = format!("there is no time zone `{}`", zone.value);
        let near = schedule::nearest_zone(&zone.value);
        let help = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write a name of the IANA time zone database, as in `Europe/Berlin`".to_owned(),
        };
        let span = zone.span;
        self.error_with(codes::NO_ZONE, span, message, help, |edit| edit.rewrite(span, near?));
    }

    /// Nobody gives inputs to a run that starts by itself.
    fn needed_inputs(&mut self, word: &str) {
        for input in &self.playbook.inputs {
            if input.default.is_none() {
                let name = &input.field.name;
                let message =
                    format!("nobody gives `{}` to a run that `{word}` starts", name.value);
                let help = "add a `default` to the input";
                let (span, schema) = (input.field.schema.span, &input.field.schema.value);
                let value = super::inputs::sample(Some(schema));
                self.error_with(codes::MISSING_INPUT, name.span, message, help, |edit| {
                    edit.add_key(span, "default", &value)
                });
            }
        }
    }
}
