//! What a run did, counted.

/// The counters of a run, or of several. Every fault must have happened for a run to mean something.
macro_rules! report {
    ($($name:ident),* $(,)?) => {
        /// What a run did; every fault must have happened for the run to mean something.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub struct Report {
            $(pub $name: u64,)*
            /// A digest of everything that was answered, called and recorded: the same seed gives the same.
            pub digest: u64,
        }

        impl Report {
            /// Adds the counters of another run.
            pub fn add(&mut self, other: &Report) {
                $(self.$name += other.$name;)*
                self.digest = self.digest.rotate_left(1) ^ other.digest;
            }

            /// All counters by name.
            pub fn counters(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

report![
    rounds,
    executions,
    executions_generated,
    transitions,
    transitions_generated,
    events,
    retries,
    caught,
    evaluations_failed,
    evaluations_retried,
    evaluations_caught,
    crashes,
    crashes_before_acting,
    crashes_in_recovery,
    crashes_while_full,
    frames_survived,
    frames_short,
    frames_torn,
    frames_lost,
    frames_slow,
    syncs_failed,
    stalls,
    times_full,
    refused_when_full,
    jumps_forward,
    jumps_back,
    starts_repeated,
    starts_refused,
    requests_in_doubt,
    requests_lost,
    requests_done_unanswered,
    stops,
    redrives,
    redrives_refused,
    answers_accepted,
    answers_early,
    answers_late,
    answers_duplicate,
    heartbeats,
    polls_empty,
    tasks_given,
    tasks_lost_on_the_way,
    calls,
    calls_resent,
    calls_forgotten,
    jobs,
    jobs_waited_for_again,
    jobs_forgotten,
    map_runs,
    map_runs_failed,
    map_runs_aborted,
    map_runs_redriven,
    children,
    children_aborted,
    replies_duplicate,
    replies_late,
    machines_updated,
    machines_deleted,
    versions_published,
    versions_deleted,
    starts_of_versions,
    starts_by_alias,
    aliases_led,
    aliases_deleted,
    changes_refused,
];
