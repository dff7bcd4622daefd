//! `connector from-openapi`: the manifest on stdout, what there is to say about it on stderr.

use stanch_connector::openapi::{self, Error, Options};

use crate::{
    exit::{Exit, NotFound, Usage},
    output::{self, Output},
    walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// An OpenAPI 3.0 or 3.1 document, JSON or YAML
    #[arg(value_name = "SPEC")]
    spec: String,
    /// The connector's name; made of the document's title if absent
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Only this operation, by its id or as "GET /path"; may be repeated
    #[arg(long, value_name = "OPERATION")]
    operation: Vec<String>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let text = walk::read_text(&args.spec)?;
    let options = Options { name: args.name.clone(), operations: args.operation.clone() };
    let made = openapi::manifest(&text, &options).map_err(|error| {
        let said = format!("{}: {error}", args.spec);
        match error {
            Error::NoOperation { .. } => anyhow::Error::from(NotFound(said)),
            Error::Refused(_) => anyhow::anyhow!(said),
            Error::Unreadable(_)
            | Error::Version(_)
            | Error::Nothing(_)
            | Error::TooLong { .. } => Usage(said).into(),
        }
    })?;
    for line in made.text.lines() {
        out.line(line)?;
    }
    for left in &made.left_out {
        output::note(&format!("left out: {left}"));
    }
    output::note(&format!(
        "{} actions, {} of them drafts: what changes something cannot be used before a person has decided what its \
         comments ask",
        made.actions, made.drafts
    ));
    Ok(Exit::Done)
}
