//! Expressions and templates of a playbook, with every finding at its line and column.

use stanch_expression::{
    Expression, FindingKind, Reference, Template, Type, TypeEnv, TypeFinding, suggest,
};
use stanch_model::Span;

use super::{
    codes,
    flow::{Checker, Known},
};
use crate::ast::{Arg, Spanned};

/// What is known, and the id of the step that asks.
type Here<'k> = Option<(&'k Known, Option<&'k str>)>;

impl Checker<'_> {
    /// An expression that has to be true or false.
    pub(super) fn condition(
        &mut self,
        condition: &Spanned<Expression>,
        env: &TypeEnv,
        here: Here<'_>,
        what: &str,
    ) {
        let (expression, span) = (&condition.value, condition.span);
        let text = expression.text();
        let clean = self.names(span, text, &expression.references(), here);
        let findings = expression.check(env);
        let of = expression.infer(env);
        if clean && findings.is_empty() && !Type::Bool.accepts(&of) {
            let message = format!("{what} takes bool, not {of}");
            let help = "write a comparison, as in `alert.count > 3`";
            let place = self.source.part(span, text, 0, text.trim_end().len());
            self.error(codes::NOT_BOOL, place, message, help);
        }
        self.types(span, text, findings);
    }

    pub(super) fn template(&mut self, text: &Spanned<Template>, known: &Known, id: Option<&str>) {
        let (template, span) = (&text.value, text.span);
        self.names(span, template.text(), &template.references(), Some((known, id)));
        let findings = template.check(&self.env(known));
        self.types(span, template.text(), findings);
    }

    /// A template whose value is shown to people.
    pub(super) fn in_text(&mut self, text: &Spanned<Template>, known: &Known) {
        let of = text.value.infer(&self.env(known));
        if matches!(of, Type::List(_) | Type::Object(_) | Type::Null) {
            let message = format!("{of} has no place in a text");
            let help = "name one of its properties, or join a list: `list.join(', ')`";
            self.error(codes::WRONG_TYPE, text.span, message, help);
        }
    }

    /// All templates of a value.
    pub(super) fn arg(&mut self, arg: &Arg, known: &Known, id: Option<&str>) {
        let mut templates = Vec::new();
        arg.templates(&mut templates);
        for template in templates {
            self.template(template, known, id);
        }
    }

    /// The type of a value.
    pub(super) fn infer(&self, arg: &Arg, known: &Known) -> Type {
        match arg {
            Arg::Literal(literal) => {
                Type::from_schema(&serde_json::json!({ "const": literal.value }))
            }
            Arg::Text(text) => text.value.infer(&self.env(known)),
            Arg::List(list) => {
                let mut types = list.value.iter().map(|item| self.infer(item, known));
                let first = types.next().unwrap_or(Type::Any);
                let same = types.all(|of| of == first);
                Type::list(if same { first } else { Type::Any })
            }
            Arg::Map(map) => {
                let typed = |(name, arg): &(Spanned<String>, Arg)| {
                    (name.value.clone(), self.infer(arg, known))
                };
                Type::object(map.value.iter().map(typed).collect())
            }
        }
    }

    fn types(&mut self, span: Span, text: &str, findings: Vec<TypeFinding>) {
        for finding in findings {
            // Said already, with a code of its own.
            let rest = text.get(finding.offset..).unwrap_or_default();
            if finding.kind == FindingKind::UnknownName && rest.starts_with("secrets") {
                continue;
            }
            let code = match finding.kind {
                FindingKind::UnknownName | FindingKind::UnknownProperty => codes::UNKNOWN_NAME,
                FindingKind::WrongType
                | FindingKind::WrongValue
                | FindingKind::UnknownFunction
                | FindingKind::WrongArity => codes::WRONG_TYPE,
            };
            let place = self.source.part(span, text, finding.offset, finding.length);
            self.error(code, place, finding.message, finding.help);
        }
    }

    /// Steps, variables and secrets that are named; says whether nothing was found.
    fn names(&mut self, span: Span, text: &str, references: &[Reference], here: Here<'_>) -> bool {
        let before = self.findings.len();
        for reference in references {
            let place = self.source.part(span, text, reference.offset, reference.length);
            let mut path = reference.path.iter().map(String::as_str);
            match (path.next(), path.next(), here) {
                (Some("secrets"), _, _) => {
                    let help = "remove it; a connector instance names its credential, and only the \
                                connector reads it";
                    self.error(codes::SECRET, place, "playbooks read no secrets", help);
                }
                (Some("steps"), step, Some((known, id))) => self.step_name(place, step, known, id),
                (Some("vars"), name, Some((known, _))) => self.var_name(place, name, known),
                _ => {}
            }
        }
        self.findings.len() == before
    }

    fn step_name(&mut self, place: Span, step: Option<&str>, known: &Known, own: Option<&str>) {
        let names = || known.steps.iter().map(String::as_str);
        let Some(step) = step else {
            let help = "name one: `steps.ID`";
            return self.error(codes::NO_STEP, place, "`steps` alone is no value", help);
        };
        if known.steps.contains(step) {
            return;
        }
        let runs_before: Vec<&str> = names().collect();
        let help = if runs_before.is_empty() {
            "no step with an id runs before this one".to_owned()
        } else {
            let listed = suggest::list(&runs_before);
            format!("move it before this one, or use a step that runs before; {listed}")
        };
        match self.places.get(step) {
            None => {
                let help = suggest::help(step, names());
                self.error(codes::NO_STEP, place, format!("there is no step `{step}`"), help);
            }
            Some(_) if own == Some(step) => {
                let message = format!("step `{step}` uses its own outcome");
                self.error(codes::NOT_BEFORE, place, message, help);
            }
            Some(at) if at.line > place.line => {
                let message = format!("step `{step}` runs later, on line {}", at.line);
                self.error(codes::NOT_BEFORE, place, message, help);
            }
            Some(at) => {
                let message = format!(
                    "step `{step}` on line {} runs beside this one or on another way, not before it",
                    at.line
                );
                self.error(codes::NOT_BEFORE, place, message, help);
            }
        }
    }

    fn var_name(&mut self, place: Span, name: Option<&str>, known: &Known) {
        let Some(name) = name else {
            let help = "name one: `vars.NAME`";
            return self.error(codes::NOT_SET, place, "`vars` alone is no value", help);
        };
        if known.vars.contains_key(name) {
            return;
        }
        if known.maybe.contains(name) {
            let message = format!("`vars.{name}` is not set on every way that leads here");
            let help = "set it before the ways part, or on each of them";
            return self.error(codes::NOT_SET, place, message, help);
        }
        let slip = suggest::nearest(name, known.vars.keys().map(String::as_str));
        let help = match slip {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add a step before: `- set: {{ {name}: … }}`"),
        };
        self.error(codes::NOT_SET, place, format!("`vars.{name}` is not set before"), help);
    }
}
