//! A service and its operations.
//!
//! Never here: how they are called. What a caller must know stands in the model and is told here.

use crate::Shape;
use crate::shape::{MemberRecord, ShapeRecord};

/// A service of AWS, as its public model describes it.
pub struct Service {
    pub(crate) name: &'static str,
    pub(crate) sdk_name: &'static str,
    pub(crate) client_name: &'static str,
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) signature: Signature,
    pub(crate) is_query_compatible: bool,
    pub(crate) api_version: Text,
    pub(crate) endpoint_prefix: Text,
    pub(crate) service_id: Text,
    pub(crate) signing_name: Text,
    pub(crate) global_endpoint: Text,
    pub(crate) json_version: Text,
    pub(crate) target_prefix: Text,
    pub(crate) xml_namespace: Text,
    /// In the order of their names.
    pub(crate) operations: Vec<OperationRecord>,
    pub(crate) errors: Vec<u32>,
    pub(crate) shapes: Vec<ShapeRecord>,
    pub(crate) members: Vec<MemberRecord>,
    pub(crate) enum_values: Vec<Text>,
    pub(crate) texts: Texts,
}

/// An operation of a service.
#[derive(Clone, Copy)]
pub struct Operation<'s> {
    service: &'s Service,
    record: &'s OperationRecord,
}

/// How requests and responses are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// JSON in the body, the operation in a header.
    Json,
    /// JSON in the body, the operation in method and path.
    RestJson,
    /// XML in the body, the operation in method and path.
    RestXml,
    /// A form in, XML out.
    Query,
    /// EC2's kind of [`Protocol::Query`].
    Ec2,
    /// Smithy's RPC with CBOR. Whoever speaks it speaks another protocol too.
    Cbor,
}

/// How requests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Signature Version 4.
    V4,
    /// S3's kind of it: the path is encoded once.
    S3,
    /// Signature Version 2, which two old services have.
    V2,
    /// A token in a header.
    Bearer,
}

/// What an operation asks of its requests in place of what the service asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// As the service.
    Service,
    /// Nobody signs.
    Nothing,
    /// Signed, but for the body.
    UnsignedBody,
}

impl Service {
    /// botocore's and the CLI's name: `stepfunctions`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name in a Resource, and that of the module in the SDK for Java: `sfn`.
    pub fn sdk_name(&self) -> &'static str {
        self.sdk_name
    }

    /// What errors of SDK integrations begin with, and what the client in the SDK for Java is called,
    /// less `Client`: `Sfn`, `DynamoDb`, `S3`.
    pub fn client_name(&self) -> &'static str {
        self.client_name
    }

    /// The service's name for itself: `SFN`.
    pub fn service_id(&self) -> &str {
        self.text(self.service_id)
    }

    /// `2016-11-23`
    pub fn api_version(&self) -> &str {
        self.text(self.api_version)
    }

    /// All protocols that it speaks, the preferred one first.
    pub fn protocols(&self) -> &[Protocol] {
        &self.protocols
    }

    /// The first of its protocols that is not CBOR.
    pub fn protocol(&self) -> Protocol {
        self.protocols.iter().copied().find(|protocol| *protocol != Protocol::Cbor).unwrap_or(Protocol::Cbor)
    }

    /// Whether its errors are told in a header too, as the query protocol names them.
    pub fn is_query_compatible(&self) -> bool {
        self.is_query_compatible
    }

    /// What its hosts' names begin with: `states`.
    pub fn endpoint_prefix(&self) -> &str {
        self.text(self.endpoint_prefix)
    }

    /// The one host that it has for all regions.
    pub fn global_endpoint(&self) -> Option<&str> {
        self.optional_text(self.global_endpoint)
    }

    /// How requests are signed.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// The service's name in signatures.
    pub fn signing_name(&self) -> &str {
        self.text(self.signing_name)
    }

    /// `1.0` or `1.1`. ([`Protocol::Json`])
    pub fn json_version(&self) -> Option<&str> {
        self.optional_text(self.json_version)
    }

    /// What stands before the operation in the header `X-Amz-Target`. ([`Protocol::Json`])
    pub fn target_prefix(&self) -> Option<&str> {
        self.optional_text(self.target_prefix)
    }

    /// The namespace of its XML.
    pub fn xml_namespace(&self) -> Option<&str> {
        self.optional_text(self.xml_namespace)
    }

    /// Its operations, in the order of their names.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = Operation<'_>> + Clone {
        self.operations.iter().map(|record| Operation { service: self, record })
    }

    /// The operation that a Resource calls so: `putItem`.
    pub fn operation(&self, action: &str) -> Option<Operation<'_>> {
        // Only the first letter differs; it is upper-case in all models.
        let first = action.chars().next().filter(char::is_ascii_lowercase)?;
        let (upper, rest) = (first.to_ascii_uppercase(), action.get(1..)?);
        let found = self.operations.binary_search_by(|record| {
            let name = self.text(record.name);
            name.chars().cmp(std::iter::once(upper).chain(rest.chars()))
        });
        Some(Operation { service: self, record: self.operations.get(found.ok()?)? })
    }

    /// The operation that the model calls so: `PutItem`.
    pub fn operation_named(&self, name: &str) -> Option<Operation<'_>> {
        let found = self.operations.binary_search_by(|record| self.text(record.name).cmp(name));
        Some(Operation { service: self, record: self.operations.get(found.ok()?)? })
    }

    pub(crate) fn shape(&self, shape: u32) -> Shape<'_> {
        // `decode` lets no number pass that is not a shape's.
        Shape { service: self, record: &self.shapes[shape as usize] }
    }

    pub(crate) fn text(&self, text: Text) -> &str {
        self.texts.get(text)
    }

    fn optional_text(&self, text: Text) -> Option<&str> {
        Some(self.text(text)).filter(|text| !text.is_empty())
    }
}

