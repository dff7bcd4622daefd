//! The page: what is true in the practice world, for people; plain HTML, no script.

use std::fmt::Write;

use axum::{
    Router,
    extract::State,
    http::header,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::Value;
use stanch_model::Time;

use crate::{acts::Act, desk::Desk, serve::Lab};

/// Acts shown, the latest ones.
const ACTS_SHOWN: usize = 50;
/// Nothing but our own style sheet is loaded, nothing frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;\
color:#1a1a1a;background:#fff}\
.banner{background:#ffd60a;color:#000;font-weight:700;padding:.75rem 1rem;border:3px solid #000}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem .25rem 0;\
border-bottom:1px solid #ccc;overflow-wrap:anywhere}\
.on{font-weight:700}.on::before{content:'\\25CF ';color:#b00020}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#111}th,td{border-color:#444}\
.on::before{color:#ff8a80}}";

/// `/` and its style sheet.
pub(crate) fn routes() -> Router<Lab> {
    Router::new().route("/", get(page)).route("/page.css", get(style))
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

async fn page(State(lab): State<Lab>) -> Response {
    let failures = lab.failures().live();
    let html = lab.with(move |desk, now| render(desk, failures, now)).await;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(html)).into_response()
}

fn render(desk: &Desk, failures: usize, now: Time) -> String {
    let world = &desk.world;
    let hosts: Vec<Value> = world.fleet.all().iter().map(|host| host.view(now)).collect();
    let isolation: &[(&str, &str)] = &[
        ("Host", "/name"),
        ("Address", "/address"),
        ("Department", "/department"),
        ("State", "/isolation/state"),
    ];
    let blocks: &[(&str, &str)] =
        &[("Address", "/address"), ("Since", "/since"), ("Until", "/expires_at")];
    let accounts: &[(&str, &str)] =
        &[("Account", "/name"), ("Department", "/department"), ("State", "/state")];
    let messages: &[(&str, &str)] = &[
        ("Message", "/id"),
        ("Mailbox", "/mailbox"),
        ("Subject", "/subject"),
        ("State", "/state"),
    ];
    let acts: Vec<Value> = desk.acts().iter().rev().take(ACTS_SHOWN).map(act_row).collect();
    let columns: &[(&str, &str)] = &[
        ("No", "/seq"),
        ("When", "/at"),
        ("Request", "/request"),
        ("Key", "/key"),
        ("Outcome", "/outcome"),
    ];
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"refresh\" content=\"5\">\
         <title>PRACTICE TARGET</title><link rel=\"stylesheet\" href=\"/page.css\"></head><body>\
         <p class=\"banner\">PRACTICE TARGET – nothing here is real</p>\
         <main><h1>Stanch lab</h1>\
         <p>{} acts recorded; {failures} failure rules waiting; {}.</p>{}{}{}{}{}</main></body></html>",
        desk.acts().len(),
        escape(&now.to_string()),
        table("Hosts", isolation, &hosts),
        table("Blocked addresses", blocks, &world.firewall.list(now)),
        table("Accounts", accounts, &world.directory.list()),
        table("Messages", messages, &world.mailbox.list()),
        table("Last acts", columns, &acts),
    )
}

fn act_row(act: &Act) -> Value {
    serde_json::json!({
        "seq": act.seq,
        "at": act.at,
        "request": format!("{} {}", act.method, act.path),
        "key": act.key,
        "outcome": act.outcome.word(),
    })
}

fn table(title: &str, columns: &[(&str, &str)], rows: &[Value]) -> String {
    let mut html = format!("<h2>{}</h2>", escape(title));
    if rows.is_empty() {
        html.push_str("<p>None.</p>");
        return html;
    }
    html.push_str("<table><thead><tr>");
    for (name, _) in columns {
        push(&mut html, format_args!("<th scope=\"col\">{}</th>", escape(name)));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for (_, pointer) in columns {
            let text = match row.pointer(pointer) {
                None | Some(Value::Null) => "–".to_owned(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let class = if is_contained(&text) { " class=\"on\"" } else { "" };
            push(&mut html, format_args!("<td{class}>{}</td>", escape(&text)));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>");
    html
}

fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).expect("invariant: writing to a string does not fail");
}

fn is_contained(state: &str) -> bool {
    matches!(state, "isolated" | "isolating" | "disabled" | "quarantined")
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Left-to-right marks and the like could make a line read as another one.
            c if c.is_control()
                || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                safe.push('\u{fffd}');
            }
            c => safe.push(c),
        }
    }
    safe
}
