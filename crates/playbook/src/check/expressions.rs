//! Expressions and templates of a playbook, with every finding at its line and column.

use stanch_expression::{
    Edit, Expression, FindingKind, Reference, Template, Type, TypeEnv, TypeFinding, suggest,
};
use stanch_model::Span;

use super::{codes, flow::Checker, known::Known, schemas::CAUSES};
use crate::{
    ast::{Arg, Spanned},
    parse::reader::change,
};

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
        let Some(of) = self.worked(condition, env, here) else { return };
        if env.fits(&Type::Bool, &of) {
            return;
        }
        let (text, span) = (condition.value.text(), condition.span);
        let end = text.trim_end().len();
        let written = text.get(..end).unwrap_or(text);
        let instead = match &of {
            of if of.is_string() => Some(format!("{written} != ''")),
            of if of.is_number() => Some(format!("{written} != 0")),
            Type::List(_) => Some(format!("size({written}) > 0")),
            Type::Any => Some(format!("({written}) == true")),
            _ => None,
        };
        let (code, message) = match &of {
            Type::Any => {
                (codes::UNTYPED, format!("{what} takes bool, and this may be of any type"))
            }
            _ => (codes::NOT_BOOL, format!("{what} takes bool, not {of}")),
        };
        let help = match &instead {
            Some(instead) => format!("write a comparison, as in `{instead}`"),
            None => "write a comparison, as in `alert.count > 3`".to_owned(),
        };
        let place = self.source.part(span, text, 0, end);
        let edit = instead.map(|text| Edit { offset: 0, length: end, text });
        self.error_with(code, place, message, help, |editor| {
            editor.within(span, text, change(&edit?))
        });
    }

    /// An expression, and its type if nothing was found.
    pub(super) fn worked(
        &mut self,
        expression: &Spanned<Expression>,
        env: &TypeEnv,
        here: Here<'_>,
    ) -> Option<Type> {
        let (span, value) = (expression.span, &expression.value);
        let text = value.text();
        let references = value.references();
        let clean = self.names(span, text, &references, here);
        let (checked, loose);
        let env = if self.loose(&references, here.map(|(known, _)| known)) {
            loose = env.clone().lenient();
            &loose
        } else {
            env
        };
        checked = value.check(env);
        let sound = clean && checked.is_empty();
        self.types(span, text, checked);
        sound.then(|| value.infer(env))
    }

    /// Whether something is named whose type is not known, for a reason that is said elsewhere.
    pub(super) fn loose(&self, references: &[Reference], known: Option<&Known>) -> bool {
        references.iter().any(|reference| match (reference.path.as_slice(), known) {
            ([root, id, ..], Some(known)) if root == "steps" => {
                self.is_loose(id) || !known.steps.contains_key(id)
            }
            ([root, name, ..], Some(known)) if root == "vars" => !known.vars.contains_key(name),
            ([root, ..], _) => matches!(root.as_str(), "steps" | "vars" | "secrets"),
            _ => false,
        })
    }

    pub(super) fn template(&mut self, text: &Spanned<Template>, known: &Known, id: Option<&str>) {
        let (template, span) = (&text.value, text.span);
        let references = template.references();
        self.names(span, template.text(), &references, Some((known, id)));
        let env = self.env_for(&references, known);
        let findings = template.check(&env);
        self.types(span, template.text(), findings);
    }

    fn env_for(&self, references: &[Reference], known: &Known) -> TypeEnv {
        let env = self.env(known);
        if self.loose(references, Some(known)) { env.lenient() } else { env }
    }

    /// A template whose value is shown to people.
    pub(super) fn in_text(&mut self, text: &Spanned<Template>, known: &Known) {
        let env = self.env_for(&text.value.references(), known);
        let of = text.value.infer(&env);
        let Some((expression, offset)) = text.value.single() else { return };
        let written = expression.text();
        let (code, instead) = match &of {
            Type::List(of) if of.is_string() => {
                (codes::WRONG_TYPE, Some(format!("{written}.join(', ')")))
            }
            Type::List(_) | Type::Object(_) | Type::Null => (codes::WRONG_TYPE, None),
            // Where it is not known for a fault, that has been said.
            Type::Any if env.is_strict() && text.value.check(&env).is_empty() => {
                (codes::UNTYPED, Some(format!("string({written})")))
            }
            _ => return,
        };
        let message = match code {
            codes::UNTYPED => format!("`{written}` may be of any type, and not all fit a text"),
            _ => format!("{of} has no place in a text"),
        };
        let help = match &instead {
            Some(instead) => format!("write `{instead}`"),
            None => "name one of its properties, or join a list: `list.join(', ')`".to_owned(),
        };
        let edit = instead.map(|text| Edit { offset, length: written.len(), text });
        let (span, whole) = (text.span, text.value.text());
        self.error_with(code, span, message, help, |editor| {
            editor.within(span, whole, change(&edit?))
        });
    }

    /// All templates of a value; none of them may be a secret.
    pub(super) fn arg(&mut self, arg: &Arg, known: &Known, id: Option<&str>) {
        let mut templates = Vec::new();
        arg.templates(&mut templates);
        for template in templates {
            self.template(template, known, id);
        }
    }

    /// All templates of a value of `with`, where a secret may stand as a whole value.
    pub(super) fn arg_with_secrets(&mut self, arg: &Arg, known: &Known, id: Option<&str>) {
        match (arg, arg.secret()) {
            (_, Some(name)) => self.secret(name, arg),
            (Arg::List(list), _) => {
                list.value.iter().for_each(|arg| self.arg_with_secrets(arg, known, id));
            }
            (Arg::Map(map), _) => {
                map.value.iter().for_each(|(_, arg)| self.arg_with_secrets(arg, known, id));
            }
            (arg, None) => self.arg(arg, known, id),
        }
    }

    fn secret(&mut self, name: &str, arg: &Arg) {
        let Some(names) = &self.context.secrets else { return };
        if names.contains(name) {
            return;
        }
        let message = format!("there is no secret `{name}`");
        let help = suggest::help(name, names.iter().map(String::as_str));
        let near = suggest::nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        let span = arg.span();
        self.error_with(codes::NO_SECRET, span, message, help, |edit| {
            edit.rewrite(span, format!("\"${{{{ secrets.{} }}}}\"", near?))
        });
    }

    /// The type of a value.
    pub(super) fn infer(&self, arg: &Arg, known: &Known) -> Type {
        match arg {
            Arg::Literal(literal) => {
                Type::from_schema(&serde_json::json!({ "const": literal.value }))
            }
            Arg::Text(text) => text.value.infer(&self.env(known)),
            Arg::List(list) => {
                let types = list.value.iter().map(|item| self.infer(item, known));
                Type::list(types.reduce(Type::joined).unwrap_or(Type::Any))
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
            let rest = text.get(finding.offset..).unwrap_or_default();
            // Said already, with a code of its own.
            if finding.kind == FindingKind::UnknownName && rest.starts_with("secrets") {
                continue;
            }
            let code = match finding.kind {
                FindingKind::UnknownName | FindingKind::UnknownProperty => codes::UNKNOWN_NAME,
                FindingKind::WrongType
                | FindingKind::WrongValue
                | FindingKind::UnknownFunction
                | FindingKind::WrongArity => codes::WRONG_TYPE,
                FindingKind::Absent => codes::ABSENT,
                FindingKind::Untyped => codes::UNTYPED,
            };
            let place = self.source.part(span, text, finding.offset, finding.length);
            let TypeFinding { message, help, edit, .. } = finding;
            let help = self.cause_help(rest).unwrap_or(help);
            self.error_with(code, place, message, help, |editor| {
                editor.within(span, text, change(&edit?))
            });
        }
    }

    /// Why a name that other playbooks have is not there.
    fn cause_help(&self, rest: &str) -> Option<String> {
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let known = super::schemas::causes(self.playbook);
        if !CAUSES.contains(&name.as_str()) || known.contains(&name.as_str()) {
            return None;
        }
        let word = self.playbook.on.as_ref()?.kind.word();
        Some(match known {
            [] => format!("a run that `{word}` starts has none; give what it needs as `inputs`"),
            [one, ..] => format!("a run that `{word}` starts has `{one}` instead"),
        })
    }

    /// Steps, variables and secrets that are named; says whether nothing was found.
    pub(super) fn names(
        &mut self,
        span: Span,
        text: &str,
        references: &[Reference],
        here: Here<'_>,
    ) -> bool {
        let before = self.findings.len();
        for reference in references {
            let place = self.source.part(span, text, reference.offset, reference.length);
            let at = At { span, text, place, offset: reference.offset };
            let mut path = reference.path.iter().map(String::as_str);
            match (path.next(), path.next(), here) {
                (Some("secrets"), _, _) => {
                    let message = "a secret has no place here";
                    let help = "a secret stands alone, as a whole value of `with` of `do` and `script` \
                                steps: `token: \"${{ secrets.NAME }}\"`";
                    self.error_with(codes::SECRET, place, message, help, |e| e.remove_value(span));
                }
                (Some("steps"), step, Some((known, id))) => self.step_name(at, step, known, id),
                (Some("vars"), name, Some((known, _))) => self.var_name(at, name, known),
                _ => {}
            }
        }
        self.findings.len() == before
    }

    fn step_name(&mut self, at: At<'_>, step: Option<&str>, known: &Known, own: Option<&str>) {
        let place = at.place;
        let Some(step) = step else {
            let help = "name one: `steps.ID`";
            return self.error(codes::NO_STEP, place, "`steps` alone is no value", help);
        };
        if known.steps.contains_key(step) {
            return;
        }
        let names = || known.steps.keys().map(String::as_str);
        let Some(stands) = self.places.get(step).copied() else {
            let help = suggest::help(step, names());
            let message = format!("there is no step `{step}`");
            let near = suggest::nearest(step, names());
            return self.error_with(codes::NO_STEP, place, message, help, |editor| {
                at.renamed(editor, step, near?)
            });
        };
        let runs_before: Vec<&str> = names().collect();
        let help = if runs_before.is_empty() {
            "no step with an id runs before this one".to_owned()
        } else {
            let listed = suggest::list(&runs_before);
            format!("move it before this one, or use a step that runs before; {listed}")
        };
        let here = self.here;
        if own == Some(step) {
            let message = format!("step `{step}` uses its own outcome");
            self.error(codes::NOT_BEFORE, place, message, help);
        } else if stands > here {
            let message = format!("step `{step}` runs later, on line {}", stands.line);
            self.error_with(codes::NOT_BEFORE, place, message, help, |editor| {
                editor.move_before(stands, here)
            });
        } else if let Some(around) = self.inside.get(step) {
            let message =
                format!("step `{step}` runs in the turns of `{around}`, and is not seen outside");
            let help = format!("read its outcomes as a list: `steps.{around}.results`");
            self.error(codes::NOT_BEFORE, place, message, help);
        } else {
            let message = format!(
                "step `{step}` on line {} runs beside this one or on another way, not before it",
                stands.line
            );
            self.error(codes::NOT_BEFORE, place, message, help);
        }
    }

    fn var_name(&mut self, at: At<'_>, name: Option<&str>, known: &Known) {
        let place = at.place;
        let Some(name) = name else {
            let help = "name one: `vars.NAME`";
            return self.error(codes::NOT_SET, place, "`vars` alone is no value", help);
        };
        if known.vars.contains_key(name) {
            return;
        }
        if known.beside.contains(name) {
            let message =
                format!("`vars.{name}` is set side by side: what it holds here is not certain");
            let help = "let each turn set its own before it reads it, or write `width: 1`";
            return self.error(codes::SET_TWICE, place, message, help);
        }
        let first = self.playbook.steps.first().map(|step| step.span);
        let add = format!("set: {{ {name}: \"\" }}");
        if known.maybe.contains(name) {
            let message = format!("`vars.{name}` is not set on every way that leads here");
            let help = format!("set it before the ways part, or on each of them: `- {add}`");
            return self.error_with(codes::NOT_SET, place, message, help, |editor| {
                editor.add_before(first?, &add)
            });
        }
        let near = suggest::nearest(name, known.vars.keys().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add a step before: `- set: {{ {name}: … }}`"),
        };
        let message = format!("`vars.{name}` is not set before");
        self.error_with(codes::NOT_SET, place, message, help, |editor| match near {
            Some(near) => at.renamed(editor, name, near),
            None => editor.add_before(first?, &add),
        });
    }
}

/// A reference in a text.
#[derive(Clone, Copy)]
struct At<'t> {
    /// Where the text begins.
    span: Span,
    text: &'t str,
    /// Where the reference stands.
    place: Span,
    /// At which byte of the text.
    offset: usize,
}

impl At<'_> {
    /// The reference with another name in it.
    fn renamed(
        &self,
        editor: stanch_yaml::Editor<'_>,
        name: &str,
        other: &str,
    ) -> Option<stanch_model::Fix> {
        // After the variable that it is a property of.
        let rest = self.text.get(self.offset..)?;
        let skipped = rest.find(['.', '['])?;
        let within = rest.get(skipped..)?.find(name)?.saturating_add(skipped);
        let offset = self.offset.saturating_add(within);
        let edit = Edit { offset, length: name.len(), text: other.to_owned() };
        editor.within(self.span, self.text, change(&edit))
    }
}
