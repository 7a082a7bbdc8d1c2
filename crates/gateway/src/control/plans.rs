//! Usage plans: how much the holders of keys may call.

use json::{Array, Object, Value, value};

use crate::fault::Fault;
use crate::usage;
use services::members::{Members, part_mut, take_over};

use super::patch::{self, Field, Kind, field};
use super::{Work, keys, load_api, page};

/// So many plans there may be; AWS's quota.
const PLANS_MAX: usize = 300;

const FIELDS: &[Field] = &[
    field("/name", Kind::Text),
    field("/description", Kind::Text),
    field("/productCode", Kind::Text),
    field("/throttle/rateLimit", Kind::Number),
    field("/throttle/burstLimit", Kind::Whole),
    field("/quota/limit", Kind::Whole),
    field("/quota/offset", Kind::Whole),
    field("/quota/period", Kind::Text),
    field("/throttle", Kind::Text),
    field("/quota", Kind::Text),
];

pub(super) fn create(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    if work.draft.of("plan/").len() >= PLANS_MAX {
        return Err(Fault::limit(format!("The maximum number of usage plans is {PLANS_MAX}")));
    }
    let id = work.moment.id(6);
    let mut plan = Object::from_iter([("id", id.as_str())]);
    take_over(input, &["name", "description", "apiStages", "throttle", "quota", "tags"], &mut plan);
    settle(&mut plan, work)?;
    work.draft.put(format!("plan/{id}"), plan.clone());
    Ok(shown(plan))
}

fn settle(plan: &mut Object, work: &Work<'_, '_>) -> Result<(), Fault> {
    if plan.text_or_empty("name").is_empty() {
        return Err(Fault::bad("Usage Plan name must not be empty"));
    }
    if !plan.contains_key("apiStages") {
        plan.insert("apiStages", Array::new());
    }
    for stage in plan.get("apiStages").and_then(Value::as_array).map(Array::as_slice).unwrap_or_default() {
        check_stage(stage, work)?;
    }
    check_throttle(plan.part("throttle"))?;
    let quota = plan.part("quota");
    if !quota.is_empty() {
        let days = match quota.text_or_empty("period") {
            "DAY" => 1,
            "WEEK" => 7,
            "MONTH" => 28,
            other => {
                return Err(Fault::bad(format!(
                    "Invalid quota period specified: '{other}'. Must be one of: DAY, WEEK, MONTH"
                )));
            }
        };
        if quota.whole("limit").is_none_or(|limit| limit < 1) {
            return Err(Fault::bad("Usage Plan quota limit must be greater than 0"));
        }
        if !(0..days).contains(&quota.whole("offset").unwrap_or(0)) {
            return Err(Fault::bad("Usage Plan quota start is out of range for the specified period"));
        }
    }
    Ok(())
}

fn check_throttle(throttle: &Object) -> Result<(), Fault> {
    let rate = throttle.get("rateLimit").and_then(Value::as_f64).unwrap_or(0.0);
    if rate < 0.0 || throttle.whole("burstLimit").unwrap_or(0) < 0 {
        return Err(Fault::bad("Usage Plan throttle limits must not be negative"));
    }
    Ok(())
}

fn check_stage(stage: &Value, work: &Work<'_, '_>) -> Result<(), Fault> {
    let (id, name) = (stage.text_or_empty("apiId"), stage.text_or_empty("stage"));
    let api = load_api(work.draft, id, &work.scope.account)?;
    if !api.part("stages").contains_key(name) {
        return Err(Fault::not_found(format!("API Stage not found: {id}:{name}")));
    }
    stage.part("throttle").values().filter_map(Value::as_object).try_for_each(check_throttle)
}

/// Without the keys, which have a list of their own.
fn shown(mut plan: Object) -> Value {
    plan.remove("keys");
    plan.into()
}

fn find(input: &Value, work: &Work<'_, '_>) -> Result<Object, Fault> {
    let plan =
        work.draft.get(&format!("plan/{}", input.text_or_empty("usagePlanId"))).and_then(Value::as_object);
    plan.cloned().ok_or_else(|| Fault::not_found("Invalid Usage Plan ID specified"))
}

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    find(input, work).map(shown)
}

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let key = input.text("keyId");
    let plans = work.draft.of("plan/").into_iter();
    let found = plans.filter(|(_, plan)| key.is_none_or(|key| plan.part("keys").contains_key(key)));
    page(input, found.filter_map(|(id, plan)| Some((id, shown(plan.as_object()?.clone())))).collect())
}

pub(super) fn update(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let mut plan = find(input, work)?;
    let operations = input.member("patchOperations").and_then(Value::as_array).cloned().unwrap_or_default();
    for operation in &operations {
        if operation.text_or_empty("path").starts_with("/apiStages") {
            change_stages(operation, &mut plan)?;
        } else {
            patch::apply(&value!({"patchOperations": [operation]}), FIELDS, &mut plan)?;
        }
    }
    settle(&mut plan, work)?;
    work.draft.put(format!("plan/{}", input.text_or_empty("usagePlanId")), plan.clone());
    Ok(shown(plan))
}

