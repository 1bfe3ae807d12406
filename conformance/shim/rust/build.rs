//! The release of lapin that this is built with, which lapin itself does not tell.
fn main() {
    let lock = std::fs::read_to_string("Cargo.lock").expect("Cargo.lock is beside Cargo.toml");
    let after = lock.split("name = \"lapin\"\nversion = \"").nth(1).expect("Cargo.lock names lapin");
    println!("cargo::rustc-env=LAPIN_VERSION={}", after.split('"').next().unwrap_or("unknown"));
    println!("cargo::rerun-if-changed=Cargo.lock");
}
