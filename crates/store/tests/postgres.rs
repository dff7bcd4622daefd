//! What PostgreSQL alone can do to a store: go away, be set up badly, be somewhere else.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use stanch_rig::Postgres;
use stanch_store::{Address, Error, Store};

async fn connect(address: &str) -> Result<Store, Error> {
    Store::connect(address.parse().unwrap(), "log-1").await
}

/// Ends the sessions of that name, and waits until they are gone.
fn terminate(server: &Postgres, application: &str, which: &str) {
    server.sql(&format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE application_name = '{application}' AND {which}"
    ));
}

#[tokio::test]
async fn a_lost_writer_acknowledges_nothing_more() {
    let Some(server) = Postgres::shared("store: a lost writer") else { return };
    let address = format!("{}&application_name=lost-writer", server.schema());
    let store = connect(&address).await.unwrap();
    store.write(|tx| tx.set_bookmark("a", "1")).await.unwrap();
    terminate(server, "lost-writer", "true");
    let mut poison = store.poison();
    let lost = store.write(|tx| tx.set_bookmark("a", "2")).await;
    assert!(matches!(lost, Err(Error::Poisoned)), "{lost:?}");
    assert!(*poison.borrow_and_update());
    let after = store.write(|tx| tx.set_bookmark("a", "3")).await;
    assert!(matches!(after, Err(Error::Poisoned)), "{after:?}");
    drop(store);
    let store = connect(&address).await.unwrap();
    let seen = store.read(|view| view.bookmark("a")).await.unwrap();
    assert_eq!(seen.as_deref(), Some("1"), "what was acknowledged, and nothing else");
}

/// The session is cut in the middle of a group, with changes of several callers in it.
#[tokio::test]
async fn a_writer_lost_in_the_middle_of_a_group_acknowledges_none_of_it() {
    let Some(server) = Postgres::shared("store: lost in a group") else { return };
    let address = format!("{}&application_name=lost-group", server.schema());
    let store = connect(&address).await.unwrap();
    // The writer is kept busy until the three are in its queue, so that they come into one group.
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let before = store.write(move |_| {
        gate.recv().expect("the gate is opened");
        Ok(())
    });
    let first = store.write(|tx| tx.set_bookmark("first", "1"));
    let second = store.write(move |tx| {
        tx.set_bookmark("second", "1")?;
        terminate(server, "lost-group", "true");
        tx.set_bookmark("second", "2")
    });
    let third = store.write(|tx| tx.set_bookmark("third", "1"));
    let opening = async move { open.send(()).expect("the writer waits") };
    // Whether what came before them shares their fate is the writer's choice.
    let (_, first, second, third, ()) = tokio::join!(biased; before, first, second, third, opening);
    for answer in [first, second, third] {
        assert!(matches!(answer, Err(Error::Poisoned)), "{answer:?}");
    }
    let store = connect(&address).await.unwrap();
    let seen = store.read(|view| Ok([view.bookmark("second")?, view.bookmark("third")?])).await;
    assert_eq!(seen.unwrap(), [None, None]);
}

