//! Writes the kit's Kotlin, Swift, Ruby and Python from the built library.

fn main() {
    uniffi::uniffi_bindgen_main();
}
