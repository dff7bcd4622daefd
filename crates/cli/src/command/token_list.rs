//! `token list`: what each is for; the secrets are nowhere.

use stanch_model::people::{Token, TokenScope};

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let list = args.connection.open()?.list(&["tokens"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Token>(&list)?.iter().map(row).collect();
    out.table(&["TOKEN", "FOR", "SINCE", "NAME"], &rows)?;
    Ok(Exit::Done)
}

fn row(token: &Token) -> Vec<String> {
    let scope = match &token.scope {
        TokenScope::Api { role } => format!("API as {}", view::word(role)),
        TokenScope::Intake { source, trust } => {
            format!("deliveries of {source}, trust {}", view::word(trust))
        }
        TokenScope::Feed => "block lists".to_owned(),
    };
    vec![token.id.to_string(), scope, view::time(token.created_at), token.name.clone()]
}
