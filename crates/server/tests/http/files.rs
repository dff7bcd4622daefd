//! Paths that climb out of where the pages are, and paths where nothing is.

use crate::bench::Bench;

/// One step up, as it has been written to get past whoever looks for it.
const STEPS_UP: &[&str] = &[
    "../",
    "..%2f",
    "..%2F",
    "%2e%2e/",
    "%2e%2e%2f",
    ".%2e/",
    "..\\",
    "..%5c",
    "%2e%2e%5c",
    "..%252f",
    "%252e%252e%252f",
    "..%c0%af",
    "%c0%ae%c0%ae/",
    "..%ef%bc%8f",
    "....//",
    "..;/",
    "..%00/",
    "./../",
    "assets/../../",
    "assets/..%2f..%2f",
];

/// Files above web/dist, and words that stand in them and in no page of ours.
const OUTSIDE: &[(&str, &str)] = &[
    ("Cargo.toml", "[workspace"),
    ("package.json", "devDependencies"),
    ("crates/server/src/lib.rs", "mod openapi"),
    ("etc/passwd", "root:"),
];

#[tokio::test]
async fn no_path_leads_to_a_file_outside() {
    let bench = Bench::start().await;
    let page = bench.send(bench.request("GET", "/")).await;
    let prefixes = ["/", "//", "/assets/", "/feeds/", "/ingest/", "/api/v1/", "/api/v1/playbooks/"];
    for prefix in prefixes {
        for step in STEPS_UP {
            for (file, word) in OUTSIDE {
                for depth in [1, 2, 3, 12] {
                    let path = format!("{prefix}{}{file}", step.repeat(depth));
                    let request =
                        format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                    let answer = bench.raw(request.as_bytes()).await;
                    assert!(!answer.contains(word), "{path}: {answer}");
                    let is_page = answer.starts_with("HTTP/1.1 200");
                    assert!(!is_page || answer.ends_with(&page.text), "{path}: {answer}");
                    assert!(answer.starts_with("HTTP/1.1 "), "{path}: {answer}");
                    assert!(!answer.starts_with("HTTP/1.1 5"), "{path}: {answer}");
                }
            }
        }
    }
    for path in ["/etc/passwd", "//etc/passwd", "/%2fetc/passwd", "/C:/", "file:///etc/passwd"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = bench.raw(request.as_bytes()).await;
        assert!(!answer.contains("root:"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn where_nothing_is_there_is_a_problem_and_no_page() {
    let bench = Bench::start().await;
    let admin = bench.admin().await;
    for path in [
        "/api/",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/incidents",
        "/api/v1/incidents/",
        "/api/v1/Incidents",
        "/api/v1//incidents",
        "/ingest/",
        "/ingest/a/b",
        "/feeds/",
        "/feeds/other.txt",
        "/feeds/blocked-ips.txt/",
        "/assets/",
        "/assets/none.js",
    ] {
        for method in ["GET", "POST"] {
            let request = bench.request(method, path).bearer_auth(&admin);
            let reply = bench.send(request).await;
            assert_eq!((reply.status, reply.code().as_str()), (404, "AP0003"), "{method} {path}");
        }
    }
    // A page is read and nothing else.
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let reply = bench.send(bench.request(method, "/incidents")).await;
        assert_eq!((reply.status, reply.code().as_str()), (404, "AP0003"), "{method}");
    }
    for path in ["/", "/incidents/inc_1", "/setup?token=x"] {
        let page = bench.send(bench.request("GET", path)).await;
        let head = bench.send(bench.request("HEAD", path)).await;
        assert_eq!((page.status, ""), (head.status, head.text.as_str()), "{path}");
    }
}
