//! Expression → paths that begin at a variable.

use super::part;
use crate::Expression;

#[test]
fn references_are_found_with_their_place() {
    for (text, expect) in [
        ("alert.host.name", vec!["alert.host.name"]),
        (
            "steps.find.host_id == 'a' && !steps.intel.ok",
            vec!["steps.find.host_id", "steps.intel.ok"],
        ),
        ("steps['find'].host_id", vec!["steps.find.host_id"]),
        ("alert.fields['event-type'].x", vec!["alert.fields.event-type.x"]),
        ("alert.list[0].x", vec!["alert.list"]),
        ("alert.list[vars.n].x", vec!["alert.list", "vars.n"]),
        ("has(steps.find.host_id)", vec!["steps.find.host_id"]),
        ("alert.techniques.exists(t, t == vars.wanted)", vec!["alert.techniques", "vars.wanted"]),
        ("[1].map(alert, alert.x) == alert.y", vec!["alert.y"]),
        (
            "alert.name.startsWith(vars.a) ? vars.b : vars.c",
            vec!["alert.name", "vars.a", "vars.b", "vars.c"],
        ),
        ("{vars.k: [vars.v]}", vec!["vars.k", "vars.v"]),
        ("SEVERITY.high > 1", vec![]),
        ("alert", vec!["alert"]),
    ] {
        let references = Expression::compile(text).unwrap().references();
        let paths: Vec<String> = references.iter().map(|r| r.path.join(".")).collect();
        assert_eq!(paths, expect, "{text}");
        for reference in references {
            let written = part(text, reference.offset, reference.length);
            let root = reference.path.first().unwrap();
            assert!(written.contains(root), "{text}: {written}");
        }
    }
    let text = "1 < (steps . find\n .host_id)";
    let reference = Expression::compile(text).unwrap().references().remove(0);
    let written = part(text, reference.offset, reference.length);
    assert_eq!(written, ("steps . find\n .host_id"));
}
