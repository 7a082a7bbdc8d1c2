//! What must be so because it was acknowledged.

use std::sync::Mutex;

use json::Value;

use super::harness::head_of_path;
use super::harness::killing::Follower;

/// What a request must answer.
struct Fact {
    /// Of the request: its first line and its headers.
    head: String,
    body: String,
    status: u16,
    /// `None`: whatever it is.
    answer: Option<Value>,
}

/// All that was acknowledged so far.
#[derive(Default)]
pub struct Facts(Mutex<Vec<Fact>>);

impl Facts {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// From now on a request is answered so.
    pub fn note(&self, head: String, body: String, status: u16, answer: Option<Value>) {
        self.0.lock().unwrap().push(Fact { head, body, status, answer });
    }

    /// Makes something of an API: what was answered is what is read at `place` from then on. `None` if the answer got lost.
    pub fn create(
        &self,
        client: &mut Follower,
        service: &str,
        path: &str,
        body: &Value,
        place: impl Fn(&Value) -> String,
    ) -> Option<Value> {
        let made = client.call(|client| client.of_path(service, "POST", path, body))?;
        self.note(head_of_path(service, "GET", &place(&made)), String::new(), 200, Some(made.clone()));
        Some(made)
    }

    /// Deletes something that is read at `place`. If the answer gets lost, it may be there or not.
    pub fn delete(&self, client: &mut Follower, service: &str, place: &str, path: &str) -> Option<()> {
        let read = head_of_path(service, "GET", place);
        self.0.lock().unwrap().retain(|fact| fact.head != read);
        client.call(|client| client.of_path(service, "DELETE", path, &Value::Null))?;
        self.note(read, String::new(), 404, None);
        Some(())
    }

    /// Asks all again, and returns how many there are. Nothing is taken back meanwhile.
    pub fn check(&self, client: &mut Follower) -> usize {
        let facts = self.0.lock().unwrap();
        for Fact { head, body, status, answer } in facts.iter() {
            let (now, said) = client.insist(|client| client.request(head, body));
            assert_eq!(now, *status, "{head}\n{body}\nanswers {said}");
            if let Some(answer) = answer {
                assert_eq!(Value::parse(&said).expect("JSON"), *answer, "{head}\n{body}");
            }
        }
        facts.len()
    }
}
