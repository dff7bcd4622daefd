//! Blast radius: what a plan would touch, counted from facts that the engine holds.

use std::time::Duration;

use stanch_model::{
    ObservableKind, guard::BlastRadius, manifest::EffectClass, plan::Plan, run::RunHead,
};

use super::Acting;

impl Acting {
    /// What `plan` would touch.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn blast_radius(
        &self,
        head: &RunHead,
        plan: &Plan,
    ) -> Result<BlastRadius, stanch_store::Error> {
        let mut blast = BlastRadius::default();
        let mut targets = Vec::new();
        for action in &plan.actions {
            match action.effect {
                EffectClass::Reversible => blast.reversible += 1,
                EffectClass::Irreversible => blast.irreversible += 1,
                EffectClass::Read => {}
            }
            let Some(target) = &action.target else { continue };
            let list = match target.kind {
                ObservableKind::Host => &mut blast.hosts,
                ObservableKind::User | ObservableKind::EmailAddress => &mut blast.users,
                _ => &mut blast.addresses,
            };
            if !list.contains(&target.value) {
                list.push(target.value.clone());
                targets.push(target.clone());
            }
        }
        let since = self.core.clock.now().minus(Duration::from_secs(24 * 3_600));
        let (tenant, incident) = (head.tenant.clone(), head.incident);
        let (others, alerts) = self
            .core
            .store
            .read(move |view| {
                let (mut others, mut alerts) = (0, 0);
                for target in &targets {
                    others += view.open_incidents_with(&tenant, &target.to_string(), incident)?;
                    alerts += view.sightings(&tenant, &target.value, since)?;
                }
                Ok((others, alerts))
            })
            .await?;
        blast.other_incidents = others;
        blast.alerts_24h = alerts;
        Ok(blast)
    }
}
