//! `playbook graph`: a playbook as a picture.

use clap::ValueEnum;
use stanch_model::{Diagnostic, run::StepState};
use stanch_playbook::{
    check::{Context, load_in},
    graph, picture,
};

use crate::{
    catalog,
    exit::Exit,
    folder,
    output::{self, Output},
    walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "FILE")]
    path: String,
    /// What to draw it as
    #[arg(long, value_enum, default_value = "mermaid")]
    format: Drawing,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Drawing {
    /// A text that pages and editors draw
    Mermaid,
    /// A picture that stands alone
    Svg,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let text = walk::read_text(&args.path)?;
    let (catalog, _) = catalog::with([]);
    let folder = folder::around([args.path.as_str()].into_iter(), &catalog);
    let (playbook, findings) = load_in(&text, &Context::new(&catalog).with_playbooks(&folder));
    let Some(playbook) = playbook else {
        for found in findings.iter().filter(|found| found.is_error()) {
            output::note(&told(&args.path, found));
        }
        return Ok(Exit::No);
    };
    let graph = match graph::compile(&playbook, &catalog) {
        Ok(graph) => graph.view(|_| (StepState::Pending, String::new())),
        Err(error) => {
            output::note(&format!("{}: {error}", args.path));
            return Ok(Exit::No);
        }
    };
    let drawn = match args.format {
        Drawing::Mermaid => picture::mermaid(&graph),
        Drawing::Svg => picture::svg(&graph),
    };
    out.picture(drawn.trim_end())?;
    Ok(Exit::Done)
}

fn told(path: &str, found: &Diagnostic) -> String {
    format!("{path}:{found}; {}", found.help)
}
