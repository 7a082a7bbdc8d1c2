//! Request validators: which parts of a request are looked at before anything else.

use json::{Object, Value, value};

use crate::fault::Fault;
use services::Moment;
use services::members::{Members, part_mut};

use super::page;
use super::patch::{self, Field, Kind, field};

const FIELDS: &[Field] = &[
    field("/name", Kind::Text),
    field("/validateRequestBody", Kind::Flag),
    field("/validateRequestParameters", Kind::Flag),
];

pub(crate) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let id = moment.id(6);
    let validator = value!({
        "id": id.as_str(),
        "name": input.text_or_empty("name"),
        "validateRequestBody": input.flag("validateRequestBody"),
        "validateRequestParameters": input.flag("validateRequestParameters"),
    });
    part_mut(api, "requestValidators").insert(id, &validator);
    Ok(validator)
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    let validator = api.part("requestValidators").get(input.text_or_empty("requestValidatorId"));
    validator.cloned().ok_or_else(|| Fault::not_found("Invalid Request Validator identifier specified"))
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    let validators = api.part("requestValidators").iter();
    page(input, validators.map(|(id, validator)| (id.to_string(), validator.clone())).collect())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let Value::Object(mut validator) = get(input, api)? else { return Ok(Value::Null) };
    patch::apply(input, FIELDS, &mut validator)?;
    part_mut(api, "requestValidators").insert(input.text_or_empty("requestValidatorId"), validator.clone());
    Ok(validator.into())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    get(input, api)?;
    let id = input.text_or_empty("requestValidatorId");
    for resource in api.part("resources").values() {
        let mut methods = resource.part("resourceMethods").values();
        if methods.any(|method| method.text("requestValidatorId") == Some(id)) {
            let path = resource.text_or_empty("path");
            return Err(Fault::conflict(format!("Cannot delete validator {id}, a method of {path} uses it")));
        }
    }
    part_mut(api, "requestValidators").remove(id);
    Ok(value!({}))
}
