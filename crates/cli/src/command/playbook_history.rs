//! `playbook history`: every version, who wrote and reviewed it, and which is in force.

use stanch_model::version::Version;

use crate::{
    args::name,
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["playbooks", &args.name, "versions"];
    let list = args.connection.open()?.list(&path, &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Version>(&list)?.iter().map(row).collect();
    out.table(
        &["VERSION", "STATE", "WRITTEN", "BY", "REVIEWS", "IN FORCE SINCE", "FROM", "NOTE"],
        &rows,
    )?;
    Ok(Exit::Done)
}

fn row(version: &Version) -> Vec<String> {
    let reviews = version.reviews.iter().map(|vote| {
        let said = if vote.approve { "yes" } else { "no" };
        format!("{}: {said}", vote.by)
    });
    let reviews: Vec<String> = reviews.collect();
    let digest: String = version.digest.chars().take(12).collect();
    let from = match &version.commit {
        Some(commit) => format!("commit {}", commit.chars().take(12).collect::<String>()),
        None => format!("{} {digest}", view::word(&version.origin)),
    };
    vec![
        version.number.to_string(),
        view::word(&version.state),
        view::time(version.created_at),
        version.author.clone(),
        if reviews.is_empty() { "-".to_owned() } else { reviews.join(", ") },
        view::time_or_dash(version.published_at),
        from,
        view::short(&version.note, 60),
    ]
}
