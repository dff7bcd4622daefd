//! Approvals and ledger rows as the engine would have written them.

use serde_json::json;
use stanch_model::{
    ApprovalId, ContainmentId, RunId, TenantId,
    containment::{Containment, ContainmentState},
    guard::{Approval, ApprovalState, ApprovalTerms, BlastRadius},
    manifest::EffectClass,
    observable::{Observable, ObservableKind},
    plan::{Plan, PlannedAction, StepKey},
};

use crate::bench::Bench;

const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);

fn block(address: &str, practice: bool) -> PlannedAction {
    PlannedAction {
        key: StepKey("block".to_owned()),
        name: "firewall.block_address".to_owned(),
        title: "Block an address".to_owned(),
        instance: "edge".to_owned(),
        connector: "edge".to_owned(),
        action: "block_address".to_owned(),
        practice,
        manifest_digest: "d".repeat(64),
        effect: EffectClass::Reversible,
        target: Observable::new(ObservableKind::Ip, address),
        input: json!({ "address": address }),
        undo: Some("Unblock the address".to_owned()),
        expires: Some(HOUR),
    }
}

/// Puts a block into the ledger.
pub(crate) async fn ledger_row(
    bench: &Bench,
    (address, practice): (&str, bool),
    state: ContainmentState,
) -> Containment {
    let clock = &bench.engine.core.clock;
    let action = block(address, practice);
    let row = Containment {
        id: ContainmentId::new(clock.uuid()),
        tenant: TenantId::default(),
        run: RunId::new(clock.uuid()),
        incident: None,
        target: action.target.clone().unwrap(),
        action,
        prior: false,
        output: json!({}),
        state,
        note: String::new(),
        authorised_by: "test".to_owned(),
        intended_at: clock.now(),
        verified_at: None,
        expires_at: None,
        undone_at: None,
        undone_by: None,
        came_back: 0,
        checked_at: None,
        drift: None,
    };
    put(bench, row.clone()).await;
    row
}

/// Writes a row of the ledger anew.
pub(crate) async fn put(bench: &Bench, row: Containment) {
    bench.engine.core.store.write(move |tx| tx.put_containment(&row)).await.unwrap();
}

/// Puts an approval there that waits for one person.
pub(crate) async fn waiting_approval(bench: &Bench) -> Approval {
    let clock = &bench.engine.core.clock;
    let plan = Plan {
        tenant: TenantId::default(),
        playbook: "block".to_owned(),
        playbook_digest: "p".repeat(64),
        actions: vec![block("203.0.113.7", false)],
        evidence: Vec::new(),
        stops_at: None,
    };
    let approval = Approval {
        id: ApprovalId::new(clock.uuid()),
        tenant: TenantId::default(),
        run: RunId::new(clock.uuid()),
        incident: None,
        playbook: "block".to_owned(),
        plan_hash: plan.hash(),
        plan,
        requested_by: "rule test".to_owned(),
        terms: ApprovalTerms { count: 1, not_requester: true, within: HOUR },
        reasons: std::collections::BTreeMap::new(),
        blast_radius: BlastRadius { reversible: 1, ..BlastRadius::default() },
        state: ApprovalState::Waiting,
        votes: Vec::new(),
        asked_at: clock.now(),
        expires_at: clock.now().plus(HOUR),
    };
    let kept = approval.clone();
    bench.engine.core.store.write(move |tx| tx.put_approval(&kept)).await.unwrap();
    approval
}
