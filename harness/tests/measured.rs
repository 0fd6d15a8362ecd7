//! harness/measured/README.md is what the harness renders from the JSON files beside it.

use std::fs;
use std::path::Path;

use harness::measure::readme;

#[test]
fn the_readme_is_rendered_from_the_json_files() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("measured/README.md");
    let rendered = readme::render().unwrap();
    assert!(
        fs::read_to_string(file).unwrap() == rendered,
        "harness/measured/README.md is out of date. Render it with:\n\
         cargo run -p harness -- readme > README.md && mv README.md harness/measured/"
    );
}

#[test]
fn tables_in_the_readme_are_at_most_80_columns_wide() {
    let rendered = readme::render().unwrap();
    let tables = rendered.lines().filter(|line| line.starts_with('|'));
    let wide: Vec<_> = tables.filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}
