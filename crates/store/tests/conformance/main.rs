//! What the store promises, held against SQLite and PostgreSQL alike.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod audit;
mod base;
mod groups;
mod intents;
mod journal;
mod leases;
mod ledger;
mod people;
mod places;
mod queries;
mod sample;
mod texts;
mod timers;

/// Every case runs on both databases. Where PostgreSQL is not installed, its half is counted as skipped.
macro_rules! on_both {
    ($($module:ident: $($case:ident),+;)+) => {
        mod on_sqlite {
            $(mod $module { $(
                #[tokio::test]
                async fn $case() {
                    crate::$module::$case(crate::base::Base::sqlite()).await;
                }
            )+ })+
        }
        mod on_postgres {
            $(mod $module { $(
                #[tokio::test]
                async fn $case() {
                    let name = concat!("store: ", stringify!($module), "::", stringify!($case));
                    if let Some(base) = crate::base::Base::postgres(name) {
                        crate::$module::$case(base).await;
                    }
                }
            )+ })+
        }
    };
}

on_both! {
    groups:
        a_refused_change_leaves_nothing_and_harms_no_neighbour,
        a_change_sees_what_it_wrote_and_what_its_group_wrote,
        a_failed_statement_is_its_own_changes_matter,
        many_writers_share_commits_and_lose_nothing,
        a_look_is_of_one_moment;
    journal:
        it_takes_only_the_next_record,
        a_changed_record_is_damage,
        a_missing_record_is_damage,
        a_moved_record_is_damage,
        it_is_there_after_a_restart;
    timers: they_come_due_in_order, a_moved_timer_is_due_once, an_ended_run_has_none;
    leases:
        one_holder_at_a_time,
        a_lapsed_lease_goes_to_who_asks_and_its_epoch_goes_up,
        a_renewed_lease_does_not_lapse,
        the_same_holder_starts_a_new_epoch,
        a_lease_given_back_need_not_be_waited_for,
        an_append_that_carries_a_stale_epoch_is_refused,
        a_fenced_store_ends_with_its_lease;
    intents:
        a_decision_from_before_a_change_of_epoch_is_refused,
        every_counter_must_have_room,
        the_window_slides,
        tenants_have_counters_of_their_own,
        a_refused_intent_counts_nowhere,
        at_once_they_do_not_exceed_a_limit;
    ledger:
        a_row_is_found_by_id_run_effect_and_state,
        holders_are_the_other_live_ones,
        what_is_due_is_what_is_live_and_over;
    audit: the_chain_holds_over_a_restart, a_changed_entry_shows, pages_go_back_in_order;
    people:
        a_name_is_taken_once,
        a_session_lapses_and_ends,
        a_token_is_found_by_its_hash_until_it_is_removed;
    places:
        the_intake_offset_moves_with_what_came_of_it,
        a_trigger_fires_once_within_its_window,
        time_never_goes_back,
        sources_are_counted;
    queries:
        pages_hold_everything_once_the_newest_first,
        filters_narrow_and_none_of_them_hides,
        text_is_found_in_either_case,
        alerts_of_a_time_are_read_the_oldest_first,
        an_alert_is_found_by_its_key_and_its_values,
        an_incident_is_found_by_what_it_shares,
        what_a_run_asked_is_void_when_it_ends,
        tenants_do_not_see_each_other,
        a_playbook_version_stays_as_it_was_kept;
    texts:
        what_an_attacker_may_send_is_kept_and_found,
        long_keys_are_kept_and_told_apart,
        order_is_that_of_bytes;
}