/// `/apiStages` adds or removes `API:STAGE`; `/apiStages/API:STAGE/throttle/PATH/METHOD/rateLimit` limits one method.
fn change_stages(operation: &Value, plan: &mut Object) -> Result<(), Fault> {
    let (op, path) = (operation.text_or_empty("op"), operation.text_or_empty("path"));
    let segments: Vec<_> = path.split('/').skip(2).map(|segment| segment.replace("~1", "/")).collect();
    let name = segments.first().map_or(operation.text_or_empty("value"), String::as_str);
    let Some((api, stage)) = name.split_once(':') else {
        return Err(Fault::bad(format!("Invalid API stage specified: '{name}' must be API_ID:STAGE")));
    };
    let mut stages: Vec<Value> =
        plan.get("apiStages").and_then(Value::as_array).map_or_else(Vec::new, |all| all.as_slice().to_vec());
    let place = stages
        .iter()
        .position(|known| known.text("apiId") == Some(api) && known.text("stage") == Some(stage));
    match (op, &segments[..], place) {
        ("add", [] | [_], None) => stages.push(value!({"apiId": api, "stage": stage})),
        ("add", [] | [_], Some(_)) => {
            return Err(Fault::conflict(format!("Usage plan already has the stage {name}")));
        }
        ("remove", [] | [_], Some(place)) => {
            stages.remove(place);
        }
        (_, _, None) => {
            return Err(Fault::not_found(format!("The usage plan does not have the stage {name}")));
        }
        (op, [_, throttle, resource, method, limit], Some(place)) if throttle == "throttle" => {
            if let Value::Object(stage) = &mut stages[place] {
                let throttle = part_mut(stage, "throttle");
                let method = part_mut(throttle, &format!("{resource}/{method}"));
                let one = value!({"op": op, "path": format!("/{limit}"), "value": operation.text_or_empty("value")});
                let fields = [field("/rateLimit", Kind::Number), field("/burstLimit", Kind::Whole)];
                patch::apply(&value!({"patchOperations": [one]}), &fields, method)?;
            }
        }
        _ => return Err(Fault::bad(format!("Invalid patch path  '{path}' specified for op '{op}'"))),
    }
    plan.insert("apiStages", stages);
    Ok(())
}

pub(super) fn delete(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let plan = find(input, work)?;
    if !plan.get("apiStages").and_then(Value::as_array).is_none_or(Array::is_empty) {
        return Err(Fault::bad("Cannot delete usage plan which has associated API stages"));
    }
    let id = plan.text_or_empty("id");
    work.draft.remove(&format!("plan/{id}"));
    let used = format!("usage/{id}/");
    for (key, _) in work.draft.of(&used) {
        work.draft.remove(&format!("{used}{key}"));
    }
    Ok(value!({}))
}

pub(super) fn create_key(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let mut plan = find(input, work)?;
    let id = input.text_or_empty("keyId");
    if input.text_or_empty("keyType") != "API_KEY" {
        return Err(Fault::bad("Invalid key type specified. Must be one of: API_KEY"));
    }
    let key = keys::find(id, work.draft)?;
    if plan.part("keys").contains_key(id) {
        return Err(Fault::conflict("Usage Plan Key already exists in this Usage Plan"));
    }
    let shown = of_plan(key);
    part_mut(&mut plan, "keys").insert(id, value!({}));
    work.draft.put(format!("plan/{}", input.text_or_empty("usagePlanId")), plan);
    Ok(shown)
}

/// A key as its plan shows it.
fn of_plan(key: &Value) -> Value {
    let mut shown = Object::new();
    take_over(key, &["id"], &mut shown);
    shown.insert("type", "API_KEY");
    take_over(key, &["value", "name"], &mut shown);
    shown.into()
}

pub(super) fn get_key(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let id = input.text_or_empty("keyId");
    if !find(input, work)?.part("keys").contains_key(id) {
        return Err(Fault::not_found("Invalid API Key identifier specified"));
    }
    keys::find(id, work.draft).map(of_plan)
}

pub(super) fn list_keys(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (plan, start) = (find(input, work)?, input.text_or_empty("nameQuery"));
    let keys = plan.part("keys").keys().filter_map(|id| keys::find(id, work.draft).ok());
    let keys = keys.filter(|key| key.text_or_empty("name").starts_with(start));
    page(input, keys.map(|key| (key.text_or_empty("id").to_owned(), of_plan(key))).collect())
}

pub(super) fn delete_key(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    get_key(input, work)?;
    let mut plan = find(input, work)?;
    part_mut(&mut plan, "keys").remove(input.text_or_empty("keyId"));
    work.draft.put(format!("plan/{}", input.text_or_empty("usagePlanId")), plan);
    Ok(value!({}))
}

/// For each key, what was used and what was left on each day.
pub(super) fn usage(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let plan = find(input, work)?;
    let (start, end) = (input.text_or_empty("startDate"), input.text_or_empty("endDate"));
    let days = usage::days(start, end).ok_or_else(|| {
        Fault::bad("Invalid dates specified: startDate and endDate are YYYY-MM-DD, and at most 90 days apart")
    })?;
    let id = plan.text_or_empty("id");
    let wanted = input.text("keyId");
    let mut items = Object::new();
    for key in plan.part("keys").keys().filter(|key| wanted.is_none_or(|wanted| *key == wanted)) {
        let used = work.draft.get(&format!("usage/{id}/{key}"));
        items.insert(key.clone(), usage::history(used.unwrap_or(&Value::Null), plan.part("quota"), &days));
    }
    Ok(value!({"usagePlanId": id, "startDate": start, "endDate": end, "items": items}))
}
