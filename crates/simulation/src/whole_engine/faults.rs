//! Crashes, stalls, full and failing disks, and a system clock that jumps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use json::Text;
use store::{ExecutionView, Fault};

use super::disk::Fate;
use super::world::World;

/// How far the system's clock jumps, in milliseconds.
const JUMP_MAX: u64 = 20 * 60 * 1_000;

/// How far off it may be before it is set towards the true time.
const ERROR_MAX: i64 = 60 * 60 * 1_000;

/// Of how many open executions the history is read before and after.
const HISTORIES_READ_MAX: usize = 4;

/// Of about how many executions the records are read after a crash, of all that are known; of the
/// others those that are open are seen to be there. Each is read again at its end, and most are read
/// after that.
const READ_MAX: usize = 16;

impl World {
    /// The process dies while it waits for requests.
    pub fn crash_between_rounds(&mut self) {
        self.crash(Fate::Lost);
    }

    /// The disk stands still while rounds are made. Then it goes on, or the power goes.
    pub fn stall(&mut self) {
        let before = self.readable();
        self.log.hold();
        // One commit alone, so that what is in the frame that is held does not depend on the commit
        // thread's speed. Changes of machines are commits of their own.
        self.gather(false);
        let commits = self.engine().commits_with_records();
        self.round();
        if self.engine().commits_with_records() == commits {
            self.log.work();
            return self.let_everything_happen();
        }
        self.log.wait_for_arrival(1);
        self.report.stalls += 1;
        let held = self.engine().commits_with_records();
        for _ in 0..self.random.below(6) {
            self.gather(true);
            self.round();
        }
        assert!(!self.engine().has_become_durable(), "nobody is told before the disk has it");
        assert!(self.readable() == before, "nobody reads before the disk has it");
        self.fault("the disk stood still");
        if self.random.once_in(3) {
            return self.crash_in_a_frame();
        }
        if self.engine().commits_with_records() > held && self.random.once_in(2) {
            self.pass_a_frame(2);
            return self.crash_in_a_frame();
        }
        self.log.work();
        self.let_everything_happen();
    }

    /// The disk takes several rounds for each frame; what waited meanwhile is in the next one.
    pub fn slow_down(&mut self) {
        self.fault("the disk is slow");
        self.log.hold();
        self.gather(false);
        let mut commits = self.engine().commits_with_records();
        self.round();
        for frame in 1..=self.mix.slow_frames {
            if self.engine().commits_with_records() == commits {
                break;
            }
            self.log.wait_for_arrival(frame);
            commits = self.engine().commits_with_records();
            for _ in 0..=self.random.below(3) {
                self.now += self.random.below(2_000) as i64;
                self.gather(true);
                self.round();
            }
            assert!(!self.engine().has_become_durable(), "nobody is told before the disk has it");
            self.report.frames_slow += 1;
            if self.engine().commits_with_records() > commits {
                self.pass_a_frame(frame + 1);
            }
        }
        self.log.work();
        self.let_everything_happen();
    }

    /// Lets the frame that is held be written, and does what waited for it. What waited behind it is in
    /// the frame that arrives as this one.
    fn pass_a_frame(&mut self, next: u32) {
        self.log.pass();
        self.log.wait_for_arrival(next);
        // Only a commit that is too long for one frame is not durable with its first.
        let is_durable = self.engine().has_become_durable();
        assert!(is_durable || self.log.has_long_frames(), "the frame is on disk");
        self.let_deeds_be_done();
        self.collect_answers();
    }

    /// The disk is full for some rounds.
    pub fn fill_up(&mut self) {
        self.report.times_full += 1;
        self.fault("the disk is full");
        let before = self.readable();
        self.log.fill();
        let commits = self.engine().commits_with_records();
        for _ in 0..=self.random.below(8) {
            self.gather(true);
            self.round();
        }
        if self.engine().commits_with_records() > commits {
            self.log.wait_for_refusal();
        }
        assert!(self.readable() == before, "nobody reads what has no room");
        if self.random.once_in(4) {
            self.report.crashes_while_full += 1;
            return self.crash(Fate::Lost);
        }
        self.log.work();
        self.let_everything_happen();
    }

    /// The next sync fails: the process must tell nobody and end.
    pub fn fail_a_sync(&mut self) {
        // A process that knows what to do about it.
        self.restart_in_order();
        let has_struck = Arc::new(AtomicBool::new(false));
        let struck = has_struck.clone();
        self.close();
        self.replace_log();
        self.open(Fault::new(move |_| struck.store(true, Ordering::SeqCst)));
        if !self.engine().wait_until_durable() {
            unreachable!("the disk is well")
        }
        self.let_deeds_be_done();
        let fate = self.some_fate();
        self.fault("the next sync will fail");
        self.gather(false);
        self.log.fail_next(fate);
        let commits = self.engine().commits_with_records();
        self.round();
        if self.engine().commits_with_records() == commits {
            self.log.work();
            self.let_everything_happen();
        } else {
            assert!(!self.engine().wait_until_durable(), "the sync has failed");
            assert!(has_struck.load(Ordering::SeqCst), "the process ends");
            self.report.syncs_failed += 1;
            self.let_deeds_be_done();
            self.collect_answers();
        }
        self.crash(Fate::Lost);
    }

