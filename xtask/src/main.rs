//! The project's own tasks: `cargo xtask test | data | coverage | bench | soak | view NAME`.

fn main() {}
