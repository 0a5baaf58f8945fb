//! The committed `include/javari.h` is what cbindgen makes of `src/c`.
//!
//! `JAVARI_WRITE_HEADER=1 cargo test -p javari-ffi --test header` writes it.

use std::{fs, path::Path};

#[test]
fn the_committed_header_is_what_the_source_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in ["code", "memory", "exports", "provider"] {
        builder = builder.with_src(folder.join(format!("src/c/{file}.rs")));
    }
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    let header = folder.join("include/javari.h");
    if std::env::var_os("JAVARI_WRITE_HEADER").is_some() {
        fs::write(&header, &made).unwrap();
    }
    let committed = fs::read(&header).unwrap_or_default();
    assert!(
        committed == made,
        "include/javari.h is stale: JAVARI_WRITE_HEADER=1 cargo test -p javari-ffi --test header"
    );
}
