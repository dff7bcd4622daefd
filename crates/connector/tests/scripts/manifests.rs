//! Manifests whose scripts stand in files beside them.

use stanch_connector::manifest::{CODE_BYTES_MAX, load, load_with};
use stanch_model::manifest::Call;

use crate::checks;

checks! {
    a_file_is_a_part_of_the_manifest,
    a_file_that_is_not_there_is_refused,
}

const MANIFEST: &str = r#"
connector: scored
title: Scores
description: For the tests of the loader.
transport: script
actions:
  score:
    title: Score a text
    effect: read
    idempotency: natural
    input: { type: object, required: [text], properties: { text: { type: string } } }
    output: { type: object, required: [score], properties: { score: { type: integer } } }
    call: { script: { interpreter: python, file: score.py, network: ["api.example.com:443"] } }
    returns: { score: response.body.score }
    examples:
      - { title: A word, input: { text: word }, output: { score: 4 } }
"#;

async fn a_file_is_a_part_of_the_manifest() {
    let with = |code: &str| {
        let code = code.to_owned();
        let (manifest, findings) =
            load_with(MANIFEST, &|name| (name == "score.py").then(|| code.clone()));
        assert!(findings.is_empty(), "{findings:#?}");
        manifest.unwrap()
    };
    let (one, other) = (with("print(1)"), with("print(2)"));
    let Call::Script(script) = &one.actions["score"].call else { panic!("{one:?}") };
    assert_eq!(script.code, "print(1)");
    assert_ne!(one.digest(), other.digest(), "an approval is for one text of the script");
    let long = "x".repeat(CODE_BYTES_MAX + 1);
    let (manifest, findings) = load_with(MANIFEST, &|_| Some(long.clone()));
    assert!(manifest.is_none() && findings[0].message.contains("longer than 128 KiB"));
    let (manifest, _) = load_with(MANIFEST, &|_| Some("x".repeat(CODE_BYTES_MAX)));
    assert!(manifest.is_some());
}

async fn a_file_that_is_not_there_is_refused() {
    let (manifest, findings) = load(MANIFEST);
    assert!(manifest.is_none());
    assert_eq!(findings[0].message, "there is no file `score.py` beside the manifest");
    for name in ["../score.py", "/etc/passwd", ".score", "a/b"] {
        let text = MANIFEST.replace("score.py", name);
        let (manifest, findings) = load_with(&text, &|_| panic!("nothing is read"));
        assert!(manifest.is_none());
        assert!(findings[0].message.ends_with("is no plain file name"), "{findings:#?}");
    }
}
