//! An act whose answer was lost is found in the target: what can still be read of what it returned.

use serde_json::{Map, Value};
use stanch_model::plan::PlannedAction;

use super::{Found, Hands, meter::Errand, refused};
use crate::{HandError, render::Context, schema};

impl Hands {
    /// Looks an act up by the manifest's `probe`: nothing if its effect is not in the target, else what
    /// `returns` makes of the probe's answer. Only what fits the output's schema is kept; mostly the answer
    /// to the act itself says more.
    ///
    /// # Errors
    /// An action without probe; a question that got no usable answer.
    pub async fn seen(
        &self,
        action: &PlannedAction,
        key: &str,
    ) -> Result<Option<Value>, HandError> {
        let found = Found::any(&self.catalog, action).map_err(refused)?;
        let Some(check) = &found.action.probe else {
            return Err(refused(format!("{} has no probe", action.name)));
        };
        let context = found.context(action, key).with_output(&Value::Null);
        let response =
            self.call(&found, &check.call, &context, Errand::Question).await.into_answer()?;
        let context = context.with_response(response);
        match context.condition(&check.done) {
            Ok(true) => Ok(Some(readable(&found, &context))),
            Ok(false) => Ok(None),
            Err(why) => {
                let why =
                    format!("the answer of {} is not as expected: {why}", found.instance.name);
                Err(HandError { why, retry: true })
            }
        }
    }
}

/// The outputs that can be read of another answer than the act's own.
fn readable(found: &Found<'_>, context: &Context) -> Value {
    let properties = found.action.output.get("properties");
    let fits = |name: &str, value: &Value| {
        let declared = properties.and_then(|properties| properties.get(name));
        declared.is_some_and(|declared| schema::check(declared, value).is_ok())
    };
    let mut output = Map::new();
    for (name, expression) in &found.action.returns {
        if let Ok(value) = context.value(expression)
            && fits(name, &value)
        {
            output.insert(name.clone(), value);
        }
    }
    Value::Object(output)
}
