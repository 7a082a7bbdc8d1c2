//! Schedules: expressions with the times at which they are due.

use events::Schedule;
use events::schedule::{FlexibleWindow, Offsets, UTC};
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// Seconds since 1970 of a time in UTC, read by the code that reads `at(…)`.
fn time(text: &str) -> i64 {
    match Schedule::parse(&format!("at({text})")).unwrap() {
        Schedule::At { local } => local,
        other => panic!("{other:?} is no time"),
    }
}

/// The other way round, by looking for the day.
fn text(time: i64) -> String {
    let day = time.div_euclid(86_400);
    let (mut year, mut left) = (1970, day);
    let length = |year: i64| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 };
    while left >= length(year) {
        left -= length(year);
        year += 1;
    }
    let mut month = 1;
    for days in [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < days {
            break;
        }
        left -= days;
        month += 1;
    }
    let second = time.rem_euclid(86_400);
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][(day.rem_euclid(7)) as usize];
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday} {year}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}", left + 1)
}

/// New York in 2026: clocks go from 02:00 to 03:00 on 8 March, and from 02:00 back to 01:00 on 1 November.
fn new_york(utc: i64) -> i64 {
    let summer = time("2026-03-08T07:00:00")..time("2026-11-01T06:00:00");
    if summer.contains(&utc) { -4 * 3600 } else { -5 * 3600 }
}

fn check_in(zone: &dyn Offsets, expression: &str, after: &str, count: usize, expected: Expect) {
    let schedule = match Schedule::parse(expression) {
        Ok(schedule) => schedule,
        Err(invalid) => return expected.assert_eq(&invalid.reason),
    };
    let mut now = time(after);
    let start = now;
    let mut said = String::new();
    for _ in 0..count {
        let Some(due) = schedule.next_after(now, start, zone) else {
            said += "never\n";
            break;
        };
        assert!(due > now, "{expression} is due in the past");
        said += &format!("{}\n", text(due));
        now = due;
    }
    expected.assert_eq(&said);
}

fn check(expression: &str, after: &str, expected: Expect) {
    check_in(&UTC, expression, after, 4, expected);
}

