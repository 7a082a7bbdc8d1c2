//! The operations for which there is nothing behind: what lists them says that there is nothing, the rest refuses.

use json::Value;

use crate::fault::Fault;

/// The answer to an operation that no other file has.
pub(super) fn answer(operation: &str) -> Result<Value, Fault> {
    match operation {
        "GetVpcLinks"
        | "GetDomainNames"
        | "GetDomainNameAccessAssociations"
        | "GetBasePathMappings"
        | "GetClientCertificates"
        | "GetSdkTypes"
        | "GetDocumentationParts"
        | "GetDocumentationVersions" => Ok(json::value!({"items": []})),
        _ => Err(Fault::not_honoured(operation, instead(operation))),
    }
}

fn instead(operation: &str) -> &'static str {
    if operation.contains("VpcLink") {
        "there are no VPCs here; an HTTP integration reaches hosts of a private network by itself"
    } else if operation.contains("DomainName") || operation.contains("BasePathMapping") {
        "put a proxy with the domain's certificate before this server and let it ask for /rest/API/STAGE/…"
    } else if operation.contains("ClientCertificate") {
        "put a proxy that holds the certificate between this server and the backend"
    } else if operation.contains("Documentation") {
        "keep the documentation in the OpenAPI file"
    } else if operation.contains("Sdk") {
        "make a client from the OpenAPI document that GetExport answers"
    } else if operation == "UpdateAccount" {
        "logs need no role here"
    } else {
        "docs/rest-front.md lists what is"
    }
}
