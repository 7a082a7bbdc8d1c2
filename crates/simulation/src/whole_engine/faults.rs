//! Crashes, stalls, full and failing disks, and a system clock that jumps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use json::Text;
use store::Fault;

use super::disk::Fate;
use super::world::World;

/// How far the system's clock jumps, in milliseconds.
const JUMP_MAX: u64 = 20 * 60 * 1_000;

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
        if self.random.once_in(3) {
            return self.crash_in_a_frame();
        }
        if self.engine().commits_with_records() > held && self.random.once_in(2) {
            // What waited behind the first frame is in one other.
            self.log.pass();
            self.log.wait_for_arrival(2);
            assert!(self.engine().has_become_durable(), "the first frame is on disk");
            while let Some(deed) = self.engine().act() {
                self.carry_out(deed);
            }
            self.collect_answers();
            return self.crash_in_a_frame();
        }
        self.log.work();
        self.let_everything_happen();
    }

    /// The disk is full for some rounds.
    pub fn fill_up(&mut self) {
        self.report.times_full += 1;
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
        if self.random.once_in(2) {
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
        let fate = *self.random.pick(&[Fate::Whole, Fate::Torn, Fate::Lost]);
        match fate {
            Fate::Whole => self.report.frames_survived += 1,
            Fate::Torn => self.report.frames_torn += 1,
            Fate::Lost => self.report.frames_lost += 1,
        }
        fate
    }

    fn crash(&mut self, fate: Fate) {
        self.report.crashes += 1;
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
        for arn in self.promises.executions.keys().cloned().collect::<Vec<_>>() {
            self.observe(&arn);
        }
        self.promises.machines.iter().for_each(|machine| machine.check(&store));
        self.promises.check_lists(&store);
    }

    /// Does everything that waited for what is durable by now.
    pub fn let_deeds_be_done(&mut self) {
        while let Some(deed) = self.engine().act() {
            self.carry_out(deed);
        }
    }

    fn replace_log(&mut self) {
        let torn = self.log.torn();
        let share = self.random.below(1_000) as f64 / 1_000.0;
        // The folder is locked while anybody holds the log.
        self.log = super::disk::Drive::nothing();
        if let Some(torn) = torn {
            self.drive.tear(torn, share);
        }
        self.log = self.drive.open();
    }

    /// What reads show of everything that has not ended: retention may remove the others at any time.
    fn readable(&mut self) -> Vec<(Text, String)> {
        let store = self.engine().store().clone();
        let mut readable = Vec::new();
        let open = self.promises.executions.iter().filter(|(_, expected)| !expected.is_closed);
        for (arn, _) in open {
            let view = store.execution(arn).expect("what is durable can be read");
            let events = store.history(arn, 0, 1, true).expect("what is durable can be read");
            let shown = view.map(|view| format!("{:?} {:?} {events:?}", view.status, view.stopped_at));
            readable.extend(shown.map(|shown| (arn.clone(), shown)));
        }
        readable
    }
}