#[test]
fn rates_count_from_the_start() {
    check(
        "rate(5 minutes)",
        "2026-01-01T00:00:30",
        expect![[r#"
        Thu 2026-01-01 00:05:30
        Thu 2026-01-01 00:10:30
        Thu 2026-01-01 00:15:30
        Thu 2026-01-01 00:20:30
    "#]],
    );
    let rate = Schedule::parse("rate(1 day)").unwrap();
    assert_eq!(rate.next_after(99, 100, &UTC), Some(100));
    assert_eq!(rate.next_after(-5_000_000, 100, &UTC), Some(100));
    assert_eq!(rate.next_after(100, 100, &UTC), Some(86_500));
    assert_eq!(rate.next_after(i64::MAX - 1, 100, &UTC), None);
}

#[test]
fn fields_are_numbers_names_ranges_steps_and_lists() {
    check(
        "cron(0 12 * * ? *)",
        "2026-02-27T12:00:00",
        expect![[r#"
        Sat 2026-02-28 12:00:00
        Sun 2026-03-01 12:00:00
        Mon 2026-03-02 12:00:00
        Tue 2026-03-03 12:00:00
    "#]],
    );
    check(
        "cron(0/10 8-17 ? * MON-FRI *)",
        "2026-02-27T17:35:00",
        expect![[r#"
        Fri 2026-02-27 17:40:00
        Fri 2026-02-27 17:50:00
        Mon 2026-03-02 08:00:00
        Mon 2026-03-02 08:10:00
    "#]],
    );
    check(
        "cron(5,50-59/4 */12 1 JAN,jul ? 2027-2028)",
        "2026-02-27T00:00:00",
        expect![[r#"
        Fri 2027-01-01 00:05:00
        Fri 2027-01-01 00:50:00
        Fri 2027-01-01 00:54:00
        Fri 2027-01-01 00:58:00
    "#]],
    );
    check(
        "cron(0 22-1 ? * FRI-SUN *)",
        "2026-02-28T01:00:00",
        expect![[r#"
        Sat 2026-02-28 22:00:00
        Sat 2026-02-28 23:00:00
        Sun 2026-03-01 00:00:00
        Sun 2026-03-01 01:00:00
    "#]],
    );
}

#[test]
fn months_have_last_days_and_working_days() {
    check(
        "cron(0 0 L * ? *)",
        "2028-01-15T00:00:00",
        expect![[r#"
        Mon 2028-01-31 00:00:00
        Tue 2028-02-29 00:00:00
        Fri 2028-03-31 00:00:00
        Sun 2028-04-30 00:00:00
    "#]],
    );
    check(
        "cron(0 0 L-3 * ? *)",
        "2028-01-31T00:00:00",
        expect![[r#"
        Sat 2028-02-26 00:00:00
        Tue 2028-03-28 00:00:00
        Thu 2028-04-27 00:00:00
        Sun 2028-05-28 00:00:00
    "#]],
    );
    check(
        "cron(0 0 1W * ? *)",
        "2026-01-15T00:00:00",
        expect![[r#"
        Mon 2026-02-02 00:00:00
        Mon 2026-03-02 00:00:00
        Wed 2026-04-01 00:00:00
        Fri 2026-05-01 00:00:00
    "#]],
    );
    check(
        "cron(0 0 31W * ? *)",
        "2026-01-01T00:00:00",
        expect![[r#"
        Fri 2026-01-30 00:00:00
        Tue 2026-03-31 00:00:00
        Fri 2026-05-29 00:00:00
        Fri 2026-07-31 00:00:00
    "#]],
    );
    check(
        "cron(0 0 LW * ? *)",
        "2026-01-01T00:00:00",
        expect![[r#"
        Fri 2026-01-30 00:00:00
        Fri 2026-02-27 00:00:00
        Tue 2026-03-31 00:00:00
        Thu 2026-04-30 00:00:00
    "#]],
    );
}

#[test]
fn weekdays_have_numbers_within_the_month() {
    check(
        "cron(15 10 ? * 6L 2026)",
        "2026-01-01T00:00:00",
        expect![[r#"
        Fri 2026-01-30 10:15:00
        Fri 2026-02-27 10:15:00
        Fri 2026-03-27 10:15:00
        Fri 2026-04-24 10:15:00
    "#]],
    );
    check(
        "cron(0 9 ? * 2#1 *)",
        "2026-01-01T00:00:00",
        expect![[r#"
        Mon 2026-01-05 09:00:00
        Mon 2026-02-02 09:00:00
        Mon 2026-03-02 09:00:00
        Mon 2026-04-06 09:00:00
    "#]],
    );
    check(
        "cron(0 9 ? * SUN#5 *)",
        "2026-01-01T00:00:00",
        expect![[r#"
        Sun 2026-03-29 09:00:00
        Sun 2026-05-31 09:00:00
        Sun 2026-08-30 09:00:00
        Sun 2026-11-29 09:00:00
    "#]],
    );
    check(
        "cron(0 9 ? * L *)",
        "2026-01-01T00:00:00",
        expect![[r#"
        Sat 2026-01-03 09:00:00
        Sat 2026-01-10 09:00:00
        Sat 2026-01-17 09:00:00
        Sat 2026-01-24 09:00:00
    "#]],
    );
}

#[test]
fn months_that_begin_and_end_with_the_day() {
    check(
        "cron(0 0 1W * ? *)",
        "2026-07-15T00:00:00",
        expect![[r#"
        Mon 2026-08-03 00:00:00
        Tue 2026-09-01 00:00:00
        Thu 2026-10-01 00:00:00
        Mon 2026-11-02 00:00:00
    "#]],
    );
    check(
        "cron(0 0 ? * 6L *)",
        "2026-07-01T00:00:00",
        expect![[r#"
        Fri 2026-07-31 00:00:00
        Fri 2026-08-28 00:00:00
        Fri 2026-09-25 00:00:00
        Fri 2026-10-30 00:00:00
    "#]],
    );
}

#[test]
fn some_days_are_rare_and_some_never_come() {
    check(
        "cron(0 0 29 2 ? *)",
        "2096-02-29T00:00:00",
        expect![[r#"
        Fri 2104-02-29 00:00:00
        Wed 2108-02-29 00:00:00
        Mon 2112-02-29 00:00:00
        Sat 2116-02-29 00:00:00
    "#]],
    );
    check("cron(0 0 31 2 ? *)", "2026-01-01T00:00:00", expect![["never\n"]]);
    check("cron(0 0 1 1 ? 2025)", "2026-01-01T00:00:00", expect![["never\n"]]);
    check(
        "cron(59 23 31 12 ? 2199)",
        "2026-01-01T00:00:00",
        expect![[r#"
        Tue 2199-12-31 23:59:00
        never
    "#]],
    );
}

#[test]
fn times_that_clocks_pass_over_are_left_out() {
    check_in(
        &new_york,
        "cron(30 2 * * ? *)",
        "2026-03-07T00:00:00",
        3,
        expect![[r#"
        Sat 2026-03-07 07:30:00
        Mon 2026-03-09 06:30:00
        Tue 2026-03-10 06:30:00
    "#]],
    );
}

#[test]
fn times_that_clocks_show_twice_are_meant_once() {
    check_in(
        &new_york,
        "cron(30 1 * * ? *)",
        "2026-10-31T00:00:00",
        3,
        expect![[r#"
        Sat 2026-10-31 05:30:00
        Sun 2026-11-01 05:30:00
        Mon 2026-11-02 06:30:00
    "#]],
    );
    check_in(
        &new_york,
        "cron(0/30 * * * ? *)",
        "2026-11-01T05:00:00",
        3,
        expect![[r#"
        Sun 2026-11-01 05:30:00
        Sun 2026-11-01 07:00:00
        Sun 2026-11-01 07:30:00
    "#]],
    );
}

#[test]
fn a_time_comes_once() {
    check(
        "at(2026-11-20T13:00:05)",
        "2026-01-01T00:00:00",
        expect![[r#"
        Fri 2026-11-20 13:00:05
        never
    "#]],
    );
    check_in(
        &new_york,
        "at(2026-07-01T12:00:00)",
        "2026-01-01T00:00:00",
        1,
        expect![[r#"
        Wed 2026-07-01 16:00:00
    "#]],
    );
    // Clocks go from 02:00 to 03:00.
    check_in(
        &new_york,
        "at(2026-03-08T02:30:00)",
        "2026-01-01T00:00:00",
        1,
        expect![[r#"
        Sun 2026-03-08 07:30:00
    "#]],
    );
}

#[test]
fn other_texts_are_refused() {
    for (expression, expected) in [
        ("", expect!["a schedule expression is rate(…), cron(…) or at(…)"]),
        ("rate(5 minutes) ", expect!["a schedule expression is rate(…), cron(…) or at(…)"]),
        ("rate(5 minute)", expect!["rate(5 minute): the unit has an s behind it unless the number is 1"]),
        ("rate(1 minutes)", expect!["rate(1 minutes): the unit has an s behind it unless the number is 1"]),
        ("rate(0 minutes)", expect!["rate(0 minutes): the number is a positive integer"]),
        ("rate(+5 minutes)", expect!["rate(+5 minutes): the number is a positive integer"]),
        ("rate(5 weeks)", expect!["rate(5 weeks): the unit is minutes, hours or days"]),
        (
            "rate(9223372036854775807 days)",
            expect!["rate(9223372036854775807 days): the number is too large"],
        ),
        ("rate(minutes)", expect!["rate(minutes): a rate is a number and a unit"]),
        (
            "at(2026-02-29T00:00:00)",
            expect!["at(2026-02-29T00:00:00) is no time such as at(2022-11-20T13:00:00)"],
        ),
        ("cron(* * * * *)", expect!["cron(* * * * *): six fields are wanted, 5 are there"]),
        ("cron(* * * * * *)", expect!["cron(* * * * * *): one of day-of-month and day-of-week must be ?"]),
        ("cron(* * ? * ? *)", expect!["cron(* * ? * ? *): day-of-month and day-of-week cannot both be ?"]),
        ("cron(60 * * * ? *)", expect!["cron(60 * * * ? *): minutes: 60 is not between 0 and 59"]),
        ("cron(*/0 * * * ? *)", expect!["cron(*/0 * * * ? *): minutes: 0 is no step"]),
        (
            "cron(* * ? * 3#1,6#3 *)",
            expect!["cron(* * ? * 3#1,6#3 *): day-of-week: a month has no 1,6#3th of them"],
        ),
        ("cron(* * ? * 8 *)", expect!["cron(* * ? * 8 *): day-of-week: 8 is not between 1 and 7"]),
        (
            "cron(* * * * ? 2030-2029)",
            expect!["cron(* * * * ? 2030-2029): year: 2030-2029 ends before it begins"],
        ),
        ("cron(* * * ,1 ? *)", expect!["cron(* * * ,1 ? *): month:  is not between 1 and 12"]),
    ] {
        check(expression, "2026-01-01T00:00:00", expected);
    }
    assert!(Schedule::parse(&"rate(".repeat(1000)).is_err());
}

#[test]
fn windows_are_minutes() {
    assert_eq!(FlexibleWindow::Off.seconds(), 0);
    assert_eq!(FlexibleWindow::Minutes(FlexibleWindow::MINUTES_MAX).seconds(), 86_400);
}

proptest! {
    /// Going through all minutes one by one finds the same time.
    #[test]
    fn the_next_time_is_the_first_one(
        minute in 0..60_i64, hours in 1..8_i64, weekday in 1..8_i64, after in 0..2_000_000_000_i64,
    ) {
        let cron = Schedule::parse(&format!("cron({minute} */{hours} ? * {weekday} *)")).unwrap();
        let is_due = |minutes: &i64| {
            let (day, of_day) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
            of_day % 60 == minute && of_day / 60 % hours == 0 && (day + 4).rem_euclid(7) + 1 == weekday
        };
        let first = (after / 60 + 1..after / 60 + 8 * 1440).find(is_due).map(|minutes| minutes * 60);
        prop_assert_eq!(cron.next_after(after, 0, &UTC), first);
    }

    /// Whatever the offsets say, time goes forward and the search ends.
    #[test]
    fn odd_zones_do_no_harm(after in any::<i64>(), one in any::<i64>(), two in any::<i64>(), change in any::<i64>()) {
        let zone = |utc: i64| if utc < change { one } else { two };
        for expression in ["cron(0 0 * * ? *)", "cron(* * * * ? *)", "at(2026-03-08T02:30:00)", "rate(1 minute)"] {
            let due = Schedule::parse(expression).unwrap().next_after(after, 0, &zone);
            prop_assert!(due.is_none_or(|due| due > after));
        }
    }
}
