//! SVG, in the colours and sizes of the UI (web/src/styles/tokens.css, web/src/ui/graph/).

use std::fmt::Write as _;

use stanch_model::run::GraphView;

use super::{
    layers::{HEIGHT, WIDTH, Way, place},
    visible,
};

/// Characters of a title that fit into a step.
const TITLE_CHARS: usize = 27;

/// Radius of the bends of an edge.
const BEND: f64 = 8.0;

const STYLE: &str = "
  :root { color-scheme: light dark; }
  .page { fill: light-dark(#f7f8fa, #0e1116); }
  .box { fill: light-dark(#ffffff, #161b22); stroke: light-dark(#7a8896, #6b7a8a); }
  .side { fill: light-dark(#7a8896, #6b7a8a); }
  .title { fill: light-dark(#17202b, #e6ebf1); font: 600 13px Inter, system-ui, sans-serif; }
  .kind { fill: light-dark(#51606f, #9fb0c0); font: 400 12px Inter, system-ui, sans-serif; }
  .edge { fill: none; stroke: light-dark(#7a8896, #6b7a8a); }
  .label { fill: light-dark(#17202b, #e6ebf1); font: 600 12px Inter, system-ui, sans-serif; text-anchor: middle; }
  .behind { fill: light-dark(#ffffff, #161b22); }
";

/// The graph as one SVG document: no script, no link, nothing that is loaded.
#[must_use]
pub fn svg(graph: &GraphView) -> String {
    let placed = place(graph);
    let (width, height) = (placed.width.ceil(), placed.height.ceil());
    let mut text = String::new();
    let title = graph.nodes.first().map(|node| escape(&node.title)).unwrap_or_default();
    put(
        &mut text,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
         <path class=\"side\" d=\"M0 0 10 5 0 10z\"/></marker></defs>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n",
        ),
    );
    for way in &placed.edges {
        put(
            &mut text,
            format_args!("<path class=\"edge\" d=\"{}\" marker-end=\"url(#arrow)\"/>\n", path(way)),
        );
    }
    for (node, (x, y)) in graph.nodes.iter().zip(&placed.nodes) {
        let full = escape(&node.title);
        let short = escape(&clipped(&node.title));
        let kind = escape(&node.kind);
        put(
            &mut text,
            format_args!(
                "<g transform=\"translate({x} {y})\"><title>{full}</title>\
             <rect class=\"box\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\
             <path class=\"side\" d=\"M6 0.5H4V{}H6A6 6 0 0 1 0.5 {}V6.5A6 6 0 0 1 6 0.5z\"/>\
             <svg x=\"16\" width=\"202\" height=\"52\"><text class=\"title\" y=\"23\">{short}</text></svg>\
             <text class=\"kind\" x=\"16\" y=\"40\">{kind}</text></g>\n",
                WIDTH - 1.0,
                HEIGHT - 1.0,
                HEIGHT - 0.5,
                HEIGHT - 6.5,
            ),
        );
    }
    for way in &placed.edges {
        let label = graph.edges.get(way.edge).map(|edge| visible(&edge.label)).unwrap_or_default();
        if !label.is_empty() {
            label_on(&mut text, way, &label);
        }
    }
    text.push_str("</svg>\n");
    text
}

fn put(text: &mut String, part: std::fmt::Arguments<'_>) {
    text.write_fmt(part).expect("invariant: a text takes text");
}

/// The label of a way, where it goes across to its first stop: there the ways have parted.
fn label_on(text: &mut String, way: &Way, label: &str) {
    let (Some((x, y)), Some((next_x, next_y))) = (way.points.first(), way.points.get(1)) else {
        return;
    };
    let (x, y) = (f64::midpoint(*x, *next_x), f64::midpoint(*y, *next_y));
    let label = clipped(label);
    let width = 7.0 * f64::from(u32::try_from(label.chars().count()).unwrap_or(u32::MAX)) + 10.0;
    let label = escape(&label);
    put(
        text,
        format_args!(
            "<rect class=\"behind\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"16\" rx=\"3\"/>\
             <text class=\"label\" x=\"{x}\" y=\"{}\">{label}</text>\n",
            x - width / 2.0,
            y - 8.0,
            y + 4.0,
        ),
    );
}

/// A way down, across in the middle between two layers, and down again, with round bends.
fn path(way: &Way) -> String {
    let mut points = way.points.iter();
    let Some((x, y)) = points.next() else { return String::new() };
    let mut text = format!("M{x} {y}");
    let (mut x, mut y) = (*x, *y);
    for (to_x, to_y) in points {
        let across = (to_x - x).abs();
        if across < 1.0 {
            put(&mut text, format_args!("V{to_y}"));
        } else {
            let middle = f64::midpoint(y, *to_y);
            let bend = BEND.min(across / 2.0).min((to_y - y).abs() / 2.0);
            let (side, down) = ((to_x - x).signum(), (to_y - y).signum());
            put(
                &mut text,
                format_args!(
                    "V{}Q{x} {middle} {} {middle}H{}Q{to_x} {middle} {to_x} {}V{to_y}",
                    middle - down * bend,
                    x + side * bend,
                    to_x - side * bend,
                    middle + down * bend,
                ),
            );
        }
        (x, y) = (*to_x, *to_y);
    }
    text
}

fn clipped(text: &str) -> String {
    let text = visible(text);
    if text.chars().count() <= TITLE_CHARS {
        return text;
    }
    let kept: String = text.chars().take(TITLE_CHARS - 1).collect();
    format!("{}…", kept.trim_end())
}

/// A text for XML.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
