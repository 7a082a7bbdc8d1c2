//! Expressions, and objects that hold some.

use json::{Array, Object, Value};

use super::super::Generator;
use super::computed;

/// What `$states` has beside input and context.
#[derive(Clone, Copy, PartialEq)]
pub enum Moment {
    Entry,
    /// `$states.result` is what the world answers a call.
    Answer,
    /// `$states.result` is what came out of branches or iterations.
    Results,
    /// `$states.errorOutput`. The reference knows only the beginning of some causes, so that they are passed
    /// on as they are.
    Fault,
}

/// What fails in every state.
const WRONG: &[&str] = &[
    "$states.input.no.such.member",
    "$nobody",
    "$states.input.text + 1",
    "$error('made to fail')",
    "1 / 0",
    "$states.input.text.nothing(1)",
    "$parse('{')",
    "$base64decode('!!!')",
    "function($x) { $x }",
    "$states.input.items > 'many'",
    "$states.input.flag()",
    "$assert(false, 'asserted')",
];

impl Generator<'_> {
    /// Where the data stands.
    fn data(&mut self) -> &'static str {
        if self.random.once_in(3) { "$base" } else { "$states.input" }
    }

    /// Something that gives a number.
    pub fn computed_number(&mut self) -> String {
        let root = self.data();
        match self.random.below(10) {
            0 | 1 => format!("{root}.n"),
            2 => format!("{root}.nested.a"),
            3 => format!("{root}.n + {}", self.random.below(9) as i64 - 4),
            4 => format!("$count({root}.items)"),
            5 => format!("$floor({root}.ratio * {root}.seconds)"),
            6 => format!("$sum({root}.items)"),
            7 => format!("{root}.nested.list[0]"),
            8 => format!("$reduce({root}.items, function($one, $two) {{ $one + $two }}, 0)"),
            _ => format!("$length({root}.text) / 3"),
        }
    }

    /// Something that gives a text.
    pub fn computed_text(&mut self) -> String {
        let root = self.data();
        match self.random.below(9) {
            0 | 1 => format!("{root}.text"),
            2 => "$states.context.State.Name".to_owned(),
            3 => format!("$string({root}.nested)"),
            4 => format!("$uppercase({root}.text) & '/' & {root}.n"),
            5 => format!("$base64encode({root}.text)"),
            6 => format!("$hash({root}.text, 'SHA-256')"),
            7 => format!("$fromMillis({root}.seconds * 1000)"),
            _ => "$states.context.Execution.Name".to_owned(),
        }
    }

    /// Something that gives an array.
    pub fn computed_array(&mut self) -> String {
        let root = self.data();
        match self.random.below(11) {
            0 | 1 => format!("{root}.items"),
            2 => format!("{root}.nested.list"),
            3 => format!("[{root}.n, 'x', {root}.flag, null, 1.5]"),
            4 => format!("[0..{}]", self.random.below(5)),
            5 => "$partition([1, 2, 3, 4, 5], 2)".to_owned(),
            6 => format!("[$map({root}.items, function($item) {{ $item * 2 }})]"),
            7 => format!("[{root}.items[$ > 2]]"),
            8 => format!("$sort($append({root}.items, [7, 3]), function($one, $two) {{ $one < $two }})"),
            9 => "$split('a,b,c', ',')".to_owned(),
            _ => match self.variable() {
                Some(variable) => format!("[${variable}]"),
                None => "$range(1, 7, 2)".to_owned(),
            },
        }
    }

    /// Something that gives a boolean.
    pub fn computed_condition(&mut self) -> String {
        let root = self.data();
        match self.random.below(9) {
            0 => format!("{root}.n > {}", self.random.below(40)),
            1 => format!("{root}.flag"),
            2 => format!("{root}.text = 'alpha' or {root}.nested.a in {root}.items"),
            3 => format!("$exists({root}.out)"),
            4 => format!("$not({root}.n >= {root}.seconds)"),
            5 => format!("$contains({root}.text, /a.*a/)"),
            6 => format!("{root}.nothing = null and $count({root}.items) > 3"),
            7 => format!("$toMillis({root}.at) < 1700000000000"),
            _ => format!("$type({root}.nested) = 'object'"),
        }
    }

    /// Something that gives anything, at this moment.
    pub fn computed_anything(&mut self, moment: Moment) -> String {
        let root = self.data();
        match self.random.below(18) {
            0..2 => self.computed_number(),
            2..4 => self.computed_text(),
            4..6 => self.computed_array(),
            6 => self.computed_condition(),
            7 => format!("$merge([{root}.nested, {{'a': 7, 'b': []}}])"),
            8 => "$parse('[1, {\"two\": 2}, null]')".to_owned(),
            9 => (*self.random.pick(&["$uuid()", "$random()"])).to_owned(),
            10 => (*self.random.pick(&[
                "$states.context",
                "$states.context.Execution.Id",
                "$states.context.Execution.StartTime",
                "$states.context.StateMachine",
                "$states.context.State",
                "$states.context.Execution.RedriveCount",
            ]))
            .to_owned(),
            11 => format!("{root}.nothing"),
            12 => match self.variable() {
                Some(variable) => format!("${variable}"),
                None => format!("{root}.at"),
            },
            13 => format!("({}) ? {root}.nested : {root}.text", self.computed_condition()),
            14 => format!("($x := {root}.n; {{'square': $x * $x, 'missing': {root}.no.such}})"),
            _ => self.computed_outcome(moment),
        }
    }

    /// What only this moment has.
    pub fn computed_outcome(&mut self, moment: Moment) -> String {
        let known: &[&str] = match moment {
            Moment::Entry => {
                &["$states.input.nested", "$sift($states.input.nested, function($v, $k) { $k = 'a' })"]
            }
            Moment::Answer => &[
                "$states.result",
                "$states.result.answer",
                "$states.result.list[0]",
                "$states.result.list",
                "'<' & $states.result.text & '>'",
            ],
            Moment::Results => &[
                "$states.result",
                "$count($states.result)",
                "[$states.result[[0..1]]]",
                "$states.result ~> $string() ~> $length()",
            ],
            Moment::Fault => &[
                "$states.errorOutput",
                "$states.errorOutput.Cause",
                "$lowercase($states.errorOutput.Error)",
                "[$states.errorOutput.Error, $states.errorOutput.Cause]",
            ],
        };
        (*self.random.pick(known)).to_owned()
    }

    /// Something that gives nothing or cannot be worked out; with the first attempt only, now and then.
    pub fn computed_wrong(&mut self) -> String {
        match self.random.once_in(3) {
            true => "$states.context.State.RetryCount > 0 ? 'at last' : $error('not at first')".to_owned(),
            false => (*self.random.pick(WRONG)).to_owned(),
        }
    }

    /// An object with expressions. One member in so many cannot be worked out.
    pub fn computed_object(&mut self, moment: Moment, wrong_in: u64) -> Object {
        let mut object = Object::new();
        for place in 0..1 + self.random.below(3) {
            let expression = computed(self.computed_anything(moment));
            match self.random.below(6) {
                0 => object.insert(format!("literal{place}"), json::value!([place, "$.text", null])),
                1 => {
                    let inner = json::value!({ "deep": expression, "plain.$": "$.no.path" });
                    object.insert(format!("inner{place}"), inner)
                }
                2 => {
                    let item = json::value!({ "item": expression });
                    object.insert(format!("list{place}"), Array::from(vec![item, Value::Null]))
                }
                _ => object.insert(format!("made{place}"), expression),
            };
        }
        if self.random.once_in(wrong_in) {
            let wrong = json::value!([1, { "here": computed(self.computed_wrong()) }]);
            object.insert("wrong", wrong);
        }
        object
    }
}
