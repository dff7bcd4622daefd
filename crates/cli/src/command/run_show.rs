//! `run show`.

use stanch_model::{RunId, run::RunView};

use crate::{
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The run
    #[arg(value_name = "ID")]
    id: RunId,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = args.connection.open()?.get(&["runs", &args.id.to_string()], &[])?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let run: RunView = client::typed(&answer)?;
    let head = &run.head;
    out.line(&format!("{} ({})", head.id, view::word(&head.state)))?;
    out.line(&format!("{}: {}", head.playbook, run.title))?;
    out.line(&format!(
        "mode {}, requested by {}, alert {}, incident {}",
        head.mode.word(),
        head.requested_by,
        view::or_dash(head.alert.as_ref()),
        view::or_dash(head.incident.as_ref())
    ))?;
    let ended = view::time_or_dash(head.ended_at);
    out.line(&format!("started {}, ended {ended}", view::time(head.started_at)))?;
    if !head.note.is_empty() {
        out.line(&format!("note: {}", head.note))?;
    }
    let (names, rows) = view::steps(&run.steps);
    out.table(&names, &rows)?;
    for step in &run.steps {
        for reason in view::reasons(&step.reasons) {
            out.line(&format!("guard on {}: {reason}", step.key))?;
        }
    }
    Ok(Exit::Done)
}
