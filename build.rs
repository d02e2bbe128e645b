//! Refuses to build without the settings the library depends on, and names the cdylib.

use std::env;

/// Variables that .cargo/config.toml sets, their values, and what goes wrong without them.
const REQUIRED: [(&str, &str, &str); 2] = [
    (
        "AWS_LC_SYS_NO_JITTER_ENTROPY",
        "1",
        "every process would spend 22 ms at its first connection and 11 ms after each fork",
    ),
    (
        "OPENSSL_LIBS",
        "crypto",
        "the library would be linked to OpenSSL's libssl, which it replaces",
    ),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=.cargo/config.toml");
    for (name, value, why) in REQUIRED {
        println!("cargo::rerun-if-env-changed={name}");
        if env::var(name).as_deref() != Ok(value) {
            println!(
                "cargo::error={name}={value} is not in force: {why}. \
                 .cargo/config.toml sets it for builds started inside the project's directory; \
                 elsewhere (`--manifest-path`, a vendored copy) set it in the environment."
            );
        }
    }
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libssl.so.3");
}
