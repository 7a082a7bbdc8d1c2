//! `SdkHttpMetadata` and `SdkResponseMetadata`: what the result of an optimised integration tells
//! about the HTTP response. (spec/integrations.md §2, recorded)

use json::{Array, Object, Text, Value};

/// The headers that say who answered, in the order in which AWS's SDK looks for them.
const REQUEST_ID_HEADERS: [&str; 3] = ["x-amzn-requestid", "x-amz-request-id", "x-amz-requestid"];

/// Status and headers of a service's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResponseMetadata {
    pub(crate) status: u16,
    /// Name and value, in the order of arrival; a name may repeat.
    pub(crate) headers: Vec<(String, String)>,
}

impl ResponseMetadata {
    /// The value of the first header of this name, in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The service's id of the request.
    pub(crate) fn request_id(&self) -> Option<&str> {
        REQUEST_ID_HEADERS.iter().find_map(|name| self.header(name))
    }

    /// Adds both metadata members to an integration's result.
    pub(crate) fn add_to(&self, result: &mut Object) {
        let mut all: Object = Object::new();
        let mut sorted: Vec<(String, &str)> = Vec::with_capacity(self.headers.len());
        for (name, value) in &self.headers {
            let name = spelt_as_aws(name);
            match all.get_mut(&name) {
                Some(values) => values.as_array_mut().expect("made below").push(value.as_str()),
                None => {
                    all.insert(name.as_str(), Array::from(vec![Value::from(value.as_str())]));
                    sorted.push((name, value));
                }
            }
        }
        sorted.sort_by_key(|(name, _)| name.to_ascii_lowercase());
        let single: Vec<(Text, &str)> =
            sorted.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let mut http_headers = Object::with_capacity(single.len());
        for (name, value) in single {
            http_headers.insert(name, value);
        }

        let mut http = Object::with_capacity(3);
        http.insert("AllHttpHeaders", all);
        http.insert("HttpHeaders", http_headers);
        http.insert("HttpStatusCode", u32::from(self.status));
        result.insert("SdkHttpMetadata", http);
        let mut response = Object::with_capacity(1);
        response.insert("RequestId", self.request_id().unwrap_or_default());
        result.insert("SdkResponseMetadata", response);
    }
}

/// A header's name as AWS's services write it. HTTP libraries tell names in lower case only.
pub(crate) fn spelt_as_aws(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "x-amzn-requestid" => "x-amzn-RequestId".to_owned(),
        "x-amzn-remapped-content-length" => "x-amzn-Remapped-Content-Length".to_owned(),
        "x-amzn-errortype" => "x-amzn-ErrorType".to_owned(),
        "x-amz-crc32" | "x-amz-id-2" | "x-amz-request-id" => lower,
        _ => {
            let capitalised = lower.split('-').map(|word| {
                let mut letters = word.chars();
                let first = letters.next().map(|letter| letter.to_ascii_uppercase());
                first.into_iter().chain(letters).collect::<String>()
            });
            capitalised.collect::<Vec<_>>().join("-")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_as_recorded() {
        let headers = [
            ("x-amz-executed-version", "$LATEST"),
            ("x-amzn-requestid", "id"),
            ("content-type", "application/json"),
            ("set-cookie", "a"),
            ("set-cookie", "b"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let mut result = Object::new();
        ResponseMetadata { status: 200, headers }.add_to(&mut result);
        assert_eq!(
            Value::Object(result).to_text(),
            json::value!({
                "SdkHttpMetadata": {
                    "AllHttpHeaders": {
                        "X-Amz-Executed-Version": ["$LATEST"],
                        "x-amzn-RequestId": ["id"],
                        "Content-Type": ["application/json"],
                        "Set-Cookie": ["a", "b"],
                    },
                    "HttpHeaders": {
                        "Content-Type": "application/json",
                        "Set-Cookie": "a",
                        "X-Amz-Executed-Version": "$LATEST",
                        "x-amzn-RequestId": "id",
                    },
                    "HttpStatusCode": 200,
                },
                "SdkResponseMetadata": { "RequestId": "id" },
            })
            .to_text()
        );
    }
}
