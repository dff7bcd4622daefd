//! The meter of the hands: requests counted in the store, so that a restart refunds nothing.

use futures::future::BoxFuture;
use jiff::civil::Date;
use stanch_connector::Meter;
use stanch_model::{
    TenantId, Time,
    manifest::{Period, Quota},
};
use stanch_store::Error as StoreError;

use crate::core::Core;

/// Counts requests against quotas, in the store.
#[derive(Clone, Debug)]
pub(crate) struct QuotaMeter(pub(crate) Core);

impl Meter for QuotaMeter {
    fn count<'a>(
        &'a self,
        instance: &'a str,
        quota: &'a [Quota],
        requests: u32,
        may_wait: bool,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let now = self.0.clock.now();
            let periods: Vec<(String, u32)> =
                quota.iter().map(|quota| (name(quota.per, now), quota.count)).collect();
            let owned = instance.to_owned();
            let counted = self.0.store.write(move |tx| {
                tx.count_requests(&TenantId::default(), &owned, &periods, requests, may_wait)
            });
            match counted.await {
                Ok(()) => Ok(()),
                Err(StoreError::OverBudget { class, limit, .. }) => {
                    let per = quota.iter().find(|quota| name(quota.per, now) == class);
                    let until = per.map_or(now, |quota| end(quota.per, now));
                    Err(format!(
                        "the quota of `{instance}` is used up: {limit} requests in {class}; it begins anew at {until}"
                    ))
                }
                Err(error) if may_wait => Err(format!("requests cannot be counted: {error}")),
                Err(error) => {
                    // What was done has to be looked up and taken back all the same.
                    tracing::error!(%error, instance, "a request was not counted");
                    Ok(())
                }
            }
        })
    }
}

fn date(now: Time) -> Date {
    jiff::tz::Offset::UTC.to_datetime(now.timestamp()).date()
}

/// The calendar period (UTC) of `now`, as it is counted by.
pub(super) fn name(per: Period, now: Time) -> String {
    match per {
        Period::Day => date(now).strftime("%Y-%m-%d").to_string(),
        Period::Month => date(now).strftime("%Y-%m").to_string(),
    }
}

/// When the next period begins.
pub(super) fn end(per: Period, now: Time) -> Time {
    let today = date(now);
    let next = match per {
        Period::Day => today.tomorrow(),
        Period::Month => today.last_of_month().tomorrow(),
    };
    let midnight = |date: Date| date.to_datetime(jiff::civil::Time::midnight());
    let begins = next.ok().and_then(|date| jiff::tz::Offset::UTC.to_timestamp(midnight(date)).ok());
    begins.map_or(now, Time::from)
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use stanch_store::Store;

    use super::*;
    use crate::{
        feeds::Feeds,
        live::Live,
        tenure::{Tenure, Terms},
    };

    #[tokio::test]
    async fn a_quota_holds_acts_back_and_nothing_that_takes_them_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let noon: Time = "2200-01-31T12:00:00Z".parse().unwrap();
        store.write(move |tx| tx.raise_high_water(noon)).await.unwrap();
        let terms = Terms { holder: "test".to_owned(), time: Duration::from_secs(15), alone: true };
        let (tenure, clock) = Tenure::take(&store, terms).await.unwrap();
        let (live, feeds, released) = (Live::default(), Feeds::default(), Arc::default());
        let core = Core { store: store.clone(), clock, tenure, live, feeds, released };
        let meter = QuotaMeter(core.clone());
        let quota = [Quota { count: 3, per: Period::Day }, Quota { count: 5, per: Period::Month }];
        let count = async |requests, may_wait| meter.count("vt", &quota, requests, may_wait).await;
        let used = async || {
            let read = store.read(|view| view.requests_counted(&TenantId::default(), "vt"));
            read.await.unwrap().into_iter().map(|(_, count)| count).collect::<Vec<_>>()
        };
        count(1, true).await.unwrap();
        let refused = count(3, true).await.unwrap_err();
        assert!(refused.contains("3 requests in 2200-01-31"), "{refused}");
        assert!(refused.contains("2200-02-01T00:00:00"), "{refused}");
        assert_eq!(used().await, [1, 1], "what is refused is not counted");
        count(2, true).await.unwrap();
        count(1, false).await.unwrap();
        assert_eq!(used().await, [4, 4], "an undo is counted, and sent");
        assert!(meter.count("other", &quota, 1, true).await.is_ok(), "each has its own");
        core.clock.advance(Duration::from_secs(12 * 3_600));
        count(1, true).await.unwrap();
        assert_eq!(used().await, [1, 1], "what is over is forgotten");
    }

    #[test]
    fn periods_are_those_of_the_calendar() {
        for (now, day, month, tomorrow, next) in [
            (
                "2026-11-24T23:59:59Z",
                "2026-11-24",
                "2026-11",
                "2026-11-25T00:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            (
                "2026-12-31T00:00:00Z",
                "2026-12-31",
                "2026-12",
                "2027-01-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            (
                "2028-02-28T12:00:00Z",
                "2028-02-28",
                "2028-02",
                "2028-02-29T00:00:00Z",
                "2028-03-01T00:00:00Z",
            ),
        ] {
            let now: Time = now.parse().unwrap();
            let time = |text: &str| text.parse::<Time>().unwrap();
            assert_eq!(
                (name(Period::Day, now).as_str(), end(Period::Day, now)),
                (day, time(tomorrow))
            );
            assert_eq!(
                (name(Period::Month, now).as_str(), end(Period::Month, now)),
                (month, time(next))
            );
        }
    }
}
