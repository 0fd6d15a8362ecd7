//! What each port imports and calls, function by function. Some faults cannot be seen in the output:
//! a greeter that the main thread calls, one greeter that prints the lines of all, another executor.

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
    for (section, listing) in all_listings().filter(|(_, listing)| !listing.is_measured()) {
        let mut settings = Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_path(workspace().join("harness/tests/snapshots"));
        let name = format!("{}-{}", section.name, listing.name);
        settings.bind(|| assert_snapshot!(name, calls_of(section, listing)));
    }
}

/// For each function of a listing, a line per port.
fn calls_of(section: &Section, listing: &Listing) -> String {
    let ports = listing.implementations.iter().filter(|one| **one != Implementation::Python);
    let functions = ports.map(|port| {
        let file = section.folder(listing).join(port.file_name());
        let code = fs::read_to_string(workspace().join(&file));
        let code = code.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut functions = Functions(vec![("use".to_owned(), Vec::new())]);
        functions.visit_file(&syn::parse_file(&code).unwrap());
        (port.to_string(), functions.0)
    });
    let functions: Vec<_> = functions.collect();
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in functions.iter().flat_map(|(_, functions)| functions) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut text = String::new();
    for name in names {
        writeln!(text, "{name}").unwrap();
        for (port, functions) in &functions {
            // Only some ports have functions for what their library does not have.
            if let Some((_, calls)) = functions.iter().find(|(other, _)| other == name) {
                writeln!(text, "  {port:<9}  {}", calls.join(" ")).unwrap();
            }
        }
    }
    text
}

/// What a file imports, and its functions, each with its calls in the order of the source.
struct Functions(Vec<(String, Vec<String>)>);

impl Functions {
    fn add(&mut self, call: String) {
        let (_, calls) = self.0.last_mut().expect("the first entry is for imports");
        calls.push(call);
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        self.add(import.tree.to_token_stream().to_string().replace(' ', ""));
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.0.push((function.sig.ident.to_string(), Vec::new()));
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