    /// Ends the process as its owner would, and starts it again.
    pub fn restart_in_order(&mut self) {
        assert!(self.engine().wait_until_durable(), "the disk is well");
        self.let_deeds_be_done();
        self.collect_answers();
        self.close();
        self.come_back();
    }

    /// The system's clock is set.
    pub fn jump(&mut self) {
        let by = self.random.below(JUMP_MAX) as i64;
        self.fault("the system's clock is set");
        // Not ever farther away: what was started would have ended before by hours, and be removed.
        let goes_forward = match self.clock_error.abs() > ERROR_MAX {
            true => self.clock_error < 0,
            false => self.random.once_in(2),
        };
        if goes_forward {
            self.report.jumps_forward += 1;
            self.clock_error += by;
        } else {
            self.report.jumps_back += 1;
            self.clock_error -= by;
        }
    }

    fn crash_in_a_frame(&mut self) {
        let fate = self.some_fate();
        self.crash(fate);
    }

    fn some_fate(&mut self) -> Fate {
        let fates = self.drive.fates();
        let fate = *self.random.pick(fates);
        match fate {
            Fate::Whole => self.report.frames_survived += 1,
            Fate::Short => self.report.frames_short += 1,
            Fate::Torn => self.report.frames_torn += 1,
            Fate::Lost => self.report.frames_lost += 1,
        }
        fate
    }

    fn crash(&mut self, fate: Fate) {
        self.report.crashes += 1;
        let what = match fate {
            Fate::Whole => "the power goes; the frame is whole",
            Fate::Short => "the power goes; of the frame the beginning is there",
            Fate::Torn => "the power goes; the frame has holes",
            Fate::Lost => "the process dies",
        };
        self.fault(what);
        self.log.die(fate);
        self.close();
        self.now += self.random.below(30_000) as i64;
        self.come_back();
    }

    /// Starts the process; it may die again while it brings things back.
    fn come_back(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        loop {
            let may_die = self.random.once_in(3);
            self.replace_log();
            if may_die {
                self.log.hold();
            }
            self.open(Fault::new(|_| {}));
            if !may_die || self.engine().commits_with_records() == 0 {
                self.log.work();
                break;
            }
            self.log.wait_for_arrival(1);
            self.report.crashes += 1;
            self.report.crashes_in_recovery += 1;
            self.fault("the process dies while it comes back");
            let fate = self.some_fate();
            self.log.die(fate);
            self.close();
        }
        assert!(self.engine().wait_until_durable(), "the disk is well");
        self.let_deeds_be_done();
        for pending in pending {
            self.find_out(pending);
        }
        let store = self.engine().store().clone();
        let all: Vec<Text> = self.promises.executions.keys().cloned().collect();
        let one_in = (all.len() / READ_MAX).max(1) as u64;
        for arn in all {
            let is_closed = self.promises.executions.get(&arn).is_some_and(|expected| expected.is_closed);
            if self.random.once_in(one_in) {
                self.observe(&arn);
            } else if !is_closed {
                self.promises.glance(&store, &arn);
            }
        }
        self.promises.machines.iter().for_each(|machine| machine.check(&store));
        if self.random.once_in(3) {
            self.promises.check_lists(&store);
        }
    }

    /// Does everything that waited for what is durable by now.
    pub fn let_deeds_be_done(&mut self) {
        while let Some(deed) = self.engine().act() {
            self.carry_out(deed);
        }
    }

    fn replace_log(&mut self) {
        let torn = self.log.torn();
        let chance = self.random.next();
        // The folder is locked while anybody holds the log.
        self.log = super::disk::Drive::nothing();
        if let Some(torn) = torn {
            self.drive.tear(torn, chance);
        }
        self.log = self.drive.open();
    }

    /// What reads show of everything that has not ended (retention may remove the others at any time),
    /// and the whole history of a few of them.
    fn readable(&mut self) -> Vec<(Text, String)> {
        let store = self.engine().store().clone();
        let open = self.promises.executions.iter().filter(|(_, expected)| !expected.is_closed);
        let view = |(arn, _): (&Text, _)| {
            Some((arn.clone(), store.execution(arn).expect("what is durable can be read")?))
        };
        let show = |(place, (arn, view)): (usize, (Text, ExecutionView))| {
            let history = (place < HISTORIES_READ_MAX).then(|| store.history(&arn, 0, 1, true));
            let last = history.map(|read| read.expect("what is durable can be read").map(|page| page.events));
            let shown = format!("{:?} {:?} {last:?}", view.status, view.stopped_at);
            (arn, shown)
        };
        open.filter_map(view).enumerate().map(show).collect()
    }
}
