//! harness/measured/README.md is what the harness renders from the JSON files beside it.

use std::fs;

use harness::measure::{measured_file, readme};

const OUT_OF_DATE: &str = "harness/measured/README.md is out of date. In the workspace's folder, run:\n\
     cargo run -p harness -- readme > README.new && mv README.new harness/measured/README.md";

#[test]
fn the_readme_is_rendered_from_the_json_files() {
    let file = measured_file("README.md");
    let (text, rendered) = (fs::read_to_string(file).unwrap(), readme::render().unwrap());
    for (line, expected) in text.lines().zip(rendered.lines()) {
        assert_eq!(line, expected, "{OUT_OF_DATE}");
    }
    assert!(text == rendered, "{OUT_OF_DATE}");
}

#[test]
fn tables_in_the_readme_are_at_most_80_columns_wide() {
    let rendered = readme::render().unwrap();
    let tables = rendered.lines().filter(|line| line.starts_with('|'));
    let wide: Vec<_> = tables.filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}
