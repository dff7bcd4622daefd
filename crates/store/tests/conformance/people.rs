//! People, sessions, tokens.

use stanch_store::Error;

use crate::{
    base::Base,
    sample::{at, tenant, token, user},
};

pub(crate) async fn a_name_is_taken_once(base: Base) {
    let store = base.open().await;
    assert!(!store.read(|view| view.has_people()).await.unwrap());
    let add = async |number, name: &'static str| {
        store.write(move |tx| tx.add_person(&user(number, name), "$argon2id$x")).await
    };
    add(1, "zoe").await.unwrap();
    add(2, "ann").await.unwrap();
    let again = add(3, "ann").await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    let seen = store.read(|view| {
        Ok((
            view.people(&tenant())?,
            view.people_count(&tenant())?,
            view.person_by_name(&tenant(), "ann")?,
            view.person_by_name(&tenant(), "Ann")?,
            view.guard_epoch()?,
            view.has_people()?,
        ))
    });
    let (all, count, ann, other_case, epoch, any) = seen.await.unwrap();
    assert_eq!(all, [user(2, "ann"), user(1, "zoe")]);
    assert_eq!((count, epoch, any), (2, 2, true));
    assert_eq!(ann, Some((user(2, "ann"), "$argon2id$x".to_owned())));
    assert_eq!(other_case, None);
}

pub(crate) async fn a_session_lapses_and_ends(base: Base) {
    let store = base.open().await;
    let add = store.write(|tx| {
        tx.add_person(&user(1, "ann"), "p")?;
        tx.add_session("s1", &user(1, "ann"), at(10))?;
        tx.add_session("s2", &user(1, "ann"), at(20))?;
        tx.add_session("s3", &user(1, "ann"), at(30))
    });
    add.await.unwrap();
    let who = async |hash: &'static str, seconds| {
        store.read(move |view| view.session(hash, at(seconds))).await.unwrap()
    };
    assert_eq!(who("s1", 9).await, Some(user(1, "ann")));
    assert_eq!(who("s1", 10).await, None);
    store.write(|tx| tx.end_session("s3")).await.unwrap();
    assert_eq!(who("s3", 9).await, None);
    store.write(|tx| tx.end_lapsed_sessions(at(15))).await.unwrap();
    assert_eq!(who("s1", 0).await, None);
    assert_eq!(who("s2", 15).await, Some(user(1, "ann")));
}

pub(crate) async fn a_token_is_found_by_its_hash_until_it_is_removed(base: Base) {
    let store = base.open().await;
    let add = async |number, name: &'static str, hash: &'static str| {
        store.write(move |tx| tx.add_token(&token(number, name), hash)).await
    };
    add(1, "z", "h1").await.unwrap();
    add(2, "a", "h2").await.unwrap();
    assert!(matches!(add(3, "a", "h3").await, Err(Error::Conflict(_))));
    let found = store.read(|view| Ok((view.token_by_hash("h1")?, view.tokens(&tenant())?)));
    assert_eq!(found.await.unwrap(), (Some(token(1, "z")), vec![token(2, "a"), token(1, "z")]));
    store.write(|tx| tx.remove_token(&tenant(), token(1, "z").id)).await.unwrap();
    assert_eq!(store.read(|view| view.token_by_hash("h1")).await.unwrap(), None);
    let gone = store.write(|tx| tx.remove_token(&tenant(), token(1, "z").id)).await;
    assert!(matches!(gone, Err(Error::NotFound { what: "token", .. })), "{gone:?}");
}
