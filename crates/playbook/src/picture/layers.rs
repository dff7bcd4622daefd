//! Where each step stands: layers from top to bottom, few crossings, neighbours above one another.
//!
//! The method is that of Sugiyama, Tagawa and Toda (1981): break circles, give each step the layer below
//! everything that leads to it, order each layer by the middle of its neighbours, then move steps towards them.

use std::collections::BTreeMap;

use stanch_model::run::GraphView;

/// Size of a step, and the space around it, in pixels; as in web/src/ui/graph/layout.ts.
pub(super) const WIDTH: f64 = 224.0;
pub(super) const HEIGHT: f64 = 52.0;
const BETWEEN: f64 = 28.0;
const BELOW: f64 = 44.0;
const MARGIN: f64 = 8.0;

/// Sweeps down and up; more change nothing on graphs of a few hundred steps.
const SWEEPS: usize = 12;

/// A graph with a place for everything.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// Left upper corners, in the order of the nodes.
    pub(super) nodes: Vec<(f64, f64)>,
    /// The edges whose ends are known, in their order.
    pub(super) edges: Vec<Way>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A way from one node to another.
#[derive(Debug)]
pub(super) struct Way {
    /// Which edge of the graph.
    pub(super) edge: usize,
    /// Where it passes, from the end of one node to the beginning of the other.
    pub(super) points: Vec<(f64, f64)>,
}

/// A step, or a place where a long edge crosses a layer.
#[derive(Clone, Copy, Debug)]
struct Spot {
    layer: usize,
    wide: bool,
    x: f64,
}

/// Spots of a layer that touch.
struct Group {
    /// Where the first stands.
    start: f64,
    /// How far it has to be from the last of the group before.
    gap: f64,
    /// The spots, and how far from the first each is.
    members: Vec<(usize, f64)>,
}

/// Joins the last group to the one before while they are too near.
fn merge(groups: &mut Vec<Group>) {
    while let Some(last) = groups.pop() {
        let Some(mut before) = groups.pop() else {
            groups.push(last);
            return;
        };
        let shift = before.members.last().map_or(0.0, |(_, offset)| *offset) + last.gap;
        if last.start >= before.start + shift {
            groups.push(before);
            groups.push(last);
            return;
        }
        // The mean of what both would like, weighed by their sizes.
        let (mine, theirs) = (number(last.members.len()), number(before.members.len()));
        before.start = (before.start * theirs + (last.start - shift) * mine) / (mine + theirs);
        before
            .members
            .extend(last.members.into_iter().map(|(spot, offset)| (spot, offset + shift)));
        groups.push(before);
    }
}

struct Layout {
    spots: Vec<Spot>,
    layers: Vec<Vec<usize>>,
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
}

/// Places a graph.
pub(super) fn place(graph: &GraphView) -> Placed {
    let index: BTreeMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(i, node)| (node.id.as_str(), i)).collect();
    let ends: Vec<(usize, usize, usize)> = graph
        .edges
        .iter()
        .enumerate()
        .filter_map(|(edge, e)| {
            Some((edge, *index.get(e.from.as_str())?, *index.get(e.to.as_str())?))
        })
        .filter(|(_, from, to)| from != to)
        .collect();
    let count = graph.nodes.len();
    let turned = back_edges(count, &ends);
    let down: Vec<(usize, usize)> = ends
        .iter()
        .zip(&turned)
        .map(|((_, from, to), turned)| if *turned { (*to, *from) } else { (*from, *to) })
        .collect();
    let layer = ranks(count, &down);
    let (mut layout, chains) = Layout::new(&layer, &down);
    layout.order();
    layout.settle();
    layout.result(count, &ends, &turned, &chains)
}

/// Which edges lead back to where the way came from, going through the graph in the order of the edges.
fn back_edges(count: usize, ends: &[(usize, usize, usize)]) -> Vec<bool> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (number, (_, from, _)) in ends.iter().enumerate() {
        if let Some(out) = out.get_mut(*from) {
            out.push(number);
        }
    }
    let mut turned = vec![false; ends.len()];
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0_u8; count];
    for root in 0..count {
        let mut stack = vec![(root, 0_usize)];
        if state.get(root).copied() != Some(0) {
            continue;
        }
        set(&mut state, root, 1);
        while let Some((node, next)) = stack.pop() {
            let Some(edge) = out.get(node).and_then(|out| out.get(next)).copied() else {
                set(&mut state, node, 2);
                continue;
            };
            stack.push((node, next.saturating_add(1)));
            let Some((_, _, to)) = ends.get(edge).copied() else { continue };
            match state.get(to).copied() {
                Some(0) => {
                    set(&mut state, to, 1);
                    stack.push((to, 0));
                }
                Some(1) => set(&mut turned, edge, true),
                _ => {}
            }
        }
    }
    turned
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}

