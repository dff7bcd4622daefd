//! The graph as a picture.

use stanch_model::run::{EdgeView, GraphView, NodeView, StepState};

use super::{Graph, Next, Node, NodeKind};

/// A way out of a node: where to, and what it is called.
type Way = (Next, String);

impl NodeKind {
    /// Where this step may go, with the label of the way. A way into what the node holds inside comes
    /// first; the way on is drawn from where that is left.
    fn ways(&self) -> Vec<Way> {
        match self {
            Self::Do { next, .. }
            | Self::Script { next, .. }
            | Self::Call { next, .. }
            | Self::Wait { next, .. }
            | Self::Ask { next, .. }
            | Self::Set { next, .. } => vec![(*next, String::new())],
            Self::Parallel { branches, .. } => {
                branches.iter().map(|branch| (Next::Node(*branch), String::new())).collect()
            }
            Self::ForEach { each, next } => {
                vec![(each.body, "each".to_owned()), (*next, "done".to_owned())]
            }
            Self::While { repeat, next } => {
                vec![(repeat.body, "while".to_owned()), (*next, "done".to_owned())]
            }
            Self::Try { body, handler, .. } => {
                vec![(*body, String::new()), (*handler, "on error".to_owned())]
            }
            Self::If { then, otherwise, .. } => {
                vec![(*then, "yes".to_owned()), (*otherwise, "no".to_owned())]
            }
            Self::Switch { cases, otherwise, .. } => {
                let shown = |values: &[serde_json::Value]| {
                    let texts = values.iter().map(|value| match value.as_str() {
                        Some(text) => text.to_owned(),
                        None => value.to_string(),
                    });
                    texts.collect::<Vec<_>>().join(", ")
                };
                let cases = cases.iter().map(|(values, next)| (*next, shown(values)));
                cases.chain(otherwise.map(|next| (next, "else".to_owned()))).collect()
            }
            Self::End { .. } => Vec::new(),
        }
    }
}

impl Graph {
    /// The picture; `state` says where each node stands.
    #[must_use]
    pub fn view(&self, state: impl Fn(&Node) -> (StepState, String)) -> GraphView {
        let mut view = GraphView::default();
        view.nodes.push(NodeView {
            id: "start".to_owned(),
            kind: "start".to_owned(),
            title: self.title.clone(),
            line: 1,
            state: StepState::Succeeded,
            note: String::new(),
        });
        for node in &self.nodes {
            let (state, note) = state(node);
            view.nodes.push(NodeView {
                id: node.id.clone(),
                kind: node.kind.word().to_owned(),
                title: node.title.clone(),
                line: node.line,
                state,
                note,
            });
        }
        let mut edges = Vec::new();
        self.edge("start", self.entry, "", &mut edges);
        for node in &self.nodes {
            for (next, label) in node.kind.ways() {
                self.edge(&node.id, next, &label, &mut edges);
            }
        }
        view.edges = edges;
        view
    }

    fn edge(&self, from: &str, to: Next, label: &str, edges: &mut Vec<EdgeView>) {
        let to = match to {
            Next::Node(index) => self.nodes.get(index),
            Next::Leave(owner) => match self.nodes.get(owner) {
                // A turn goes back to its loop.
                Some(node) if is_loop(&node.kind) => Some(node),
                Some(node) => match node.kind.next() {
                    Some(next) => return self.edge(from, next, label, edges),
                    None => None,
                },
                None => None,
            },
            Next::End => None,
        };
        if let Some(to) = to {
            let edge =
                EdgeView { from: from.to_owned(), to: to.id.clone(), label: label.to_owned() };
            if !edges.contains(&edge) {
                edges.push(edge);
            }
        }
    }
}

const fn is_loop(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::ForEach { .. } | NodeKind::While { .. })
}
