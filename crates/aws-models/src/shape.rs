//! What goes in and comes out of an operation: shapes, and the members that lead to them.
//!
//! Both are views of a [`Service`], cheap to copy. Shapes may contain themselves, so what walks them
//! follows a value, not the shapes alone. Never here: reading or writing of any wire format.

use crate::Service;
use crate::service::{Span, Text};

/// A shape of a service.
#[derive(Clone, Copy)]
pub struct Shape<'s> {
    pub(crate) service: &'s Service,
    pub(crate) record: &'s ShapeRecord,
}

/// A way to a shape: a structure's member, a list's element, a map's key or value.
#[derive(Clone, Copy)]
pub struct Member<'s> {
    pub(crate) service: &'s Service,
    pub(crate) record: &'s MemberRecord,
}

/// What a shape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Named members.
    Structure,
    /// Elements of one shape.
    List,
    /// Keys that are strings, and values of one shape.
    Map,
    /// Text.
    String,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// 32 bits, with a fraction.
    Float,
    /// 64 bits, with a fraction.
    Double,
    /// True or false.
    Boolean,
    /// Bytes; Base64 in JSON.
    Blob,
    /// A point in time.
    Timestamp,
}

/// The least or the most of a number, or of a length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Most are whole numbers.
    Whole(i64),
    /// Some are not.
    Fraction(f64),
}

/// Where in an HTTP message a member stands. (REST protocols)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the body.
    Body,
    /// In the path: `{NAME}`, or `{NAME+}` where slashes stay.
    Uri,
    /// In the query string; a map has all its entries there.
    QueryString,
    /// In the header of its wire name.
    Header,
    /// A map: in one header for each entry, behind the wire name as prefix.
    Headers,
    /// The status of the response.
    StatusCode,
}

/// How a timestamp is written where the protocol would write it otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `2026-11-27T21:00:00Z`
    Iso8601,
    /// Seconds since 1970, with a fraction.
    UnixTimestamp,
    /// `Fri, 27 Nov 2026 21:00:00 GMT`
    Rfc822,
}