#[tokio::test]
async fn a_lost_reader_is_opened_anew() {
    let Some(server) = Postgres::shared("store: a lost reader") else { return };
    let store =
        connect(&format!("{}&application_name=lost-reader", server.schema())).await.unwrap();
    store.write(|tx| tx.set_bookmark("a", "1")).await.unwrap();
    terminate(server, "lost-reader", "query NOT LIKE '%COMMIT%'");
    for _ in 0..8 {
        let seen = store.read(|view| view.bookmark("a")).await.unwrap();
        assert_eq!(seen.as_deref(), Some("1"));
    }
    store.write(|tx| tx.set_bookmark("a", "2")).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_fails_and_is_passed_over_takes_its_change_with_it() {
    let Some(server) = Postgres::shared("store: a passed over failure") else { return };
    let store = connect(&server.schema()).await.unwrap();
    let passed_over = store.write(|tx| {
        tx.set_bookmark("a", "1")?;
        // A session of a person with a name that the index cannot hold.
        let huge: String = (0..20_000_u32).filter_map(|n| char::from_u32(0x4e00 + n)).collect();
        assert!(tx.set_bookmark(&huge, "1").is_err());
        Ok(())
    });
    let beside = store.write(|tx| tx.set_bookmark("b", "1"));
    let (passed_over, beside) = tokio::join!(biased; passed_over, beside);
    assert!(matches!(passed_over, Err(Error::Conflict(_))), "{passed_over:?}");
    beside.unwrap();
    let seen = store.read(|view| Ok((view.bookmark("a")?, view.bookmark("b")?))).await.unwrap();
    assert_eq!(seen, (None, Some("1".to_owned())));
}

/// A server that may lose what it acknowledged is refused, however it came to be so.
#[tokio::test]
async fn a_server_that_does_not_keep_its_word_is_refused() {
    let Some(server) = Postgres::shared("store: settings") else { return };
    // The store turns this one on for itself, whatever the role is set to.
    let store = connect(&format!("{} -csynchronous_commit%3Doff", server.schema())).await.unwrap();
    store.write(|tx| tx.set_bookmark("a", "1")).await.unwrap();
    let read_only = format!("{} -cdefault_transaction_read_only%3Don", server.schema());
    let refused = connect(&read_only).await.unwrap_err().to_string();
    assert_eq!(refused, "the database refuses transaction_read_only = off: it says on");
}

#[tokio::test]
async fn two_that_open_an_empty_schema_at_once_make_it_once() {
    let Some(server) = Postgres::shared("store: opened at once") else { return };
    let address = server.schema();
    let (one, other) = tokio::join!(connect(&address), connect(&address));
    one.unwrap().write(|tx| tx.set_bookmark("a", "1")).await.unwrap();
    let seen = other.unwrap().read(|view| view.bookmark("a")).await.unwrap();
    assert_eq!(seen.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_schema_of_a_newer_build_is_refused() {
    let Some(server) = Postgres::shared("store: a newer schema") else { return };
    let address = server.schema();
    drop(connect(&address).await.unwrap());
    let schema = address.rsplit("%3D").next().unwrap();
    server.sql(&format!("INSERT INTO {schema}.migration VALUES (4000)"));
    let refused = connect(&address).await;
    assert!(matches!(refused, Err(Error::Version { found: 4000, .. })), "{refused:?}");
}

#[tokio::test]
async fn over_a_network_it_is_tls_with_a_verified_name() {
    let password = "correct-horse-of-this-test";
    let Some(server) = Postgres::start_with_tls("store: TLS", password) else { return };
    let authority = server.authority().unwrap().display();
    let to = |host: &str, more: &str| {
        format!("postgres://stanch@{host}:{}/postgres?password=env:DB{more}", server.port())
    };
    let open = async |url: String, password: &str| {
        let mut address: Address = url.parse().unwrap();
        assert_eq!(address.password_reference(), Some("env:DB"));
        address.set_password(password);
        Store::connect(address, "log-1").await
    };
    let told = |refused: Result<Store, Error>| {
        let error = refused.unwrap_err();
        let chain =
            std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        chain.map(|error| format!("{error}\n")).collect::<String>()
    };
    let trusted = format!("&sslmode=require&sslrootcert={authority}");

    let store = open(to("localhost", &trusted), password).await.unwrap();
    store.write(|tx| tx.set_bookmark("a", "1")).await.unwrap();
    let encrypted = server.sql(
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name = 'stanch'",
    );
    assert_eq!(encrypted, "t");

    let wrong_name = told(open(to("127.0.0.1", &trusted), password).await);
    assert!(wrong_name.contains("not valid for name"), "{wrong_name}");
    let unknown = told(open(to("localhost", "&sslmode=require"), password).await);
    assert!(unknown.to_lowercase().contains("certificate"), "{unknown}");
    let wrong = told(open(to("localhost", &trusted), "a-wrong-password").await);
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    for text in [wrong_name, unknown, wrong] {
        assert!(!text.contains(password) && !text.contains("a-wrong-password"), "{text}");
        assert!(text.contains("postgres://stanch@"), "it says where: {text}");
    }
}
