//! The top of a playbook, and what starts it.

use super::{Fields, LONGEST, MINUTE, Object, Shape, may, must};
use crate::ast::PER_HOUR_MAX;

/// A playbook.
pub const PLAYBOOK: Object = Object {
    what: "a playbook",
    keys: &[
        must(
            "playbook",
            Shape::Name { dashes: true },
            "Its name: of all playbooks it is the only one with it.",
        ),
        must("title", Shape::Text, "What it does, in plain words, for the people who approve."),
        may("description", Shape::Text, "nothing", "What it is for, and when it is of use."),
        may(
            "max_mode",
            Shape::Word(&["shadow", "assist", "auto"]),
            "`assist`",
            "How far it may ever be trusted: it plans only, every act asks, or the guard decides.",
        ),
        may(
            "timeout",
            Shape::Time { least: MINUTE, most: LONGEST },
            "30d",
            "How long a run may take. Then it ends as failed; what is in flight comes back first.",
        ),
        may(
            "inputs",
            Shape::Fields(Fields::Inputs),
            "none",
            "What a caller or a person gives, read as `inputs.NAME`. One without `default` is required, and \
             cannot be in a playbook that starts by itself.",
        ),
        may(
            "outputs",
            Shape::Values,
            "none",
            "What `call` reads as `steps.ID.NAME`. Worked out when the run ends well.",
        ),
        may(
            "on",
            Shape::Object(&TRIGGER),
            "started by hand for an alert, or called",
            "What starts it by itself: exactly one of the first six.",
        ),
        must("steps", Shape::Steps(1), "What it does, one step after another."),
    ],
};

/// What starts a playbook.
pub const TRIGGER: Object = Object {
    what: "`on`",
    keys: &[
        may(
            "alert",
            Shape::Expression("bool"),
            "",
            "A new alert for which this is true. `alert` is in scope, and in the steps also `incident`.",
        ),
        may(
            "incident",
            Shape::Expression("bool"),
            "",
            "A new incident, or one whose severity rose, for which this is true. `incident` is in scope.",
        ),
        may(
            "finding",
            Shape::Expression("bool"),
            "",
            "A new finding of a scanner for which this is true. `finding` is in scope.",
        ),
        may(
            "mail",
            Shape::Expression("bool"),
            "",
            "A reported mail for which this is true. `mail` is in scope.",
        ),
        may(
            "schedule",
            Shape::Text,
            "",
            "Five fields as in cron: minute, hour, day, month, weekday. Nothing of what started it is in scope.",
        ),
        may(
            "webhook",
            Shape::Name { dashes: true },
            "",
            "A signed `POST /hooks/NAME`. Its JSON body is `webhook`, of which nothing is known before: ask with \
             `has` first.",
        ),
        may(
            "time_zone",
            Shape::Text,
            "UTC",
            "Where the schedule's clock hangs: a name of the IANA database.",
        ),
        may(
            "per_hour",
            Shape::Number { least: 1, most: PER_HOUR_MAX },
            "60",
            "How many runs it may start in an hour.",
        ),
    ],
};
