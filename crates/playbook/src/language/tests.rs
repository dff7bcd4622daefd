//! The table says the truth: the parser keeps its limits, knows its keys and no others; the JSON Schema agrees
//! with the parser on the corpus; and the examples of the reference run.

use std::{fs, path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};
use stanch_model::{
    duration,
    manifest::{Catalog, Instance, Manifest, Transport},
};
use stanch_yaml::{Limits, Yaml};

use super::{KINDS, Kind, Need, Object, PLAYBOOK, Shape, schema::schema};
use crate::{
    ast::Playbook,
    check::{Context, Folder, codes, load_in, tests::planted},
    graph,
    parse::parse,
    testing,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    let path = Path::new(ROOT).join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The playbooks of a folder, by path.
fn playbooks(folder: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".yaml") && !name.ends_with(".test.yaml"));
    names.sort();
    names
        .into_iter()
        .map(|name| format!("{folder}/{name}"))
        .map(|p| (p.clone(), read(&p)))
        .collect()
}

/// YAML as JSON, as editors see it.
fn json_of(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Scalar(scalar) if scalar.plain => {
            let null = scalar.text.is_empty().then_some(Value::Null);
            let read =
                || serde_json::from_str(&scalar.text).ok().filter(|v: &Value| !v.is_object());
            null.or_else(read).unwrap_or_else(|| json!(scalar.text))
        }
        Yaml::Scalar(scalar) => json!(scalar.text),
        Yaml::List(items, _) => items.iter().map(json_of).collect(),
        Yaml::Map(entries, _) => {
            entries.iter().map(|(key, value)| (key.name.clone(), json_of(value))).collect()
        }
    }
}

fn tree(text: &str) -> Option<Value> {
    let limits = Limits { what: "file", bytes: 1 << 20, depth: 32 };
    stanch_yaml::load(text, limits).0.as_ref().map(json_of)
}

/// The connectors that we ship, bound to the practice lab.
pub(crate) fn shipped_catalog() -> Catalog {
    let mut catalog = Catalog::default();
    let folder = Path::new(ROOT).join("../../content/connectors");
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path().join("connector.yaml")).unwrap();
        let manifest: Manifest = serde_json::from_value(tree(&text).unwrap()).unwrap();
        let name = manifest.connector.clone();
        if manifest.transport != Transport::Builtin {
            let instance: Instance =
                serde_json::from_value(json!({ "name": name, "connector": name })).unwrap();
            catalog.instances.insert(name.clone(), instance);
        }
        for action in manifest.actions.values().filter(|_| manifest.practice) {
            if let Some(capability) = &action.capability {
                catalog.bindings.insert(capability.clone(), name.clone());
            }
        }
        catalog.manifests.insert(name, manifest);
    }
    catalog
}

