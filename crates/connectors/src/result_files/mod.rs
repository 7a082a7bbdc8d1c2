//! The result files of a Distributed Map, in S3 or what stands in for it: a ResultWriter at work.
//!
//! Never here: what stands in the files (`items`).

use std::collections::BTreeMap;

use asl::Failure;
use items::{Child, FILE_BYTES_MAX, OutputType, Piece, ResultWriter, Transformation};
use json::{Text, Value};

use crate::objects::{NewObject, ObjectAt, ObjectTrouble, Objects};

/// The result files of one Map Run. At most one for each outcome is open, and of each a part is in memory (some 8
/// MiB). Nothing of a file is there before it is complete; the manifest comes last.
///
/// Dropping it, or a failure, gives up the files that are open. Those that are complete stay.
pub struct ResultFiles {
    writer: ResultWriter,
    files: OpenFiles,
}

/// The files that are being written.
struct OpenFiles {
    objects: Objects,
    bucket: Text,
    by_key: BTreeMap<String, NewObject>,
}

impl ResultFiles {
    /// Results go to `bucket`, below `prefix`, into a folder of the Map Run's own.
    pub fn new(
        objects: Objects,
        bucket: &str,
        prefix: &str,
        transformation: Transformation,
        output_type: OutputType,
        map_run_arn: &str,
    ) -> ResultFiles {
        let writer =
            ResultWriter::new(transformation, output_type, bucket, prefix, map_run_arn, FILE_BYTES_MAX);
        ResultFiles { writer, files: OpenFiles { objects, bucket: bucket.into(), by_key: BTreeMap::new() } }
    }

    /// Adds a child. Fails with `States.ResultWriterFailed`, in the words of AWS's SDK; after that the files are of no
    /// more use.
    pub async fn write(&mut self, child: &Child) -> Result<(), Failure> {
        self.files.put(self.writer.write(child)).await
    }

    /// Completes the files, and writes the manifest that names them. Gives the state's result: the Map Run's ARN, and
    /// where the manifest is. Fails as [`ResultFiles::write`] does.
    pub async fn finish(self) -> Result<Value, Failure> {
        let ResultFiles { writer, mut files } = self;
        let result = writer.result();
        files.put(writer.finish()).await?;
        Ok(result)
    }
}

impl OpenFiles {
    async fn put(&mut self, pieces: Vec<Piece>) -> Result<(), Failure> {
        let mut put = Ok(());
        for piece in pieces {
            put = self.put_piece(piece).await;
            if put.is_err() {
                break;
            }
        }
        let Err(trouble) = put else { return Ok(()) };
        for file in std::mem::take(&mut self.by_key).into_values() {
            file.abort().await;
        }
        Err(Failure::new(aws_names::error::RESULT_WRITER_FAILED, trouble.to_string()))
    }

    async fn put_piece(&mut self, piece: Piece) -> Result<(), ObjectTrouble> {
        match piece {
            Piece::Append { key, bytes } => {
                let OpenFiles { objects, bucket, by_key } = self;
                let file = by_key.entry(key).or_insert_with_key(|key| {
                    let (bucket, key) = (bucket.clone(), key.as_str().into());
                    objects.create(ObjectAt { bucket, key, ..ObjectAt::default() })
                });
                file.write(&bytes).await
            }
            Piece::Close { key, .. } => match self.by_key.remove(&key) {
                Some(file) => file.finish().await,
                None => unreachable!("items::ResultWriter closes what it has begun"),
            },
        }
    }
}
