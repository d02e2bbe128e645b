use super::*;

#[test]
fn a_servers_session_is_read_as_it_was_written() {
    for peer in [Vec::new(), vec![vec![1; 700]], vec![vec![1; 7], vec![2; 5]]] {
        for (name, protocol) in [(None, None), (Some(&b"a.b"[..]), Some(b"h2".to_vec()))] {
            let session = ServerSession {
                time: 77,
                name,
                suite: 0x1301,
                peer: peer.clone(),
                alpn: protocol.clone(),
                psk: &[9; 32],
                age_add: 5,
            };
            let value = session.encode();
            assert_eq!(created(value.as_ref()), Some(77));
            let stored = Stored::read(value.as_ref());
            assert_eq!(stored.alpn, protocol.unwrap_or_default());
            assert_eq!(stored.peer, peer);
            assert_eq!(master_secret(value.as_ref()).as_ref(), [9; 32]);
            for end in 0..value.as_ref().len() {
                Stored::read(&value.as_ref()[..end]);
                master_secret(&value.as_ref()[..end]);
            }
        }
    }
}

/// What rustls is given is what is read off it: a change of its encoding shows here.
#[test]
fn tls12_sessions_are_what_was_asked_for() {
    for (peer, extended_master_secret) in [
        (vec![vec![1; 700], vec![2; 5], vec![3; 20_000]], true),
        (vec![vec![1; 70]], false),
        (Vec::new(), true),
    ] {
        let wanted = Fields {
            suite: 0xc02f,
            id: vec![8; 32],
            master_key: vec![4; MASTER_SECRET_LEN].into(),
            extended_master_secret,
            ticket: vec![7; 300],
            time: 1_700_000_000,
            peer,
            ..Fields::default()
        };
        let held = wanted.held(&LibCtx::DEFAULT).expect("a session");
        assert_eq!(Received(held).fields(), wanted);
    }
}

#[test]
fn nothing_comes_of_what_is_no_session() {
    assert!(Fields::default().held(&LibCtx::DEFAULT).is_none());
    let short = Fields {
        suite: 0xc02f,
        master_key: vec![4; MASTER_SECRET_LEN - 1].into(),
        ..Fields::default()
    };
    assert!(short.held(&LibCtx::DEFAULT).is_none());
    let long_id = Fields {
        suite: 0xc02f,
        id: vec![8; 33],
        master_key: vec![4; MASTER_SECRET_LEN].into(),
        ..Fields::default()
    };
    assert!(long_id.held(&LibCtx::DEFAULT).is_none());
}
