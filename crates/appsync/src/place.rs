//! Which API a request is for, and what of it, by its host or its path.

use json::Text;
use services::Members;
use services::records::Records;

use crate::record;

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Queries and mutations of a GraphQL API.
    GraphQl(Text),
    /// Its subscriptions, over WebSocket.
    GraphQlRealtime(Text),
    /// Publishing to an event API.
    Event(Text),
    /// Its channels, over WebSocket.
    EventRealtime(Text),
}

impl Place {
    /// The place that a request names by its host (`ID.appsync-api.…`, or a domain name of the API's) or by its path (`/ID/graphql`; the API's name will
    /// do in place of its identifier). Without an identifier (`/graphql`) the only API is meant, if there is just one.
    pub(crate) fn of(records: &Records, host: Option<&str>, path: &str) -> Option<Place> {
        if let Some((id, rest)) = host.and_then(|host| host.split_once(".appsync-")) {
            let realtime = rest.starts_with("realtime-api.");
            return (realtime || rest.starts_with("api."))
                .then(|| at(id, path.trim_start_matches('/'), realtime))?;
        }
        let path = path.strip_prefix('/')?;
        if let Some(id) = host.and_then(|host| of_domain(records, host)) {
            return at(&id, path, false);
        }
        if let Some(place) = at("", path, false) {
            return Some(match place {
                Place::GraphQl(_) => Place::GraphQl(only(records, "api/")?),
                Place::GraphQlRealtime(_) => Place::GraphQlRealtime(only(records, "api/")?),
                Place::Event(_) => Place::Event(only(records, "event-api/")?),
                Place::EventRealtime(_) => Place::EventRealtime(only(records, "event-api/")?),
            });
        }
        let (named, rest) = path.split_once('/')?;
        match at(named, rest, false)? {
            Place::GraphQl(_) => by_name(records, "api/", named).map(Place::GraphQl),
            Place::GraphQlRealtime(_) => by_name(records, "api/", named).map(Place::GraphQlRealtime),
            Place::Event(_) => by_name(records, "event-api/", named).map(Place::Event),
            Place::EventRealtime(_) => by_name(records, "event-api/", named).map(Place::EventRealtime),
        }
    }
}

/// The domain name by which a host leads to an API: `ctx.request.domainName`.
pub(crate) fn domain_name(records: &Records, host: &str) -> Option<Text> {
    let name = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    of_domain(records, host).map(|_| name.into())
}

/// The API that a domain name is associated with. `*.example.com` stands for all names before the first dot.
fn of_domain(records: &Records, host: &str) -> Option<Text> {
    let name = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let (_, parent) = name.split_once('.')?;
    let domain = records.get(&record::domain(&name));
    let domain = domain.or_else(|| records.get(&record::domain(&format!("*.{parent}"))))?;
    Some(domain.member("association")?.text("apiId")?.into())
}

/// What a path means behind the API. Hosts for real time have the paths of the others.
fn at(id: &str, path: &str, realtime: bool) -> Option<Place> {
    let id = Text::from(id);
    Some(match path {
        "graphql" if realtime => Place::GraphQlRealtime(id),
        "graphql" => Place::GraphQl(id),
        "graphql/realtime" | "realtime" => Place::GraphQlRealtime(id),
        "event" if realtime => Place::EventRealtime(id),
        "event" => Place::Event(id),
        "event/realtime" => Place::EventRealtime(id),
        _ => return None,
    })
}

fn only(records: &Records, prefix: &str) -> Option<Text> {
    let mut all = records.of(prefix);
    let (key, _) = all.next()?;
    all.next().is_none().then(|| Text::from(&key[prefix.len()..]))
}

fn by_name(records: &Records, prefix: &str, named: &str) -> Option<Text> {
    if records.get(&format!("{prefix}{named}")).is_some() {
        return Some(Text::from(named));
    }
    let found = records.of(prefix).find(|(_, api)| api.text("name") == Some(named));
    found.map(|(key, _)| Text::from(&key[prefix.len()..]))
}

/// The host by which clients reach this server, with its port.
pub(crate) fn host(base_url: &str) -> &str {
    base_url.split_once("://").map_or(base_url, |(_, host)| host)
}

/// What clients put between `https://` and `/graphql` or `/event`: `dns` of an API.
pub(crate) fn dns(base_url: &str, id: &str) -> [(&'static str, String); 2] {
    let host = host(base_url);
    [("GRAPHQL", format!("{host}/{id}")), ("REALTIME", format!("{host}/{id}"))]
}

/// The addresses of an API: `uris` of a GraphQL API.
pub(crate) fn uris(base_url: &str, id: &str) -> [(&'static str, String); 2] {
    let realtime = base_url.replacen("http", "ws", 1);
    [
        ("GRAPHQL", format!("{base_url}/{id}/graphql")),
        ("REALTIME", format!("{realtime}/{id}/graphql/realtime")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::value;

    #[test]
    fn an_api_is_found_by_host_path_name_or_because_there_is_no_other() {
        let records = Records::new([
            (record::api("abc"), value!({"name": "shop"})),
            (record::event_api("e1"), value!({"name": "chat"})),
            (record::domain("api.example.com"), value!({"config": {}, "association": {"apiId": "abc"}})),
            (record::domain("*.chat.example.com"), value!({"config": {}, "association": {"apiId": "e1"}})),
            (record::domain("idle.example.com"), value!({"config": {}, "association": null})),
        ]);
        let of = |host, path| Place::of(&records, host, path);
        let shop = Some(Place::GraphQl("abc".into()));
        assert_eq!(of(Some("abc.appsync-api.us-east-1.amazonaws.com"), "/graphql"), shop);
        assert_eq!(of(None, "/abc/graphql"), shop);
        assert_eq!(of(None, "/shop/graphql"), shop);
        assert_eq!(of(None, "/graphql"), shop);
        assert_eq!(of(Some("API.example.com:8083"), "/graphql"), shop);
        assert_eq!(of(Some("idle.example.com"), "/shop/graphql"), shop);
        assert_eq!(of(Some("a.chat.example.com"), "/event"), Some(Place::Event("e1".into())));
        assert_eq!(of(Some("api.example.com"), "/other"), None);
        let live = Some(Place::GraphQlRealtime("abc".into()));
        assert_eq!(of(Some("abc.appsync-realtime-api.us-east-1.amazonaws.com"), "/graphql"), live);
        assert_eq!(of(None, "/shop/graphql/realtime"), live);
        assert_eq!(of(None, "/event"), Some(Place::Event("e1".into())));
        assert_eq!(of(None, "/chat/event/realtime"), Some(Place::EventRealtime("e1".into())));
        assert_eq!(of(None, "/other/graphql"), None);
        assert_eq!(of(None, "/2015-03-31/functions"), None);
    }
}