impl<'s> Operation<'s> {
    /// Its service.
    pub fn service(self) -> &'s Service {
        self.service
    }

    /// `PutItem`
    pub fn name(self) -> &'s str {
        self.service.text(self.record.name)
    }

    /// `GET`, `POST`, …
    pub fn http_method(self) -> &'s str {
        self.service.text(self.record.http_method)
    }

    /// The path and perhaps a query, with members' wire names in braces: `/{Bucket}/{Key+}?tagging`.
    pub fn uri(self) -> &'s str {
        self.service.text(self.record.uri)
    }

    /// The status of a response that is no error, unless a member of the output is the status.
    pub fn success_status(self) -> u16 {
        self.record.success_status
    }

    /// What stands before the host's name, with members in braces.
    pub fn host_prefix(self) -> Option<&'s str> {
        self.service.optional_text(self.record.host_prefix)
    }

    /// A structure, unless nothing goes in.
    pub fn input(self) -> Option<Shape<'s>> {
        self.record.input.map(|shape| self.service.shape(shape))
    }

    /// The name of the input's root element, where the model gives it one. ([`Protocol::RestXml`])
    pub fn input_root(self) -> Option<&'s str> {
        self.service.optional_text(self.record.input_root)
    }

    /// The namespace of that element.
    pub fn input_namespace(self) -> Option<&'s str> {
        self.service.optional_text(self.record.input_namespace)
    }

    /// A structure, unless nothing comes out.
    pub fn output(self) -> Option<Shape<'s>> {
        self.record.output.map(|shape| self.service.shape(shape))
    }

    /// Whether the output stands in an element `…Result` in the response. ([`Protocol::Query`])
    pub fn has_result_wrapper(self) -> bool {
        self.has(OperationRecord::RESULT_WRAPPER)
    }

    /// The errors that the model names for it.
    pub fn errors(self) -> impl ExactSizeIterator<Item = Shape<'s>> + Clone {
        self.record.errors.of(&self.service.errors).iter().map(move |&shape| self.service.shape(shape))
    }

    /// What is asked of its requests in place of what the service asks.
    pub fn authentication(self) -> Authentication {
        self.record.authentication
    }

    /// Whether a request carries a checksum of its body.
    pub fn needs_checksum(self) -> bool {
        self.has(OperationRecord::CHECKSUM)
    }

    /// Whether the body is left out of the signature.
    pub fn has_unsigned_payload(self) -> bool {
        self.has(OperationRecord::UNSIGNED_PAYLOAD)
    }

    /// Whether the host must be asked for first, by `DescribeEndpoints`.
    pub fn needs_endpoint_discovery(self) -> bool {
        self.has(OperationRecord::ENDPOINT_DISCOVERY)
    }

    /// Whether a stream of events goes in or comes out, so that it is no single call.
    pub fn has_event_stream(self) -> bool {
        let shapes = self.input().into_iter().chain(self.output());
        shapes.flat_map(Shape::members).any(|member| member.shape().is_event_stream())
    }

    fn has(self, flag: u8) -> bool {
        self.record.flags & flag != 0
    }
}

/// An operation as the table has it.
pub(crate) struct OperationRecord {
    pub(crate) name: Text,
    pub(crate) http_method: Text,
    pub(crate) uri: Text,
    pub(crate) success_status: u16,
    pub(crate) flags: u8,
    pub(crate) authentication: Authentication,
    pub(crate) host_prefix: Text,
    pub(crate) input: Option<u32>,
    pub(crate) output: Option<u32>,
    pub(crate) input_root: Text,
    pub(crate) input_namespace: Text,
    pub(crate) errors: Span,
}

/// The bits that `write_operation` of `xtask/python/models.py` sets.
impl OperationRecord {
    const CHECKSUM: u8 = 1;
    const UNSIGNED_PAYLOAD: u8 = 1 << 1;
    const ENDPOINT_DISCOVERY: u8 = 1 << 2;
    const RESULT_WRAPPER: u8 = 1 << 3;
}

/// A text's number.
#[derive(Clone, Copy)]
pub(crate) struct Text(pub(crate) u32);

/// All texts of a service, one behind the other.
pub(crate) struct Texts {
    pub(crate) all: String,
    /// Where each of them ends.
    pub(crate) ends: Vec<u32>,
}

impl Texts {
    fn get(&self, Text(number): Text) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(number).copied());
        range.and_then(|(start, end)| self.all.get(start as usize..end as usize)).unwrap_or_default()
    }
}

/// Things that stand side by side in one of a service's lists.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) count: u32,
}

impl Span {
    pub(crate) fn of<T>(self, all: &[T]) -> &[T] {
        let start = self.start as usize;
        all.get(start..start + self.count as usize).unwrap_or_default()
    }
}
