//! Pictures: what is drawn, that nothing lies on anything else, and that no text gets out of its place.

use stanch_model::run::{EdgeView, GraphView, NodeView, StepState};

use super::{layers::place, mermaid, svg};

/// `a:kind Title` nodes, `a>b label` edges.
fn graph(nodes: &[&str], edges: &[&str]) -> GraphView {
    let node = |text: &&str| {
        let (id, rest) = text.split_once(':').unwrap();
        let (kind, title) = rest.split_once(' ').unwrap_or((rest, ""));
        NodeView {
            id: id.to_owned(),
            kind: kind.to_owned(),
            title: title.to_owned(),
            line: 1,
            state: StepState::Pending,
            note: String::new(),
        }
    };
    let edge = |text: &&str| {
        let (ends, label) = text.split_once(' ').unwrap_or((text, ""));
        let (from, to) = ends.split_once('>').unwrap();
        EdgeView { from: from.to_owned(), to: to.to_owned(), label: label.to_owned() }
    };
    GraphView { nodes: nodes.iter().map(node).collect(), edges: edges.iter().map(edge).collect() }
}

fn diamond() -> GraphView {
    graph(
        &[
            "start:start Stop it",
            "a:if found?",
            "b:do Block",
            "c:ask Isolate it?",
            "d:while until done",
            "e:wait 1m",
            "f:end done",
        ],
        &["start>a", "a>b yes", "a>c no", "b>d", "c>d", "d>e while", "e>d", "d>f done"],
    )
}

#[test]
fn steps_stand_below_what_leads_to_them_and_on_nothing_else() {
    let graph = diamond();
    let placed = place(&graph);
    let at = |id: &str| {
        let index = graph.nodes.iter().position(|node| node.id == id).unwrap();
        placed.nodes[index]
    };
    for (above, below) in
        [("start", "a"), ("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e"), ("d", "f")]
    {
        assert!(at(above).1 < at(below).1, "{above} {below}");
    }
    for (number, one) in placed.nodes.iter().enumerate() {
        for other in &placed.nodes[number + 1..] {
            let apart = (one.0 - other.0).abs() >= 224.0 || (one.1 - other.1).abs() >= 52.0;
            assert!(apart, "{one:?} {other:?}");
        }
        assert!(one.0 >= 0.0 && one.0 + 224.0 <= placed.width && one.1 + 52.0 <= placed.height);
    }
    // The branches of the `if` stand to both sides of it.
    assert!((at("b").0 - at("a").0).abs() > 1.0 && at("b").0 < at("c").0);
    assert_eq!(placed.edges.len(), graph.edges.len());
}

#[test]
fn mermaid_is_written_with_shapes_and_labels() {
    assert_eq!(
        mermaid(&diamond()),
        "flowchart TD
  n0([\"Stop it<br>start\"])
  n1{\"found?<br>if\"}
  n2[\"Block<br>do\"]
  n3[/\"Isolate it?<br>ask\"/]
  n4{{\"until done<br>while\"}}
  n5[\"1m<br>wait\"]
  n6([\"done<br>end\"])
  n0 --> n1
  n1 -->|\"yes\"| n2
  n1 -->|\"no\"| n3
  n2 --> n4
  n3 --> n4
  n4 -->|\"while\"| n5
  n5 --> n4
  n4 -->|\"done\"| n6
"
    );
}

#[test]
fn no_text_gets_out_of_its_place() {
    let hostile = "\"]; click n0 \"javascript:alert(1)\" <script>alert(1)</script> & #quot; \u{202e}\u{1b}[2J`**x**` \n end";
    let graph =
        graph(&["start:start t", &format!("a:do {hostile}")], &[&format!("start>a {hostile}")]);
    let drawn = mermaid(&graph);
    assert_eq!(drawn.lines().count(), 4, "{drawn}");
    for sign in ["<script", "click n0 \"", "#quot", "`", "*", "\u{202e}", "\u{1b}"] {
        assert!(!drawn.contains(sign), "{sign}: {drawn}");
    }
    // Each line has the quotes that we wrote, and no others.
    assert_eq!(drawn.matches('"').count(), 2 + 2 + 2);
    let drawn = svg(&graph);
    for sign in ["<script", "javascript:alert(1)\"", "\u{202e}", "\u{1b}"] {
        assert!(!drawn.contains(sign), "{sign}: {drawn}");
    }
    assert!(drawn.contains("&lt;script&gt;"));
    assert_eq!(drawn.matches('<').count(), drawn.matches('>').count());
}

#[test]
fn large_and_odd_graphs_are_placed() {
    let ids: Vec<String> = (0..500).map(|n| format!("s{n}:do step {n}")).collect();
    let nodes: Vec<&str> = ids.iter().map(String::as_str).collect();
    let edges: Vec<String> = (1..500).map(|n| format!("s{}>s{n}", n * 7 % 13 * n / 13)).collect();
    let edges: Vec<&str> = edges.iter().map(String::as_str).collect();
    let placed = place(&graph(&nodes, &edges));
    assert_eq!(placed.nodes.len(), 500);
    assert!(place(&GraphView::default()).nodes.is_empty());
    let circle = graph(&["a:do x", "b:do y"], &["a>b", "b>a", "a>a", "a>gone"]);
    assert_eq!(place(&circle).edges.len(), 2);
}
