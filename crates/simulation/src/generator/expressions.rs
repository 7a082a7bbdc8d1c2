//! Paths, function calls and payload templates.

use json::{Array, Object, Value};

use super::{Generator, Place};

impl Generator<'_> {
    /// Something that gives a whole number.
    pub fn number(&mut self, root: &str) -> String {
        match self.random.below(9) {
            0 | 1 => format!("{root}.n"),
            2 => format!("{root}.nested.a"),
            3 => format!("States.MathAdd({root}.n, {})", self.random.below(9) as i64 - 4),
            4 => format!("States.ArrayLength({root}.items)"),
            5 => format!("States.MathAdd({root}.ratio, {root}.seconds)"),
            6 => "$base.seconds".to_owned(),
            7 => format!("States.ArrayGetItem({root}.nested.list, 0)"),
            _ => format!("{root}.nested['list'][0]"),
        }
    }

    /// Something that gives a text.
    pub fn text(&mut self, root: &str) -> String {
        match self.random.below(9) {
            0 | 1 => format!("{root}.text"),
            2 => "$$.State.Name".to_owned(),
            3 => format!("States.Format('{{}} of {{}} is \\'{{}}\\'', {root}.n, {root}.text, {root}.nested)"),
            4 => format!("States.JsonToString({root}.nested)"),
            5 => format!("States.Base64Encode({root}.text)"),
            6 => "States.Base64Decode('YWJj')".to_owned(),
            7 => format!("States.Format('\\{{{{}}\\}}', {root}.flag)"),
            _ => "$$.Execution.Name".to_owned(),
        }
    }

    /// Something that gives an array.
    pub fn array(&mut self, root: &str) -> String {
        match self.random.below(11) {
            0 | 1 => format!("{root}.items"),
            2 => format!("{root}.nested.list"),
            3 => format!("States.Array({root}.n, 'x', {root}.flag, null, 1.5)"),
            4 => format!("States.ArrayRange(0, {}, {})", self.random.below(5), 1 + self.random.below(2)),
            5 => format!("States.ArrayPartition({root}.items, {})", 1 + self.random.below(3)),
            6 => format!("States.ArrayUnique(States.Array(1, 2, {root}.n, 1))"),
            7 => "States.StringSplit('a,b;;c', ',;')".to_owned(),
            8 => format!("{root}.items[0:2]"),
            9 => format!("{root}.nested.*"),
            _ => match self.variable() {
                Some(variable) => format!("${variable}[*]"),
                None => format!("{root}.nested.list[*]"),
            },
        }
    }

    /// Something that gives anything.
    pub fn anything(&mut self, root: &str) -> String {
        match self.random.below(14) {
            0..2 => self.number(root),
            2..4 => self.text(root),
            4..6 => self.array(root),
            6 => format!("States.ArrayContains({root}.items, {root}.n)"),
            7 => {
                format!("States.JsonMerge({root}.nested, States.StringToJson('{{\"a\":7,\"b\":[]}}'), false)")
            }
            8 => "States.StringToJson('[1, {\"two\": 2}, null]')".to_owned(),
            9 => (*self.random.pick(&["States.UUID()", "States.MathRandom(1, 99)"])).to_owned(),
            10 => (*self.random.pick(&[
                "$$.Execution.Id",
                "$$.Execution.StartTime",
                "$$.Execution.RoleArn",
                "$$.StateMachine.Name",
                "$$.StateMachine.Id",
                "$$.State.EnteredTime",
                "$$.Execution.RedriveCount",
            ]))
            .to_owned(),
            11 => format!("{root}.nothing"),
            12 => match self.variable() {
                Some(variable) => format!("${variable}"),
                None => format!("{root}.at"),
            },
            _ => format!("{root}.nested"),
        }
    }

    /// Something that gives nothing or cannot be worked out.
    pub fn wrong(&mut self, root: &str) -> String {
        match self.random.below(4) {
            0 => format!("{root}.no.such.member"),
            1 => format!("States.MathAdd({root}.text, 1)"),
            2 => format!("States.ArrayGetItem({root}.nested.list, 9)"),
            _ => "States.StringToJson('{')".to_owned(),
        }
    }

    /// A payload template over data that stands at `root`. One that `may_fail` does so now and then.
    pub fn template(&mut self, root: &str, may_fail: bool) -> Object {
        let mut template = Object::new();
        for place in 0..1 + self.random.below(3) {
            match self.random.below(6) {
                0 => template.insert(format!("literal{place}"), json::value!([place, "text", null])),
                1 => {
                    let inner = json::value!({ "deep.$": self.anything(root), "plain": "$.no.path" });
                    template.insert(format!("inner{place}"), inner)
                }
                2 => {
                    let item = json::value!({ "item.$": self.anything(root) });
                    template.insert(format!("list{place}"), Array::from(vec![item, Value::Null]))
                }
                _ => {
                    let expression = self.anything(root);
                    template.insert(format!("made{place}.$"), expression)
                }
            };
        }
        if may_fail && self.random.once_in(40) {
            let expression = self.wrong(root);
            template.insert("wrong.$", expression);
        }
        template
    }

    /// An `Assign` for a state of this container, whose `$` is anything.
    pub fn assign(&mut self, holder: &mut Object, place: Place<'_>) {
        if !self.random.once_in(4) {
            return;
        }
        let Some(variable) = self.own_variable() else { return };
        let mut assign = Object::new();
        // It stays a list, because others read it as one.
        match self.random.below(3) {
            0 => assign.insert(variable, json::value!(["new", { "x": 1 }])),
            // In a loop a value that holds what it was before would grow with each round.
            1 if !place.is_in_loop => {
                assign.insert(format!("{variable}.$"), format!("States.Array(${variable}[0], $)"))
            }
            _ => assign.insert(format!("{variable}.$"), "States.Array($$.State.Name, $base.n)"),
        };
        holder.insert("Assign", assign);
    }
}
