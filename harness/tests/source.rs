//! What the ports look like: their functions, their length, and what each function calls. Some faults
//! cannot be seen in the output: one greeter that prints the lines of all, another executor.

use std::fmt::Write;
use std::fs;

use harness::catalog::{Implementation, Listing, Section, all_listings};
use harness::program::workspace;
use insta::{Settings, assert_snapshot};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{ExprAwait, ExprCall, ExprMethodCall, ExprPath, ItemFn, ItemUse, Macro};

#[test]
fn each_port_calls_what_its_listing_is_about() {
    for (section, listing) in all_listings() {
        let mut settings = Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_path(workspace().join("harness/tests/snapshots"));
        let name = format!("{}-{}", section.name, listing.name);
        settings.bind(|| assert_snapshot!(name, calls_of(section, listing)));
    }
}

/// They have the functions of `python.py` in the same order. Python may also have `print` before
/// them. A port also has `main` after them, which does what Python does under its guard. A function
/// with a doc comment takes the place of what Python's library has and the port's does not.
#[test]
fn each_port_has_the_functions_of_python() {
    for (section, listing) in all_listings() {
        let python = read(section, listing, Implementation::Python);
        let name = |line: &str| {
            let function = line.trim_start_matches("async ").strip_prefix("def ")?;
            function.split('(').next().map(str::to_owned)
        };
        let functions = python.lines().filter_map(name).filter(|name| name != "print");
        let mut expected: Vec<_> = functions.collect();
        expected.push("main".to_owned());
        for (port, functions) in ports(section, listing) {
            let functions = functions.into_iter().skip(1).filter(|one| !one.is_helper);
            let names: Vec<_> = functions.map(|function| function.name).collect();
            assert_eq!(names, expected, "{} {} {port}", section.name, listing.name);
        }
    }
}

/// A reader sees the whole program. (`together` is longer, because it shows all at once, and so is
/// `server` of processes, which has two targets. Programs with arguments measure something. They are
/// longer, because they also compute or report errors of the system.)
#[test]
fn programs_are_short() {
    for (section, listing) in all_listings() {
        if read(section, listing, Implementation::Python).contains("ArgumentParser") {
            continue;
        }
        for &implementation in listing.implementations {
            let lines = read(section, listing, implementation).lines().count();
            let name = listing.name;
            let is_long =
                name == "together" || (section.name, name) == ("multiprocessing", "server");
            let limit = if is_long { 100 } else { 60 };
            assert!(lines <= limit, "{} {name} {implementation}: {lines} lines", section.name);
        }
    }
}

fn read(section: &Section, listing: &Listing, implementation: Implementation) -> String {
    let file = section.folder(listing).join(implementation.file_name());
    let text = fs::read_to_string(workspace().join(&file));
    text.unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The name of each port of a listing, and its functions.
fn ports(section: &Section, listing: &Listing) -> Vec<(String, Vec<Function>)> {
    let ports = listing.implementations.iter().filter(|one| **one != Implementation::Python);
    let functions = |port: &Implementation| {
        let mut functions = Functions(vec![Function::new("use", false)]);
        functions.visit_file(&syn::parse_file(&read(section, listing, *port)).unwrap());
        (port.to_string(), functions.0)
    };
    ports.map(functions).collect()
}

/// For each function of a listing, a line per port.
fn calls_of(section: &Section, listing: &Listing) -> String {
    let ports = ports(section, listing);
    let mut names: Vec<&str> = Vec::new();
    for function in ports.iter().flat_map(|(_, functions)| functions) {
        if !names.contains(&function.name.as_str()) {
            names.push(&function.name);
        }
    }
    let mut text = String::new();
    for name in names {
        writeln!(text, "{name}").unwrap();
        for (port, functions) in &ports {
            // Only some ports have functions for what their library does not have.
            if let Some(function) = functions.iter().find(|one| one.name == name) {
                writeln!(text, "  {port:<9}  {}", function.calls.join(" ")).unwrap();
            }
        }
    }
    text
}

/// A function, with its calls in the order of the source. The first of a file is for its imports.
struct Function {
    name: String,
    /// Whether it has a doc comment, and is not `main`.
    is_helper: bool,
    calls: Vec<String>,
}

impl Function {
    fn new(name: &str, is_helper: bool) -> Function {
        Function { name: name.to_owned(), is_helper, calls: Vec::new() }
    }
}

/// The functions of a file.
struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, call: String) {
        self.0.last_mut().expect("the first entry is for imports").calls.push(call);
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        self.add(import.tree.to_token_stream().to_string().replace(' ', ""));
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let name = function.sig.ident.to_string();
        let has_comment = function.attrs.iter().any(|attribute| attribute.path().is_ident("doc"));
        self.0.push(Function::new(&name, has_comment && name != "main"));
        for attribute in &function.attrs {
            self.add(attribute.to_token_stream().to_string().replace(' ', ""));
        }
        self.visit_block(&function.block);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let syn::Expr::Path(function) = &*call.func {
            self.add(path(&function.path));
            call.args.iter().for_each(|argument| self.visit_expr(argument));
        } else {
            visit::visit_expr_call(self, call);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.visit_expr(&call.receiver);
        self.add(format!(".{}", call.method));
        call.args.iter().for_each(|argument| self.visit_expr(argument));
    }

    fn visit_expr_await(&mut self, awaited: &'ast ExprAwait) {
        self.visit_expr(&awaited.base);
        self.add(".await".to_owned());
    }

    /// A function that is passed on, like `task::spawn_local` to `map`.
    fn visit_expr_path(&mut self, function: &'ast ExprPath) {
        if function.path.segments.len() > 1 {
            self.add(path(&function.path));
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add(format!("{}!({})", path(&call.path), call.tokens));
    }
}

fn path(path: &syn::Path) -> String {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
}
