//! What comes out, and that it says the same: one layout by hand, and every playbook of the corpus.

use std::{fs, path::Path};

use super::{Error, format};

#[track_caller]
fn check(text: &str, expect: &str) {
    let formatted = format(text).unwrap();
    assert_eq!(formatted, expect);
    assert_eq!(format(&formatted).unwrap(), expect, "once is enough");
}

#[test]
fn keys_stand_in_their_order_and_comments_go_with_them() {
    check(
        "
# A playbook.

title:   Planted   # in plain words
playbook: planted
steps:
# first
- do: edr.find_host   # a read
  on_error: continue
  # its name
  id: find
  with: {address:   \"${{ alert.src.ip }}\"}


- then:
    - note: \"done\" # well
      end: succeeded
  if: >-
     steps.find.found
     && alert.count > 3
# the end
",
        "# A playbook.

playbook: planted
title: Planted  # in plain words
steps:
  # first
  # its name
  - id: find
    do: edr.find_host  # a read
    with: { address: \"${{ alert.src.ip }}\" }
    on_error: continue

  - if: >-
      steps.find.found
      && alert.count > 3
    then:
      - end: succeeded
        note: \"done\"  # well
# the end
",
    );
}

#[test]
fn brackets_stay_if_they_fit_and_blocks_keep_their_lines() {
    let long = "a".repeat(80);
    check(
        &format!(
            "playbook: p
title: t
steps:
    - {{ wait: 1m, id: pause }}
    - set: {{ a: [1,2,  3], long: \"{long}\", other: 'it''s' }}
    - set:
        {{ b: 1, # one
          c: 2 }}
    - script: python
      code: |
          # a comment of the script
          if x:
              print(1)

          print(2)
      with: {{ a: \"x # no comment\" }}
"
        ),
        &format!(
            "playbook: p
title: t
steps:
  - {{ id: pause, wait: 1m }}
  - set:
      a: [1, 2, 3]
      long: \"{long}\"
      other: 'it''s'
  - set:
      b: 1  # one
      c: 2
  - script: python
    code: |
      # a comment of the script
      if x:
          print(1)

      print(2)
    with: {{ a: \"x # no comment\" }}
"
        ),
    );
}

#[test]
fn what_cannot_be_read_is_left_alone() {
    assert_eq!(format("playbook: [\n"), Err(Error::Unreadable));
    assert_eq!(format("playbook: p\n"), Err(Error::Unreadable));
}

fn playbooks() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["corpus/valid", "corpus/runs", "corpus/faults", "../../content/playbooks"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if name.ends_with(".yaml") && !name.ends_with(".test.yaml") {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let planted = crate::check::tests::planted::faults().into_iter();
    found.extend(planted.map(|fault| (format!("{} {}", fault.code, fault.what), fault.text)));
    found
}

#[test]
fn every_playbook_that_can_be_read_can_be_laid_out() {
    let mut laid_out = 0;
    for (name, text) in playbooks() {
        match format(&text) {
            Ok(formatted) => {
                laid_out += 1;
                assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "{name}: once is enough");
            }
            Err(Error::Unreadable) => {}
            Err(error) => panic!("{name}: {error}\n{text}"),
        }
    }
    assert!(laid_out > 100, "{laid_out}");
}
