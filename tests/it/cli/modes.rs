//! `reconcile --mode`: the kinds of steps, by the words of the Python agent.

use super::Site;

#[tokio::test]
async fn modes_share_the_work_and_both_words_for_them_are_understood() {
    let site = Site::open("modes").await;
    let people = site.agent(&["reconcile", "--once", "--mode", "membership-sync"]).await.ends(0);
    assert!(
        people.out.contains("and none is made: the steps on projects are switched off"),
        "{}",
        people.out
    );
    assert!(!people.out.contains("create project "), "{}", people.out);
    let orders = site.agent(&["reconcile", "--once", "-m", "order_process,report"]).await.ends(0);
    assert!(orders.out.contains("create project "), "{}", orders.out);
    assert!(!orders.out.contains("    + add "), "{}", orders.out);
    // The rest is for all of them.
    let all = "order_process,membership-sync,report";
    site.agent(&["reconcile", "--once", "--mode", all]).await.ends(0).out_has("Plan: ");
    site.agent(&["plan", "--detailed-exitcode"]).await.ends(0).out_has("No changes. ");
}

#[tokio::test]
async fn a_mode_that_there_is_not_says_what_to_write() {
    let site = Site::open("no-mode").await;
    let unknown = site.agent(&["reconcile", "--mode", "order_process,orders"]).await.ends(64);
    assert!(unknown.err.contains("write order_process, membership_sync or report"), "{}", unknown.err);
    let events = site.agent(&["reconcile", "--mode", "event_process"]).await.ends(64);
    assert!(
        events.err.contains("no events are listened to; write order_process,membership_sync"),
        "{}",
        events.err
    );
}
