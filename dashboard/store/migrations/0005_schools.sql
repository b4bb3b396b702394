-- What the public directory says of a school, and the secret that published figures are rounded by.
--
-- * `listed` says that the directory knows the school: its places then stand, whatever an import says;
-- * `publication` has one row, drawn once: with another secret the same figures would be rounded
--   otherwise, and two roundings of one figure tell more of it than one.

CREATE TABLE school_of_directory (
    uai TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    district TEXT NOT NULL,
    department TEXT NOT NULL,
    academy TEXT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL DEFAULT '' CHECK (kind IN ('', 'NURSERY', 'ELEMENTARY', 'PRIMARY')),
    sector TEXT NOT NULL DEFAULT '' CHECK (sector IN ('', 'PUBLIC', 'PRIVATE')),
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    listed BOOLEAN NOT NULL DEFAULT FALSE
);
INSERT INTO school_of_directory (uai, name, district, department, academy, version)
SELECT uai, name, district, department, academy, version FROM school ORDER BY uai;
DROP TABLE school;
ALTER TABLE school_of_directory RENAME TO school;

CREATE TABLE publication (secret TEXT NOT NULL);
INSERT INTO publication
SELECT CAST(gen_random_uuid() AS TEXT) || CAST(gen_random_uuid() AS TEXT);
