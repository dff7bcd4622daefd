//! The tree as lines.

use stanch_model::Span;
use stanch_yaml::{Key, Source, Yaml, place::Style};

use super::comments::{Beside, Comments};
use crate::language::{ID, Kind, Object, Shape};

/// Columns of a line before brackets are opened up.
const WIDTH: usize = 120;

/// The whole text.
pub(super) fn write(text: &str, tree: &Yaml) -> String {
    let source = Source::new(text);
    let comments = Comments::of(text, tree);
    let mut writer = Writer { source, comments, out: String::new() };
    for comment in std::mem::take(&mut writer.comments.first) {
        writer.line(0, &comment);
    }
    if writer.comments.first_gap && !writer.out.is_empty() {
        writer.out.push('\n');
    }
    let top = Shape::Object(&crate::language::PLAYBOOK);
    if let Yaml::Map(entries, _) = tree {
        writer.entries(tree, entries, 0, Some(&top), false);
    }
    for comment in std::mem::take(&mut writer.comments.last) {
        writer.line(0, &comment);
    }
    let mut out = writer.out.trim_start_matches('\n').to_owned();
    out.truncate(out.trim_end_matches('\n').len());
    out.push('\n');
    out
}

struct Writer<'t> {
    source: Source<'t>,
    comments: Comments,
    out: String,
}

/// In which order the keys of a mapping stand, and what each holds.
pub(super) enum Order {
    /// As they were written.
    Written,
    /// As the language has them.
    Known(&'static Object),
    /// A step of that kind.
    Step(&'static Kind),
}

impl Order {
    /// The order for a mapping of some shape.
    pub(super) fn of(map: &Yaml, shape: Option<&Shape>) -> Self {
        let Yaml::Map(entries, _) = map else { return Self::Written };
        match shape {
            Some(Shape::Object(object)) => Self::Known(object),
            Some(Shape::Either(all)) => {
                let object = all.iter().find_map(|shape| match shape {
                    Shape::Object(object) => Some(*object),
                    _ => None,
                });
                object.map_or(Self::Written, Self::Known)
            }
            Some(Shape::Steps(_)) => {
                let kind = entries.iter().find_map(|(key, _)| Kind::of(&key.name));
                kind.map_or(Self::Written, Self::Step)
            }
            _ => Self::Written,
        }
    }

    /// Where a key stands.
    fn rank(&self, name: &str) -> usize {
        let unknown = usize::MAX;
        match self {
            Self::Written => 0,
            Self::Known(object) => {
                object.names().position(|known| known == name).unwrap_or(unknown)
            }
            Self::Step(_) if name == ID.name => 0,
            Self::Step(kind) if name == kind.word => 1,
            Self::Step(kind) => {
                let own = kind.keys.iter().position(|key| key.name == name);
                own.map_or(unknown, |own| own.saturating_add(2))
            }
        }
    }

    /// What a key holds.
    pub(super) fn shape(&self, name: &str) -> Option<&'static Shape> {
        let keys = match self {
            Self::Written => return None,
            Self::Known(object) => object.keys,
            Self::Step(kind) if name == kind.word => return Some(&kind.value),
            Self::Step(kind) => kind.keys,
        };
        keys.iter().find(|key| key.name == name).map(|key| &key.shape)
    }

    pub(super) fn sorted<'y>(&self, entries: &'y [(Key, Yaml)]) -> Vec<&'y (Key, Yaml)> {
        let mut sorted: Vec<&(Key, Yaml)> = entries.iter().collect();
        sorted.sort_by_key(|(key, _)| self.rank(&key.name));
        sorted
    }
}

/// What the items of a list hold.
pub(super) fn item_shape(list: &Shape) -> Option<Shape> {
    match list {
        Shape::Steps(_) => Some(Shape::Steps(0)),
        Shape::List(Shape::Object(object), ..) => Some(Shape::Object(object)),
        _ => None,
    }
}

