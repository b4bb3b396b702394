-- Schools, students, guardians' accounts, and the links between accounts and students.
--
-- Invariants beside the statements that rely on them:
-- * an account is counted where it has an open link (left_on IS NULL);
-- * a link repeats its student's school, class and level, so that counts need no join;
-- * identifiers are unique by construction (a permutation of account_number) and checked at
--   writing; an index over them would cost half a gigabyte for ten million accounts;
-- * nothing indexed is ever updated, nothing is ever deleted.

CREATE TABLE migration (number INTEGER NOT NULL);

CREATE SEQUENCE student_number START 1;
CREATE SEQUENCE account_number START 1;

-- Drawn once, so that the identifiers given here are not those given by another database.
CREATE TABLE numbering (identifier_base BIGINT NOT NULL);
INSERT INTO numbering SELECT CAST(floor(random() * 1099511627776) AS BIGINT);

CREATE TABLE school (
    uai TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    district TEXT NOT NULL,
    department TEXT NOT NULL,
    academy TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE student (
    student_id BIGINT PRIMARY KEY,
    uai TEXT NOT NULL,
    birth_name TEXT NOT NULL,
    usage_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    born_on DATE,
    ine TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN (
        '', 'TPS', 'PS', 'MS', 'GS', 'CP', 'CE1', 'CE2', 'CM1', 'CM2', 'ULIS', 'UPE2A')),
    class TEXT NOT NULL,
    left_on DATE
);

CREATE TABLE account (
    account_id BIGINT PRIMARY KEY,
    identifier TEXT NOT NULL,
    civility TEXT NOT NULL CHECK (civility IN ('', 'M.', 'Mme')),
    birth_name TEXT NOT NULL,
    usage_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email TEXT NOT NULL,
    mobile TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('SCHOOL', 'SELF_REGISTERED', 'FRANCECONNECT')),
    state TEXT NOT NULL CHECK (state IN ('NOT_NOTIFIED', 'NOTIFIED', 'ACTIVATING', 'ACTIVATED')),
    distributed_on DATE CHECK (distributed_on IS NULL OR state <> 'NOT_NOTIFIED'),
    last_access_on DATE,
    version BIGINT NOT NULL
);

CREATE TABLE link (
    account_id BIGINT NOT NULL,
    student_id BIGINT NOT NULL,
    uai TEXT NOT NULL,
    class TEXT NOT NULL,
    level TEXT NOT NULL,
    left_on DATE
);
