//! Domain names: by which hosts an API is reached besides its own addresses.
//!
//! Certificates are whoever's that stands before this server, or its own; the ARN of one is kept and shown.

use json::{Object, Value, value};
use services::Fault;
use services::members::{Members, part_mut, take_over};
use services::records::Draft;

use super::fault::{bad, limit, not_found};
use super::page::page;
use super::{Work, apis, tags};
use crate::{place, record};

/// So many there may be: each request by a name that is no API's own looks one up.
const DOMAINS_MAX: usize = 1_000;

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let name = input.text_or_empty("domainName").to_ascii_lowercase();
    if work.draft.get(&record::domain(&name)).is_some() {
        return Err(bad(format!("Domain name {name} already exists")));
    }
    if work.draft.of("domain/").len() >= DOMAINS_MAX {
        return Err(limit(format!("There are {DOMAINS_MAX} domain names at most")));
    }
    tags::check(input.part("tags"))?;
    let mut config = Object::new();
    config.insert("domainName", name.as_str());
    take_over(input, &["description", "certificateArn", "tags"], &mut config);
    config.insert("domainNameArn", work.arn(format_args!("domainnames/{name}")));
    let answer = shown(&config, work);
    work.draft.put(record::domain(&name), value!({"config": config, "association": null}));
    Ok(value!({"domainNameConfig": answer}))
}

/// With the name that the domain's own must lead to: this server's.
fn shown(config: &Object, work: &Work<'_, '_>) -> Object {
    let mut config = config.clone();
    config.insert("appsyncDomainName", place::host(&work.asker.base_url));
    config
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (_, domain) = find(input, work.draft)?;
    Ok(value!({"domainNameConfig": (shown(domain.part("config"), work))}))
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let domains = work.draft.of("domain/").into_iter();
    let domains = domains.map(|(name, domain)| (name, shown(domain.part("config"), work).into()));
    page(input, "domainNameConfigs", domains.collect())
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, mut domain) = find(input, work.draft)?;
    let config = part_mut(&mut domain, "config");
    config.remove("description");
    take_over(input, &["description"], config);
    let answer = shown(&config.clone(), work);
    work.draft.put(key, domain);
    Ok(value!({"domainNameConfig": answer}))
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, domain) = find(input, work.draft)?;
    if let Some(association) = domain.member("association") {
        let api = association.text_or_empty("apiId");
        return Err(bad(format!("The domain name is associated with API {api}: disassociate it first")));
    }
    work.draft.remove(&key);
    Ok(value!({}))
}

pub(super) fn associate(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, mut domain) = find(input, work.draft)?;
    apis::of_any_kind(input, work.draft)?;
    if domain.member("association").is_some() {
        return Err(bad("The domain name is associated with an API already: disassociate it first"));
    }
    let association = value!({
        "domainName": (domain.part("config").text_or_empty("domainName")),
        "apiId": (input.text_or_empty("apiId")),
        "associationStatus": "SUCCESS"
    });
    domain.insert("association", &association);
    work.draft.put(key, domain);
    Ok(value!({"apiAssociation": association}))
}

pub(super) fn association(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (_, domain) = find(input, work.draft)?;
    match domain.member("association") {
        Some(association) => Ok(value!({"apiAssociation": association})),
        None => Err(not_found("The domain name is associated with no API")),
    }
}

pub(super) fn disassociate(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, mut domain) = find(input, work.draft)?;
    if domain.insert("association", Value::Null).is_none_or(|before| before.is_null()) {
        return Err(not_found("The domain name is associated with no API"));
    }
    work.draft.put(key, domain);
    Ok(value!({}))
}

/// An API that a domain name leads to stays.
pub(super) fn refuse_associated(api: &str, draft: &Draft<'_>) -> Result<(), Fault> {
    let domains = draft.of("domain/");
    let leads_here = |domain: &Value| domain.part("association").text("apiId") == Some(api);
    match domains.iter().find(|(_, domain)| leads_here(domain)) {
        Some((name, _)) => {
            Err(bad(format!("The API is associated with the domain name {name}: disassociate it first")))
        }
        None => Ok(()),
    }
}

fn find(input: &Value, draft: &Draft<'_>) -> Result<(String, Object), Fault> {
    let name = input.text_or_empty("domainName").to_ascii_lowercase();
    let key = record::domain(&name);
    let domain = draft.get(&key).and_then(Value::as_object).cloned();
    Ok((key, domain.ok_or_else(|| not_found(format!("Domain name {name} not found.")))?))
}
