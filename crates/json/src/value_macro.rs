//! `json::value!`: values written down in Rust, for tests and builders.

/// Makes a [`Value`](crate::Value) from JSON notation with Rust expressions in it.
///
/// ```
/// let items = 2;
/// let value = json::value!({ "id": "a", "items": [items, 1.5, null], ("k".to_owned() + "1"): {} });
/// assert_eq!(value.to_text(), r#"{"id":"a","items":[2,1.5,null],"k1":{}}"#);
/// ```
///
/// A name is a literal or an expression in parentheses. A value is JSON or any expression that
/// `Value::from` takes.
#[macro_export]
macro_rules! value {
    (@array [$($done:expr,)*]) => { $crate::Array::from(::std::vec![$($done,)*]) };
    (@array [$($done:expr,)*] null $(, $($rest:tt)*)?) => {
        $crate::value!(@array [$($done,)* $crate::Value::Null,] $($($rest)*)?)
    };
    (@array [$($done:expr,)*] [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $crate::value!(@array [$($done,)* $crate::value!([$($inner)*]),] $($($rest)*)?)
    };
    (@array [$($done:expr,)*] {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $crate::value!(@array [$($done,)* $crate::value!({$($inner)*}),] $($($rest)*)?)
    };
    (@array [$($done:expr,)*] $item:expr $(, $($rest:tt)*)?) => {
        $crate::value!(@array [$($done,)* $crate::Value::from($item),] $($($rest)*)?)
    };
    (@object $object:ident) => {};
    (@object $object:ident $name:tt : null $(, $($rest:tt)*)?) => {
        $object.insert($name, $crate::Value::Null);
        $crate::value!(@object $object $($($rest)*)?);
    };
    (@object $object:ident $name:tt : [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $object.insert($name, $crate::value!([$($inner)*]));
        $crate::value!(@object $object $($($rest)*)?);
    };
    (@object $object:ident $name:tt : {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $object.insert($name, $crate::value!({$($inner)*}));
        $crate::value!(@object $object $($($rest)*)?);
    };
    (@object $object:ident $name:tt : $member:expr $(, $($rest:tt)*)?) => {
        $object.insert($name, $crate::Value::from($member));
        $crate::value!(@object $object $($($rest)*)?);
    };
    (null) => { $crate::Value::Null };
    ([ $($items:tt)* ]) => { $crate::Value::Array($crate::value!(@array [] $($items)*)) };
    ({}) => { $crate::Value::Object($crate::Object::new()) };
    ({ $($members:tt)+ }) => {{
        let mut object = $crate::Object::new();
        $crate::value!(@object object $($members)+);
        $crate::Value::Object(object)
    }};
    ($value:expr) => { $crate::Value::from($value) };
}
