//! What a caller or a person gives, held against what the playbook declares.

use serde_json::{Map, Value};
use stanch_expression::suggest;

use super::{Given, Graph, Shape};

impl Given {
    pub(super) fn new(name: String, schema: Value, default: Option<Value>) -> Self {
        let shape = Shape::new(&schema);
        Self { name, schema, default, shape }
    }
}

impl Graph {
    /// The inputs of a run: what is given, and the defaults of what is not.
    ///
    /// # Errors
    /// In plain words: something is missing, not declared, or does not fit its schema.
    pub fn given(&self, mut given: Map<String, Value>) -> Result<Map<String, Value>, String> {
        let mut inputs = Map::new();
        for input in &self.inputs {
            let name = &input.name;
            let Some(value) = given.remove(name).or_else(|| input.default.clone()) else {
                return Err(format!("playbook `{}` needs the input `{name}`", self.playbook));
            };
            if let Some(why) = input.shape.misfit(&value) {
                return Err(format!("input `{name}` does not fit: {why}"));
            }
            inputs.insert(name.clone(), value);
        }
        match given.keys().next() {
            None => Ok(inputs),
            Some(unknown) => {
                let known = self.inputs.iter().map(|input| input.name.as_str());
                let help = suggest::help(unknown, known);
                Err(format!("playbook `{}` has no input `{unknown}`: {help}", self.playbook))
            }
        }
    }
}
