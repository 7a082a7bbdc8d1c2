//! Who we answer as, and the ARNs that follow from it.

/// A partition, region and account: everything that distinguishes our ARNs from another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// `aws`, `aws-cn`, …
    pub partition: String,
    /// `us-east-1`, …
    pub region: String,
    /// Twelve digits.
    pub account: String,
}

impl Default for Scope {
    /// `aws`, `us-east-1`, `123456789012`
    fn default() -> Scope {
        Scope {
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        }
    }
}

impl Scope {
    /// A state machine.
    pub fn state_machine(&self, name: &str) -> String {
        self.states(format_args!("stateMachine:{name}"))
    }

    /// A published version of a state machine, from 1.
    pub fn version(&self, machine: &str, version: u64) -> String {
        self.states(format_args!("stateMachine:{machine}:{version}"))
    }

    /// An alias of a state machine.
    pub fn alias(&self, machine: &str, alias: &str) -> String {
        self.states(format_args!("stateMachine:{machine}:{alias}"))
    }

    /// The machine that the children of a Distributed Map run; `label` is that of the Map state.
    pub fn labelled_machine(&self, machine: &str, label: &str) -> String {
        self.states(format_args!("stateMachine:{machine}/{label}"))
    }

    /// A STANDARD execution.
    pub fn execution(&self, machine: &str, name: &str) -> String {
        self.states(format_args!("execution:{machine}:{name}"))
    }

    /// A STANDARD child of a Distributed Map.
    pub fn child_execution(&self, machine: &str, label: &str, name: &str) -> String {
        self.states(format_args!("execution:{machine}/{label}:{name}"))
    }

    /// An EXPRESS execution. Names repeat; the UUID does not.
    pub fn express_execution(&self, machine: &str, name: &str, uuid: &str) -> String {
        self.states(format_args!("express:{machine}:{name}:{uuid}"))
    }

    /// An EXPRESS child of a Distributed Map.
    pub fn express_child_execution(&self, machine: &str, label: &str, name: &str, uuid: &str) -> String {
        self.states(format_args!("express:{machine}/{label}:{name}:{uuid}"))
    }

    /// One run of a Distributed Map state.
    pub fn map_run(&self, machine: &str, label: &str, uuid: &str) -> String {
        self.states(format_args!("mapRun:{machine}/{label}:{uuid}"))
    }

    /// An activity.
    pub fn activity(&self, name: &str) -> String {
        self.states(format_args!("activity:{name}"))
    }

    /// A Lambda function.
    pub fn function(&self, name: &str) -> String {
        self.arn("lambda", format_args!("function:{name}"))
    }

    /// A log group as a logging configuration names it, with `:*` at the end.
    pub fn log_group(&self, name: &str) -> String {
        self.arn("logs", format_args!("log-group:{name}:*"))
    }

    /// An ARN of any service in this region and account.
    pub fn arn(&self, service: &str, resource: impl std::fmt::Display) -> String {
        let Scope { partition, region, account } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    fn states(&self, resource: std::fmt::Arguments<'_>) -> String {
        self.arn("states", resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_have_the_documented_form() {
        let scope = Scope::default();
        assert_eq!(scope.state_machine("n"), "arn:aws:states:us-east-1:123456789012:stateMachine:n");
        assert_eq!(
            scope.express_child_execution("m", "l", "e", "u"),
            "arn:aws:states:us-east-1:123456789012:express:m/l:e:u"
        );
        assert_eq!(scope.map_run("m", "l", "u"), "arn:aws:states:us-east-1:123456789012:mapRun:m/l:u");
        assert_eq!(scope.function("f"), "arn:aws:lambda:us-east-1:123456789012:function:f");
        assert_eq!(scope.log_group("/x"), "arn:aws:logs:us-east-1:123456789012:log-group:/x:*");
        let china = Scope { partition: "aws-cn".into(), region: "cn-north-1".into(), account: "1".into() };
        assert_eq!(china.activity("a"), "arn:aws-cn:states:cn-north-1:1:activity:a");
    }
}
