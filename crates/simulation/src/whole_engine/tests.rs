//! A promise that is broken on purpose, and the film of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use asl::Timestamp;

use super::disk::Medium;
use super::world::World;

/// Lets a world run until it breaks a promise; the film.
fn film(world: &mut World) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        for _ in 0..2_000 {
            world.step();
        }
    }));
    let panic = panic.expect_err("the promise is broken within some rounds");
    world.develop(77, &*panic).to_string()
}

#[test]
fn a_read_that_is_not_true_any_more_is_shown_with_its_film() {
    let mut world = World::new(77, Medium::Memory);
    while !world.film.is_full() {
        world.step();
    }
    let arn = loop {
        world.step();
        let open = |expected: &super::promises::Expected| !expected.is_closed && expected.seen.len() > 3;
        if let Some((arn, _)) = world.promises.executions.iter().find(|(_, expected)| open(expected)) {
            break arn.clone();
        }
        // What is open is read now and then only.
        for arn in world.promises.live() {
            world.observe(&arn);
        }
    };
    // As if a reader had seen another time than the one on disk.
    let expected = world.promises.executions.get_mut(&arn).expect("it was just found");
    expected.seen[2].timestamp = Timestamp(1);
    let film = film(&mut world);
    let promise = format!("The promise: {arn}: what was read is not true any more");
    let lines = [
        "Seed 77 broke a promise.",
        "things that happened:",
        &format!("Execution  {arn}"),
        "Definition {",
        "Input      {",
        "ExecutionStarted",
        &promise,
        "Again:       cargo xtask simulate 77",
    ];
    for line in lines {
        assert!(film.contains(line), "no {line}:\n{film}");
    }
    let scenes = film.lines().filter(|line| line.contains(" process ") && line.contains(" round ")).count();
    assert_eq!(scenes, 60, "a film has the last scenes");
}

#[test]
fn an_acknowledged_execution_that_is_lost_is_noticed() {
    let mut world = World::new(78, Medium::Memory);
    while world.promises.live().is_empty() {
        world.step();
    }
    // As if the engine had acknowledged a start that the disk does not have.
    let live = world.promises.live();
    let mut expected = world.promises.executions.remove(&live[0]).expect("it lives");
    expected.seen.clear();
    let lost = json::Text::from("arn:aws:states:us-east-1:123456789012:execution:m0:lost");
    world.promises.executions.insert(lost, expected);
    let film = film(&mut world);
    assert!(film.contains("lost is lost"), "{film}");
}
