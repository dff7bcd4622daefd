//! `script` steps.

use stanch_expression::suggest;
use stanch_model::{Observable, manifest::EffectClass};

use super::{codes, flow::Checker, known::Known};
use crate::ast::{Interpreter, Script, object_schema};

impl Checker<'_> {
    pub(super) fn script(&mut self, script: &Script, known: &Known, id: Option<&str>) {
        for (_, arg) in &script.with {
            self.arg_with_secrets(arg, known, id);
        }
        self.approval(script.approve.as_ref());
        self.interpreter(script);
        self.code(script);
        self.script_target(script, known, id);
        let span = script.interpreter.span;
        self.approved("script", span, script.effect, script.approve.as_ref());
        if let Some(retry) = &script.retry
            && script.effect != EffectClass::Read
        {
            let message = "a script that acts may act twice, so it is not tried again";
            let help = "remove `retry`; a person decides what comes after a failure";
            let span = retry.span;
            self.error_with(codes::NO_RETRY, span, message, help, |e| e.remove_value(span));
        }
        if let Some(default) = &script.default {
            self.default(default, &object_schema(&script.output), "the script");
        }
    }

    fn interpreter(&mut self, script: &Script) {
        let Some(known) = &self.context.interpreters else { return };
        let wanted = script.interpreter.value;
        if known.contains(&wanted) {
            return;
        }
        let words: Vec<&str> = known.iter().copied().map(Interpreter::word).collect();
        let message = format!("nothing here runs {} scripts", wanted.word());
        let help = format!("install it where Stanch runs; {}", suggest::list(&words));
        self.error(codes::NO_INTERPRETER, script.interpreter.span, message, help);
    }

    fn code(&mut self, script: &Script) {
        let code = &script.code;
        if code.value.trim().is_empty() {
            let help = "write the script, or remove the step";
            self.error(codes::WRONG_SHAPE, code.span, "`code` holds no script", help);
        }
        if let Some(offset) = code.value.find("${{") {
            let place = self.source.part(code.span, &code.value, offset, 3);
            let message = "nothing is worked out in `code`: the script gets the text as it is";
            let help = "give the value under `with`, and read it from the standard input";
            self.warn_with(codes::NOT_CONSTANT, place, message, help, |_| None);
        }
    }

    fn script_target(&mut self, script: &Script, known: &Known, id: Option<&str>) {
        let here = self.here;
        match (&script.target, script.effect) {
            (None, EffectClass::Irreversible) => {
                let message = "the script acts on nothing that the guard could look at";
                let help = "add `target: { kind: host, value: \"${{ … }}\" }`";
                let span = script.interpreter.span;
                self.error_with(codes::SCRIPT_TARGET, span, message, help, |edit| {
                    edit.add_key(
                        here,
                        "target",
                        "{ kind: host, value: \"${{ alert.host.name }}\" }",
                    )
                });
            }
            (Some(target), EffectClass::Read) => {
                let message = "a script that only reads acts on nothing";
                let help = "remove `target`, or write `effect: irreversible`";
                let span = target.span;
                self.error_with(codes::SCRIPT_TARGET, span, message, help, |e| {
                    e.remove_value(span)
                });
            }
            _ => {}
        }
        let Some(target) = &script.target else { return };
        self.template(&target.value, known, id);
        self.in_text(&target.value, known);
        let text = target.value.value.text();
        if target.value.value.is_literal() && Observable::new(target.kind, text).is_none() {
            let message = format!("`{text}` is no {}", target.kind);
            let help = format!("write a value of kind {}", target.kind);
            self.error(codes::WRONG_INPUT, target.value.span, message, help);
        }
    }
}
