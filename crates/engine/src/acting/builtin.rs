//! Actions that the engine answers itself: `intel.lookup` and `incident.comment`.

use serde_json::{Value, json};
use stanch_model::plan::PlannedAction;

use super::{Acting, Context};
use crate::core::tell;

impl Acting {
    pub(super) async fn builtin(
        &self,
        context: &Context,
        action: &PlannedAction,
    ) -> Result<Value, String> {
        let text = |name: &str| {
            action.input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        match (action.connector.as_str(), action.action.as_str()) {
            ("intel", "lookup") => Ok(self.lookup(&text("value"))),
            ("incident", "comment") => self.comment(context, text("text")).await,
            (connector, name) => Err(format!("the engine has no `{connector}.{name}`")),
        }
    }

    /// What our own lists say to a read today; none if it is not theirs to answer.
    pub(crate) fn ours(&self, action: &PlannedAction) -> Option<Value> {
        let asks = self.is_builtin(action)
            && (action.connector.as_str(), action.action.as_str()) == ("intel", "lookup");
        let value = action.input.get("value").and_then(Value::as_str);
        asks.then(|| self.lookup(value.unwrap_or_default()))
    }

    /// What the indicator lists say of a value.
    fn lookup(&self, value: &str) -> Value {
        json!(self.intel.lookup_text(value))
    }

    async fn comment(&self, context: &Context, text: String) -> Result<Value, String> {
        let head = context.head.clone();
        let now = self.core.clock.now();
        let written = self.core.store.write(move |tx| {
            let actor = format!("playbook {}", head.playbook);
            let what = ("comment", actor.as_str(), &*head.id.to_string());
            tell(tx, &head.tenant, head.incident, now, what, text)
        });
        written.await.map(|()| json!({})).map_err(|error| error.to_string())
    }
}
