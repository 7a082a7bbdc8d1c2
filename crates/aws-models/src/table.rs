//! The table of all services: an index in clear, a dictionary, and one zstd frame for each service.
//!
//! `cargo xtask models` writes it. In the order of the file: eight bytes of magic; the source's name and day;
//! how long the dictionary is; how many services follow; for each its name, the name of its client in the
//! SDK for Java, how long its model is, and how long the frame that holds it; then the dictionary and the
//! frames. Never here: what is in a model.

use std::sync::{LazyLock, OnceLock};

use ruzstd::decoding::{Dictionary, FrameDecoder};

use crate::Service;
use crate::decode;
use crate::reader::{Damaged, Reader};

/// The table in this program. Tests load every service of it.
pub(crate) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::read(include_bytes!("../data/models.bin")).unwrap_or_default());

const MAGIC: &[u8] = b"SWMODEL\x02";

/// EC2's model is the largest with 300 KB.
const MODEL_BYTES_MAX: usize = 16 << 20;

/// All services, each read when it is first asked for.
#[derive(Default)]
pub(crate) struct Table {
    source: &'static str,
    dictionary: &'static [u8],
    /// In the order of their names.
    entries: Vec<Entry>,
    /// Their places, in the order of their names in the SDK for Java.
    by_sdk_name: Vec<usize>,
}

struct Entry {
    name: &'static str,
    sdk_name: String,
    client_name: &'static str,
    model_bytes: usize,
    frame: &'static [u8],
    service: OnceLock<Option<Service>>,
}

impl Table {
    /// Reads the index.
    pub(crate) fn read(bytes: &'static [u8]) -> Result<Table, Damaged> {
        let mut reader = Reader::new(bytes);
        if reader.bytes(MAGIC.len())? != MAGIC {
            return Err(Damaged);
        }
        let source = reader.text()?;
        let dictionary_bytes = reader.small()?;
        let count = reader.count(reader.left())?;
        let mut index = Vec::with_capacity(count);
        for _ in 0..count {
            let (name, client_name) = (reader.text()?, reader.text()?);
            let (model_bytes, frame_bytes): (usize, usize) = (reader.small()?, reader.small()?);
            if model_bytes > MODEL_BYTES_MAX {
                return Err(Damaged);
            }
            index.push((name, client_name, model_bytes, frame_bytes));
        }
        let dictionary = reader.bytes(dictionary_bytes)?;
        let entries = index.into_iter().map(|(name, client_name, model_bytes, frame_bytes)| {
            let sdk_name = client_name.to_ascii_lowercase();
            let frame = reader.bytes(frame_bytes)?;
            Ok(Entry { name, sdk_name, client_name, model_bytes, frame, service: OnceLock::new() })
        });
        let entries = entries.collect::<Result<Vec<_>, Damaged>>()?;
        let mut by_sdk_name: Vec<usize> = (0..entries.len()).collect();
        // Of two that share a name, the SDK has the first: `pinpoint-sms-voice` and `sms-voice` are one API.
        by_sdk_name.sort_by_key(|&place| &entries[place].sdk_name);
        by_sdk_name.dedup_by_key(|place| &entries[*place].sdk_name);
        Ok(Table { source, dictionary, entries, by_sdk_name })
    }

    pub(crate) fn by_name(&'static self, name: &str) -> Option<&'static Service> {
        let place = self.entries.binary_search_by_key(&name, |entry| entry.name).ok()?;
        self.load(place)
    }

    pub(crate) fn by_sdk_name(&'static self, sdk_name: &str) -> Option<&'static Service> {
        let found =
            self.by_sdk_name.binary_search_by_key(&sdk_name, |&place| &self.entries[place].sdk_name).ok()?;
        self.load(self.by_sdk_name[found])
    }

    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.entries.iter().map(|entry| entry.name)
    }

    /// In order.
    pub(crate) fn sdk_names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.by_sdk_name.iter().map(|&place| self.entries[place].sdk_name.as_str())
    }

    /// Shows every service that the SDK has, in the order of its names there. What had not been asked for before is
    /// forgotten again.
    pub(crate) fn visit(&'static self, mut visit: impl FnMut(&Service)) {
        for entry in self.by_sdk_name.iter().map(|&place| &self.entries[place]) {
            match entry.service.get() {
                Some(loaded) => loaded.iter().for_each(&mut visit),
                None => self.model(entry).iter().for_each(&mut visit),
            }
        }
    }

    /// With the day of its release.
    pub(crate) fn source(&self) -> (&'static str, &'static str) {
        self.source.split_once(" of ").unwrap_or((self.source, ""))
    }

    /// A model that cannot be read is none: only a broken build has such, and its tests tell.
    fn load(&'static self, place: usize) -> Option<&'static Service> {
        let entry = self.entries.get(place)?;
        entry.service.get_or_init(|| self.model(entry).ok()).as_ref()
    }

    fn model(&self, entry: &'static Entry) -> Result<Service, Damaged> {
        decode::service(entry.name, &entry.sdk_name, entry.client_name, &self.unpack(entry)?)
    }

    fn unpack(&self, entry: &Entry) -> Result<Vec<u8>, Damaged> {
        let mut decoder = FrameDecoder::new();
        let dictionary = Dictionary::decode_dict(self.dictionary).map_err(|_| Damaged)?;
        decoder.add_dict(dictionary).map_err(|_| Damaged)?;
        let mut model = vec![0; entry.model_bytes];
        let read = decoder.decode_all(entry.frame, &mut model).map_err(|_| Damaged)?;
        if read == entry.model_bytes { Ok(model) } else { Err(Damaged) }
    }

    #[cfg(test)]
    pub(crate) fn model_bytes(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        self.unpack(entry).ok()
    }
}
