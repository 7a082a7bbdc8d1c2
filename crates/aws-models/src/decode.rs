//! A service's model out of its bytes, as `Encoder` of `xtask/python/models.py` writes them.
//!
//! The bytes are seven streams, their lengths first, and all texts behind them. Texts and shapes are
//! numbered as they are first named: 0 is the next new one, any other number the one less one. Never
//! here: a panic; whatever is wrong with the bytes is [`Damaged`].

use crate::reader::{Damaged, Reader};
use crate::service::{OperationRecord, Span, Text, Texts};
use crate::shape::{Constraints, MemberRecord, ShapeRecord};
use crate::{Authentication, Bound, Kind, Location, Protocol, Service, Signature, TimestampFormat};

/// Reads a model. Every text and every shape that it names is there.
pub(crate) fn service(
    name: &'static str,
    sdk_name: &'static str,
    client_name: &'static str,
    bytes: &[u8],
) -> Result<Service, Damaged> {
    let mut decoder = Decoder::new(bytes)?;
    let mut service = decoder.service(name, sdk_name, client_name)?;
    let operation_count = decoder.service.count(bytes.len())?;
    decoder.text_count = decoder.service.count(bytes.len())?;
    decoder.shape_count = decoder.service.count(bytes.len())?;
    for _ in 0..operation_count {
        let record = decoder.operation(&mut service)?;
        service.operations.push(record);
    }
    service.shapes.reserve_exact(decoder.shape_count);
    for _ in 0..decoder.shape_count {
        let record = decoder.shape_record(&mut service)?;
        service.shapes.push(record);
    }
    service.texts = decoder.texts()?;
    Ok(service)
}

struct Decoder<'b> {
    service: Reader<'b>,
    operation: Reader<'b>,
    shape: Reader<'b>,
    name: Reader<'b>,
    reference: Reader<'b>,
    traits: Reader<'b>,
    constraint: Reader<'b>,
    text: Reader<'b>,
    texts_named: usize,
    shapes_named: usize,
    text_count: usize,
    shape_count: usize,
}

