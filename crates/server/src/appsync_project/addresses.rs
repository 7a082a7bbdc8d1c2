//! Where the APIs of a project are, for people and their programs.
//!
//! Never here: asking a server.

use aws_names::Scope;

use super::{Api, read};
use crate::settings::Loaded;

/// An API of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The environment variable that has it: `APPSYNC_GRAPHQL_POSTS`.
    pub variable: String,
    /// The API's name.
    pub name: String,
    /// `http://127.0.0.1:8083/posts/graphql`
    pub url: String,
}

/// The addresses of all APIs that the settings describe, at the server with this URL. An API that cannot be read has none:
/// it is not there.
pub fn addresses(loaded: &Loaded, endpoint: &str) -> Vec<Address> {
    let scope = Scope::default();
    let apis = loaded.settings.appsync.iter().filter_map(|(name, api)| read(name, api, loaded, &scope).ok());
    apis.flat_map(|wanted| wanted.apis).map(|api| address(&api, endpoint)).collect()
}

fn address(api: &Api, endpoint: &str) -> Address {
    let (kind, path) = match api {
        Api::GraphQl(_) => ("GRAPHQL", "graphql"),
        Api::Events(_) => ("EVENTS", "event"),
    };
    let name = api.name();
    let shouted: String = name.chars().map(shout).collect();
    Address {
        variable: format!("APPSYNC_{kind}_{shouted}"),
        name: name.to_owned(),
        url: format!("{endpoint}/{}/{path}", percent_encoded(name)),
    }
}

fn shout(letter: char) -> char {
    if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' }
}

/// A name as one part of a path.
fn percent_encoded(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    name.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appsync_project::wanted::GraphQl;

    #[test]
    fn a_variable_is_a_name_that_shells_know_and_an_address_a_path() {
        let api = Api::GraphQl(Box::new(GraphQl { name: "My posts-2".to_owned(), ..GraphQl::default() }));
        let Address { variable, url, .. } = address(&api, "http://127.0.0.1:8083");
        assert_eq!(variable, "APPSYNC_GRAPHQL_MY_POSTS_2");
        assert_eq!(url, "http://127.0.0.1:8083/My%20posts-2/graphql");
    }
}