/// The layer of each node: below everything that leads to it.
fn ranks(count: usize, down: &[(usize, usize)]) -> Vec<usize> {
    let mut rank = vec![0_usize; count];
    // Without circles no way is longer than there are nodes.
    for _ in 0..count {
        let mut moved = false;
        for (from, to) in down {
            let least = rank.get(*from).copied().unwrap_or(0).saturating_add(1);
            if rank.get(*to).is_some_and(|rank| *rank < least) {
                set(&mut rank, *to, least);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    rank
}

impl Layout {
    /// Spots for nodes and for the layers that long edges cross; and the spots of each edge.
    fn new(rank: &[usize], down: &[(usize, usize)]) -> (Self, Vec<Vec<usize>>) {
        let mut spots: Vec<Spot> =
            rank.iter().map(|layer| Spot { layer: *layer, wide: true, x: 0.0 }).collect();
        let mut chains = Vec::new();
        for (from, to) in down {
            let last = rank.get(*to).copied().unwrap_or(0);
            let mut chain = vec![*from];
            let first = rank.get(*from).copied().unwrap_or(0).saturating_add(1);
            for layer in first..last {
                chain.push(spots.len());
                spots.push(Spot { layer, wide: false, x: 0.0 });
            }
            chain.push(*to);
            chains.push(chain);
        }
        let depth =
            spots.iter().map(|spot| spot.layer).max().map_or(0, |max| max.saturating_add(1));
        let mut layers = vec![Vec::new(); depth];
        for (index, spot) in spots.iter().enumerate() {
            if let Some(layer) = layers.get_mut(spot.layer) {
                layer.push(index);
            }
        }
        let (mut above, mut below) = (vec![Vec::new(); spots.len()], vec![Vec::new(); spots.len()]);
        for pair in chains.iter().flat_map(|chain| chain.windows(2)) {
            let [from, to] = pair else { continue };
            if let (Some(below), Some(above)) = (below.get_mut(*from), above.get_mut(*to)) {
                below.push(*to);
                above.push(*from);
            }
        }
        (Self { spots, layers, above, below }, chains)
    }

    fn neighbours(&self, spot: usize, upward: bool) -> &[usize] {
        let lists = if upward { &self.above } else { &self.below };
        lists.get(spot).map_or(&[], Vec::as_slice)
    }

    /// Orders each layer by the middle of its neighbours in the layer before, down and up.
    fn order(&mut self) {
        let mut best = (usize::MAX, self.layers.clone());
        for sweep in 0..SWEEPS {
            let downward = sweep % 2 == 0;
            let depth = self.layers.len();
            for step in 0..depth {
                let index =
                    if downward { step } else { depth.saturating_sub(step).saturating_sub(1) };
                self.order_layer(index, downward);
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    fn positions(&self) -> Vec<usize> {
        let mut position = vec![0; self.spots.len()];
        for layer in &self.layers {
            for (place, spot) in layer.iter().enumerate() {
                set(&mut position, *spot, place);
            }
        }
        position
    }

    fn order_layer(&mut self, index: usize, downward: bool) {
        let position = self.positions();
        let Some(layer) = self.layers.get(index) else { return };
        let mut keyed: Vec<(f64, usize)> = layer
            .iter()
            .enumerate()
            .map(|(own, spot)| {
                let near = self.neighbours(*spot, downward);
                let places = near.iter().filter_map(|near| position.get(*near)).map(|p| number(*p));
                (mean(places).unwrap_or_else(|| number(own)), *spot)
            })
            .collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some(layer) = self.layers.get_mut(index) {
            *layer = keyed.into_iter().map(|(_, spot)| spot).collect();
        }
    }

    /// How often edges cross, counted between each two layers.
    fn crossings(&self) -> usize {
        let position = self.positions();
        let at = |spot: &usize| position.get(*spot).copied().unwrap_or(0);
        let mut crossings = 0_usize;
        for layer in &self.layers {
            let edges: Vec<(usize, usize)> = layer
                .iter()
                .flat_map(|spot| {
                    self.neighbours(*spot, false).iter().map(move |to| (at(spot), at(to)))
                })
                .collect();
            for (number, a) in edges.iter().enumerate() {
                let later = edges.iter().skip(number.saturating_add(1));
                let crossed = later.filter(|b| a.0 < b.0 && a.1 > b.1 || a.0 > b.0 && a.1 < b.1);
                crossings = crossings.saturating_add(crossed.count());
            }
        }
        crossings
    }

    fn half(&self, spot: usize) -> f64 {
        if self.spots.get(spot).is_some_and(|spot| spot.wide) { WIDTH / 2.0 } else { 4.0 }
    }

    fn x(&self, spot: usize) -> f64 {
        self.spots.get(spot).map_or(0.0, |spot| spot.x)
    }

    /// Moves spots towards the middle of their neighbours, as far as the others of the layer allow.
    fn settle(&mut self) {
        for layer in self.layers.clone() {
            let wanted = vec![0.0; layer.len()];
            self.spread(&layer, &wanted);
        }
        for sweep in 0..SWEEPS * 2 {
            let upward = sweep % 2 == 0;
            let mut layers = self.layers.clone();
            if !upward {
                layers.reverse();
            }
            for layer in layers {
                let wanted: Vec<f64> = layer
                    .iter()
                    .map(|spot| {
                        let near = self.neighbours(*spot, upward);
                        mean(near.iter().map(|near| self.x(*near))).unwrap_or_else(|| self.x(*spot))
                    })
                    .collect();
                self.spread(&layer, &wanted);
            }
        }
    }

    /// Places a layer as near to what is wanted as its order and the space between allow: what is too near is
    /// pushed apart evenly to both sides.
    fn spread(&mut self, layer: &[usize], wanted: &[f64]) {
        let mut groups: Vec<Group> = Vec::new();
        let mut previous: Option<usize> = None;
        for (spot, wish) in layer.iter().zip(wanted) {
            let gap = previous.map_or(0.0, |before| self.half(before) + BETWEEN + self.half(*spot));
            previous = Some(*spot);
            groups.push(Group { start: *wish, gap, members: vec![(*spot, 0.0)] });
            merge(&mut groups);
        }
        for Group { start, members, .. } in groups {
            for (spot, offset) in members {
                if let Some(spot) = self.spots.get_mut(spot) {
                    spot.x = start + offset;
                }
            }
        }
    }

    fn result(
        &self,
        count: usize,
        ends: &[(usize, usize, usize)],
        turned: &[bool],
        chains: &[Vec<usize>],
    ) -> Placed {
        let all = || self.spots.iter().enumerate();
        let left = all().map(|(i, spot)| spot.x - self.half(i)).fold(f64::INFINITY, f64::min);
        let right = all().map(|(i, spot)| spot.x + self.half(i)).fold(0.0, f64::max);
        let left = if left.is_finite() { left } else { 0.0 };
        let x = |spot: usize| (self.x(spot) - left + MARGIN).round();
        let y = |spot: usize| {
            let layer = self.spots.get(spot).map_or(0, |spot| spot.layer);
            number(layer) * (HEIGHT + BELOW) + MARGIN
        };
        let nodes = (0..count).map(|node| (x(node) - WIDTH / 2.0, y(node))).collect();
        let mut edges = Vec::new();
        for ((end, turned), chain) in ends.iter().zip(turned).zip(chains) {
            let mut points: Vec<(f64, f64)> = Vec::new();
            for (place, spot) in chain.iter().enumerate() {
                let first = place == 0;
                let last = place.saturating_add(1) == chain.len();
                match (first, last) {
                    (true, _) => points.push((x(*spot), y(*spot) + HEIGHT)),
                    (_, true) => points.push((x(*spot), y(*spot))),
                    _ => points.extend([(x(*spot), y(*spot)), (x(*spot), y(*spot) + HEIGHT)]),
                }
            }
            if *turned {
                points.reverse();
            }
            edges.push(Way { edge: end.0, points });
        }
        let depth = number(self.layers.len());
        Placed {
            nodes,
            edges,
            width: (right - left).max(0.0) + 2.0 * MARGIN,
            height: depth * HEIGHT + (depth - 1.0).max(0.0) * BELOW + 2.0 * MARGIN,
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) =
        values.fold((0.0, 0_usize), |(sum, n), value| (sum + value, n.saturating_add(1)));
    (count > 0).then(|| sum / number(count))
}

/// A count as a number: a playbook has a few hundred steps.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