impl<'b> Decoder<'b> {
    fn new(bytes: &'b [u8]) -> Result<Decoder<'b>, Damaged> {
        let mut whole = Reader::new(bytes);
        let mut lengths = [0; 7];
        for length in &mut lengths {
            *length = whole.small()?;
        }
        let mut streams = [Reader::new(&[]); 7];
        for (stream, length) in streams.iter_mut().zip(lengths) {
            *stream = Reader::new(whole.bytes(length)?);
        }
        let [service, operation, shape, name, reference, traits, constraint] = streams;
        Ok(Decoder {
            service,
            operation,
            shape,
            name,
            reference,
            traits,
            constraint,
            text: whole,
            texts_named: 0,
            shapes_named: 0,
            // Told behind the service's own texts, which are few.
            text_count: bytes.len(),
            shape_count: 0,
        })
    }

    /// All but what the lists hold.
    fn service(
        &mut self,
        name: &'static str,
        sdk_name: &'static str,
        client_name: &'static str,
    ) -> Result<Service, Damaged> {
        let protocol_count = self.service.count(self.service.left())?;
        let protocols =
            (0..protocol_count).map(|_| protocol(self.service.number()?)).collect::<Result<_, _>>()?;
        let signature = match self.service.number()? {
            0 => Signature::V4,
            1 | 2 => Signature::S3,
            3 => Signature::V2,
            4 => Signature::Bearer,
            _ => return Err(Damaged),
        };
        let is_query_compatible = self.service.number()? != 0;
        let mut text = || named(&mut self.service, &mut self.texts_named, self.text_count).map(Text);
        Ok(Service {
            name,
            sdk_name,
            client_name,
            protocols,
            signature,
            is_query_compatible,
            api_version: text()?,
            endpoint_prefix: text()?,
            service_id: text()?,
            signing_name: text()?,
            global_endpoint: text()?,
            json_version: text()?,
            target_prefix: text()?,
            xml_namespace: text()?,
            operations: Vec::new(),
            errors: Vec::new(),
            shapes: Vec::new(),
            members: Vec::new(),
            enum_values: Vec::new(),
            texts: Texts { all: String::new(), ends: Vec::new() },
        })
    }

    fn operation(&mut self, service: &mut Service) -> Result<OperationRecord, Damaged> {
        let name = self.name()?;
        let http_method = self.operation_text()?;
        let uri = self.operation_text()?;
        let success_status = self.operation.small()?;
        let flags = self.operation.small()?;
        let authentication = match self.operation.number()? {
            0 => Authentication::Service,
            1 => Authentication::Nothing,
            2 => Authentication::UnsignedBody,
            _ => return Err(Damaged),
        };
        let host_prefix = self.operation_text()?;
        let input = self.optional_shape()?;
        let output = self.optional_shape()?;
        let input_root = self.operation_text()?;
        let input_namespace = self.operation_text()?;
        let error_count = self.operation.count(self.operation.left())?;
        let errors = span(service.errors.len(), error_count)?;
        for _ in 0..error_count {
            service.errors.push(named(&mut self.operation, &mut self.shapes_named, self.shape_count)?);
        }
        Ok(OperationRecord {
            name,
            http_method,
            uri,
            success_status,
            flags,
            authentication,
            host_prefix,
            input,
            output,
            input_root,
            input_namespace,
            errors,
        })
    }

    fn shape_record(&mut self, service: &mut Service) -> Result<ShapeRecord, Damaged> {
        let head = self.shape.number()?;
        let kind = kind(head & 0xf)?;
        let flags = if head & 0x10 != 0 { self.traits.small()? } else { 0 };
        let constraints = if head & 0x20 != 0 { Some(Box::new(self.constraints(service)?)) } else { None };
        let mut name = Text(u32::MAX);
        let count = match kind {
            Kind::Structure => {
                name = self.name()?;
                self.shape.count(self.reference.left())?
            }
            Kind::List => 1,
            Kind::Map => 2,
            _ => 0,
        };
        let members = span(service.members.len(), count)?;
        for _ in 0..count {
            let member_name = if kind == Kind::Structure { self.name()? } else { Text(u32::MAX) };
            let member = self.member(member_name)?;
            service.members.push(member);
        }
        Ok(ShapeRecord { kind, flags, name, members, constraints })
    }

    fn constraints(&mut self, service: &mut Service) -> Result<Constraints, Damaged> {
        let present: u8 = self.constraint.small()?;
        let mut constraints = Constraints::default();
        if present & 1 != 0 {
            constraints.minimum = Some(self.bound()?);
        }
        if present & 1 << 1 != 0 {
            constraints.maximum = Some(self.bound()?);
        }
        if present & 1 << 2 != 0 {
            constraints.pattern = Some(self.constraint_text()?);
        }
        if present & 1 << 3 != 0 {
            let count = self.constraint.count(self.name.left())?;
            constraints.enum_values = span(service.enum_values.len(), count)?;
            for _ in 0..count {
                let value = self.name()?;
                service.enum_values.push(value);
            }
        }
        if present & 1 << 4 != 0 {
            constraints.timestamp_format = match self.constraint.number()? {
                1 => Some(TimestampFormat::Iso8601),
                2 => Some(TimestampFormat::UnixTimestamp),
                3 => Some(TimestampFormat::Rfc822),
                _ => return Err(Damaged),
            };
        }
        if present & 1 << 5 != 0 {
            constraints.error_code = Some(self.constraint_text()?);
        }
        if present & 1 << 6 != 0 {
            constraints.error_status = Some(self.constraint.small()?);
        }
        Ok(constraints)
    }

    /// A whole number more than one, its sign in its lowest bit; or 0 and a double.
    fn bound(&mut self) -> Result<Bound, Damaged> {
        match self.constraint.number()?.checked_sub(1) {
            Some(zigzag) => Ok(Bound::Whole((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))),
            None => {
                let bytes = self.constraint.bytes(8)?.try_into().map_err(|_| Damaged)?;
                Ok(Bound::Fraction(f64::from_le_bytes(bytes)))
            }
        }
    }

    fn member(&mut self, name: Text) -> Result<MemberRecord, Damaged> {
        let shape = named(&mut self.reference, &mut self.shapes_named, self.shape_count)?;
        let present: u8 = self.traits.small()?;
        let mut member = MemberRecord {
            name,
            shape,
            wire_name: None,
            query_name: None,
            xml_namespace: None,
            location: Location::Body,
            flags: 0,
        };
        if present & 1 != 0 {
            member.flags = self.traits.small()?;
        }
        if present & 1 << 1 != 0 {
            member.wire_name = Some(self.trait_text()?);
        }
        if present & 1 << 2 != 0 {
            member.location = location(self.traits.number()?)?;
        }
        if present & 1 << 3 != 0 {
            member.xml_namespace = Some((self.trait_text()?, self.trait_text()?));
        }
        if present & 1 << 4 != 0 {
            member.query_name = Some(self.trait_text()?);
        }
        Ok(member)
    }

    /// The texts themselves, now that all are named.
    fn texts(&mut self) -> Result<Texts, Damaged> {
        let mut all = String::with_capacity(self.text.left());
        let mut ends = Vec::with_capacity(self.text_count);
        for _ in 0..self.text_count {
            all.push_str(self.text.text()?);
            ends.push(u32::try_from(all.len()).map_err(|_| Damaged)?);
        }
        Ok(Texts { all, ends })
    }

    fn optional_shape(&mut self) -> Result<Option<u32>, Damaged> {
        match self.operation.number()? {
            0 => Ok(None),
            _ => named(&mut self.operation, &mut self.shapes_named, self.shape_count).map(Some),
        }
    }

    fn name(&mut self) -> Result<Text, Damaged> {
        named(&mut self.name, &mut self.texts_named, self.text_count).map(Text)
    }

    fn operation_text(&mut self) -> Result<Text, Damaged> {
        named(&mut self.operation, &mut self.texts_named, self.text_count).map(Text)
    }

    fn trait_text(&mut self) -> Result<Text, Damaged> {
        named(&mut self.traits, &mut self.texts_named, self.text_count).map(Text)
    }

    fn constraint_text(&mut self) -> Result<Text, Damaged> {
        named(&mut self.constraint, &mut self.texts_named, self.text_count).map(Text)
    }
}

/// The number of a text or a shape; 0 is the next one that was not named before.
fn named(reader: &mut Reader, named: &mut usize, count: usize) -> Result<u32, Damaged> {
    let number = match reader.small::<usize>()?.checked_sub(1) {
        Some(number) => number,
        None => {
            *named += 1;
            *named - 1
        }
    };
    if number >= count {
        return Err(Damaged);
    }
    u32::try_from(number).map_err(|_| Damaged)
}

fn span(start: usize, count: usize) -> Result<Span, Damaged> {
    let start = u32::try_from(start).map_err(|_| Damaged)?;
    Ok(Span { start, count: u32::try_from(count).map_err(|_| Damaged)? })
}

fn kind(number: u64) -> Result<Kind, Damaged> {
    Ok(match number {
        0 => Kind::Structure,
        1 => Kind::List,
        2 => Kind::Map,
        3 => Kind::String,
        4 => Kind::Integer,
        5 => Kind::Long,
        6 => Kind::Float,
        7 => Kind::Double,
        8 => Kind::Boolean,
        9 => Kind::Blob,
        10 => Kind::Timestamp,
        _ => return Err(Damaged),
    })
}

fn protocol(number: u64) -> Result<Protocol, Damaged> {
    Ok(match number {
        0 => Protocol::Json,
        1 => Protocol::RestJson,
        2 => Protocol::RestXml,
        3 => Protocol::Query,
        4 => Protocol::Ec2,
        5 => Protocol::Cbor,
        _ => return Err(Damaged),
    })
}

fn location(number: u64) -> Result<Location, Damaged> {
    Ok(match number {
        1 => Location::Uri,
        2 => Location::QueryString,
        3 => Location::Header,
        4 => Location::Headers,
        5 => Location::StatusCode,
        _ => return Err(Damaged),
    })
}