impl Writer<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// What stands before an entry or an item.
    fn before(&mut self, beside: &Beside, indent: usize, first: bool) {
        if beside.gap && !first && !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        for comment in &beside.before {
            self.line(indent, comment);
        }
    }

    /// The entries of a mapping, one a line; `open` if the line of the first has begun, behind a dash.
    fn entries(
        &mut self,
        map: &Yaml,
        entries: &[(Key, Yaml)],
        indent: usize,
        shape: Option<&Shape>,
        open: bool,
    ) {
        let order = Order::of(map, shape);
        for (index, (key, value)) in order.sorted(entries).into_iter().enumerate() {
            let beside = self.comments.take((key.span.line, key.span.column));
            let begun = open && index == 0;
            if !begun {
                self.before(&beside, indent, false);
                self.out.push_str(&" ".repeat(indent));
            }
            let name = self.source.slice(key.span).to_owned();
            self.out.push_str(&name);
            self.out.push(':');
            self.value(value, indent, order.shape(&key.name), beside.after);
        }
    }

    /// What follows a colon.
    fn value(
        &mut self,
        value: &Yaml,
        indent: usize,
        shape: Option<&Shape>,
        comment: Option<String>,
    ) {
        let column = self.column();
        match value {
            _ if value.is_nothing() => self.end(comment),
            Yaml::Scalar(scalar) => self.scalar(scalar.span, indent, comment),
            _ if self.is_short(value, column.saturating_add(1), shape) => {
                let text = self.flow(value, shape);
                self.out.push(' ');
                self.out.push_str(&text);
                // A comment of what stands in brackets moves behind them.
                let inner = self.inner_comment(value);
                self.end(comment.or(inner));
            }
            Yaml::List(items, _) => {
                self.end(comment);
                self.items(items, indent.saturating_add(2), shape);
            }
            Yaml::Map(entries, _) => {
                self.end(comment);
                self.entries(value, entries, indent.saturating_add(2), shape, false);
            }
        }
    }

    /// Ends a line.
    fn end(&mut self, comment: Option<String>) {
        if let Some(comment) = comment {
            self.out.push_str("  ");
            self.out.push_str(&comment);
        }
        self.out.push('\n');
    }

    fn column(&self) -> usize {
        self.out.rsplit('\n').next().unwrap_or_default().chars().count()
    }

    fn items(&mut self, items: &[Yaml], indent: usize, shape: Option<&Shape>) {
        let inner = shape.and_then(item_shape);
        for item in items {
            let whole = item.whole();
            let beside = self.comments.take((whole.line, whole.column));
            self.before(&beside, indent, false);
            self.out.push_str(&" ".repeat(indent));
            self.out.push('-');
            let within = indent.saturating_add(2);
            match item {
                Yaml::Map(entries, _) if !self.is_short(item, within, inner.as_ref()) => {
                    // A comment at the end of the dash's line belongs to the first key.
                    if let Some(first) = entries.first() {
                        self.hand_on(&beside, first);
                    }
                    self.out.push(' ');
                    self.first_before(item, entries, inner.as_ref(), indent);
                    self.entries(item, entries, within, inner.as_ref(), true);
                }
                _ => self.value(item, indent, inner.as_ref(), beside.after),
            }
        }
    }

    /// Comments before the key that comes first, where that was not first before, go before the dash.
    fn first_before(
        &mut self,
        item: &Yaml,
        entries: &[(Key, Yaml)],
        shape: Option<&Shape>,
        indent: usize,
    ) {
        let order = Order::of(item, shape);
        let Some((key, _)) = order.sorted(entries).into_iter().next() else { return };
        let place = (key.span.line, key.span.column);
        let beside = self.comments.take(place);
        if !beside.before.is_empty() {
            let dash = self.out.rfind('\n').map_or(0, |at| at.saturating_add(1));
            let begun = self.out.split_off(dash);
            for comment in &beside.before {
                self.line(indent, comment);
            }
            self.out.push_str(&begun);
        }
        self.comments.give(place, Beside { before: Vec::new(), ..beside });
    }

    fn hand_on(&mut self, beside: &Beside, first: &(Key, Yaml)) {
        if beside.after.is_some() {
            let place = (first.0.span.line, first.0.span.column);
            let own = self.comments.take(place);
            let after = own.after.clone().or_else(|| beside.after.clone());
            self.comments.give(place, Beside { after, ..own });
        }
    }

    /// Whether something was written in brackets, and stays so.
    fn is_short(&self, value: &Yaml, column: usize, shape: Option<&Shape>) -> bool {
        let (flow, empty, whole) = match value {
            Yaml::Scalar(_) => return false,
            Yaml::List(items, extent) => (extent.flow, items.is_empty(), extent.whole),
            Yaml::Map(entries, extent) => (extent.flow, entries.is_empty(), extent.whole),
        };
        if empty {
            return true;
        }
        let one_line = whole.line == whole.end_line;
        flow && one_line
            && !self.comments.within(whole)
            && column.saturating_add(self.flow(value, shape).chars().count()) <= WIDTH
    }

    /// In brackets, on one line.
    fn flow(&self, value: &Yaml, shape: Option<&Shape>) -> String {
        match value {
            Yaml::Scalar(_) if value.is_nothing() => String::new(),
            Yaml::Scalar(scalar) => self.source.slice(scalar.span).to_owned(),
            Yaml::List(items, _) => {
                let inner = shape.and_then(item_shape);
                let items: Vec<String> =
                    items.iter().map(|item| self.flow(item, inner.as_ref())).collect();
                format!("[{}]", items.join(", "))
            }
            Yaml::Map(entries, _) if entries.is_empty() => "{}".to_owned(),
            Yaml::Map(entries, _) => {
                let order = Order::of(value, shape);
                let entry = |(key, value): &(Key, Yaml)| {
                    let text = self.flow(value, order.shape(&key.name));
                    let name = self.source.slice(key.span);
                    if text.is_empty() { format!("{name}:") } else { format!("{name}: {text}") }
                };
                let entries: Vec<String> = order.sorted(entries).into_iter().map(entry).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// The comment of an entry in brackets that stand on one line.
    fn inner_comment(&mut self, value: &Yaml) -> Option<String> {
        let mut found = None;
        let mut places = Vec::new();
        collect(value, &mut places);
        for place in places {
            let beside = self.comments.take(place);
            found = found.or(beside.after);
        }
        found
    }

    /// A single value behind a colon or a dash.
    fn scalar(&mut self, span: Span, indent: usize, comment: Option<String>) {
        let text = self.source.slice(span).to_owned();
        if let Style::Block(from) = self.source.style(span) {
            return self.block(span, from, indent, comment);
        }
        let mut lines = text.split('\n').map(str::trim);
        self.out.push(' ');
        self.out.push_str(lines.next().unwrap_or_default());
        let rest: Vec<&str> = lines.collect();
        if rest.is_empty() {
            return self.end(comment);
        }
        self.out.push('\n');
        for (index, line) in rest.iter().enumerate() {
            let last = index.saturating_add(1) == rest.len();
            if !line.is_empty() {
                self.out.push_str(&" ".repeat(indent.saturating_add(2)));
                self.out.push_str(line);
            }
            if last { self.end(comment.clone()) } else { self.out.push('\n') }
        }
    }

    /// A block: its header as it was, its lines moved to where they stand now.
    fn block(&mut self, span: Span, from: usize, indent: usize, comment: Option<String>) {
        let header = self.header(span);
        self.out.push(' ');
        self.out.push_str(&header);
        self.end(comment);
        let text = self.source.slice(span).to_owned();
        let mut lines: Vec<&str> = text.split('\n').collect();
        // What is left behind the last line feed is the indentation of what follows.
        if lines.len() > 1 && lines.last().is_some_and(|line| line.trim().is_empty()) {
            lines.pop();
        }
        for (number, line) in lines.into_iter().enumerate() {
            let own = if number == 0 { 0 } else { from };
            let spaces = line.chars().take_while(|c| *c == ' ').count().min(own);
            let kept = line.get(spaces..).unwrap_or_default();
            if kept.is_empty() {
                self.out.push('\n');
            } else {
                self.line(indent.saturating_add(2), kept);
            }
        }
    }

    /// `|`, `>-` and their kin, from the line above the block.
    fn header(&self, span: Span) -> String {
        let above =
            (1..span.line).rev().map(|line| self.source.line(line)).find(|l| !l.trim().is_empty());
        let above = above.unwrap_or_default();
        let above = above.split_once(" #").map_or(above, |(header, _)| header).trim_end();
        let sign = above.rfind(['|', '>']).unwrap_or(above.len());
        let header = above.get(sign..).unwrap_or("|");
        // An indentation that was written out is counted from the key; ours is always two.
        let digit: String =
            header.chars().map(|c| if c.is_ascii_digit() { '2' } else { c }).collect();
        digit
    }
}

fn collect(value: &Yaml, places: &mut Vec<(u32, u32)>) {
    match value {
        Yaml::Scalar(_) => {}
        Yaml::List(items, _) => {
            for item in items {
                let whole = item.whole();
                places.push((whole.line, whole.column));
                collect(item, places);
            }
        }
        Yaml::Map(entries, _) => {
            for (key, value) in entries {
                places.push((key.span.line, key.span.column));
                collect(value, places);
            }
        }
    }
}
