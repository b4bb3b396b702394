-- How many accounts each school had in each state at the end of each week, as it was counted then.
--
-- * day is a Sunday; a school's week is written once, and never changed nor deleted: whoever leaves
--   later was counted, and the journal that it was counted from is kept for months only;
-- * a count names nobody: this has no link to accounts, students or the journal.

CREATE TABLE tally (
    uai TEXT NOT NULL,
    day DATE NOT NULL,
    not_notified INTEGER NOT NULL,
    notified INTEGER NOT NULL,
    activating INTEGER NOT NULL,
    activated INTEGER NOT NULL
);