impl<'s> Shape<'s> {
    /// A structure's name: `GetItemInput`. Other shapes go without, as nothing on a wire shows it.
    pub fn name(self) -> &'s str {
        self.service.text(self.record.name)
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.record.kind
    }

    /// A structure's members, in the model's order.
    pub fn members(self) -> impl ExactSizeIterator<Item = Member<'s>> + Clone {
        let records = if self.kind() == Kind::Structure { self.member_records() } else { &[] };
        records.iter().map(move |record| Member { service: self.service, record })
    }

    /// The member of this name, as the model spells it.
    pub fn member(self, name: &str) -> Option<Member<'s>> {
        self.members().find(|member| member.name() == name)
    }

    /// The member that is an HTTP message's whole body. (REST protocols)
    pub fn payload(self) -> Option<Member<'s>> {
        self.members().find(|member| member.has(MemberRecord::PAYLOAD))
    }

    /// A list's element.
    pub fn element(self) -> Option<Member<'s>> {
        if self.kind() == Kind::List { self.member_at(0) } else { None }
    }

    /// A map's key.
    pub fn key(self) -> Option<Member<'s>> {
        if self.kind() == Kind::Map { self.member_at(0) } else { None }
    }

    /// A map's value.
    pub fn value(self) -> Option<Member<'s>> {
        if self.kind() == Kind::Map { self.member_at(1) } else { None }
    }

    /// All that a string may be; nothing if it may be anything.
    pub fn enum_values(self) -> impl ExactSizeIterator<Item = &'s str> + Clone {
        let values = self.record.constraints.as_ref().map(|constraints| constraints.enum_values);
        let values = values.map_or(&[][..], |span| span.of(&self.service.enum_values));
        values.iter().map(move |&text| self.service.text(text))
    }

    /// The least number, or the least length of a text, a list or a map.
    pub fn minimum(self) -> Option<Bound> {
        self.record.constraints.as_ref()?.minimum
    }

    /// The greatest number, or the greatest length of a text, a list or a map.
    pub fn maximum(self) -> Option<Bound> {
        self.record.constraints.as_ref()?.maximum
    }

    /// What a text must match: a regular expression as Java has them.
    pub fn pattern(self) -> Option<&'s str> {
        self.optional_text(|constraints| constraints.pattern)
    }

    /// How a timestamp is written, if not as the protocol does by itself.
    pub fn timestamp_format(self) -> Option<TimestampFormat> {
        self.record.constraints.as_ref()?.timestamp_format
    }

    /// An error's code on the wire.
    pub fn error_code(self) -> &'s str {
        self.optional_text(|constraints| constraints.error_code).unwrap_or(self.name())
    }

    /// An error's HTTP status, where the model tells it.
    pub fn error_status(self) -> Option<u16> {
        self.record.constraints.as_ref()?.error_status
    }

    /// Whether it is an error.
    pub fn is_exception(self) -> bool {
        self.has(ShapeRecord::EXCEPTION)
    }

    /// An error of the service, not of the caller.
    pub fn is_fault(self) -> bool {
        self.has(ShapeRecord::FAULT)
    }

    /// Not for logs.
    pub fn is_sensitive(self) -> bool {
        self.has(ShapeRecord::SENSITIVE)
    }

    /// Any JSON.
    pub fn is_document(self) -> bool {
        self.has(ShapeRecord::DOCUMENT)
    }

    /// Exactly one member is there.
    pub fn is_union(self) -> bool {
        self.has(ShapeRecord::UNION)
    }

    /// A stream of events, for which one response is not enough.
    pub fn is_event_stream(self) -> bool {
        self.has(ShapeRecord::EVENT_STREAM)
    }

    /// A list or a map without an element around it. (XML and query protocols)
    pub fn is_flattened(self) -> bool {
        self.has(ShapeRecord::FLATTENED)
    }

    /// Bytes that need not be in memory at once.
    pub fn is_streaming(self) -> bool {
        self.has(ShapeRecord::STREAMING)
    }

    /// A stream whose length must be known before it is sent.
    pub fn requires_length(self) -> bool {
        self.has(ShapeRecord::REQUIRES_LENGTH)
    }

    /// A list or a map whose elements may be null.
    pub fn is_sparse(self) -> bool {
        self.has(ShapeRecord::SPARSE)
    }

    fn has(self, flag: u16) -> bool {
        self.record.flags & flag != 0
    }

    fn optional_text(self, text: impl Fn(&Constraints) -> Option<Text>) -> Option<&'s str> {
        let text = text(self.record.constraints.as_ref()?)?;
        Some(self.service.text(text))
    }

    fn member_records(self) -> &'s [MemberRecord] {
        self.record.members.of(&self.service.members)
    }

    fn member_at(self, place: usize) -> Option<Member<'s>> {
        Some(Member { service: self.service, record: self.member_records().get(place)? })
    }
}