#[test]
fn every_kind_has_an_example_and_every_example_runs() {
    let catalog = shipped_catalog();
    let examples = playbooks("corpus/examples");
    let read_all = |(_, text): &(String, String)| parse(text).0;
    let all: Vec<Playbook> = examples.iter().filter_map(read_all).collect();
    let folder = Folder::new(&all, &catalog);
    let context = Context::new(&catalog).with_playbooks(&folder);
    for kind in KINDS {
        let path = format!("corpus/examples/{}.yaml", kind.word);
        let text = &examples.iter().find(|(p, _)| *p == path).unwrap_or_else(|| panic!("{path}")).1;
        assert!(text.contains(&format!("{}:", kind.word)), "{path}");
    }
    let (mut cases_run, mut wrong) = (0, Vec::new());
    for (path, text) in &examples {
        let (playbook, findings) = load_in(text, &context);
        assert_eq!(findings, [], "{path}");
        assert_eq!(
            crate::fmt::format(text).as_deref(),
            Ok(text.as_str()),
            "{path} is not laid out"
        );
        let playbook = playbook.unwrap();
        let graph = match graph::compile(&playbook, &catalog) {
            Ok(graph) => Arc::new(graph),
            Err(error) => {
                assert!(
                    error.to_string().contains("is not compiled in this build"),
                    "{path}: {error}"
                );
                continue;
            }
        };
        let (cases, findings) = testing::parse(&read(&path.replace(".yaml", ".test.yaml")));
        assert!(findings.is_empty() && !cases.is_empty(), "{path}: {findings:#?}");
        for case in cases {
            let result = testing::run(&graph, &playbook, &case);
            cases_run += 1;
            if !result.passed {
                wrong.push(format!("{path}: {}: {:#?}", case.name, result.differences));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{cases_run} cases of {} examples", examples.len());
    assert!(cases_run > 0);
}

/// A playbook with a step of that kind and this key.
fn with_key(kind: &Kind, key: &str, value: &str) -> String {
    let needed = kind.keys.iter().filter(|own| own.need == Need::Always && own.name != key);
    let mut keys: Vec<String> =
        needed.map(|own| format!("{}: {}", own.name, sample(&own.shape))).collect();
    keys.push(format!("{key}: {value}"));
    if kind.word == "ask" && key != "form" {
        keys.extend((key != "options").then(|| "options: [yes, no]".to_owned()));
        keys.extend((key != "otherwise").then(|| "otherwise: no".to_owned()));
    }
    let word = if key == kind.word {
        String::new()
    } else {
        format!("{}: {}, ", kind.word, sample(&kind.value))
    };
    format!("playbook: p\ntitle: t\ntimeout: 90d\nsteps:\n  - {{ {word}{} }}\n", keys.join(", "))
}

/// A value of a shape.
fn sample(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Template => "text".to_owned(),
        Shape::Expression("list") => "alert.techniques".to_owned(),
        Shape::Expression(_) => "alert.count > 3".to_owned(),
        Shape::Word(words) => words[0].to_owned(),
        Shape::Number { least, .. } => least.to_string(),
        Shape::Time { least, .. } => duration::format(*least),
        Shape::Name { .. } => "name".to_owned(),
        Shape::Steps(2) => "[{ wait: 1m }, { wait: 2m }]".to_owned(),
        Shape::Steps(_) => "[{ wait: 1m }]".to_owned(),
        Shape::Values | Shape::Constants => "{ a: 1 }".to_owned(),
        Shape::Fields(_) => "{ a: { type: string } }".to_owned(),
        Shape::Constant => "1".to_owned(),
        Shape::List(of, least, _) => format!("[{}]", vec![sample(of); (*least).max(1)].join(", ")),
        Shape::Object(object) => sample_of(object),
        Shape::Either(all) => sample(&all[0]),
    }
}

fn sample_of(object: &Object) -> String {
    let needed = object.keys.iter().filter(|key| key.need == Need::Always);
    let keys: Vec<String> =
        needed.map(|key| format!("{}: {}", key.name, sample(&key.shape))).collect();
    if keys.is_empty() { "{ count: 1 }".to_owned() } else { format!("{{ {} }}", keys.join(", ")) }
}

/// The codes that the parser has for a playbook.
fn found(text: &str) -> Vec<String> {
    parse(text).1.into_iter().map(|finding| finding.code).collect()
}

/// Values at the limits of a shape, values beyond, and the code for those.
fn limits(shape: &Shape) -> Option<(Vec<String>, Vec<String>, &'static str)> {
    Some(match shape {
        Shape::Number { least, most } => (
            vec![least.to_string(), most.to_string()],
            vec![(most + 1).to_string(), (least - 1).to_string()],
            codes::NUMBER_RANGE,
        ),
        Shape::Time { least, most } => (
            vec![duration::format(*least), duration::format(*most)],
            vec![
                duration::format(*most + Duration::from_secs(1)),
                duration::format(least.saturating_sub(Duration::from_millis(1))),
            ],
            codes::DURATION_RANGE,
        ),
        Shape::Word(words) => (
            words.iter().map(|word| (*word).to_owned()).collect(),
            vec!["nothing_of_these".to_owned()],
            codes::UNKNOWN_WORD,
        ),
        _ => return None,
    })
}

/// An object with one key of that value, and those that it cannot do without.
fn object_with(object: &Object, key: &str, value: &str) -> String {
    let needed = object.keys.iter().filter(|own| own.need == Need::Always && own.name != key);
    let mut keys: Vec<String> =
        needed.map(|own| format!("{}: {}", own.name, sample(&own.shape))).collect();
    keys.push(format!("{key}: {value}"));
    // What no table can say: these two stand together.
    if object.what == "`wait`" {
        keys.push("signal: name".to_owned());
    }
    if object.what == "`on`" {
        keys.push("alert: alert.count > 3".to_owned());
    }
    format!("{{ {} }}", keys.join(", "))
}

#[test]
fn the_parser_keeps_the_limits_of_the_table() {
    let mut checked = 0;
    let mut check = |shape: &Shape, playbook: &dyn Fn(&str) -> String| {
        let Some((inside, outside, code)) = limits(shape) else { return };
        for value in inside {
            let text = playbook(&value);
            assert_eq!(found(&text), Vec::<String>::new(), "{text}");
            checked += 1;
        }
        for value in outside {
            let text = playbook(&value);
            assert_eq!(found(&text), [code], "{text}");
            checked += 1;
        }
    };
    for kind in KINDS {
        for key in kind.keys {
            check(&key.shape, &|value| with_key(kind, key.name, value));
            if let Shape::Object(object) = key.shape {
                for inner in object.keys {
                    check(&inner.shape, &|value| {
                        with_key(kind, key.name, &object_with(object, inner.name, value))
                    });
                }
            }
        }
        if let Shape::Either([time, Shape::Object(object)]) = &kind.value {
            check(time, &|value| with_key(kind, kind.word, value));
            for inner in object.keys {
                check(&inner.shape, &|value| {
                    with_key(kind, kind.word, &object_with(object, inner.name, value))
                });
            }
        }
        check(&kind.value, &|value| with_key(kind, kind.word, value));
    }
    for key in PLAYBOOK.keys {
        let top = |value: &str| {
            format!("playbook: p\ntitle: t\n{}: {value}\nsteps:\n  - wait: 1m\n", key.name)
        };
        check(&key.shape, &top);
        if let Shape::Object(object) = key.shape {
            for inner in object.keys {
                check(&inner.shape, &|value| top(&object_with(object, inner.name, value)));
            }
        }
    }
    println!("{checked} limits");
    assert!(checked > 90, "{checked}");
}

#[test]
fn keys_that_are_needed_are_and_others_are_unknown() {
    for kind in KINDS {
        for key in kind.keys.iter().filter(|key| key.need == Need::Always) {
            let whole = with_key(kind, key.name, &sample(&key.shape));
            assert_eq!(found(&whole), Vec::<String>::new(), "{whole}");
            let without = whole.replace(&format!("{}: {}", key.name, sample(&key.shape)), "id: x");
            assert!(found(&without).contains(&codes::MISSING_KEY.to_owned()), "{without}");
        }
        let unknown = with_key(kind, "nonsense", "1");
        assert_eq!(found(&unknown), [codes::UNKNOWN_KEY], "{unknown}");
    }
    for key in PLAYBOOK.keys.iter().filter(|key| key.need == Need::Always) {
        let whole = "playbook: p\ntitle: t\nsteps:\n  - wait: 1m\n";
        let line = whole.lines().position(|line| line.starts_with(key.name)).unwrap();
        let without: Vec<&str> =
            whole.lines().enumerate().filter(|(n, _)| *n != line).map(|(_, l)| l).collect();
        assert!(!found(&without.join("\n")).is_empty(), "{}", key.name);
    }
}

/// What the parser reads the schema lets through; what it refuses for shape or words, so does the schema.
#[test]
fn editors_are_told_the_same() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let mut read = 0;
    for folder in ["corpus/valid", "corpus/runs", "corpus/examples", "../../content/playbooks"] {
        for (path, text) in playbooks(folder) {
            let wrong: Vec<String> = schema
                .iter_errors(&tree(&text).unwrap())
                .map(|e| format!("{}: {e}", e.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{path}: {wrong:#?}");
            read += 1;
        }
    }
    assert!(read > 20, "{read}");
    let shapes = [
        codes::UNKNOWN_KEY,
        codes::MISSING_KEY,
        codes::WRONG_SHAPE,
        codes::UNKNOWN_WORD,
        codes::NO_KIND,
        codes::ONE_BRANCH,
        codes::NUMBER_RANGE,
    ];
    let mut refused = 0;
    for fault in planted::faults() {
        if let Some(tree) = tree(&fault.text).filter(|_| shapes.contains(&fault.code.as_str())) {
            assert!(!schema.is_valid(&tree), "{} {}", fault.code, fault.what);
            refused += 1;
        }
    }
    assert!(refused > 15, "{refused}");
}
