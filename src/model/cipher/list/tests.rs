use super::*;

/// One line per string as the system's library answers it: the string, the return value, the
/// level, the reason code, then the numbers of SSL_CTX_get_ciphers's suites.
const LISTS: &str = include_str!("../testdata/lists.txt");

fn default_tls13() -> Vec<&'static Cipher> {
    ciphersuites(DEFAULT_CIPHERSUITES.to_bytes()).unwrap()
}

fn numbers(list: &CipherList) -> String {
    let numbers: Vec<_> = list
        .suites()
        .iter()
        .map(|s| format!("{:04X}", s.iana()))
        .collect();
    numbers.join(" ")
}

fn code(outcome: &Result<()>) -> i32 {
    match outcome {
        Err(Error::Ssl { reason, .. }) => reason.0,
        _ => 0,
    }
}

/// What a fresh context answers to the string, in the form of [`LISTS`].
fn answer(string: &str) -> String {
    let tls13 = default_tls13();
    let config = CipherConfig {
        tls13: &tls13,
        suite_b: SuiteB::Off,
        dtls: false,
        before_tls12: false,
    };
    let parsed = CipherList::parse(string.as_bytes(), &config);
    let list = parsed
        .list
        .as_ref()
        .unwrap_or(CipherList::openssl_default());
    format!(
        "{string}|{}|{}|{}|{}",
        u8::from(parsed.outcome.is_ok()),
        parsed.security_level.unwrap_or(2),
        code(&parsed.outcome),
        numbers(list),
    )
}

fn compare(lines: &str) {
    for line in lines.lines() {
        let string = line.split('|').next().unwrap();
        assert_eq!(answer(string), line);
    }
}

#[test]
fn cipher_strings_give_the_systems_lists() {
    compare(LISTS);
}

/// For many more strings than are worth keeping: a file in the form of [`LISTS`].
#[test]
#[ignore = "needs FERROSSL_CIPHER_LISTS"]
fn cipher_strings_of_a_file_give_the_systems_lists() {
    let path = std::env::var("FERROSSL_CIPHER_LISTS").unwrap();
    compare(&std::fs::read_to_string(path).unwrap());
}

#[test]
fn suite_b_stays_until_replaced() {
    let mut config = CipherConfig {
        tls13: &[],
        suite_b: SuiteB::Off,
        dtls: false,
        before_tls12: false,
    };
    let parsed = CipherList::parse(b"SUITEB128C2", &config);
    assert_eq!(numbers(&parsed.list.unwrap()), "C02C");
    config.suite_b = parsed.suite_b;
    let parsed = CipherList::parse(b"DEFAULT", &config);
    assert_eq!(numbers(&parsed.list.unwrap()), "C02B C02C");
    let parsed = CipherList::parse(b"SUITEB192", &config);
    assert_eq!(numbers(&parsed.list.unwrap()), "C02C");
    assert_eq!(parsed.suite_b.cert_flags(), 0x20000);

    config.before_tls12 = true;
    let parsed = CipherList::parse(b"DEFAULT", &config);
    assert_eq!((parsed.list, code(&parsed.outcome)), (None, 158));
}

#[test]
fn ciphersuites_skip_what_they_do_not_know() {
    let names = |string: &str| {
        ciphersuites(string.as_bytes()).map(|suites| {
            let iana: Vec<_> = suites.iter().map(|s| s.iana()).collect();
            iana
        })
    };
    assert_eq!(names(""), Ok(vec![]));
    assert_eq!(names("FOO:TLS_AES_128_GCM_SHA256"), Ok(vec![0x1301]));
    assert_eq!(
        names(" TLS_AES_128_GCM_SHA256 : TLS_AES_128_CCM_SHA256"),
        Ok(vec![0x1301, 0x1304])
    );
    assert_eq!(names("::TLS_AES_128_GCM_SHA256:"), Ok(vec![0x1301]));
    assert_eq!(names("TLS_RSA_WITH_AES_128_CBC_SHA"), Ok(vec![0x002f]));
    for unknown in [":", "FOO", "ECDHE-RSA-AES128-GCM-SHA256"] {
        assert!(names(unknown).is_err(), "{unknown}");
    }
}

#[test]
fn ciphersuites_replace_those_of_a_list() {
    let list = CipherList::openssl_default();
    assert_eq!(list.suites().len(), 60);
    let tls13 = ciphersuites(b"TLS_AES_128_GCM_SHA256").unwrap();
    assert_eq!(list.with_ciphersuites(&tls13).suites().len(), 58);
    assert_eq!(list.with_ciphersuites(&[]).suites().len(), 57);
    let idea = ciphersuites(b"TLS_RSA_WITH_IDEA_CBC_SHA").unwrap();
    assert_eq!(list.with_ciphersuites(&idea).suites().len(), 57);
}

#[test]
fn negotiable_keeps_the_lists_order() {
    let config = CipherConfig {
        tls13: &default_tls13(),
        suite_b: SuiteB::Off,
        dtls: false,
        before_tls12: false,
    };
    let parsed = CipherList::parse(b"AES128-SHA:ECDHE+CHACHA20:ECDHE+AESGCM", &config);
    let list = CipherList {
        suites: parsed.list.unwrap().negotiable(),
    };
    assert_eq!(
        numbers(&list),
        "1302 1303 1301 CCA9 CCA8 C02C C030 C02B C02F"
    );
}

#[test]
fn dtls_has_no_stream_suites() {
    let config = CipherConfig {
        tls13: &[],
        suite_b: SuiteB::Off,
        dtls: true,
        before_tls12: false,
    };
    let parsed = CipherList::parse(b"ALL:COMPLEMENTOFALL", &config);
    assert!(
        parsed
            .list
            .unwrap()
            .suites()
            .iter()
            .all(|s| s.versions.min_dtls != 0)
    );
}