impl<'s> Member<'s> {
    /// A structure member's name, as the model spells it; empty for elements, keys and values.
    pub fn name(self) -> &'s str {
        self.service.text(self.record.name)
    }

    /// What it leads to.
    pub fn shape(self) -> Shape<'s> {
        self.service.shape(self.record.shape)
    }

    /// Its name on the wire: in a header, a query string, XML, …; the prefix of [`Location::Headers`], which may
    /// be empty.
    pub fn wire_name(self) -> &'s str {
        let default = if self.location() == Location::Headers { "" } else { self.name() };
        self.record.wire_name.map_or(default, |text| self.service.text(text))
    }

    /// EC2's name for it in a query, where that is neither of the others.
    pub fn query_name(self) -> Option<&'s str> {
        self.record.query_name.map(|text| self.service.text(text))
    }

    /// Where it stands in an HTTP message.
    pub fn location(self) -> Location {
        self.record.location
    }

    /// The URI of its XML namespace and the prefix, which may be empty.
    pub fn xml_namespace(self) -> Option<(&'s str, &'s str)> {
        self.record.xml_namespace.map(|(uri, prefix)| (self.service.text(uri), self.service.text(prefix)))
    }

    /// Whether a structure must have it.
    pub fn is_required(self) -> bool {
        self.has(MemberRecord::REQUIRED)
    }

    /// If it is left out, the caller makes it up: a random text that stays the same in retries.
    pub fn is_idempotency_token(self) -> bool {
        self.has(MemberRecord::IDEMPOTENCY_TOKEN)
    }

    /// It is part of the host's name. ([`Operation::host_prefix`](crate::Operation::host_prefix))
    pub fn is_host_label(self) -> bool {
        self.has(MemberRecord::HOST_LABEL)
    }

    /// A text that holds JSON.
    pub fn is_json_text(self) -> bool {
        self.has(MemberRecord::JSON_TEXT)
    }

    /// Bytes that need not be in memory at once.
    pub fn is_streaming(self) -> bool {
        self.has(MemberRecord::STREAMING) || self.shape().is_streaming()
    }

    /// A list or a map without an element around it. (XML and query protocols)
    pub fn is_flattened(self) -> bool {
        self.has(MemberRecord::FLATTENED) || self.shape().is_flattened()
    }

    /// An attribute of the element, not an element of its own. (XML)
    pub fn is_xml_attribute(self) -> bool {
        self.has(MemberRecord::XML_ATTRIBUTE)
    }

    fn has(self, flag: u8) -> bool {
        self.record.flags & flag != 0
    }
}

/// A shape as the table has it.
pub(crate) struct ShapeRecord {
    pub(crate) kind: Kind,
    pub(crate) flags: u16,
    pub(crate) name: Text,
    /// A structure's members; a list's element; a map's key and value.
    pub(crate) members: Span,
    pub(crate) constraints: Option<Box<Constraints>>,
}

/// What few shapes have.
#[derive(Default)]
pub(crate) struct Constraints {
    pub(crate) minimum: Option<Bound>,
    pub(crate) maximum: Option<Bound>,
    pub(crate) pattern: Option<Text>,
    pub(crate) enum_values: Span,
    pub(crate) timestamp_format: Option<TimestampFormat>,
    pub(crate) error_code: Option<Text>,
    pub(crate) error_status: Option<u16>,
}

/// A member as the table has it.
pub(crate) struct MemberRecord {
    pub(crate) name: Text,
    pub(crate) shape: u32,
    pub(crate) wire_name: Option<Text>,
    pub(crate) query_name: Option<Text>,
    pub(crate) xml_namespace: Option<(Text, Text)>,
    pub(crate) location: Location,
    pub(crate) flags: u8,
}

/// `SHAPE_FLAGS` of `xtask/python/models.py`.
impl ShapeRecord {
    const SENSITIVE: u16 = 1;
    const DOCUMENT: u16 = 1 << 1;
    const UNION: u16 = 1 << 2;
    const EVENT_STREAM: u16 = 1 << 3;
    const FLATTENED: u16 = 1 << 4;
    const STREAMING: u16 = 1 << 5;
    const REQUIRES_LENGTH: u16 = 1 << 6;
    const EXCEPTION: u16 = 1 << 7;
    const FAULT: u16 = 1 << 8;
    const SPARSE: u16 = 1 << 9;
}

/// `MEMBER_FLAGS` of `xtask/python/models.py`.
impl MemberRecord {
    const REQUIRED: u8 = 1;
    const IDEMPOTENCY_TOKEN: u8 = 1 << 1;
    const HOST_LABEL: u8 = 1 << 2;
    const JSON_TEXT: u8 = 1 << 3;
    const STREAMING: u8 = 1 << 4;
    const FLATTENED: u8 = 1 << 5;
    const XML_ATTRIBUTE: u8 = 1 << 6;
    const PAYLOAD: u8 = 1 << 7;
}
