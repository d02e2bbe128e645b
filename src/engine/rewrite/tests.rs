use super::*;

fn hello() -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0, 0, 4, 0, 23, 0, 0]);
    let mut message = vec![CLIENT_HELLO, 0, 0, body.len() as u8];
    message.extend(body);
    message
}

fn rewriter() -> Rewriter {
    let changes = Changes {
        extensions: vec![(Place::Hello, (1000, vec![1, 2]))],
        suites: vec![0x5600],
        awaited: vec![1000],
        ..Changes::default()
    };
    Rewriter::client(changes)
}

#[test]
fn a_hello_grows_alike_whole_and_cut_short() {
    let rewriter = rewriter();
    let whole = rewriter.on_the_wire(&hello()).into_owned();
    assert_eq!(whole.len(), hello().len() + 8);
    assert_eq!(usize::from(whole[3]), whole.len() - 4);
    assert_eq!(whole[39..43], [0, 4, 0x13, 1]);
    assert_eq!(whole[43..45], [0x56, 0]);
    assert_eq!(whole[47..53], [0, 10, 3, 0xe8, 0, 2]);
    let cut = &hello()[..hello().len() - 3];
    assert_eq!(*rewriter.on_the_wire(cut), whole[..whole.len() - 3]);
}

#[test]
fn a_hello_shrinks_alike_whole_and_cut_short() {
    let changes = Changes {
        without: Some(23),
        without_session_id: true,
        ..Changes::default()
    };
    let rewriter = Rewriter::client(changes);
    let mut long = hello();
    long.splice(39..39, [5, 6]);
    (long[3], long[38]) = (long[3] + 2, 2);
    let whole = rewriter.on_the_wire(&long).into_owned();
    assert_eq!(whole[38..], [0, 0, 2, 0x13, 1, 1, 0, 0, 0]);
    assert_eq!(usize::from(whole[3]), whole.len() - 4);
    // The end of a hello is cut off where another extension stands.
    let more = [&long[..], &[0, 41, 0, 1, 9]].concat();
    let mut more = more;
    (more[3], more[48]) = (more[3] + 5, 9);
    let whole = rewriter.on_the_wire(&more).into_owned();
    assert_eq!(whole[45..], [0, 5, 0, 41, 0, 1, 9]);
    let cut = rewriter.on_the_wire(&more[..more.len() - 1]).into_owned();
    assert_eq!(cut, whole[..whole.len() - 1]);
}

#[test]
fn a_server_hellos_session_id_is_replaced() {
    let mut hello = vec![SERVER_HELLO, 0, 0, 42, 3, 3];
    hello.extend([7; 32]);
    hello.extend([2, 8, 8, 0xc0, 0x2f, 0]);
    hello.extend([0, 0]);
    hello[3] = (hello.len() - 4) as u8;
    let changes = Changes {
        session_id: Some(vec![5; 6]),
        ..Changes::default()
    };
    let rewriter = Rewriter::server(changes, false, None).unwrap();
    let sent = rewriter.on_the_wire(&hello).into_owned();
    assert_eq!(usize::from(sent[3]), sent.len() - 4);
    assert_eq!(sent[38..], [6, 5, 5, 5, 5, 5, 5, 0xc0, 0x2f, 0, 0, 0]);
    // Where there is none, none is wanted.
    hello.splice(38..41, [0]);
    hello[3] -= 2;
    assert_eq!(*rewriter.on_the_wire(&hello), hello);
}

#[test]
fn other_messages_stay() {
    let rewriter = rewriter();
    let other = [2, 0, 0, 1, 9, 20, 0, 0, 0];
    assert!(matches!(rewriter.on_the_wire(&other), Cow::Borrowed(_)));
    let both = [&other[..], &hello()].concat();
    assert_eq!(rewriter.on_the_wire(&both).len(), both.len() + 8);
}

#[test]
fn an_answer_is_taken_out_and_put_back_into_the_transcript() {
    let rewriter = rewriter();
    let came = [8, 0, 0, 12, 0, 10, 3, 0xe8, 0, 1, 5, 0, 23, 0, 1, 9];
    let seen = rewriter.received(&came).unwrap();
    assert_eq!(seen, [8, 0, 0, 7, 0, 5, 0, 23, 0, 1, 9]);
    assert_eq!(*rewriter.on_the_wire(&seen), came);
    let answers = rewriter.take_answers();
    assert_eq!((answers[0].kind, &answers[0].body[..]), (1000, &[5][..]));
    assert!(rewriter.received(&seen).is_none());
}

#[test]
fn nonsense_is_left_to_rustls() {
    let rewriter = rewriter();
    for bad in [
        &[8u8, 0, 0, 2, 0, 9][..],
        &[8, 0, 0, 0],
        &[8],
        &[],
        &[2, 0, 0, 1, 0],
    ] {
        assert!(rewriter.received(bad).is_none());
        assert_eq!(*rewriter.on_the_wire(bad), *bad);
    }
}

#[test]
fn a_ticket_tells_its_lifetime_alone() {
    let ticket = [4, 0, 0, 8, 0, 9, 0, 1, 0, 2, 7, 7];
    assert_eq!(message::ticket_lifetime(&ticket), Some(0x0009_0001));
    for end in 0..ticket.len() {
        assert_eq!(message::ticket_lifetime(&ticket[..end]), None);
    }
    // A protected Finished may begin with any byte.
    let sealed = [4, 0x5d, 0xe0, 0x90, 0x51, 3, 3, 9, 0, 0, 0, 0, 1, 2, 3, 4];
    assert_eq!(message::ticket_lifetime(&sealed), None);
}
