//! What is to be read, out of what a state machine says.
//!
//! Never here: reading.

use asl::Failure;
use asl::machine::{InputType, ItemReader};
use items::{Format, ITEMS_MAX};
use json::{Object, Text, Value};

use super::unreadable;
use crate::objects::ObjectAt;

/// What an ItemReader is to read: its fields, with what its expressions gave. (spec/asl.md §10.3)
#[derive(Clone, Debug)]
pub struct SourcePlan {
    pub(super) what: What,
    pub(super) items_max: u64,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// The objects of a list are the items.
    List(ListPlan),
    /// The items are in the objects of a list.
    LoadedList(ListPlan, Form),
    /// The items are in this object.
    Object(ObjectAt, Form),
    /// The items are in the data files that this manifest names.
    Inventory(ObjectAt),
    /// The items are in the objects that this manifest names.
    Athena(ObjectAt, Form),
}

/// A list of objects.
#[derive(Clone, Debug)]
pub(super) struct ListPlan {
    /// The input of ListObjectsV2.
    pub(super) parameters: Value,
    pub(super) bucket: Text,
    pub(super) expected_bucket_owner: Option<Text>,
}

/// How the items stand in a file.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// From its beginning to its end.
    Text(Format),
    Parquet,
}

impl SourcePlan {
    /// `parameters` are the evaluated `Parameters` or `Arguments`; `items_max` is the evaluated `MaxItems`: without it,
    /// or by 0, all items are read. (recorded for MaxItemsPath)
    ///
    /// Fails with `States.ItemReaderFailed` if the parameters name no object or bucket.
    pub fn new(
        reader: &ItemReader,
        parameters: &Value,
        items_max: Option<u64>,
    ) -> Result<SourcePlan, Failure> {
        let what = if reader.lists_objects {
            let parameters = Parameters(parameters);
            match reader.loads_objects {
                false => What::List(parameters.list(true)?),
                true => What::LoadedList(parameters.list(false)?, form(reader)?),
            }
        } else {
            let at = Parameters(parameters).object()?;
            match reader.manifest_type.as_deref() {
                Some("ATHENA_DATA") => What::Athena(at, form(reader)?),
                // Of an inventory, InputType and ManifestType say the same.
                Some(_) => What::Inventory(at),
                None if reader.input_type == Some(InputType::Manifest) => What::Inventory(at),
                None => What::Object(at, form(reader)?),
            }
        };
        Ok(SourcePlan { what, items_max: items_max.filter(|most| *most > 0).unwrap_or(ITEMS_MAX) })
    }
}

fn form(reader: &ItemReader) -> Result<Form, Failure> {
    match (execution::item_format(reader), reader.input_type) {
        (Some(format), _) => Ok(Form::Text(format)),
        (None, Some(InputType::Parquet)) => Ok(Form::Parquet),
        (None, _) => Err(unreadable(
            "The ReaderConfig does not say how the items stand in the objects: set InputType to CSV, JSON, JSONL or \
             PARQUET.",
        )),
    }
}

/// What an operation of S3 is given.
struct Parameters<'v>(&'v Value);

impl Parameters<'_> {
    fn text(&self, name: &str) -> Result<Option<Text>, Failure> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(unreadable(format!(
                "The field '{name}' of the ItemReader's parameters must be a string but was: {}",
                other.to_text_up_to(SHOWN_BYTES_MAX).as_deref().unwrap_or("…")
            ))),
        }
    }

    fn required(&self, name: &str) -> Result<Text, Failure> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| {
            unreadable(format!(
                "The field '{name}' of the ItemReader's parameters is required but was missing."
            ))
        })
    }

    fn object(&self) -> Result<ObjectAt, Failure> {
        Ok(ObjectAt {
            bucket: self.required("Bucket")?,
            key: self.required("Key")?,
            version_id: self.text("VersionId")?,
            expected_bucket_owner: self.text("ExpectedBucketOwner")?,
        })
    }

    fn list(&self, keys_may_be_encoded: bool) -> Result<ListPlan, Failure> {
        let bucket = self.required("Bucket")?;
        let members = self.0.as_object().into_iter().flat_map(Object::iter);
        // Keys that objects are to be read by are needed as they are.
        let members = members.filter(|(name, _)| keys_may_be_encoded || *name != "EncodingType");
        let parameters = members.map(|(name, value)| (name.clone(), value.clone())).collect::<Object>();
        Ok(ListPlan {
            parameters: parameters.into(),
            bucket,
            expected_bucket_owner: self.text("ExpectedBucketOwner")?,
        })
    }
}

/// Enough of a value to recognise it in a message.
const SHOWN_BYTES_MAX: usize = 256;
