-- With which other schools a school's kept week is published.
--
-- * a bundle is named after the first of its schools; a week's bundles are made once, when the week
--   is kept, and never changed: of another split of the same week, the two could be subtracted;
-- * a week of no bundle is not published; housekeeping makes bundles of those kept before this.

CREATE TABLE tally_bundle (
    uai TEXT NOT NULL,
    day DATE NOT NULL,
    bundle TEXT NOT NULL
);
